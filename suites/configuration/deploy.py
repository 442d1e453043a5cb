"""Configuration: what Django's own deployment checks say of the running settings."""

from fnmatch import fnmatchcase

from stackproof import View, not_applicable, not_assessed, ordinary_headers, stranger_is_refused, verifies

HEADERS = {  # what a proxy may set in the service's place
    "configuration.hsts-setting": ("strict-transport-security", "max-age"),
    "configuration.nosniff": ("x-content-type-options", "nosniff"),
    "configuration.referrer-policy": ("referrer-policy", ""),
    "configuration.frame-options": ("x-frame-options", ""),
}
THROUGH_MIDDLEWARE = ("configuration.hsts-setting", "configuration.nosniff", "configuration.referrer-policy")
WITHOUT_MIDDLEWARE = "security.W001"
NEVER_EXCUSED = ("configuration.debug-off",)  # a silenced message does not make DEBUG harmless
SHORTEST_KEY = (
    32  # characters; a random key of that length is strong, whatever security.W009 says and a project silences
)


@verifies(
    "configuration.security-middleware",
    "configuration.hsts-setting",
    "configuration.nosniff",
    "configuration.referrer-policy",
    "configuration.frame-options",
    "configuration.session-cookie",
    "configuration.csrf-cookie",
    "configuration.secret-key",
    "configuration.debug-off",
    needs=[View.PROJECT],
    remedy="follow the message of `manage.py check --deploy`, or silence it where something else does the same",
)
def deployment_checks_are_content(project, expect, requirement, http, descriptor, recorder):
    """Django's deployment check of this point has nothing to say of the running settings.

    Where the settings leave a header out, an answer on the wire that carries it decides.
    """
    seen = checks_of(project)
    said = messages(seen, requirement.value.options)
    if requirement.id in THROUGH_MIDDLEWARE and not seen["security_middleware"]:
        said = said or messages(seen, (WITHOUT_MIDDLEWARE,))
    applies(requirement, seen)
    if not said:
        expect.conclude(satisfied(requirement, seen))
    elif requirement.id in HEADERS and is_on_the_wire(requirement, http, descriptor, recorder):
        expect.conclude(
            f"{ids(said)} says that the settings do not set it, and the service's answers carry it all the same"
        )
        return
    loud = [one for one in said if not one["silenced"]]
    if said and not loud and requirement.id not in NEVER_EXCUSED and not is_weak(requirement, seen["key"]):
        not_assessed(f"the project silences {ids(said)} (SILENCED_SYSTEM_CHECKS), and nothing else shows that it holds")
    told = loud or said
    expect.holds(
        not said,
        expected=requirement.text,
        seen=f"{told[0]['id']}: {told[0]['message']}" if told else satisfied(requirement, seen),
    )


@verifies(
    "configuration.deploy-checks",
    needs=[View.PROJECT],
    remedy="follow the message, or add its id to SILENCED_SYSTEM_CHECKS with the reason beside it",
)
def no_other_message_is_left(project, expect, requirement, specification):
    """`check --deploy --tag security` has no further message that the project does not silence."""
    seen = checks_of(project)
    others = {
        one
        for other in specification.every
        if fnmatchcase(other.id, "configuration.*") and getattr(other.value, "options", None)
        for one in other.value.options
    }
    left = [one for one in seen["messages"] if one["id"] not in others]
    for one in seen["messages"]:
        if one["silenced"]:
            expect.note(f"the project silences {one['id']}", message=one["message"])
    loud = [one for one in left if not one["silenced"]]
    silenced = ids([one for one in seen["messages"] if one["silenced"]])
    expect.holds(
        not loud,
        expected="no message of `check --deploy --tag security` that is neither silenced nor judged apart",
        seen="; ".join(f"{one['id']}: {one['message']}" for one in loud[:3])
        or f"no further message{f', {silenced} silenced by the project' if silenced else ''}",
    )


@verifies(
    "configuration.allowed-hosts",
    needs=[View.PROJECT],
    remedy="ALLOWED_HOSTS lists the names of the service; '*' only where something before it refuses strange names",
)
def allowed_hosts_are_the_services_own(project, expect, requirement, http, descriptor, recorder):
    """ALLOWED_HOSTS names hosts, or else something before the service refuses strange names."""
    seen = checks_of(project)
    names = list(seen["settings"]["ALLOWED_HOSTS"] or [])
    said = [one for one in messages(seen, requirement.value.options) if not one["silenced"]]
    if "*" in names:
        refused = stranger_is_refused(http, descriptor, recorder)
        if refused is None and not names_only_everything(names):
            not_assessed("ALLOWED_HOSTS holds '*', and whether something before the service refuses strange names "
                         "could not be seen")  # fmt: skip
        expect.holds(
            bool(refused),
            expected="strange names to be refused, by ALLOWED_HOSTS or by something before the service",
            seen="ALLOWED_HOSTS holds '*'" + (", and a request to a strange name was refused" if refused else ""),
        )
        return
    expect.holds(
        bool(names) and not said,
        expected=requirement.text,
        seen=f"ALLOWED_HOSTS names {len(names)} hosts" if names else "ALLOWED_HOSTS is empty",
        names=names,
    )


def names_only_everything(names):
    """Whether the list is nothing but '*'."""
    return set(names) == {"*"}


def checks_of(project):
    """The answers of `check --deploy` and some settings; a project without Django has none."""
    if "django" not in project.installed():
        if "version.django" in project.unused:
            not_applicable("project.unused says that the service does not use Django (version.django)")
        not_assessed("Django is not installed in project.python: `check --deploy` is Django's; where the "
                     "service does not use it, list version.django in project.unused")  # fmt: skip
    return project.deploy_checks()


def messages(seen, wanted):
    """The messages of these ids."""
    return [one for one in seen["messages"] if one["id"] in wanted]


def ids(found):
    """Their ids in one line."""
    return ", ".join(sorted({one["id"] for one in found}))


def applies(requirement, seen):
    """End the check where the settings have nothing that it could be about."""
    if requirement.id == "configuration.session-cookie" and not seen["sessions"]:
        not_applicable("the running settings install no sessions (INSTALLED_APPS, MIDDLEWARE)")
    if requirement.id == "configuration.csrf-cookie":
        if not seen["csrf"]:
            not_applicable("the running settings install no CSRF middleware (MIDDLEWARE)")
        if seen["settings"]["CSRF_USE_SESSIONS"]:
            not_applicable("CSRF_USE_SESSIONS keeps the secret in the session, and not in a cookie of its own")


def is_weak(requirement, key):
    """Whether a silenced message about SECRET_KEY hides a weak one."""
    if requirement.id != "configuration.secret-key":
        return False
    return key["generated"] or key["characters"] < SHORTEST_KEY or key["different"] < 5


def is_on_the_wire(requirement, http, descriptor, recorder):
    """Whether an ordinary answer of the service carries the header that the settings leave out."""
    name, word = HEADERS[requirement.id]
    headers = ordinary_headers(http, descriptor, recorder)
    if requirement.id == "configuration.frame-options" and "frame-ancestors" in headers.get(
        "content-security-policy", ""
    ):
        return True
    return word in headers.get(name, "").lower() if name in headers else False


def satisfied(requirement, seen):
    """Why the requirement holds."""
    return f"Django {seen['django']} raises none of {', '.join(requirement.value.options)} on the running settings"
