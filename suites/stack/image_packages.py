"""Version matrix: what is installed inside of the image that runs."""

from stackproof import Kind, View, not_applicable, not_assessed, verifies

REMEDY = "build the image from the lock, and bring versions into it that are inside the row"


@verifies(
    "version.*",
    needs=[View.IMAGE],
    kind=Kind.VERSION,
    one_of="place",
    where=lambda requirement: requirement.value.package is not None,
    remedy=REMEDY,
)
def package_of_the_image_is_inside_the_constraint(image, files, expect, requirement, specification):
    """The version of a component inside of the image is inside its row's constraint.

    Tools of development that the image leaves out are no fault of it.
    """
    rule = requirement.value
    installed = image.installed()
    found = installed.get(rule.package)
    if found is None:
        if requirement.id in files.unused:
            not_applicable(f"project.unused says that the service does not use {rule.component}")
        rows = [one.value.package for one in specification.requirements if one.kind is Kind.VERSION]
        if not any(package in installed for package in rows if package):
            not_assessed(f"the interpreter of {image.name} has none of the document's packages: is it the service's?")
        not_assessed(f"{rule.package} is not installed in {image.name}")
    if found.twice:
        not_assessed(f"{rule.package} is installed more than once in {image.name}: {found.version} and others")
    expect.that(f"{rule.package} in {image.name}", found.version, location=found.location).is_inside(rule.constraint)
    expect.conclude(f"{rule.package} {found.version} in {image.name} is inside {rule.constraint}")


@verifies("version.python", needs=[View.IMAGE], one_of="place", remedy=REMEDY)
def python_of_the_image_is_inside_the_constraint(image, expect, requirement):
    """The interpreter of the image is inside the constraint."""
    version = image.python_version()
    expect.that(f"Python in {image.name}", version).is_inside(requirement.value.constraint)
    expect.conclude(f"Python {version} in {image.name} is inside {requirement.value.constraint}")
