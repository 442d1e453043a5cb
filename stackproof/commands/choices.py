"""Words of the command line, read into values."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from difflib import get_close_matches

from stackproof.errors import UsageError


def day_of(text: str) -> datetime.date | None:
    """The day of --as-of, or None where none is given.

    Raises:
        UsageError: it is no day.
    """
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"--as-of {text}: is no day", hint="write it as 2027-03-31") from None


def suites_named(names: Sequence[str]) -> tuple[str, ...]:
    """The suites of --suite, which may be given several times and take commas.

    Raises:
        UsageError: there is no such suite.
    """
    from stackproof.harness import harness_root

    folder = harness_root() / "suites"
    known = sorted(one.name for one in folder.iterdir() if one.is_dir() and not one.name.startswith(("_", ".")))
    wanted = tuple(one.strip() for text in names for one in text.split(",") if one.strip())
    for one in wanted:
        if one not in known:
            near = get_close_matches(one, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UsageError(f"--suite {one}: there is no such suite", hint=f"{hint}there are {', '.join(known)}")
    return wanted
