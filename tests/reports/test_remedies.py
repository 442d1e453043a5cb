"""Whoever reads of a violation reads what to change, in the figures of the document that was judged."""

import re

import pytest

from stackproof.harness import reference_specification
from stackproof.remedies import link_of, remedy_for, remedy_of
from stackproof.report.model import RequirementPart
from stackproof.spec import read

SPECIFICATION = read(reference_specification())
OWN = [one.id for one in SPECIFICATION.requirements]


@pytest.mark.parametrize("requirement", OWN)
def test_every_requirement_of_the_document_has_a_remedy(requirement):
    """A sentence, why it matters, a snippet and a link, with every name of the snippet filled in."""
    remedy = remedy_of(requirement)

    assert len(remedy.text) > 30
    assert len(remedy.why) > 30
    assert re.search(r"^[+$-]", remedy.patch, re.MULTILINE)
    assert remedy.link.startswith("https://")
    left = re.findall(r"\$(?!\()[a-z_0-9]+", remedy.text + remedy.patch + remedy.link)
    assert left == []


@pytest.mark.parametrize("requirement", SPECIFICATION.derived, ids=lambda one: one.id)
def test_every_derived_requirement_has_one_too(requirement):
    """What its checks say, and where the standard is to be read."""
    remedy = remedy_of(requirement.id)

    assert len(remedy.text) > 15
    assert remedy.link.startswith("https://")


def part_of(requirement="jwt.access-token-lifetime", **changes):
    given = {"chapter": "A", "line": 1, "text": "t", "kind": "duration", "strength": "required", "understood": True}
    return RequirementPart(
        id=requirement,
        value={"seconds": 300},
        demand="5 minutes",
        required=True,
        verdict="violated",
        reason="r",
        **{**given, **changes},
    )


def test_the_figures_are_those_of_the_edition_that_was_judged():
    """An edition that asks for five minutes is told of 300 seconds, whatever the reference document asks for."""
    remedy = remedy_for(part_of())

    assert "timedelta(seconds=300)" in remedy.patch
    assert "5 minutes" in remedy.text


def test_a_requirement_of_nobody_has_no_remedy():
    """An edition's own clause without a check has nothing to say."""
    assert remedy_of("our.own-clause") is None
    assert remedy_for(part_of("our.own-clause")) is None


def test_a_derived_requirement_of_a_report_is_told_by_its_checks():
    """The sentence of the check that saw the violation, with the link to the standard."""
    check = {"id": "a/b::c", "title": "t", "verdict": "violated", "reason": "r", "remedy": "do this"}
    remedy = remedy_for(part_of("our.derived", checks=[check], source="RFC 8725, section 3.1; ASVS 5.0, 9.1.2"))

    assert remedy.text == "do this"
    assert remedy.link == "https://www.rfc-editor.org/rfc/rfc8725"


def test_a_source_that_nobody_knows_has_no_link():
    """No link is better than a wrong one."""
    assert link_of("the fourth law") == ""
    assert link_of(None) == ""
