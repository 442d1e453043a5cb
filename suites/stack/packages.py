"""Version matrix: the packages that the service's own interpreter has installed."""

from stackproof import Kind, View, not_applicable, not_assessed, verifies

REMEDY = "install a version inside the constraint and lock it again: uv lock --upgrade-package NAME && uv sync"


@verifies(
    "version.*",
    needs=[View.PROJECT],
    kind=Kind.VERSION,
    where=lambda requirement: requirement.value.package is not None,
    one_of="place",
    remedy=REMEDY,
)
def installed_version_is_inside_the_constraint(project, expect, requirement, specification):
    """The installed version of a component is inside its row's constraint.

    What is installed is judged even where `project.unused` lists it: the list speaks of what is not there.
    """
    rule = requirement.value
    installed = project.installed()
    found = installed.get(rule.package)
    if found is None:
        absent(project, requirement, specification, installed)
    if not found.version:
        not_assessed(f"the metadata of {rule.package} in {found.location} cannot be read: install it again")
    if found.twice:
        not_assessed(
            f"{rule.package} is installed more than once in {found.location}: {found.version} and "
            f"{', '.join(found.twice)}; which of them its files belong to cannot be told"
        )
    expect.that(f"installed {rule.package}", found.version, location=found.location).is_inside(rule.constraint)
    hidden = f"; {', '.join(found.shadowed)} later on the path is not imported" if found.shadowed else ""
    past = rule.past_the_column(found.version)
    expect.conclude(f"{rule.package} {found.version} is inside {rule.constraint}{past}{hidden}")


def absent(project, requirement, specification, installed):
    """End the check of a component that the interpreter does not have (docs/decisions/0003)."""
    rule = requirement.value
    if requirement.id in project.unused:
        not_applicable(f"project.unused says that the service does not use {rule.component}")
    rows = [one.value.package for one in specification.requirements if one.kind is Kind.VERSION]
    if not any(package in installed for package in rows if package):
        not_assessed("none of the document's packages is installed there: project.python is the wrong interpreter?")
    not_assessed(
        f"{rule.package} is not installed in that environment; where the service does not use it, list "
        f"{requirement.id} in project.unused"
    )
