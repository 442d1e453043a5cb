"""Version matrix: what the project's files declare, whatever is installed."""

from dataclasses import replace

from packaging.specifiers import SpecifierSet

from stackproof import Kind, View, alignment, not_applicable, not_assessed, verifies

SHOWN = 10  # sentences of a violation


@verifies(
    "version.*",
    needs=[View.FILES],
    kind=Kind.VERSION,
    where=lambda requirement: requirement.value.package is not None,
    supplementary=True,
    remedy="declare a range that lies inside the row's constraint, and lock it again: uv lock && uv sync",
)
def declared_range_is_inside_the_constraint(files, expect, requirement, specification):
    """Every range that the project declares for a component is inside its row's constraint.

    A range that admits nothing of the constraint, and one that admits something besides, both are outside. What is
    declared cannot satisfy a row by itself: that a version inside is installed, others look at (docs/decisions/0014).
    """
    rule = requirement.value
    declared = files.declared()
    seen = alignment.align(declared, rule.package, rule.constraint, pythons_of(declared, specification))
    expect.holds(
        not seen.offences,
        expected=f"{rule.package} declared inside {alignment.bounds_of(rule.constraint)}",
        seen=told(seen.offences) or told(seen.inside) or f"{rule.package} is not declared",
    )
    unread(declared, f"of {rule.package}")
    if seen.elsewhere:
        one = seen.elsewhere[0]
        not_assessed(f"{one.place} takes {rule.package} from elsewhere ({one.written}), which names no version")
    if seen.never and not seen.inside:
        one = seen.never[0]
        not_assessed(f"{one.place} declares {one.written} for Pythons alone that the document does not admit")
    if not seen.inside:
        absent(files, requirement)
    expect.conclude(f"{told(seen.inside)}, inside {alignment.bounds_of(rule.constraint)}")


@verifies(
    "version.python",
    needs=[View.FILES],
    supplementary=True,
    remedy="write requires-python as the row's constraint, and lock again: uv lock",
)
def declared_python_is_inside_the_constraint(files, expect, requirement):
    """The Pythons that the project declares are inside the constraint."""
    declared = files.declared()
    constraint = requirement.value.constraint
    if declared.classifiers:
        expect.note("classifiers decide nothing", classifiers=list(declared.classifiers))
    pythons = of_a_workspace(declared.pythons)
    offences = [text for one in pythons if (text := alignment.python_offence(one, constraint))]
    inside = [f"{one.place} has {one.key} {one.written}" for one in pythons]
    expect.holds(
        not offences,
        expected=f"the declared Pythons inside {alignment.bounds_of(constraint)}",
        seen=told(offences) or told(inside) or "no Python is declared",
    )
    unread(declared, "of the interpreter")
    if not inside:
        not_assessed("no file says which Python the project is for: write project.requires-python in pyproject.toml")
    expect.conclude(f"{told(inside)}, inside {alignment.bounds_of(constraint)}")


def of_a_workspace(pythons):
    """The statements, those of a workspace's members as one: uv installs for what all of them admit."""
    members = [one for one in pythons if one.key == "requires-python"]
    if len(members) < 2:
        return pythons
    admitted = SpecifierSet()
    for one in members:
        admitted &= one.specifier
    written = " and ".join(dict.fromkeys(one.written for one in members))
    whole = replace(members[0], specifier=admitted, written=written)
    return (whole, *(one for one in pythons if one not in members))


def pythons_of(declared, specification):
    """The Pythons that both the document and the project admit."""
    row = specification.find("version.python")
    both = row.value.constraint if row and row.understood else SpecifierSet()
    for one in declared.pythons:
        if not one.key.startswith("."):
            both &= one.specifier
    return both


def absent(files, requirement):
    """End the check of a component that the project does not declare."""
    if requirement.id in files.unused:
        not_applicable(f"project.unused says that the service does not use {requirement.value.component}")
    not_assessed(f"{requirement.value.package} is not declared; what is installed with another package, others look at")


def unread(declared, what):
    """End the check where something could not be read: what is declared there is not known."""
    if declared.unread:
        not_assessed(f"not everything that is declared {what} is known: {told(declared.unread)}")


def told(sentences):
    """The first sentences, and how many more there are."""
    more = f"; and {len(sentences) - SHOWN} more" if len(sentences) > SHOWN else ""
    return "; ".join(sentences[:SHOWN]) + more
