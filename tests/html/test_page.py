"""The page in a real browser: what a reader does with it, and what hostile text cannot do."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))

from reports_for_pages import CYCLE, HOSTILE, STARTED, mixed, report, requirement

from reports.html.writer import write
from stackproof.verdict import Verdict

SIZES = {"desk": {"width": 1200, "height": 900}, "phone": {"width": 360, "height": 720}}


def shown(page):
    return page.locator("details.clause:visible").count()


def test_what_stands_in_the_way_comes_first(show):
    """Level, counts that add up to the clauses, then every violated clause with what was expected and seen."""
    made = mixed()
    page = show(write(made))

    assert page.title() == "non-conformant: service"
    assert page.locator("header .level").inner_text() == "non-conformant"
    assert sum(int(one) for one in page.locator("header ul.counts").first.locator("strong").all_inner_texts()) == 42
    between = page.locator("section[aria-labelledby=between]")
    violated = [one.id for one in made.requirements if one.verdict is Verdict.VIOLATED]
    assert all(between.get_by_role("link", name=one, exact=True).count() == 1 for one in violated)
    assert between.get_by_text("expected as the clause says").count() >= len(violated)
    assert page.locator("details.clause").count() == len(made.requirements) + len(made.derived)


def test_every_clause_has_its_verdict_evidence_and_remedy(show):
    """Opened, a violated clause shows expected, seen, remedy, a command to copy, and the evidence folded."""
    page = show(write(mixed()), fragment="#some.clause-1")
    clause = page.locator("[id='some.clause-1']")

    assert clause.get_attribute("open") is not None
    for words in ("expected as the clause says", "seen as the clause says", "change it as the clause says"):
        assert clause.get_by_text(words, exact=False).first.is_visible()
    evidence = clause.locator("details.evidence")
    assert evidence.count() == 2
    assert not evidence.first.locator("pre").is_visible()
    evidence.first.locator("summary").click()
    assert evidence.first.locator("pre").is_visible()


def test_the_command_is_copied(show):
    """The button puts the whole command onto the clipboard."""
    page = show(write(mixed()), fragment="#some.clause-1", permissions=["clipboard-read", "clipboard-write"])
    clause = page.locator("[id='some.clause-1']")
    clause.locator("button.copies").click()

    assert clause.locator("button.copies").inner_text() == "Copied"
    assert page.evaluate("navigator.clipboard.readText()") == clause.locator(".copy pre").inner_text()


def test_filters_and_search_narrow_what_is_shown(show):
    """By verdict and by words; chapters without a match go away, and everything comes back."""
    page = show(write(mixed()))
    every = shown(page)
    for box in page.locator(".filters input[type=checkbox]").all():
        box.set_checked(box.get_attribute("value") == "violated")
    expect(page.locator("#shown")).to_have_text(re.compile("^9 of"))
    assert shown(page) == 9

    page.keyboard.press("/")
    page.keyboard.type("CLAUSE-21 reason")
    expect(page.locator("#shown")).to_have_text(re.compile("^1 of"))
    assert page.locator("section.chapter:visible").count() == 1
    page.get_by_role("button", name="All").click()
    assert shown(page) == every


def test_a_link_leads_to_a_clause_that_is_filtered_away(show):
    """Following a link shows its clause, whatever was filtered."""
    page = show(write(mixed()))
    page.locator("#search").fill("no such words")
    expect(page.locator("#shown")).to_have_text(re.compile("^0 of"))
    page.evaluate("location.hash = 'some.clause-3'")
    expect(page.locator("[id='some.clause-3']")).to_have_attribute("open", "")
    assert page.locator("[id='some.clause-3']").is_visible()


def test_the_keyboard_is_enough(show):
    """j and k walk over the clauses that are shown, Enter opens one, / searches and Escape leaves the search."""
    page = show(write(mixed()))
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    assert page.locator("details.clause[open]").get_attribute("id") == "some.clause-0"
    page.keyboard.press("/")
    page.keyboard.type("jk")
    assert page.locator("#search").input_value() == "jk"
    page.keyboard.press("Escape")
    assert page.locator("#search").input_value() == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_accessible_and_inside_the_screen(show, size, scheme):
    """axe-core finds nothing with everything folded and with everything open; nothing runs out of a phone's screen."""
    page = show(write(mixed(), [mixed()]), viewport=SIZES[size], color_scheme=scheme)
    for opened in (False, True):
        if opened:
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_script_everything_is_there(show):
    """The script only adds: without it the clauses, their evidence and the commands can be read."""
    page = show(write(mixed()), java_script_enabled=False)
    assert page.locator("details.clause").count() == 47
    assert not page.locator(".filters").is_visible()
    assert not page.locator("button.copies").first.is_visible()


