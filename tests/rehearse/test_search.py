"""The search for the culprit: few runs where one change is to blame, the truth where it is more complicated."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackproof.rehearse.search import Outcome, find_culprit


def named(number):
    return [f"package-{one}" for one in range(number)]


def always(_parts):
    return None


def refusing(resolves):
    """A refusal that does not say what it is about."""
    return lambda parts: None if resolves(parts) else frozenset()


def oracle(fails):
    """A run that fails where this says so."""
    return lambda parts, _time: Outcome.FAILS if fails(parts) else Outcome.HOLDS


@pytest.mark.parametrize("number", range(1, 65))
def test_one_culprit_is_found_in_log2_and_two_runs(number):
    """Whatever the culprit's place: it alone is named, seen to fail twice, within ceil(log2 n) + 2 runs."""
    changes = named(number)
    for culprit in changes:
        found = find_culprit(changes, oracle(lambda parts, culprit=culprit: culprit in parts), always)

        assert found.culprit == (culprit,)
        assert found.companions == ()
        assert found.steady
        assert found.minimal
        assert found.runs <= math.ceil(math.log2(number)) + 2


@given(number=st.integers(2, 40), data=st.data())
@settings(max_examples=300, deadline=None)
def test_changes_that_fail_only_together_are_found(number, data):
    """Two or three changes that are harmless apart: exactly they are named."""
    changes = named(number)
    together = data.draw(st.sets(st.sampled_from(changes), min_size=2, max_size=min(3, number)))
    found = find_culprit(changes, oracle(lambda parts: together <= parts), always)

    assert set(found.culprit) == together
    assert found.steady
    assert found.minimal
    assert found.runs <= (len(together) + 1) * math.ceil(math.log2(number)) + 2 * len(together) + 2


@given(number=st.integers(2, 30), data=st.data())
@settings(max_examples=300, deadline=None)
def test_one_of_two_culprits_is_found(number, data):
    """Each of two changes fails by itself: one of them is named, alone."""
    changes = named(number)
    either = data.draw(st.sets(st.sampled_from(changes), min_size=2, max_size=2))
    found = find_culprit(changes, oracle(lambda parts: bool(either & parts)), always)

    assert len(found.culprit) == 1
    assert set(found.culprit) <= either
    assert found.runs <= math.ceil(math.log2(number)) + 2


@given(number=st.integers(2, 24), data=st.data())
@settings(max_examples=300, deadline=None)
def test_what_a_culprit_cannot_be_without_comes_along(number, data):
    """Some changes need others: the culprit is named with what it needs; nothing is run that does not resolve."""
    changes = named(number)
    order = data.draw(st.permutations(changes))
    needs = {
        one: data.draw(st.sets(st.sampled_from(order[:place]), max_size=2)) if place else set()
        for place, one in enumerate(order)
    }
    culprit = data.draw(st.sampled_from(changes))

    def resolves(parts):
        return all(needs.get(one, set()) <= parts for one in parts)

    def test(parts, _time):
        assert resolves(parts)
        return Outcome.FAILS if culprit in parts else Outcome.HOLDS

    found = find_culprit(changes, test, refusing(resolves))
    closed = {culprit}
    while more := set().union(*(needs.get(one, set()) for one in closed)) - closed:
        closed |= more

    assert set(found.culprit) | set(found.companions) == closed
    assert culprit in found.culprit
    assert found.steady


@given(number=st.integers(2, 20), data=st.data())
@settings(max_examples=300, deadline=None)
def test_changes_that_need_each_other_are_named_together(number, data):
    """Packages that move in groups only, as refusals tell bit by bit: the culprit's group is named, and no other."""
    changes = named(number)
    group_of = {one: data.draw(st.integers(0, 6)) for one in changes}
    culprit = data.draw(st.sampled_from(changes))

    def conflict(parts):
        missing = {one for one in changes for other in parts if group_of[one] == group_of[other]} - parts
        return frozenset(sorted(missing)[:2]) if missing else None

    found = find_culprit(changes, oracle(lambda parts: culprit in parts), conflict)

    assert culprit in found.culprit
    assert set(found.culprit + found.companions) == {one for one in changes if group_of[one] == group_of[culprit]}


