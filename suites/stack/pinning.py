"""Version pinning: the form of every requirement that the project declares itself."""

from stackproof import Kind, View, not_assessed, pins, verifies

SHOWN = 10  # offenders that a violation lists

REMEDY = (
    "write each requirement in the form that the clause asks for, as the report suggests it, and lock again: uv lock"
)


@verifies("pinning.production.compatible-release", needs=[View.FILES], kind=Kind.CHOICE, remedy=REMEDY)
def production_requirements_are_compatible_releases(files, expect, requirement, specification):
    """Every requirement of production, extras included, has the form that the clause asks for."""
    judge(files, expect, requirement, specification, pins.DEPLOYED, "production")


@verifies("pinning.development.minimum-version", needs=[View.FILES], kind=Kind.CHOICE, remedy=REMEDY)
def development_requirements_have_a_minimum(files, expect, requirement, specification):
    """Every requirement of development has the form that the clause asks for."""
    judge(files, expect, requirement, specification, (pins.Use.DEVELOPMENT,), "development")


@verifies("pinning.production.minor", needs=[View.FILES], kind=Kind.CHOICE, remedy=REMEDY)
def production_requirements_name_a_minor_version(files, expect, requirement, specification):
    """The lower bound of every requirement of production names the part of a version that the clause asks for."""
    numbers = pins.NUMBERS.get(requirement.value.options[0])
    if numbers is None:
        not_assessed(
            f"the clause asks for {requirement.value.options[0]}, and which part of a version that is, is not known"
        )
    declared = files.declared()
    seen = pins.judge_numbers(declared, pins.DEPLOYED, numbers, rows_of(specification))
    form = f"with a lower bound that names the {requirement.value.options[0]} version"
    conclude(expect, declared, seen, "production", form)


def judge(files, expect, requirement, specification, uses, name):
    """Look at every requirement of these uses; what the row of a package lacks itself is not asked of it."""
    options = requirement.value.options
    forms = pins.forms_of(options)
    if not forms:
        not_assessed(
            f"the clause asks for {' or '.join(options)}, which is no form that is known here ({pins.KNOWN_FORMS})"
        )
    declared = files.declared()
    seen = pins.judge_forms(declared, uses, forms, rows_of(specification))
    if seen.offences and len(forms) < len(options):
        not_assessed(f"of {' or '.join(options)} one form is not known here, and not all requirements have another one")
    for title, several in {
        "their rows say so themselves, and a row wins over the strategy": seen.excused,
        "they have an upper bound besides, which the clause does not ask for": seen.capped,
    }.items():
        if several:
            expect.note(title, requirements=several)
    conclude(expect, declared, seen, name, f"in the form {' or '.join(options)}")


def conclude(expect, declared, seen, name, form):
    """State what was seen of the requirements of a use; not one, or an unread file, is no ground for a verdict."""
    if seen.local:
        expect.note("they come from elsewhere than an index, and are not judged here", requirements=seen.local)
    expect.holds(
        not seen.offences,
        expected=f"every {name} requirement {form}",
        seen=told(seen.offences, seen.judged) or f"{seen.judged} {name} requirements {form}",
    )
    if declared.unread:
        not_assessed(f"not everything that is declared is known: {'; '.join(declared.unread[:SHOWN])}")
    if not seen.judged and declared.locks:
        not_assessed(
            f"no {name} requirement is declared: {', '.join(declared.locks)} was compiled by a tool, and the file "
            "that it was compiled from is not there"
        )
    if not seen.judged:
        not_assessed(
            f"no {name} requirement is declared; where the names of groups and files do not tell them, "
            f"list them in project.{name}"
        )
    besides = f"; {'; '.join(seen.excused[:SHOWN])}" if seen.excused else ""
    expect.conclude(f"{seen.judged} {name} requirements are {form}{besides}")


def rows_of(specification):
    """The document's own constraints, by package."""
    rows = (one for one in specification.requirements if one.kind is Kind.VERSION and one.understood)
    return {one.value.package: one.value.constraint for one in rows if one.value.package}


def told(offences, judged):
    """The first offenders, and how many there are of how many."""
    if not offences:
        return ""
    more = f"; and {len(offences) - SHOWN} more" if len(offences) > SHOWN else ""
    return f"{len(offences)} of {judged}: {'; '.join(offences[:SHOWN])}{more}"
