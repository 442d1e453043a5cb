"""Agreement between the places: what is declared, what is locked, and what is installed."""

from itertools import combinations

from stackproof import View, locks, not_assessed, verifies

AGAIN = "export the second lock again from the first, or keep one of them"
SYNC = "install what is locked: uv sync --frozen, or pip-sync requirements.txt"
DECLARE = "lock again, so that every locked version is one that is declared: uv lock"
INSTALL = "install what is declared, from the lock: uv sync --frozen"


@verifies("lock.one-answer", needs=[View.FILES], remedy=AGAIN)
def locks_agree_with_each_other(files, expect, requirement, specification):
    """Two locks of one project hold the same version of every package that both have."""
    found = files.locks()
    if not found:
        not_assessed(locks.without_a_lock(files.root) or "the project has no lock")
    if len(found) == 1:
        expect.note(f"{found[0].file} is the only lock")
        expect.conclude(f"{found[0].file} is the only lock")
        return
    pairs = list(combinations(found, 2))
    together = [(one, other) for one, other in pairs if locks.are_meant_together(one, other)]
    if len(together) < len(pairs):
        expect.note("compiled files of tools and of documentation are for environments of their own, and not compared")
    differences = [text for pair in together for text in locks.disagreements(*pair, specification)]
    compared = list(dict.fromkeys(one.file for pair in together for one in pair))
    if not compared:
        not_assessed("every lock is for an environment of its own")
    expect.holds(
        not differences,
        expected=requirement.text,
        seen=f"{len(differences)} packages differ: {'; '.join(differences[:3])}"
        if differences
        else f"{', '.join(compared)} agree",
        differences=differences,
    )


@verifies("lock.regenerated", needs=[View.FILES], supplementary=True, remedy=DECLARE)
def locked_versions_are_those_that_are_declared(files, expect, specification):
    """Every locked version is one that its declaration admits."""
    found = files.locks()
    if not found:
        not_assessed(locks.without_a_lock(files.root) or "the project has no lock")
    wrong = locks.undeclared(found[0], files.declared(), locks.minors_for(specification, found[0].requires_python))
    expect.holds(
        not wrong,
        expected=f"{found[0].file} to hold versions that are declared",
        seen="; ".join(wrong[:3]) or f"{found[0].file} holds versions that are declared",
    )


@verifies("lock.installed", needs=[View.FILES, View.PROJECT], remedy=SYNC)
def installed_is_what_is_locked(files, project, expect, requirement):
    """The interpreter has the locked version of every package, and all that production needs.

    Packages that are installed and not locked are told. What is locked for development may be missing.
    """
    found = files.locks()
    if not found:
        not_assessed(locks.without_a_lock(files.root) or "the project has no lock")
    lock, version = found[0], project.python_version()
    if lock.requires_python and not locks.specifiers_of(lock.requires_python, lock.file).contains(version, True):
        not_assessed(f"{lock.file} is for Python {lock.requires_python}, and the interpreter is {version}")
    seen = locks.unlike(lock, project.installed(), project.markers())
    if not seen.same and not seen.other:
        not_assessed(f"nothing of {lock.file} is installed there: project.python is the wrong interpreter?")
    if seen.unlocked:
        expect.note(f"{len(seen.unlocked)} packages are installed and not locked", names=list(seen.unlocked))
    wrong = [*seen.other, *(f"{one} is not installed" for one in seen.missing)]
    expect.holds(
        not wrong,
        expected=requirement.text,
        seen=f"{len(wrong)} packages differ: {'; '.join(wrong[:3])}"
        if wrong
        else f"{seen.same} installed packages are as {lock.file} has them",
        differences=wrong,
    )


@verifies("lock.installed", needs=[View.FILES, View.PROJECT], supplementary=True, remedy=INSTALL)
def installed_versions_are_those_that_are_declared(files, project, expect):
    """Every installed version is one that its declaration admits."""
    declared = files.declared()
    wrong, judged = locks.installed_undeclared(declared, project.installed(), project.markers())
    if not judged:
        not_assessed("nothing that is declared is installed there")
    expect.holds(
        not wrong,
        expected="installed versions to be declared ones",
        seen="; ".join(wrong[:3]) or f"{judged} installed packages are in versions that are declared",
    )
