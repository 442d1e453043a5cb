"""Verdicts add up one way."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from stackproof.verdict import CheckResult, Level, Verdict, of_requirement, of_run

OUTCOMES = [Verdict.VIOLATED, Verdict.ERROR, Verdict.NOT_ASSESSED, Verdict.SATISFIED, Verdict.NOT_APPLICABLE]


def result(verdict, *, supplementary=False, reason="because"):
    return CheckResult(
        check="a/b::c",
        requirement="x.y",
        verdict=verdict,
        reason=reason,
        title="It holds.",
        supplementary=supplementary,
    )


def test_no_check_is_not_assessed_and_says_why():
    """A requirement without any result is not assessed, with the reason that the caller gives."""
    assert of_requirement([], without_checks="nobody looks") == (Verdict.NOT_ASSESSED, "nobody looks")


@given(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.booleans()), min_size=1))
def test_a_violation_once_seen_stands(outcomes):
    """Whatever else failed to run, and whoever saw it, a violation decides."""
    results = [result(verdict, supplementary=extra) for verdict, extra in outcomes]

    verdict, _ = of_requirement(results, without_checks="")

    assert (verdict is Verdict.VIOLATED) == any(one is Verdict.VIOLATED for one, _ in outcomes)


@given(st.lists(st.tuples(st.sampled_from(OUTCOMES), st.booleans()), min_size=1))
def test_satisfied_needs_a_primary_check_that_saw_it(outcomes):
    """Nothing is satisfied unless a check that decides said so and no deciding check was left without a verdict."""
    results = [result(verdict, supplementary=extra) for verdict, extra in outcomes]

    verdict, reason = of_requirement(results, without_checks="")

    primary = [one for one, extra in outcomes if not extra]
    if verdict is Verdict.SATISFIED:
        assert Verdict.NOT_ASSESSED not in primary
        assert Verdict.SATISFIED in [one for one, _ in outcomes]
        assert primary
    assert reason


def test_a_supplementary_check_that_did_not_run_is_named():
    """What was not looked at stands in the reason of the verdict."""
    results = [result(Verdict.SATISFIED), result(Verdict.NOT_ASSESSED, supplementary=True, reason="needs the clock")]

    assert of_requirement(results, without_checks="") == (
        Verdict.SATISFIED,
        "because; not looked at: It holds (needs the clock)",
    )


def test_supplementary_checks_alone_do_not_satisfy():
    """Where the deciding check is missing, what looks deeper cannot take its place."""
    assert of_requirement([result(Verdict.SATISFIED, supplementary=True)], without_checks="")[0] is Verdict.NOT_ASSESSED


def test_levels_follow_the_required_verdicts():
    """Violated beats incomplete, incomplete beats waived, waived beats conformant."""
    assert Level.NON_CONFORMANT is of_run([Verdict.VIOLATED, Verdict.ERROR], waiver_faults=False)
    assert Level.INCOMPLETE is of_run([Verdict.ERROR, Verdict.WAIVED], waiver_faults=False)
    assert Level.INCOMPLETE is of_run([Verdict.SATISFIED, Verdict.NOT_ASSESSED], waiver_faults=False)
    assert Level.CONFORMANT_WITH_WAIVERS is of_run([Verdict.SATISFIED, Verdict.WAIVED], waiver_faults=False)
    assert Level.CONFORMANT is of_run([Verdict.SATISFIED, Verdict.ATTESTED], waiver_faults=False)


def test_nothing_required_is_incomplete():
    """A run that had nothing to assess proves nothing."""
    assert Level.INCOMPLETE is of_run([], waiver_faults=False)


def test_a_waiver_out_of_order_fails_the_run():
    """A needless or expired waiver is a fault even where every clause is satisfied."""
    assert Level.NON_CONFORMANT is of_run([Verdict.SATISFIED], waiver_faults=True)


def test_exit_codes_are_the_interface():
    """0 conformant, 1 non-conformant, 4 incomplete."""
    assert [
        int(level.exit_code)
        for level in (Level.CONFORMANT, Level.CONFORMANT_WITH_WAIVERS, Level.NON_CONFORMANT, Level.INCOMPLETE)
    ] == [0, 0, 1, 4]


def test_one_place_that_could_be_looked_at_is_enough():
    """Of alternatives those that could not look are named, and do not count; a violation of one still decides."""
    blind = replace(result(Verdict.NOT_ASSESSED, reason="no interpreter"), one_of="place")
    seen = replace(result(Verdict.SATISFIED), one_of="place")
    broken = replace(result(Verdict.VIOLATED), one_of="place")

    verdict, reason = of_requirement([blind, seen], without_checks="")

    assert verdict is Verdict.SATISFIED
    assert "not looked at: It holds (no interpreter)" in reason
    assert of_requirement([blind, blind], without_checks="")[0] is Verdict.NOT_ASSESSED
    assert of_requirement([seen, broken, blind], without_checks="")[0] is Verdict.VIOLATED


def test_what_a_project_does_not_use_needs_no_other_place():
    """One place knows that there is nothing to look at; whoever cannot look elsewhere misses nothing."""
    blind = replace(result(Verdict.NOT_ASSESSED, reason="no image is named"), one_of="place")
    absent = replace(result(Verdict.NOT_APPLICABLE, reason="it is not used"), one_of="place")
    broken = replace(result(Verdict.VIOLATED), one_of="place")

    assert of_requirement([blind, absent], without_checks="") == (Verdict.NOT_APPLICABLE, "it is not used")
    assert of_requirement([blind, absent, broken], without_checks="")[0] is Verdict.VIOLATED


def test_alternatives_do_not_excuse_others():
    """A check outside the group, or one that failed, is not replaced by what another could see."""
    seen = replace(result(Verdict.SATISFIED), one_of="place")
    failed = replace(result(Verdict.ERROR), one_of="place")

    assert of_requirement([seen, result(Verdict.NOT_ASSESSED)], without_checks="")[0] is Verdict.NOT_ASSESSED
    assert of_requirement([seen, failed], without_checks="")[0] is Verdict.ERROR
