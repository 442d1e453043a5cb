"""Version matrix: the interpreter of the service."""

from stackproof import View, verifies

REMEDY = "run the service on a Python inside the constraint"


@verifies("version.python", needs=[View.PROJECT], one_of="place", remedy=REMEDY)
def python_is_inside_the_constraint(project, expect, requirement):
    """The service's interpreter is inside the constraint."""
    version = project.python_version()
    expect.that("the service's Python", version).is_inside(requirement.value.constraint)
    expect.conclude(f"Python {version} is inside {requirement.value.constraint}")
