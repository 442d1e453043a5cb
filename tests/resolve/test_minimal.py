"""Smallest conflicts are found, all of them, with few questions."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from stackproof.resolve.minimal import every_minimal, groups, hitting, minimal

ITEMS = tuple(range(12))
SETS = st.lists(st.sets(st.sampled_from(ITEMS), min_size=1, max_size=3), min_size=1, max_size=4)


def asking(conflicts, log=None):
    """`fits` for known conflicts."""

    def fits(items):
        if log is not None:
            log.append(tuple(items))
        return not any(one <= set(items) for one in conflicts)

    return fits


def without_supersets(conflicts):
    """The smallest ones alone."""
    return {frozenset(one) for one in conflicts if not any(other < one for other in conflicts)}


@given(SETS, st.sets(st.sampled_from(ITEMS)))
@settings(max_examples=300, deadline=None)
def test_it_is_a_conflict_and_smallest(conflicts, suspects):
    """Whatever the conflicts and whoever is suspected."""
    fits = asking(conflicts)

    found = minimal(ITEMS, fits, suspects)

    assert not fits(found)
    assert all(fits([one for one in found if one != left_out]) for left_out in found)


@given(SETS)
@settings(max_examples=300, deadline=None)
def test_every_smallest_conflict_is_found_once(conflicts):
    """Those that share items, too."""
    fits = asking(conflicts)

    found, complete = every_minimal(ITEMS, fits, lambda items: minimal(items, fits))

    assert complete
    assert len(found) == len({frozenset(one) for one in found})
    assert {frozenset(one) for one in found} == without_supersets(conflicts)


def test_few_questions_for_two_of_many():
    """Two of sixty: some dozen questions, and a handful where they are suspected."""
    log = []
    items = range(60)

    assert minimal(items, asking([{17, 41}], log)) == (17, 41)
    assert len(log) <= 26
    log.clear()
    assert minimal(items, asking([{17, 41}], log), suspects={17, 41, 3}) == (17, 41)
    assert len(log) <= 7


def test_what_nobody_can_mend_is_empty():
    """Not even nothing goes together: the items are not to blame."""
    assert minimal([1, 2], lambda items: False) == ()
    assert every_minimal([1, 2], lambda items: False, lambda items: minimal(items, lambda rest: False)) == ([], True)


def test_a_search_that_grows_too_long_says_so():
    """Every pair of twelve is in conflict: 66, of which some are told."""
    conflicts = [set(pair) for pair in combinations(ITEMS, 2)]
    fits = asking(conflicts)

    found, complete = every_minimal(ITEMS, fits, lambda items: minimal(items, fits))

    assert not complete
    assert 0 < len(found) <= 12


@given(SETS, st.integers(1, 3))
@settings(max_examples=200, deadline=None)
def test_hitting_sets_hit_all(conflicts, size):
    """By comparing with every combination."""
    found = hitting(conflicts, size)

    items = sorted({item for one in conflicts for item in one})
    expected = {
        frozenset(chosen) for chosen in combinations(items, size) if all(set(chosen) & one for one in conflicts)
    }
    assert {frozenset(one) for one in found} == expected


def test_groups_share_items():
    """Through a third conflict, too, and in any order."""
    assert groups([(1, 2), (5,), (3, 4), (2, 3)]) == [[(5,)], [(1, 2), (3, 4), (2, 3)]]
