"""Version matrix: what the project's locks hold, for every Python of the document."""

from stackproof import Kind, View, locks, not_applicable, not_assessed, verifies

REMEDY = "lock a version inside the constraint: uv lock --upgrade-package NAME, or pip-compile --upgrade-package NAME"
PYTHON = "let requires-python admit a Python of the row, and lock again"


@verifies(
    "version.*",
    needs=[View.FILES],
    kind=Kind.VERSION,
    where=lambda requirement: requirement.value.package is not None,
    one_of="place",
    remedy=REMEDY,
)
def locked_version_is_inside_the_constraint(files, expect, requirement, specification):
    """The locked versions of a component are inside its row's constraint.

    A lock may hold several versions of a package, by markers: those count that CPython on Linux takes on a Python of
    the document. A package from a repository or a URL is judged by the version that the lock has of it.
    """
    rule = requirement.value
    found = locks_of(files, requirement)
    said = {}
    for lock in found:
        picked = locks.pick(lock, rule.package, specification)
        inside = [one for one in picked.entries if holds(rule, one)]
        if inside and len(inside) < len(picked.entries) and not picked.clear:
            not_assessed(f"{lock.file} does not say which of these is taken: {', '.join(map(str, picked.entries))}")
        for one in picked.entries:
            what = f"{rule.package}, locked in {one.place},"
            expect.that(what, one.version, source=one.source, marker=one.marker).is_inside(rule.constraint)
            origin = "" if one.source == "index" else f" from a {one.source}"
            said.setdefault(one.version, []).append(f"{one.place}{origin}")
    if not said:
        absent(files, requirement, found)
    versions = [f"{one} ({', '.join(there)}){rule.past_the_column(one)}" for one, there in said.items()]
    expect.conclude(f"{rule.package} {' and '.join(versions)} is inside {rule.constraint}")


@verifies("version.python", needs=[View.FILES], one_of="place", remedy=PYTHON)
def lock_is_made_for_a_python_of_the_row(files, expect, requirement, specification):
    """The lock is made for a Python inside the constraint."""
    rule = requirement.value
    said = []
    for lock in locks_of(files):
        asked = lock.requires_python or (f"=={lock.made_for}.*" if lock.made_for not in {"", "?"} else "")
        if not asked:
            continue
        admitted = locks.minors_for(specification, asked)
        expect.holds(
            bool(admitted),
            expected=f"{lock.file} to be for a Python inside {rule.constraint}",
            seen=f"{lock.file} is for Python {asked}{f', of the row {" and ".join(admitted)}' if admitted else ''}",
        )
        more = [one for one in locks.minors_of(locks.specifiers_of(asked, lock.file)) if one not in admitted]
        if more:
            expect.note(f"{lock.file} admits {', '.join(more)} besides, which the row does not")
        said.append(f"{lock.file} is for Python {asked}: {' and '.join(admitted)} of {rule.constraint}")
    if not said:
        not_assessed("no lock says which Python it is for; requires-python in pyproject.toml does")
    expect.conclude("; ".join(said))


def locks_of(files, requirement=None):
    """The project's locks; without one nothing is said of what is locked, save that it is not used."""
    found = files.locks()
    if not found and requirement and requirement.id in files.unused:
        not_applicable(f"project.unused says that the service does not use {requirement.value.component}")
    if not found:
        not_assessed(locks.without_a_lock(files.root) or "the project has no lock")
    return found


def holds(rule, one):
    """Whether the version is inside; one that is not known is no reason to ask further."""
    if not one.version:
        not_assessed(f"{one.name} comes from a {one.source} ({one.place}), and the lock has no version of it")
    return rule.constraint.contains(one.version, prereleases=True)


def absent(files, requirement, found):
    """End the check of a component that is not locked (docs/decisions/0003)."""
    rule = requirement.value
    if requirement.id in files.unused:
        not_applicable(f"project.unused says that the service does not use {rule.component}")
    elsewhere = [one for lock in found for one in lock.of(rule.package)]
    if elsewhere:
        not_assessed(f"no Python of the document on Linux takes {elsewhere[0]}")
    not_assessed(
        f"{rule.package} is not locked in {' or '.join(lock.file for lock in found)}; where the service does not use "
        f"it, list {requirement.id} in project.unused"
    )
