"""What changed between two editions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stackproof.spec import Specification
from stackproof.spec.diff import Change, ChangeKind, diff

type Parse = Callable[[str], Specification]
type Edited = Callable[..., str]


@pytest.fixture
def changes(parse: Parse, reference: str) -> Callable[[str], list[Change]]:
    """Differences of a text from our own edition."""
    ours = parse(reference)
    return lambda text: diff(ours, parse(text))


def kinds(found: list[Change]) -> list[tuple[str, str]]:
    """Kind and id of each change."""
    return [(str(one.kind), one.id) for one in found]


def test_same_document(changes: Callable[[str], list[Change]], reference: str) -> None:
    """A document does not differ from itself."""
    assert changes(reference) == []


def test_order_is_no_difference(changes: Callable[[str], list[Change]], edited: Edited) -> None:
    """Rows and bullets may change places."""
    row = "| Daphne | 4.1.x | `>=4.1,<5.0` | The ASGI server in production; made for Channels |\n"
    text = edited(row, "").replace("| Django Channels |", row + "| Django Channels |")

    assert changes(text) == []


def test_changed_value(changes: Callable[[str], list[Change]], edited: Edited, reference: str) -> None:
    """A changed value is told with both values and both lines, and nothing else is."""
    line = reference[: reference.index("- Access token")].count("\n") + 1
    found = changes("\n" + edited("lifetime: 15 minutes", "lifetime: 10 min"))

    assert found == [
        Change(ChangeKind.CHANGED, "jwt.access-token-lifetime", "15 minutes", "10 minutes", line, line + 1)
    ]


def test_changed_constraint(changes: Callable[[str], list[Change]], edited: Edited) -> None:
    """A version's constraint and tested line are its value."""
    found = changes(edited("| Celery | 5.6.x | `>=5.6,<6.0`", "| Celery | 5.7.x | `>=5.7,<6.0`"))

    assert [(one.old, one.new) for one in found] == [(">=5.6,<6.0 (tested: 5.6.x)", ">=5.7,<6.0 (tested: 5.7.x)")]


def test_same_value_in_other_words(changes: Callable[[str], list[Change]], edited: Edited) -> None:
    """900 seconds are 15 minutes: the clause is reworded only."""
    assert kinds(changes(edited("lifetime: 15 minutes", "lifetime: 900 seconds"))) == [
        ("reworded", "jwt.access-token-lifetime")
    ]


def test_reworded_row_is_told_once(changes: Callable[[str], list[Change]], edited: Edited) -> None:
    """A row that states several requirements is reworded once."""
    assert kinds(changes(edited("speaks ASGI natively", "is fine"))) == [("reworded", "version.django")]


def test_changed_date_does_not_reword_the_row(changes: Callable[[str], list[Change]], edited: Edited) -> None:
    """Where one requirement of a row changed, the row's other ones are not told as reworded."""
    assert kinds(changes(edited("| Oct 2028 |", "| Oct 2029 |"))) == [("changed", "support.python")]


def test_added_and_removed(changes: Callable[[str], list[Change]], edited: Edited) -> None:
    """A clause that is new and one that is gone are told with their line in their edition."""
    found = changes(
        edited("- Rotation: Enabled (every use of a refresh token hands out a new one)", "- Audience: mobile")
    )

    assert kinds(found) == [("added", "jwt.audience"), ("removed", "jwt.rotation")]
    assert (found[0].old_line, found[1].new_line) == (None, None)
    assert found[0].new_line == found[1].old_line


def test_moved(changes: Callable[[str], list[Change]], edited: Edited) -> None:
    """A clause under another heading is moved."""
    found = changes(edited("### JWT Configuration", "### JWT"))

    assert {one.kind for one in found} == {ChangeKind.MOVED}
    assert found[0].new == "Security Considerations > JWT"


def test_strength(changes: Callable[[str], list[Change]], edited: Edited) -> None:
    """The same value that binds less is a change."""
    found = changes(edited("- Recommended: Separate", "- Required: Separate"))

    assert [(one.id, one.old, one.new) for one in found] == [
        ("redis.separate-instances", "yes (recommended)", "yes (required)")
    ]


def test_no_longer_understood(changes: Callable[[str], list[Change]], edited: Edited) -> None:
    """A clause that became unreadable is a change, not a rewording."""
    found = changes(edited("lifetime: 15 minutes", "lifetime: short"))

    assert [(one.kind, one.new) for one in found] == [
        (ChangeKind.CHANGED, "not understood: Access token lifetime: short")
    ]


def test_other_words_of_what_nobody_understood(parse: Parse, with_table: Callable[[str], str]) -> None:
    """Where nobody knows the value, other words may be another value and count as a change."""
    one, other = (parse(with_table(f"## Rules\n\n- Log format: {form}")) for form in ("JSON", "text"))

    assert kinds(diff(one, other)) == [("changed", "rules.log-format")]
