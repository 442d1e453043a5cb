"""What is locked: a reader for each format, which packages an interpreter takes, and what a lock should be.

`reading` finds the locks of a project. A reader gives a `Lock` (stackproof/project/model.py) or raises `NotAssessed`
with file, line and cure; none ever runs anything of the project. What checks use is named here.
"""

from stackproof.project.committed import State, state_of
from stackproof.project.locks.asking import ask_uv
from stackproof.project.locks.fresh import stale
from stackproof.project.locks.judging import (
    are_meant_together,
    disagreements,
    installed_undeclared,
    main_of,
    minors_for,
    pick,
    tools_of,
    uncovered,
    undeclared,
    unlike,
    without_hashes,
)
from stackproof.project.locks.met import stale_compiled, unmet
from stackproof.project.locks.reading import of_another_kind, read_lock, without_a_lock
from stackproof.project.locks.taking import minors_of, specifiers_of

__all__ = [
    "State",
    "are_meant_together",
    "ask_uv",
    "disagreements",
    "installed_undeclared",
    "main_of",
    "minors_for",
    "minors_of",
    "of_another_kind",
    "pick",
    "read_lock",
    "specifiers_of",
    "stale",
    "stale_compiled",
    "state_of",
    "tools_of",
    "uncovered",
    "undeclared",
    "unlike",
    "unmet",
    "without_a_lock",
    "without_hashes",
]
