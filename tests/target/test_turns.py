"""A fresh token that is refused: the reason tells a service that refuses it from processes that do not agree."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed
from stackproof.target.turns import TRIES, good_token_refused

REFUSED = SimpleNamespace(accepted=False, described="GET /me answered 401")
ACCEPTED = SimpleNamespace(accepted=True, described="GET /me answered 200")


@pytest.mark.parametrize("before", range(TRIES))
def test_processes_that_do_not_agree(before):
    """Accepted by turns: other keys, not a service that refuses."""
    replies = iter([REFUSED] * before + [ACCEPTED] * TRIES)

    with pytest.raises(NotAssessed, match=r"answered 401.* by turns: .* the same signing key"):
        good_token_refused(REFUSED, lambda: next(replies))


def test_a_service_that_refuses_it_each_time():
    """Nothing is said of processes."""
    with pytest.raises(NotAssessed, match="with a fresh access token GET /me answered 401, so no refusal"):
        good_token_refused(REFUSED, lambda: REFUSED)
