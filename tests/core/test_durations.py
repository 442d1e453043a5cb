"""Durations on the command line."""

import pytest

from stackproof.durations import seconds_of
from stackproof.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("90", 90), ("90s", 90), ("20m", 1200), ("1h30m", 5400), ("1.5h", 5400), (" 2 M ", 120), ("1d", 86_400)],
)
def test_a_duration_is_read(text, seconds):
    """Bare numbers are seconds."""
    assert seconds_of(text, "--patience") == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5", "5 minutes", "m", "1h30", "nan", "1e3"])
def test_what_is_no_duration_is_refused_with_the_option_and_a_cure(text):
    """The option is named, and how to write it."""
    with pytest.raises(UsageError, match=r"--patience: .* is no duration\n  cure: write it as 90s"):
        seconds_of(text, "--patience")
