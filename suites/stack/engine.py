"""The container engine of the target, and its plugin for compose files."""

from stackproof import View, verifies

REMEDY = 'upgrade the engine, or name the target\'s own in host.docker: ["docker", "--context", "production"]'


@verifies("version.docker", needs=[View.ENGINE], remedy=REMEDY)
def engine_is_inside_the_constraint(engine, expect, requirement):
    """The engine is inside the constraint; its client may be of another version."""
    version = engine.server()
    expect.that("the engine", version).is_inside(requirement.value.constraint)
    expect.conclude(f"Docker {version} is inside {requirement.value.constraint}")


@verifies("version.docker-compose", needs=[View.ENGINE], remedy=REMEDY)
def compose_is_inside_the_constraint(engine, expect, requirement):
    """The client's plugin for compose files is inside the constraint."""
    version = engine.compose()
    expect.that("the plugin for compose files", version).is_inside(requirement.value.constraint)
    expect.conclude(f"Docker Compose {version} is inside {requirement.value.constraint}")
