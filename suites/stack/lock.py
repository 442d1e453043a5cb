"""Lock file: the tool that writes it, that it is committed and fresh, has hashes, and covers every Python."""

from stackproof import View, locks, not_assessed, verifies

TOOL = "lock with a tool that the document names: uv lock, or pip-compile --generate-hashes"
COMMIT = "commit the lock together with pyproject.toml: git add uv.lock pyproject.toml && git commit"
FRESH = "lock again and commit both: uv lock, or pip-compile with the options in the file's header"
HASHES = "lock with hashes: uv lock writes them, pip-compile with --generate-hashes"
PYTHONS = "lock for every Python of requires-python: uv lock, or uv pip compile --universal"
WRITERS = {"poetry": "Poetry", "pdm": "PDM", "pipenv": "Pipenv", "pylock": "PEP 751", "uv": "uv", "rye": "Rye"}


@verifies("lock.tool", needs=[View.FILES], remedy=TOOL)
def lock_is_of_an_admitted_tool(files, expect, requirement):
    """The project has a lock, and a tool that the document names writes it."""
    options = requirement.value.options
    admitted = locks.tools_of(options)
    if not admitted:
        not_assessed(f"none of the document's words is a tool known here: {', '.join(options)}")
    found = files.lock_files()
    if not found:
        no_lock(files, expect, options)
    fitting = [one for one in found if one.tool in admitted]
    unsigned = [one for one in found if one.tool == "unnamed"]
    if not fitting and unsigned:
        not_assessed(f"{unsigned[0].file} pins everything, and does not say which tool wrote it")
    others = [f"{one.file} ({WRITERS.get(one.tool, one.tool)})" for one in found if one not in fitting]
    expect.holds(
        bool(fitting),
        expected=f"a lock of {' or '.join(options)}",
        seen=", ".join(written(one) for one in fitting) or f"the lock is {', '.join(others)}",
    )
    read = [locks.read_lock(files.root, one) for one in fitting]
    beside = f"; beside it {', '.join(others)}" if others else ""
    expect.conclude(f"{', '.join(f'{one.file} with {len(one.packages)} packages' for one in read)}{beside}")


@verifies("lock.committed", needs=[View.FILES], remedy=COMMIT)
def lock_is_committed(files, expect, requirement, specification):
    """The lock stands in the last commit as it stands in the folder."""
    asked(requirement)
    found = main_locks(files, specification)
    states = {one.file: locks.state_of(files.root, one.file) for one in found}
    wrong = [f"{file} {state}" for file, state in states.items() if state is not locks.State.COMMITTED]
    expect.holds(
        not wrong,
        expected="the lock to be committed as it is",
        seen="; ".join(wrong) or "; ".join(f"{file} {state}" for file, state in states.items()),
    )


@verifies("lock.regenerated", needs=[View.FILES], remedy=FRESH)
def lock_belongs_to_what_is_declared(files, expect, requirement, specification):
    """The lock was made from what the project declares now.

    `uv.lock` records the declarations that it was made from, and is compared with them; what uv itself says of it is
    asked for where uv is on the machine. Of compiled requirements every declaration must be met by a pin, and every
    pin that somebody asked for must still be asked for.
    """
    asked(requirement)
    said = []
    for one in main_locks(files, specification):
        differences = files.stale(one, locks.minors_for(specification))
        word = locks.ask_uv(files.root) if one.tool == "uv" else None
        if word is not None and word.fresh is None:
            expect.note(f"told by comparison alone: {word.text}")
        if word is not None and word.fresh and differences:
            expect.note("uv itself finds no difference, and it knows its own lock", differences=list(differences))
            differences = ()
        told = "; ".join(differences[:3]) or (word.text if word is not None and word.fresh is False else "")
        expect.holds(
            not told,
            expected=f"{one.file} to be made from what is declared now",
            seen=f"{one.file} is stale: {told}" if told else f"{one.file} is fresh",
            differences=list(differences),
        )
        agrees = f" ({word.text})" if word is not None and word.fresh else ""
        said.append(f"{one.file} belongs to what is declared{agrees}")
    expect.conclude("; ".join(said))


