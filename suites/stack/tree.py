"""Compatibility matrix: what stands on what, by the installed versions and the packages' own metadata."""

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from stackproof import Kind, View, not_applicable, not_assessed, verifies


@verifies(
    "compatibility.*",
    needs=[View.PROJECT],
    kind=Kind.COMPATIBILITY,
    where=lambda requirement: requirement.value.child_package is not None and requirement.value.parent != "PostgreSQL",
    remedy="install versions of the two that were released for each other, and lock them together",
)
def installed_child_admits_the_installed_parent(project, expect, requirement, specification):
    """Both ends of an edge are installed as the document pairs them, and the child admits the parent.

    Three things decide, in this order: the child's version is inside its line of the tree or its row's constraint;
    the parent's (the interpreter's, where the child stands on Python) likewise; and the child's own metadata admits
    the parent: Requires-Dist, its markers evaluated for the service's interpreter and extras left aside, or
    Requires-Python. Metadata without a word on the parent forbids nothing, and the conclusion says so.
    """
    edge = requirement.value
    installed = project.installed()
    if edge.child_package not in installed and edge.parent_package not in installed:
        unless_unused(edge.parent, edge.parent_package, requirement, specification, project)
    child = present(installed, edge.child_package, edge.child, requirement, specification, project)
    if edge.parent_package is None:
        if edge.parent != "Python":
            not_assessed(f"{edge.parent} is no Python package, and no view tells which one stands under {edge.child}")
        parent, version, demand = "Python", project.python_version(), child.requires_python
    else:
        end = present(installed, edge.parent_package, edge.parent, requirement, specification, project)
        parent, version = end.name, end.version
        demand = demand_on(child, edge.parent_package, project.markers())
    is_as_the_document_pairs(expect, specification, edge.child, edge.child_package, edge.child_line, child.version)
    is_as_the_document_pairs(expect, specification, edge.parent, edge.parent_package, edge.parent_line, version)
    admits(expect, child, parent, version, demand)


def present(installed, package, component, requirement, specification, project):
    """The distribution at one end; where it is absent or ambiguous nothing can be said of the edge."""
    found = installed.get(package)
    if found is None:
        row = unless_unused(component, package, requirement, specification, project)
        not_assessed(
            f"{package} is not installed in that environment; where the service does not use it, list "
            f"{row.id if row else requirement.id} in project.unused"
        )
    if not found.version:
        not_assessed(f"the metadata of {package} in {found.location} cannot be read: install it again")
    if found.twice:
        not_assessed(f"{package} is installed more than once: {found.version} and {', '.join(found.twice)}")
    return found


def unless_unused(component, package, requirement, specification, project):
    """The row of a component that is not installed; ends the check where the project says that it does not use it."""
    row = row_of(specification, component, package)
    listed = [name for name in (requirement.id, row.id if row else "") if name in project.unused]
    if listed:
        not_applicable(f"project.unused lists {listed[0]}: the service does not use {component}")
    return row


def row_of(specification, component, package):
    """The version matrix's row of a component, by its package where it is one and by its name; or None."""
    rows = [one for one in specification.requirements if one.kind is Kind.VERSION and one.understood]
    named = [one for one in rows if one.value.component.casefold() == component.casefold()]
    packaged = [one for one in rows if package is not None and one.value.package == package]
    return next(iter((*named, *packaged)), None)


def is_as_the_document_pairs(expect, specification, component, package, line, version):
    """The version is inside the tree's line or the row's constraint; where the document gives neither, nothing."""
    row = row_of(specification, component, package)
    tested = line_of(line)
    constraints = [one for one in (tested, row.value.constraint if row else None) if one is not None]
    if not constraints:
        expect.note(f"the document gives no version of {component} that could be compared")
        return
    try:
        seen = Version(version)
    except InvalidVersion:
        not_assessed(f"{component} is installed as {version!r}, which is no PEP 440 version")
    expect.holds(
        any(one.contains(seen, prereleases=True) for one in constraints),
        expected=f"{component} inside {' or '.join(str(one) for one in constraints)}",
        seen=f"{component} is {version}",
    )


def line_of(text):
    """ "5.2.x LTS" as ==5.2.*; None where the text is no line of versions."""
    first = (text.split() or [""])[0].removesuffix(".x")
    try:
        return SpecifierSet(f"=={first}.*")
    except InvalidSpecifier:
        return None


def admits(expect, child, parent, version, demand):
    """The version of the parent is inside what the child's metadata demands; no demand admits every version."""
    try:
        constraint = SpecifierSet(demand)
    except InvalidSpecifier:
        not_assessed(f"the metadata of {child.name} {child.version} has a demand on {parent} that is no specifier")
    what = f"{parent} under {child.name} {child.version}, which demands {demand or 'any version'}"
    expect.that(what, version).is_inside(constraint)
    expect.conclude(f"{child.name} {child.version} stands on {parent} {version} (it demands {demand or 'any version'})")


def demand_on(child, package, markers):
    """The specifiers of the Requires-Dist lines on that package that hold for the interpreter, as one."""
    demands = []
    for line in child.requires:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if canonicalize_name(requirement.name) != package:
            continue
        if requirement.marker is None or requirement.marker.evaluate({**markers, "extra": ""}):
            demands.append(str(requirement.specifier))
    return ",".join(dict.fromkeys(one for one in demands if one))


@verifies(
    "compatibility.psycopg.postgresql",
    needs=[View.PROJECT],
    remedy="connect through psycopg 3 (ENGINE 'django.db.backends.postgresql' with psycopg installed, not psycopg2)",
)
def service_reaches_postgresql_through_psycopg(project, expect, requirement, specification):
    """The service's own settings reach PostgreSQL through psycopg 3, both as the document pairs them.

    A connection that works decides: the driver is psycopg, and the versions of driver and server are inside the
    tree's lines or the rows' constraints.
    """
    edge = requirement.value
    seen = project.ask("database_connection")
    if seen.get("vendor") != "postgresql":
        not_assessed(f"the service's default database is {seen.get('vendor')}, not PostgreSQL")
    expect.that("the driver of the service's connection", seen.get("driver"), answer=seen).equals("psycopg")
    driver, server = str(seen.get("driver_version")), str(seen.get("server_version"))
    is_as_the_document_pairs(expect, specification, edge.child, edge.child_package, edge.child_line, driver)
    is_as_the_document_pairs(expect, specification, edge.parent, edge.parent_package, edge.parent_line, server)
    expect.conclude(f"psycopg {driver} reached PostgreSQL {server}")
