"""Compatibility matrix: what stands on what, by the packages' own metadata."""

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from stackproof import Kind, View, not_assessed, verifies


@verifies(
    "compatibility.*",
    needs=[View.PROJECT],
    kind=Kind.COMPATIBILITY,
    where=lambda requirement: requirement.value.child_package is not None and requirement.value.parent != "PostgreSQL",
    remedy="install versions of the two that were released for each other, and lock them together",
)
def installed_child_admits_the_installed_parent(project, expect, requirement):
    """An installed component declares itself compatible with the installed component that it stands on.

    Decided by the child's own metadata (Requires-Dist, or Requires-Python where it stands on Python). Whether each of
    the two is inside its row is the row's own requirement.
    """
    edge = requirement.value
    installed = project.installed()
    child = installed.get(edge.child_package)
    if child is None:
        not_assessed(f"{edge.child_package} is not installed in that environment")
    if edge.parent_package is None:
        if edge.parent != "Python":
            not_assessed(f"{edge.parent} is no Python package, and no view tells which one stands under {edge.child}")
        judge(expect, child, "Python", project.python_version(), child.requires_python)
        return
    parent = installed.get(edge.parent_package)
    if parent is None:
        not_assessed(f"{edge.parent_package} is not installed in that environment")
    demands = [text for line in child.requires for text in demand_on(line, edge.parent_package)]
    judge(expect, child, parent.name, parent.version, ",".join(one for one in demands if one))


def judge(expect, child, parent, version, demand):
    """The version of the parent is inside what the child's metadata demands; no demand admits every version."""
    try:
        constraint = SpecifierSet(demand)
    except InvalidSpecifier:
        not_assessed(f"the metadata of {child.name} {child.version} has a demand on {parent} that is no specifier")
    expect.that(f"{parent} under {child.name} {child.version}, which demands {demand or 'any'}", version).is_inside(
        constraint
    )
    expect.conclude(f"{child.name} {child.version} stands on {parent} {version} (it demands {demand or 'any version'})")


def demand_on(line, package):
    """The specifier of a Requires-Dist line on that package; extras are left aside."""
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return []
    if canonicalize_name(requirement.name) != package:
        return []
    if requirement.marker is not None and "extra" in str(requirement.marker):
        return []
    return [str(requirement.specifier)]


@verifies(
    "compatibility.psycopg.postgresql",
    needs=[View.PROJECT],
    remedy="connect through psycopg 3 (ENGINE 'django.db.backends.postgresql' with psycopg installed, not psycopg2)",
)
def service_reaches_postgresql_through_psycopg(project, expect):
    """The service's own settings reach PostgreSQL through psycopg 3."""
    seen = project.ask("database_connection")
    if seen.get("vendor") != "postgresql":
        not_assessed(f"the service's default database is {seen.get('vendor')}, not PostgreSQL")
    expect.that("the driver of the service's connection", seen.get("driver"), answer=seen).equals("psycopg")
    expect.conclude(f"psycopg {seen.get('driver_version')} reached PostgreSQL {seen.get('server_version')}")