@verifies("lock.hashes", needs=[View.FILES], remedy=HASHES)
def every_locked_package_has_a_hash(files, expect, requirement, specification):
    """Every package that is fetched from an index or a URL has its hash in the lock."""
    said = []
    for lock in main_read(files, specification):
        bare = locks.without_hashes(lock)
        expect.holds(
            not bare,
            expected=requirement.text,
            seen=f"{len(bare)} of {len(lock.packages)} packages have no hash: {', '.join(map(str, bare[:5]))}"
            if bare
            else f"{lock.file} has a hash for every package that is fetched",
        )
        said.append(f"{lock.file}: {sum(one.hashes for one in lock.packages)} hashes of {len(lock.packages)} packages")
    expect.conclude("; ".join(said))


@verifies("lock.every-python", needs=[View.FILES], remedy=PYTHONS)
def lock_covers_every_python(files, expect, requirement, specification):
    """The lock can be installed on every Python that the document and the project admit."""
    found = main_read(files, specification)
    said = [str(one.specifier) for one in files.declared().pythons if not one.key.startswith(".")]
    required = next((one for one in [*said, *(lock.requires_python for lock in found)] if one), "")
    made_for = {one.made_for for one in found} - {"", "?"}
    if not required and not made_for:
        not_assessed("nothing says which Pythons the project is for; requires-python in pyproject.toml does")
    admitted = required or f"=={min(made_for)}.*"
    minors = locks.minors_for(specification, admitted, *said)
    if not minors:
        not_assessed(f"the project is for Python {admitted}, and the document admits none of these")
    for lock in found:
        missing = list(locks.uncovered(lock, minors))
        if not missing and lock.made_for == "?":
            not_assessed(f"{lock.file} was resolved for one Python, and does not say for which")
        expect.holds(
            not missing,
            expected=f"{lock.file} to cover Python {' and '.join(minors)}",
            seen="; ".join(missing[:3]) or f"{lock.file} covers Python {' and '.join(minors)}",
        )


def no_lock(files, expect, options):
    """A project that declares what it needs should have a lock; pins that no tool signed may be one, or may not."""
    reason = locks.without_a_lock(files.root)
    if reason:
        not_assessed(reason)
    declared = files.declared()
    pinned = [one for one in declared if any(part.operator == "==" for part in one.specifier)]
    frozen = next(iter((*declared.locks, *(one.place.file for one in pinned))), "")
    if frozen and len(pinned) == len(declared):
        not_assessed(f"{frozen} pins everything, and does not say which tool wrote it")
    if not len(declared):
        not_assessed(declared.unread[0] if declared.unread else "the project declares no requirements to lock")
    expect.holds(
        not len(declared),
        expected=f"a lock: {' or '.join(options)}",
        seen=f"{', '.join(declared.files)} declare {len(declared)} requirements, and the project has no lock file",
    )


def asked(requirement):
    """What else than yes a clause could say of a lock is not known."""
    if requirement.value is not True:
        not_assessed("the clause does not ask for it, and what it asks for instead is not known")


def main_locks(files, specification):
    """The locks that count; without one nothing can be said of it."""
    found = files.lock_files()
    if not found:
        not_assessed(locks.without_a_lock(files.root) or "the project has no lock")
    return locks.main_of(found, options_of(specification))


def main_read(files, specification):
    """The same, read."""
    names = {one.file for one in main_locks(files, specification)}
    return [lock for lock in files.locks() if lock.file in names]


def options_of(specification):
    """The words of the document's clause on the tool."""
    clause = specification.find("lock.tool")
    return clause.value.options if clause and clause.understood else ()


def written(one):
    """The file and, where another program than the tool wrote it, that program."""
    return one.file if one.by in {"", one.tool} else f"{one.file}, written by {one.by}"
