"""The proof: every fault is noticed, and nothing else is."""

import pytest

from stackproof.faults import read_faults
from stackproof.harness import harness_root
from stackproof.proof import CONFORMING, Cell, Sight, conclude
from stackproof.registry import load_checks
from tests.command.proving import assert_proven

FAULTS = read_faults(harness_root() / "sample_app")
CHECKS = load_checks()


@pytest.mark.slow
def test_the_first_half_of_the_proof_holds():
    """Every declared fault is noticed by every check that it names, and the conforming service raises no alarm.

    The other half stands in test_prove_second.py, where another process can run it. Together they are the whole: each
    says that every check is named by a fault of one of them, or is listed as pending.
    """
    assert_proven("1/2")


def cell(check, service, sight, declared=True):
    return Cell(check, service, sight, declared, "because")


def whole(cells, **changes):
    """The conclusion of a matrix in which every fault was noticed, with some cells on top or in place of others."""
    given = {(one.check, one.service): one for one in cells}
    full = {
        (check, fault.name): cell(check, fault.name, Sight.NOTICED) for fault in FAULTS for check in fault.notices
    } | given
    seen = {check for (check, _), one in full.items() if one.sight is Sight.NOTICED}
    pending = {one.id: "not here" for one in CHECKS if one.id not in seen} | changes.pop("pending", {})
    return conclude(CHECKS, FAULTS, list(full.values()), pending, changes.pop("unstarted", {}), whole=True)


def test_a_whole_matrix_holds():
    """The control of the tests below."""
    assert whole([]).holds


@pytest.mark.parametrize("sight", [Sight.UNNOTICED, Sight.ERROR])
def test_a_fault_that_goes_unnoticed_breaks_the_proof(sight):
    """Not noticed, or an error instead of a verdict: the fault and the check are named."""
    fault = FAULTS[0]
    [problem, *_] = whole([cell(fault.notices[0], fault.name, sight)]).problems

    assert fault.name in problem
    assert fault.notices[0] in problem


@pytest.mark.parametrize("sight", [Sight.FALSE_ALARM, Sight.ERROR])
def test_an_alarm_on_the_conforming_service_breaks_the_proof(sight):
    """A check that is not quiet where nothing is wrong."""
    assert not whole([cell(CHECKS[0].id, CONFORMING, sight, declared=False)]).holds


def test_a_check_that_was_never_seen_to_fail_breaks_the_proof():
    """Unless it is listed as pending."""
    problems = conclude(CHECKS, (), [], {}, {}, whole=True).problems

    assert len(problems) == len(CHECKS)


def test_a_check_of_another_shard_is_seen_to_fail_there():
    """Its own faults are what a shard answers for; a check that no shard's fault names is missed in each."""
    [first, *others] = [one.id for one in CHECKS]
    problems = conclude(CHECKS, (), [], {}, {}, whole=True, elsewhere=others).problems

    assert problems == (f"{first}: was never seen to fail, and is not listed as pending",)
    assert not conclude(CHECKS, (), [], {others[0]: "pending"}, {}, whole=True, elsewhere=others).holds


def test_a_pending_check_that_was_seen_to_fail_breaks_the_proof():
    """The list stays honest."""
    noticed = FAULTS[0].notices[0]

    assert not whole([], pending={noticed: "was pending"}).holds


def test_a_service_that_did_not_start_breaks_the_proof():
    """A fault that cannot be shown proves nothing."""
    assert not whole([], unstarted={FAULTS[0].name: "port taken"}).holds


def test_an_unknown_fault_is_a_usage_error(stackproof):
    """Did you mean."""
    ran = stackproof("prove", "--fault", "rotation_of")

    assert ran.code == 2
    assert "rotation_off" in ran.err
