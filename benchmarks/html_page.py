"""The HTML report of 5,000 checks in Chromium: what a keystroke in its search costs, over a floor in the same page.

The floor is what any filter has to do: compare the words of every clause, hide or show it and its chapter, and lay the
page out, from a page on which everything is shown.

    python benchmarks/html_page.py [--rounds 5]

It prints both times and their ratio; the budget is 1.5.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "html")]

from reports_for_pages import CYCLE, report, requirement  # noqa: E402

from reports.html.writer import write  # noqa: E402

WORDS = ["clause-4", "clause-49", "clause-499", "", "reason", "no such words", ""]
KEYSTROKE = """(words) => new Promise((done) => {
    const search = document.getElementById('search'), started = performance.now();
    search.value = words;
    search.dispatchEvent(new Event('input'));
    requestAnimationFrame(() => { document.body.offsetHeight; done(performance.now() - started); });
})"""
FLOOR = """(words) => new Promise((done) => {
    const all = window.all || (window.all = [...document.querySelectorAll('details.clause')]);
    const texts = window.texts || (window.texts = all.map((one) => one.textContent.toLowerCase()));
    const chapters = window.chapters || (window.chapters = [...document.querySelectorAll('section.chapter')]);
    const started = performance.now();
    requestAnimationFrame(() => {
        const kept = new Set();
        all.forEach((one, number) => {
            one.hidden = !texts[number].includes(words);
            if (!one.hidden) kept.add(one.parentElement);
        });
        chapters.forEach((one) => { one.hidden = !kept.has(one); });
        document.body.offsetHeight;
        done(performance.now() - started);
    });
})"""


RESET = """() => {
    document.querySelectorAll('[hidden]').forEach((one) => { one.hidden = false; });
    document.body.offsetHeight;
}"""


def main() -> None:
    """Measure, and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5)
    rounds = arguments.parse_args().rounds
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("no Chromium on PATH; install it")
    text = write(report([requirement(number, CYCLE[number % 5], evidence=20) for number in range(5_000)]))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(text, encoding="utf-8")
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        with playwright.chromium.launch(executable_path=program, args=flags) as browser:
            page = browser.new_page()
            page.goto(file.as_uri())
            taken: dict[str, list[float]] = {"keystroke": [], "floor": []}
            for _ in range(rounds):
                for words in WORDS:
                    page.evaluate(RESET)
                    taken["floor"].append(page.evaluate(FLOOR, words))
                    page.evaluate(RESET)
                    taken["keystroke"].append(page.evaluate(KEYSTROKE, words))
    medians = {name: statistics.median(values) for name, values in taken.items()}
    print(
        f"page {len(text) / 1024**2:.1f} MiB; {', '.join(f'{name} {value:.1f} ms' for name, value in medians.items())}"
    )
    print(f"ratio {medians['keystroke'] / medians['floor']:.2f} (budget 1.5)")


if __name__ == "__main__":
    main()
