"""Password hashing: the setting, by what its first entry really makes."""

from stackproof import View, not_applicable, not_assessed, verifies

VARIANT = {"argon2": "argon2id"}  # the family's variant for passwords (RFC 9106, section 4)


@verifies(
    "password.hashers-setting",
    needs=[View.PROJECT],
    remedy="PASSWORD_HASHERS = ['django.contrib.auth.hashers.Argon2PasswordHasher', …older ones after it]",
)
def first_hasher_makes_argon2id(project, expect, requirement):
    """The first of the service's password hashers makes Argon2id hashes.

    The hash decides and not the class's name: a subclass of Argon2PasswordHasher may well make Argon2i.
    """
    seen = hashers_of(project, "first_hasher")
    made = [str(part).lower() for part in seen.get("made") or []]
    wanted = [VARIANT.get(one.lower(), one.lower()) for one in requirement.value.options]
    algorithm = str(seen.get("algorithm")).lower()
    if seen.get("trouble") and VARIANT.get(algorithm, algorithm) in wanted:
        not_assessed(f"{seen.get('class')} cannot be used: {seen['trouble']}")
    if seen.get("trouble"):
        made = [algorithm]
    expect.holds(
        any(one in made[:2] for one in wanted),  # "argon2$argon2id$…", "pbkdf2_sha256$…"
        expected=f"the first of PASSWORD_HASHERS to make {' or '.join(wanted)} hashes",
        seen=f"{seen.get('class')} makes {'$'.join(made) or 'a format that is not known here'}",
    )


@verifies(
    "password.argon2-parameters-set",
    needs=[View.PROJECT],
    remedy="leave the parameters of Argon2PasswordHasher at Django's defaults, or raise them",
)
def argon2_parameters_of_the_first_hasher_reach_the_minimum(project, expect, requirement):
    """What the first hasher makes costs at least one row of OWASP's table."""
    seen = hashers_of(project, "first_hasher")
    if seen.get("trouble"):
        not_assessed(f"{seen.get('class')} cannot be used: {seen['trouble']}")
    made = [str(part).lower() for part in seen.get("made") or []]
    told = next((part for part in made if part.startswith("m=")), "")
    if "argon2" not in made[:1] or not told:
        not_assessed(f"the first hasher makes {'$'.join(made) or 'a format not known here'}, which is not Argon2's")
    costs = parameters_in(told)
    rows = [parameters_in(one) for one in requirement.value.options]
    expect.holds(
        any(all(costs.get(name, 0) >= number for name, number in row.items()) for row in rows),
        expected=f"parameters of Argon2 of at least {' or '.join(requirement.value.options)} (m in KiB)",
        seen=f"the first hasher makes hashes with {told}",
    )


def parameters_in(text):
    """{"m": 19456, "t": 2, "p": 1} of "m=19456,t=2,p=1"."""
    return {name: int(number) for name, _, number in (one.partition("=") for one in text.split(","))}


@verifies(
    "password.hashers-sound",
    needs=[View.PROJECT],
    remedy="take MD5, SHA-1, unsalted and home-made hashers out of PASSWORD_HASHERS; wrap what is stored so",
)
def no_hasher_is_unsound(project, expect, requirement):
    """No entry of PASSWORD_HASHERS is reversible, does without salt, or is a single fast digest."""
    hashers = hashers_of(project, "hashers")["hashers"]
    bad, silent = [], []
    for one in hashers:
        faults = [
            text
            for text, present in (
                ("can be read back", one.get("readable")),
                ("takes no salt", one.get("salted") is False),
                (f"is a single {one.get('digest')}", one.get("digest")),
            )
            if present
        ]
        if faults:
            bad.append(f"{one['class']} {' and '.join(faults)}")
        if "Couldn't load" in one.get("trouble", ""):  # Django's words: its library is not installed
            expect.note(f"{one['class']} cannot be used: {one['trouble']}")
        elif one.get("trouble"):
            silent.append(f"{one['class']}: {one['trouble']}")
    if silent and not bad:
        not_assessed(f"not every hasher could be tried: {'; '.join(silent)}")
    expect.holds(
        not bad,
        expected="no hasher that is reversible, does without salt, or is a single fast digest",
        seen="; ".join(bad) or f"{len(hashers)} hashers: {', '.join(str(one['algorithm']) for one in hashers)}",
    )


def hashers_of(project, probe):
    """What a probe says of PASSWORD_HASHERS, a setting of Django's; what is stored is judged whoever made it."""
    if "version.django" in project.unused:
        not_applicable("PASSWORD_HASHERS is a setting of Django's, which project.unused says is not used")
    return project.ask(probe)
