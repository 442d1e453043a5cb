"""A good token that is refused: by all of the service, or by some of the processes that stand behind one address."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from stackproof.check import not_assessed

if TYPE_CHECKING:
    from stackproof.target.replies import Reply

TRIES = 5  # times that the same token is shown again


def good_token_refused(first: Reply, again: Callable[[], Reply]) -> NoReturn:
    """End a check whose fresh access token was refused, and say whether it is refused each time.

    Args:
        first: the refusal.
        again: shows the same token once more.

    Raises:
        NotAssessed: always.
    """
    if any(again().accepted for _ in range(TRIES)):
        not_assessed(
            f"control failed: a fresh access token is refused ({first.described}) and accepted by turns: the processes "
            "behind this address do not agree; have all of them the same signing key, settings and database?"
        )
    not_assessed(f"control failed: with a fresh access token {first.described}, so no refusal means anything")
