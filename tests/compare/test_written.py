"""A comparison as it is written: whole, and harmless whatever the reports say."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from reports.markdown.comparison import write as markdown
from reports.markdown.text import LARGEST, cell, code, table
from reports.terminal.comparison import write as terminal
from stackproof.report.compare import compare
from stackproof.report.model import ServicePart, SpecificationPart, TargetPart
from tests.compare.conftest import not_asked_for, report, requirement

EXAMPLE = Path(__file__).parents[2] / "reports" / "markdown" / "comparison.md"
READER = MarkdownIt("commonmark", {"html": True}).enable("table")
OURS = {"<details><summary>", "</details>"}
HOSTILE = (
    "x | y\n\n# heading\n```\n@everyone #1 https://evil.example <script>alert(1)</script> ![i](http://evil.example/i) "
    "`` ` ``` <!-- </details> \\| \x1b[31m [bold] \u202e &lt; | --- |\r\nnothing got worse"
)


def hostile():
    """A pair of reports in which every text is hostile."""

    def one(verdict, number):
        texts = {"text": HOSTILE, "chapter": HOSTILE, "reason": HOSTILE, "seen": HOSTILE, "demand": HOSTILE}
        own = [requirement(HOSTILE + str(index), verdict, value=number, **texts) for index in range(12)]
        derived = [requirement(f"d{HOSTILE}", verdict, source=HOSTILE, required=False, **texts)]
        return report(
            *own,
            derived=derived,
            faults=(f"{HOSTILE}{number}",),
            partial=True,
            partial_reason=HOSTILE,
            profile=f"{HOSTILE}{number}",
            run_id=HOSTILE,
            stackproof_version=f"{HOSTILE}{number}",
            specification=SpecificationPart(path=HOSTILE, sha256=f"{number}{HOSTILE}"),
            target=TargetPart(name=f"{HOSTILE}{number}", base_url=HOSTILE, kind="described"),
            services=(ServicePart(role=HOSTILE, product=HOSTILE, version=f"{HOSTILE}{number}", how=HOSTILE),),
        )

    return compare(one("satisfied", 1), one("violated", 2), where=(HOSTILE, HOSTILE))


def inline(text):
    """Every inline token of a Markdown text, with those that stand between blocks."""
    for token in READER.parse(text):
        if token.type == "html_block":
            yield token
        yield from token.children or ()


def assert_harmless(text):
    """Nothing of a report is more than the content of a code span."""
    for token in inline(text):
        if token.type in {"html_block", "html_inline"}:
            left = token.content
            for ours in OURS:
                left = left.replace(ours, "")
            assert "<" not in left.replace("</summary>", "")
            assert "evil" not in left
        assert token.type not in {"link_open", "image"}
        if token.type == "text":
            assert "evil" not in token.content
            assert "@" not in token.content


def test_hostile_text_is_nothing_but_text_in_markdown():
    """No link, image, HTML, mention or heading comes of it, and tables keep their columns."""
    text = markdown(hostile())

    assert_harmless(text)
    headings = [token for token in READER.parse(text) if token.type == "heading_open"]
    assert len(headings) == text.count("\n### ") + text.count("\n#### ") + text.startswith("### ")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in rows} == {4}
    assert "\x1b" not in text
    assert "\u202e" not in text


@given(st.text(max_size=80))
@settings(deadline=None)
def test_any_text_is_a_code_span(text):
    """On its own line and in a table."""
    for written in (f"- {code(text)} after", table(("a", "b"), [(cell(text), cell(text))])):
        kinds = {token.type for token in inline(written)}
        assert kinds <= {"code_inline", "text"}
        assert "html_block" not in {token.type for token in READER.parse(written)}
    assert len([one for one in READER.parse(table(("a", "b"), [(cell(text), "x")])) if one.type == "td_open"]) == 2


@pytest.mark.parametrize("count", [3, 150, 3_000])
def test_markdown_fits_into_a_comment(count):
    """What got worse comes first, what does not fit is said to be left out, and every element is closed."""
    long = "`" * 300 + "word " * 400
    before = report(*(requirement(f"a.clause-{number}") for number in range(count)))
    after = report(*(requirement(f"a.clause-{number}", "violated", seen=long) for number in range(count)))
    text = markdown(compare(before, after))

    assert len(text) <= LARGEST
    assert "a.clause-0" in text
    assert text.count("<details>") == text.count("</details>")
    assert ("Cut off" in text) == (count > 100)
    assert f"| newly-violated | {count} |" in text


def shown(comparison, capsys):
    """What a terminal that is no terminal gets."""
    terminal(comparison, Console(soft_wrap=True, width=100, highlight=False))
    return capsys.readouterr().out


def test_hostile_text_does_not_act_on_a_terminal(capsys):
    """And no line of it passes for one of ours."""
    out = shown(hostile(), capsys)

    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[bold]" in out
    assert not any(line.startswith(("nothing got worse", "# heading")) for line in out.splitlines())


def test_the_terminal_tells_what_got_worse_first(capsys):
    """With what was seen, what was mended, what is outside, and the outcome at the end."""
    before = report(requirement("a.a"), requirement("a.b", "violated"), requirement("a.c"), requirement("a.d", value=1))
    after = report(
        requirement("a.a", "violated", seen="answered 500"),
        requirement("a.b"),
        not_asked_for("a.c"),
        requirement("a.d", value=2),
    )
    lines = shown(compare(before, after), capsys).splitlines()

    assert lines[0] == "Newly violated: 1"
    assert any("a.a" in line and "satisfied -> violated" in line for line in lines)
    assert any(line.split() == ["seen", "answered", "500"] for line in lines)
    assert any("at least 1 -> at least 2" in line for line in lines)
    assert any("a.b" in line and "violated -> satisfied" in line for line in lines)
    assert any("not asked for them: 1" in line for line in lines)
    assert lines[-1].startswith("1 newly violated")


def example():
    """The comparison of the example that is kept beside the writer."""
    before = report(
        requirement("jwt.rotation"),
        requirement("tls.minimum-version", "violated", seen="TLS 1.0 was spoken"),
        requirement("jwt.access-token-lifetime", value=15),
        requirement("version.redis", "not-assessed"),
        requirement("review.rollback-plan", "attested"),
        services=(ServicePart(role="postgresql", product="PostgreSQL", version="16.15", how="embedded"),),
    )
    after = report(
        requirement("jwt.rotation", "violated", seen="POST /api/token/refresh/ answered 200 at reuse 1 of 8"),
        requirement("tls.minimum-version"),
        requirement("jwt.access-token-lifetime", "violated", value=5, seen="900 s"),
        requirement("version.redis", "not-assessed"),
        not_asked_for("review.rollback-plan"),
        services=(ServicePart(role="postgresql", product="PostgreSQL", version="17.11", how="embedded"),),
    )
    return markdown(compare(before, after, where=("main/report.json", "branch/report.json")))


def test_the_example_is_what_is_written():
    """`python -m tests.compare.test_written` writes it anew."""
    assert EXAMPLE.read_text(encoding="utf-8") == example()


if __name__ == "__main__":
    EXAMPLE.write_text(example(), encoding="utf-8")
