"""Waivers and attestations, and what is out of order about them."""

import datetime

import pytest

from stackproof.descriptor.model import Attestation, Waiver
from stackproof.verdict import Verdict
from stackproof.waivers import apply

TODAY = datetime.date(2026, 11, 24)
VERDICTS = {"a.broken": Verdict.VIOLATED, "a.fine": Verdict.SATISFIED, "a.unknown": Verdict.NOT_ASSESSED}


def waiver(requirement, expires=TODAY):
    return Waiver(requirement=requirement, owner="Ann", reason="until the move", expires=expires)


def attestation(requirement, when=TODAY, expires=TODAY):
    return Attestation(requirement=requirement, who="Ann", when=when, expires=expires)


def test_a_waiver_stands_on_its_last_day():
    """The expiry date is the last day that counts."""
    applied = apply(VERDICTS, [waiver("a.broken")], [], today=TODAY)

    assert Verdict.WAIVED is applied.verdicts["a.broken"]
    assert applied.faults == ()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (waiver("a.broken", TODAY - datetime.timedelta(days=1)), "expired on 2026-11-23"),
        (waiver("a.fine"), "is needless: the verdict is satisfied"),
        (waiver("a.nowhere"), "names no requirement"),
    ],
)
def test_a_waiver_out_of_order_is_a_fault(given, words):
    """An expired, needless or aimless waiver changes no verdict and is told."""
    applied = apply(VERDICTS, [given], [], today=TODAY)

    assert applied.verdicts == VERDICTS
    assert words in applied.faults[0]


def test_a_waiver_is_not_needless_where_nobody_looked():
    """A run that did not set out to judge the clause cannot call its waiver needless."""
    assert apply(VERDICTS, [waiver("a.fine")], [], today=TODAY, judged=["a.broken"]).faults == ()


def test_an_attestation_settles_only_what_was_not_assessed():
    """What a check saw stands, whatever a person says."""
    applied = apply(VERDICTS, [], [attestation("a.unknown"), attestation("a.broken")], today=TODAY)

    assert Verdict.ATTESTED is applied.verdicts["a.unknown"]
    assert Verdict.VIOLATED is applied.verdicts["a.broken"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (attestation("a.unknown", expires=TODAY - datetime.timedelta(days=1)), "expired"),
        (attestation("a.unknown", when=TODAY + datetime.timedelta(days=1), expires=datetime.date.max), "future"),
        (attestation("a.nowhere"), "names no requirement"),
    ],
)
def test_an_attestation_out_of_order_is_a_fault(given, words):
    """An attestation that is over, not yet made or aimless settles nothing."""
    applied = apply(VERDICTS, [], [given], today=TODAY)

    assert applied.verdicts == VERDICTS
    assert words in applied.faults[0]
