"""Configuration: settings from the environment, typed, and missed at the start."""

from concurrent.futures import ThreadPoolExecutor

from stackproof import Boots, NotAssessed, View, not_assessed, verifies

MOST = 20  # variables that are tried, one start each
SIDE_BY_SIDE = 2
REMEDY = (
    "give the variable no default in the settings class, instantiate the class while settings load, and let its "
    "ValidationError end the start"
)


@verifies("configuration.no-start-without-environment", needs=[View.PROJECT], remedy=REMEDY)
def empty_environment_is_refused(project, expect):
    """With none of its variables the service refuses to start and names one that is missing."""
    usual = control(project)
    bare = project.boots(Boots(bare=True))
    if not bare.booted:
        named = bare.names(project.variables)
        if not named:
            not_assessed(f"without its environment the settings do not load, and the message names no variable: {bare}")
        expect.holds(
            True, expected="the start to be refused", seen=f"without its environment the start fails: {named} is named"
        )
        return
    if bare.key == usual.key:
        not_assessed(
            "the settings load without the service's variables, and with the same SECRET_KEY: they come from elsewhere "
            "(a .env file, a store of secrets, or the code); name the file as project.env_file where there is one"
        )
    again = project.boots(Boots(bare=True))
    kind = "a SECRET_KEY that stands in the code" if again.key == bare.key else "a SECRET_KEY made up at each start"
    expect.holds(
        False,
        expected="the start to be refused where every variable is missing",
        seen=f"the settings load without any of the service's variables, with {kind}",
    )


@verifies("configuration.required-variables", needs=[View.PROJECT], remedy=REMEDY)
def missing_variable_is_refused(project, expect):
    """Each variable that a settings class requires is missed at the start, one taken out at a time."""
    fields = own_fields(project)
    required = [(kind, field) for kind, field in fields if field.required and field.given]
    if not required:
        not_assessed("no settings class of the service requires a variable that is set")
    judge(project, expect, required, "missing", lambda field: Boots(without=frozenset(field.variables)))


@verifies("configuration.typed-variables", needs=[View.PROJECT], remedy=REMEDY)
def malformed_variable_is_refused(project, expect):
    """A word that means nothing in the place of a typed value is refused at the start, one variable at a time."""
    typed = [(kind, field) for kind, field in own_fields(project) if field.typed and field.variables]
    if not typed:
        not_assessed("no settings class of the service has a field whose type refuses a meaningless word")
    typed.sort(key=lambda one: not one[1].given)  # those that are set come first
    judge(project, expect, typed, "malformed", lambda field: Boots.malformed(field.variables[0]))


def judge(project, expect, fields, what, change):
    """Start once for each field; one that pydantic refuses and the service passes over is a violation.

    A field that keeps its value although its variable is gone has another source, and says nothing.
    """
    tried = fields[:MOST]
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        boots = list(pool.map(lambda one: attempt(project, change(one[1])), tried))
    passed, refused, elsewhere = [], [], []
    for (kind, field), boot in zip(tried, boots, strict=True):
        name = field.variables[0]
        if boot is None:
            elsewhere.append(name)
        elif boot.booted:
            (passed if boot.refuses(kind, field) else elsewhere).append(name)
        else:
            (refused if boot.refuses(kind, field) else elsewhere).append(name)
    expect.note(f"{len(tried)} of {len(fields)} variables were tried", refused=refused, undecided=elsewhere)
    if not passed and not refused:
        not_assessed(
            f"no start was decided by the variables that were tried: {', '.join(elsewhere[:5])} have other sources"
        )
    expect.holds(
        not passed,
        expected=f"the start to be refused where a variable is {what}",
        seen=f"the settings load although {passed[0]} is {what}: the error of pydantic is passed over"
        if passed
        else f"{len(refused)} variables, each {what} once, end the start: {', '.join(refused[:8])}",
    )


def attempt(project, change):
    """A start, or None where the interpreter gave no answer."""
    try:
        return project.boots(change)
    except NotAssessed:
        return None


def control(project):
    """The start with the environment as it is, which has to succeed before any other says something."""
    usual = project.boots(Boots())
    if not usual.booted:
        not_assessed(f"the settings do not load with the environment as it is: {usual}; give project.env_file")
    return usual


def own_fields(project):
    """(class, field) of the settings classes that the service's own code instantiates while settings load."""
    usual = control(project)
    fields = [(kind, field) for kind in usual.made if kind.own for field in kind.fields]
    other = f"; {', '.join(usual.readers)} is loaded in its place" if usual.readers else ""
    if not fields and not usual.pydantic_settings:
        not_assessed(
            f"pydantic-settings is not installed in project.python: which variables are typed is not known{other}"
        )
    if not fields:
        not_assessed(
            f"no pydantic-settings class is instantiated while settings load: what is typed is not known{other}"
        )
    return fields
