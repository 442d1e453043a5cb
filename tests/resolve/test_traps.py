"""What resolves, and still does not work: floors out of reach, and extras that nobody asked for."""

from __future__ import annotations

import pytest

from stackproof.spec.findings import Severity
from tests.resolve.documents import BOTH, table

pytestmark = pytest.mark.slow


def told(found, code):
    """The findings of a code."""
    return [one for one in found.findings if one.code == code]


@pytest.fixture
def broker(shelf):
    """`messages` 5.7 speaks to `store` >= 6.4, says so in an extra alone, and comes with `queue`."""
    for version in ("5.2.0", "5.3.1", "6.4.0"):
        shelf.put("store", version)
    shelf.put("messages", "5.6.2", extras={"store": ["store>=4.5,<6"]})
    shelf.put("messages", "5.7.0", extras={"store": ["store>=6.4"]})
    shelf.put("queue", "5.6.3", "messages>=5.6", extras={"store": ["messages[store]"]})
    return shelf.put("queue", "5.6.2", "messages>=5.6", extras={"store": ["messages[store]"]}).put(
        "web", "1.0", "queue"
    )


def test_an_extra_that_wants_what_a_row_rules_out(surveyed, broker):
    """All of it resolves; the extra of a package that nobody named tells that it cannot work, and what mends it."""
    rows = ["queue | 5.6.x | `>=5.6,<6.0`", "web | 1.0.x | `>=1`", "store | 5.2.x | `>=5.2,<6.0`"]

    found = surveyed(table(*rows, python=BOTH))

    (trap,) = found.findings
    assert (trap.code, trap.severity) == ("extra-contradicts", Severity.WARNING)
    assert trap.lines == (8, 6, 7)
    assert trap.message.startswith(
        "messages 5.7.0, which comes with queue and web, wants store>=6.4 by its own extra 'store', "
        "but the row of store has >=5.2,<6.0, and 5.3.1 was chosen on Python 3.12 and 3.13"
    )
    assert trap.cure == "write queue[store] for queue (line 6), with which messages 5.6.2 is chosen"


def test_the_cure_cures(surveyed, broker):
    """A component with its extra in brackets is asked for with it."""
    rows = ["queue[store] | 5.6.x | `>=5.6,<6.0`", "web | 1.0.x | `>=1`", "store | 5.2.x | `>=5.2,<6.0`"]

    assert surveyed(table(*rows)).findings == []


def test_a_row_that_admits_what_the_extra_wants(surveyed, broker):
    """Nothing contradicts, although another release was chosen; nor is an extra that pins exactly."""
    broker.put("messages", "5.7.1", extras={"store": ["store==5.2.0"]})
    rows = ["queue | 5.6.x | `>=5.6,<6.0`", "store | 5.2.x | `>=5.2,<7`"]

    assert surveyed(table(*rows)).findings == []


def test_no_row_has_such_an_extra(surveyed, shelf):
    """Then a row for the package itself is told, if some release of it goes."""
    shelf.put("store", "5.0").put("store", "6.0").put("queue", "1.0", "messages")
    shelf.put("messages", "1.0", extras={"store": ["store<6"]}).put("messages", "2.0", extras={"store": ["store>=6"]})

    (trap,) = surveyed(table("queue | 1.0.x | `>=1`", "store | 5.0.x | `>=5,<6`")).findings

    assert trap.cure == "give messages a row, as messages[store]: 1.0 goes together with the others"


def test_no_release_goes(surveyed, shelf):
    """Then the row of the extra's namesake is to blame."""
    shelf.put("store", "5.0").put("store", "6.0").put("queue", "1.0", "messages")
    shelf.put("messages", "2.0", extras={"store": ["store>=6"]})

    (trap,) = surveyed(table("queue | 1.0.x | `>=1`", "store | 5.0.x | `>=5,<6`")).findings

    assert trap.cure.startswith("move the Constraint of store to what messages needs")


def test_an_extra_that_wants_it_through_something_else_says_nothing(surveyed, shelf):
    """A plugin of a test tool, say: what it needs is its own affair."""
    shelf.put("store", "5.0").put("queue", "1.0", extras={"store": ["store-plugin"]}).put(
        "store-plugin", "1", "store>6"
    )

    assert surveyed(table("queue | 1.0.x | `>=1`", "store | 5.0.x | `>=5,<6`")).findings == []


def test_an_extra_for_those_who_develop_the_package_says_nothing(surveyed, shelf):
    """Which type checker a package was checked with is nobody else's affair."""
    shelf.put("mypy", "1.14").put("queue", "1.0", extras={"mypy": ["mypy==1.8"]}).put("mypy", "1.8")

    assert surveyed(table("queue | 1.0.x | `>=1`", "mypy | 1.14.x | `>=1.14`")).findings == []


def test_a_floor_below_the_first_release(surveyed, shelf):
    """No other row has a part in it."""
    shelf.put("cargo", "2.8.0").put("cargo", "2.9")

    (floor,) = told(surveyed(table("cargo | 2.8.x | `>=2.5,<3`")), "floor-unreachable")

    assert floor.lines == (6,)
    assert "the lowest that can be installed is 2.8.0" in floor.message
    assert floor.cure == "write the Constraint >=2.8,<3"


def test_a_floor_that_a_greedy_resolver_misses_is_in_reach(surveyed, shelf):
    """The lowest of each on its own is not the lowest of one: what was paid for another's floor is no finding."""
    shelf.put("apple", "1.0", "seed<2").put("apple", "1.1", "seed").put("zebra", "1.0", "seed>=2").put("zebra", "2.0")
    shelf.put("seed", "1").put("seed", "2")

    found = surveyed(table("apple | 1.1.x | `>=1.0`", "zebra | 2.0.x | `>=1.0`"))

    assert told(found, "floor-unreachable") == []


def test_a_floor_that_is_no_line_of_the_lowest(surveyed, shelf):
    """Written to the third number, it is meant to the third."""
    shelf.put("web", "2.0").put("cargo", "1.4.2", "web<2").put("cargo", "1.4.5", "web").put("cargo", "1.5", "web")
    shelf.put("web", "1.0")

    (floor,) = surveyed(table("cargo | 1.5.x | `~=1.4.2`".replace("1.5.x", "1.4.5"), "web | 2.0.x | `>=2`")).findings

    assert floor.lines == (6, 7)
    assert floor.cure == "write the Constraint >=1.4.5,<1.5"


def test_a_floor_that_has_no_wheel(surveyed, shelf):
    """That it may be reached by building is said."""
    shelf.put("cargo", "1.0", tag="cp311-cp311-manylinux_2_17_x86_64").put("cargo", "1.1")

    (floor,) = surveyed(table("cargo | 1.1.x | `>=1.0`")).findings

    assert (
        "is unreachable on Python 3.12 without building anything; the lowest that can be installed is 1.1"
        in floor.message
    )
