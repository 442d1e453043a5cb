"""What two reports add up to: every requirement once, and the exit code that gates a pipeline."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackproof.errors import UsageError
from stackproof.report.compare import compare, movement_of
from stackproof.report.comparison import Movement, Worse
from stackproof.verdict import Verdict
from tests.compare.conftest import not_asked_for, report, requirement

unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
PAIRS = list(itertools.product(Verdict, Verdict))
IDS = [f"chapter.clause-{number}" for number in range(6)]
PARTS = st.dictionaries(
    st.sampled_from(IDS),
    st.tuples(st.sampled_from(list(Verdict)), st.sampled_from([1, 2]), st.booleans(), st.booleans()),
)


@st.composite
def reports(draw):
    """Any report on a few clauses, some of them derived, some not asked for."""

    def parts(source):
        for name, (verdict, value, asked, required) in draw(PARTS).items():
            made = requirement(name, verdict, value=value, required=required, source=source)
            yield made if asked else not_asked_for(name, value=value, source=source)

    return report(*parts(None), derived=tuple(parts("RFC 1")), strict=draw(st.booleans()))


def test_the_same_report_twice_is_no_change():
    """Nothing got worse, and what is violated is still told of."""
    one = report(requirement("a.a", "violated"), requirement("a.b"))
    found = compare(one, one)

    assert (found.exit_code, found.outcome, found.newly_violated) == (0, "nothing got worse", ())
    assert [change.id for change in found.still(Verdict.VIOLATED)] == ["a.a"]


@unhurried
@given(reports(), reports())
def test_every_requirement_has_one_movement(one, other):
    """Totals add up to the requirements of either report, and each change is told of at most once."""
    found = compare(one, other)
    union = {part.id for part in (*one.requirements, *other.requirements)}

    assert sum(found.counts.values()) == len(union)
    assert sum(found.derived_counts.values()) == len({part.id for part in (*one.derived, *other.derived)})
    assert len({change.id for change in found.changes}) == len(found.changes)
    for movement in set(Movement) - {Movement.UNCHANGED}:
        assert found.counts[movement] == len(found.of(movement))


@unhurried
@given(reports(), reports())
def test_backwards_it_is_the_opposite(one, other):
    """What is added there is removed here, what is newly violated after it was satisfied is mended, and so on."""
    there, back = compare(one, other), compare(other, one)

    def ids(found, movement):
        return {change.id for change in found.of(movement)}

    assert ids(there, Movement.ADDED) == ids(back, Movement.REMOVED)
    assert ids(there, Movement.OUTSIDE) == ids(back, Movement.OUTSIDE)
    assert there.counts["unchanged"] == back.counts["unchanged"]
    assert {one.id for one in there.changed_values} == {one.id for one in back.changed_values}
    assert ids(there, Movement.MENDED) <= ids(back, Movement.NEWLY_VIOLATED) | ids(back, Movement.NEWLY_WAIVED)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_way_back_of_a_movement(before, after):
    """Mended and newly violated are each other's way back, between satisfied and violated; nothing mends unseen."""
    there, back = movement_of(before, after), movement_of(after, before)

    assert (there is Movement.UNCHANGED) == (before is after) == (back is Movement.UNCHANGED)
    assert (there is Movement.NEWLY_VIOLATED) == (after is Verdict.VIOLATED and before is not after)
    if there is Movement.MENDED:
        assert after is Verdict.SATISFIED
        assert back in {Movement.NEWLY_VIOLATED, Movement.NEWLY_WAIVED}


@unhurried
@given(reports(), reports())
def test_zero_means_that_nothing_got_worse(one, other):
    """With exit code 0 no clause that counts is violated, lost or in error that was not so before."""
    found = compare(one, other)
    before = {part.id: part for part in one.requirements}
    worse = [
        part.id
        for part in other.requirements
        if part.verdict is Verdict.VIOLATED
        and (part.id not in before or before[part.id].verdict is not Verdict.VIOLATED)
    ]

    assert not (worse and found.exit_code == 0)
    assert found.exit_code in {0, 1, 4}
    assert (found.exit_code == 1) == any(one.worse is Worse.VIOLATED for one in (*found.changes, *found.derived))


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("satisfied", "violated", 1),
        ("not-assessed", "violated", 1),
        ("waived", "violated", 1),
        ("satisfied", "not-assessed", 4),
        ("violated", "not-assessed", 4),
        ("satisfied", "error", 4),
        ("error", "not-assessed", 0),
        ("violated", "satisfied", 0),
        ("violated", "waived", 0),
        ("not-assessed", "satisfied", 0),
    ],
)
def test_exit_codes(before, after, code):
    """A violation decides, then what cannot be told any more."""
    found = compare(report(requirement("a.a", before)), report(requirement("a.a", after)))

    assert found.exit_code == code