@given(number=st.integers(2, 20), seed=st.integers(), share=st.floats(0, 0.9), data=st.data())
@settings(max_examples=300, deadline=None)
def test_sets_that_do_not_resolve_are_taken_for_nothing(number, seed, share, data):
    """Any set may not resolve: what is named fails, resolves, and has the culprit in it."""
    changes = named(number)
    culprit = data.draw(st.sets(st.sampled_from(changes), min_size=1, max_size=2))

    def resolves(parts):
        return parts in (set(), set(changes)) or random.Random(f"{seed}{sorted(parts)}").random() >= share

    found = find_culprit(changes, oracle(lambda parts: culprit <= parts), refusing(resolves))
    whole = set(found.culprit) | set(found.companions)

    assert culprit <= whole
    assert resolves(whole)
    assert found.steady


@given(number=st.integers(2, 16), seed=st.integers(), share=st.floats(0, 0.5), data=st.data())
@settings(max_examples=300, deadline=None)
def test_runs_that_tell_nothing_are_taken_for_nothing(number, seed, share, data):
    """A set that resolves may break in another way: it neither clears nor charges anybody."""
    changes = named(number)
    culprit = data.draw(st.sampled_from(changes))

    def test(parts, _time):
        if parts != set(changes) and random.Random(f"{seed}{sorted(parts)}").random() < share:
            return Outcome.UNRESOLVED
        return Outcome.FAILS if culprit in parts else Outcome.HOLDS

    found = find_culprit(changes, test, always)

    assert culprit in found.culprit + found.companions
    assert found.runs <= 61


@given(number=st.integers(2, 24), seed=st.integers(), missed=st.floats(0, 0.9), data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_failure_that_comes_and_goes_accuses_nobody_who_is_innocent(number, seed, missed, data):
    """The failure is missed now and then: a set is named as steady only where the culprit is in it."""
    changes, dice = named(number), random.Random(seed)
    culprit = data.draw(st.sampled_from(changes))

    def test(parts, _time):
        return Outcome.FAILS if culprit in parts and dice.random() >= missed else Outcome.HOLDS

    found = find_culprit(changes, test, always)

    assert found.failed == 0 or culprit in found.culprit + found.companions
    assert not found.steady or found.failed >= 2


@pytest.mark.parametrize("number", [1, 2, 15, 32])
def test_nobody_is_to_blame_for_what_fails_anyway(number):
    """Something beside the changes broke meanwhile: every run fails, also the one without any change."""
    found = find_culprit(named(number), lambda _parts, _time: Outcome.FAILS, always)

    assert found.nobody
    assert found.culprit == ()
    assert found.steps[-1].tried == ()
    assert found.runs <= math.ceil(math.log2(number)) + 2


def test_a_single_failure_is_not_steady():
    """What failed once and never again is told as such: how often, of how many."""
    found = find_culprit(["a"], lambda _parts, _time: Outcome.HOLDS, always)

    assert (found.failed, found.repeated, found.steady) == (1, 3, False)


def test_the_search_gives_up_at_its_limit():
    """With too few runs allowed the set may be too large, and says so."""
    found = find_culprit(named(32), oracle(lambda parts: "package-31" in parts), always, most=2)

    assert found.given_up
    assert not found.minimal
    assert found.runs <= 2
    assert "package-31" in found.culprit + found.companions


def test_a_needless_part_of_a_culprit_is_left_out():
    """A failure that more changes hide: the set that is named still fails with nothing needless in it."""
    changes = named(4)

    def fails(parts):
        return parts in ({"package-3"}, set(changes), {"package-1", "package-3"})

    found = find_culprit(changes, oracle(fails), always)

    assert fails(set(found.culprit) | set(found.companions))
    assert found.steady
