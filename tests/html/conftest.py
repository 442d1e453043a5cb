"""A real Chromium, and reports to show in it."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = os.environ.get("STACKPROOF_REQUIRE_CONTAINERS") == "1" or os.environ.get("CI", "") not in {"", "0"}


@pytest.fixture(scope="module")
def chromium():
    """The browser; where the machine has none these tests cannot run, and in CI that is a failure.

    It ends with its module: while it lives an event loop runs in this thread, and no other test could start one.
    """
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        (pytest.fail if REQUIRED else pytest.skip)(f"no Chromium: install one of {', '.join(NAMES)}")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def show(chromium, tmp_path):
    """Opens a page from its text; fails at the end where it wrote to the console, asked the network or threw."""
    contexts, trouble = [], []

    def call(text, name="report.html", fragment="", **options):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        context = chromium.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: trouble.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(file.as_uri()) else trouble.append(f"request: {request.url}")
            ),
        )
        page.goto(file.as_uri() + fragment)
        return page

    yield call
    for context in contexts:
        context.close()
    assert not trouble