def test_what_was_not_asked_for_is_outside():
    """A run of some clauses lost none of the others; with nothing in common nobody can tell anything."""
    whole = report(requirement("a.a"), requirement("a.b"))
    some = report(requirement("a.a"), not_asked_for("a.b"), partial=True, partial_reason="only a.a was asked for")
    other = report(not_asked_for("a.a"), requirement("a.b"))

    found = compare(whole, some)
    assert (found.exit_code, found.compared, found.counts["outside"]) == (0, 1, 1)
    assert "B is partial: only a.a was asked for" in found.notes
    assert compare(some, other).exit_code == 4
    assert "nothing was compared" in compare(some, other).outcome


def test_a_violation_that_only_the_later_run_was_asked_for():
    """Nobody knows whether it is new, so that it neither passes nor is called new."""
    found = compare(
        report(requirement("a.a"), not_asked_for("a.b")), report(requirement("a.a"), requirement("a.b", "violated"))
    )

    assert found.exit_code == 4
    assert found.newly_violated == ()


def test_derived_requirements_count_when_strict():
    """By the option, or because the later run counted them itself."""
    one, other = (
        report(requirement("a.a"), derived=[requirement("d.d", verdict, source="RFC 1", required=False)])
        for verdict in ("satisfied", "violated")
    )
    strictly = other.model_copy(update={"strict": True})

    assert compare(one, other).exit_code == 0
    assert compare(one, other).derived[0].movement is Movement.NEWLY_VIOLATED
    assert compare(one, other, strict=True).exit_code == 1
    assert compare(one, strictly).exit_code == 1


def test_a_narrower_profile_loses_nothing_that_it_promised():
    """What the later run does not require may be unseen; it is told of all the same."""
    found = compare(
        report(requirement("a.a"), requirement("a.b")),
        report(requirement("a.a"), requirement("a.b", "not-assessed", required=False), profile="remote"),
    )

    assert found.exit_code == 0
    assert found.of(Movement.NEWLY_NOT_ASSESSED)[0].id == "a.b"


def test_a_report_without_derived_ones_is_older():
    """They were not part of it: nobody knows what became of them, and none is new."""
    found = compare(report(requirement("a.a")), report(requirement("a.a"), derived=[requirement("d.d", source="x")]))

    assert (found.derived_counts["outside"], found.derived_counts["added"]) == (1, 0)


def test_a_changed_value_is_told_beside_what_became_of_it():
    """Also where the verdict is the same."""
    found = compare(report(requirement("a.a", value=1)), report(requirement("a.a", value=2)))

    [change] = found.changed_values
    assert (change.movement, change.before.demand, change.after.demand) == (
        Movement.UNCHANGED,
        "at least 1",
        "at least 2",
    )


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("answered 200", "answered 500", True),
        ("https://127.0.0.1:41233/x answered 200", "https://127.0.0.1:39871/x answered 200", False),
        ("TLS 1.0", "TLS 1.1", True),
        ("token 6fa459ea-ee8a-3ca4-894e-db77e160355e", "token 7fa459ea-ee8a-3ca4-894e-db77e160355e", False),
        ("/tmp/stackproof-ab12/x is there", "/tmp/stackproof-cd34/x is there", False),
    ],
)
def test_whether_something_else_was_seen(before, after, changed):
    """Of a clause that is still violated; ports and names of one run are no difference."""
    found = compare(
        report(requirement("a.a", "violated", seen=before)), report(requirement("a.a", "violated", seen=after))
    )

    assert found.changes[0].seen_changed is changed


def test_a_waiver_that_came_out_of_order_is_worse():
    """It fails the later run, and did not fail the earlier one."""
    one = report(requirement("a.a"))
    found = compare(one, one.model_copy(update={"faults": ("the waiver of a.a (us) is needless",)}))

    assert (found.exit_code, found.new_faults) == (1, ("the waiver of a.a (us) is needless",))


def test_the_same_requirement_twice_is_no_report():
    """Totals could not add up."""
    with pytest.raises(UsageError, match="twice"):
        compare(report(requirement("a.a"), requirement("a.a")), report())
