"""Draws this folder's pictures from `reports/example/report.json`: `python docs/images/generate.py`, with Chromium."""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console

HERE = Path(__file__).parent
SHOWN = {"password.hashers-setting", "postgresql.shared-buffers"}  # of the violations, on the picture of the terminal
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from reports.html.writer import write as html  # noqa: E402
from reports.terminal.writer import write as terminal  # noqa: E402
from stackproof.report.files import load  # noqa: E402


def main() -> None:
    """Draw the terminal as SVG and the page as PNG."""
    report = load(ROOT / "reports" / "example" / "report.json")
    console = Console(record=True, width=118, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print("$ stackproof run --target stackproof.toml --quiet")
    chosen = tuple(one for one in report.requirements if one.verdict != "violated" or one.id in SHOWN)
    terminal(report.model_copy(update={"requirements": chosen, "derived": ()}), console, verbose=False)
    console.save_svg(str(HERE / "run.svg"), title="stackproof", unique_id="run")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("no Chromium on PATH; install it")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "report.html"
        page_file.write_text(html(report), encoding="utf-8")
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        with playwright.chromium.launch(executable_path=program, args=flags) as browser:
            page = browser.new_page(viewport={"width": 1100, "height": 760})
            page.goto(page_file.as_uri())
            page.screenshot(path=str(HERE / "report.png"))


if __name__ == "__main__":
    main()