def test_print_shows_what_is_violated(show):
    """On paper the violated clauses are open and the controls are gone."""
    page = show(write(mixed()))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert not page.locator(".filters").is_visible()
    assert page.locator("[id='some.clause-1'] .seen").is_visible()


@pytest.mark.parametrize("words", [HOSTILE, "x" * 200_000, "\n" * 500], ids=["markup", "long", "lines"])
def test_hostile_text_does_nothing(show, words):
    """In every field at once: no script runs, no element comes into being, nothing is asked of the network."""
    text = write(mixed(5, words), [mixed(5, words)])
    page = show(text)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    assert page.locator("script").count() == 1
    assert page.locator("img, iframe, object, embed, form, link, base").count() == 0
    assert all(
        one.startswith(("#", "https://"))
        for one in page.locator("a").evaluate_all("all => all.map((a) => a.getAttribute('href'))")
    )
    assert page.locator("[onerror], [onfocus], [autofocus], [style]").count() == 0
    assert "\u202e" not in text
    assert "{{ 7*7 }}" in text or words is not HOSTILE
    assert page.locator("details.clause").count() == 12


def test_the_policy_stops_what_would_slip_through(chromium, tmp_path):
    """A script or a style that got into the page would still do nothing: the policy admits one of each."""
    injected = '<script>document.title = "taken"</script><p style="color: rgb(1, 2, 3)" id="styled">x</p>'
    file = tmp_path / "page.html"
    file.write_text(write(mixed()).replace("<main>", f"<main>{injected}", 1), encoding="utf-8")
    page, complaints = chromium.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(file.as_uri())

    assert page.title() != "taken"
    assert page.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(1, 2, 3)"
    assert sum("Content Security Policy" in one for one in complaints) == 2
    page.close()


def test_earlier_runs_make_a_trend(show):
    """Each run with its counts, in the order of time; what broke since the one before, and what was mended."""
    before = report([requirement(0, Verdict.VIOLATED), requirement(1, Verdict.SATISFIED)])
    before = before.model_copy(update={"started": STARTED.replace(month=10)})
    now = report([requirement(0, Verdict.SATISFIED), requirement(1, Verdict.VIOLATED)])
    page = show(write(now, [before]))

    rows = page.get_by_role("region", name="Trend").locator("tbody tr").all_inner_texts()
    assert len(rows) == 2
    assert rows[0].startswith("2026-10-25")
    assert rows[1].split("\t")[3:] == ["some.clause-1", "some.clause-0"]


@dataclass
class Large:
    text: str


@pytest.fixture(scope="module")
def large():
    """A report of 5,000 checks, with evidence beyond what one page shows."""
    clauses = [requirement(number, CYCLE[number % 5], evidence=20) for number in range(5_000)]
    return Large(write(report(clauses)))


def test_five_thousand_checks_make_a_bounded_page(show, large):
    """Evidence has a budget, what was left out is said, and search and links work as on a small page."""
    assert len(large.text) < 20 * 1024 * 1024
    assert "pieces of evidence more in report.json" in large.text
    page = show(large.text)
    page.locator("#search").fill("clause-499")
    expect(page.locator("#shown")).to_have_text(re.compile("^11 of 5000"))
    page.evaluate("location.hash = 'some.clause-4321'")
    expect(page.locator("[id='some.clause-4321']")).to_have_attribute("open", "")
