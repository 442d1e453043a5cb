"""The review's checklist: ticked by a person's word alone, with what the run saw beside it."""

import datetime

import pytest
from typer.testing import CliRunner

from reports.review.writer import write
from stackproof import cli
from stackproof.check import View
from stackproof.descriptor.reading import parse_descriptor
from stackproof.errors import UsageError
from stackproof.evidence import Evidence
from stackproof.harness import harness_root, reference_specification
from stackproof.report.build import RunFacts, build_report
from stackproof.spec import read
from stackproof.target.views import Opening
from stackproof.verdict import CheckResult, Verdict

SPECIFICATION = read(reference_specification())
APP = harness_root() / "sample_app"


def result(requirement, verdict=Verdict.SATISFIED, **changes):
    """A result of a check."""
    given = {"check": "stack/x::y", "requirement": requirement, "verdict": verdict, "reason": "seen"}
    return CheckResult(**{**given, **changes})


def checklist(*results, **tables):
    """The Markdown of a report with these results."""
    data = {"target": {"name": "shop", "base_url": "https://shop.example"}, **tables}
    facts = RunFacts(
        started=datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC),
        seconds=1.0,
        kind="described",
        profile="full",
        openings={View.FILES: Opening(True, "")},
    )
    return write(build_report(SPECIFICATION, parse_descriptor(data, reference_specification()), (), results, facts))


def test_a_step_is_ticked_by_a_persons_word():
    """Who, when, until when; without one it says how to give it."""
    word = {
        "requirement": "review.rollback-plan",
        "who": "Ada",
        "when": datetime.date(2026, 11, 1),
        "expires": datetime.date(2027, 2, 1),
        "link": "https://wiki.example/rollback",
    }
    text = checklist(attestations=[word])

    assert "- [x] Deploy, with a rollback plan at hand (line 179)" in text
    assert "  - attested by Ada on 2026-11-01, until 2027-02-01, https://wiki.example/rollback" in text
    assert "- [ ] Look for new security advisories (line 175)" in text
    assert 'requirement = "review.security-advisories"' in text


def test_what_the_run_saw_stands_beside_the_step():
    """It ticks nothing: that somebody looked is not what a program sees."""
    text = checklist(result("advisories.locked-releases", reason="nothing is known against 9 releases"))

    assert "- [ ] Look for new security advisories" in text
    assert "  - satisfied: nothing is known against 9 releases" in text


def test_what_was_found_stands_below():
    """What is violated, and what ends soon."""
    ends = Evidence("note", "the support of Django 5.2 ends on 2028-04-30, in 60 days", {"ends": "2028-04-30"})
    text = checklist(
        result("advisories.locked-releases", Verdict.VIOLATED, reason="django 5.2.7: CVE-1"),
        result("support.django", evidence=(ends,)),
        result("jwt.rotation", Verdict.VIOLATED, reason="no part of a review"),
    )

    assert "## Found\n\n- advisories.locked-releases: django 5.2.7: CVE-1\n" in text
    assert "## Ends soon\n\n- the support of Django 5.2 ends on 2028-04-30, in 60 days\n" in text
    assert "no part of a review" not in text


def test_text_of_others_stays_text():
    """No markup, no second line, no escape acts on who reads it."""
    hostile = "<script>\n# [x](javascript:1) | `a` \x1b[31m" + "y" * 1000
    text = checklist(result("advisories.locked-releases", Verdict.VIOLATED, reason=hostile))

    assert "<script>" not in text.replace("\\<", "")
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) < 600


def test_the_command_reviews_a_projects_files():
    """With what is saved for the reference project, nothing is found: exit 0; a year later its lock is too old: 1."""
    if not cli.app.registered_commands:
        cli._add_commands()
    audit = ["--advisories", APP / "audit" / "advisories.json", "--index", APP / "audit" / "releases.json"]
    words = ["review", "--project", APP, *audit, "--as-of", "2026-11-25"]
    ran = CliRunner().invoke(cli.app, [*map(str, words)])

    assert (ran.exit_code, "## Found" in ran.stdout) == (0, False), ran.stdout
    assert "satisfied: none of" in ran.stdout
    later = CliRunner().invoke(cli.app, ["review", "--project", str(APP), "--as-of", "2031-01-01"])
    assert later.exit_code == 1
    assert "## Found" in later.stdout
    refused = CliRunner().invoke(cli.app, ["review", "--target", "a.toml", "--project", "."])
    assert isinstance(refused.exception, UsageError)
    with pytest.raises(UsageError, match="is no day"):
        raise CliRunner().invoke(cli.app, ["review", "--as-of", "soon"]).exception
