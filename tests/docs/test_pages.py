"""The tutorial and the how-to guides: a reader who follows them gets where they promise, on services not of ours."""

import datetime
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from contextlib import contextmanager

import pytest

from stackproof.descriptor.reading import parse_descriptor
from stackproof.harness import reference_specification
from stackproof.report.files import load
from stackproof.verdict import Verdict
from tests.foreign.launch import start
from tests.pages import ROOT, Walk, blocks, commands

DOCS = ROOT / "docs"
HOW_TO = sorted((DOCS / "how-to").glob("*.md"))
PLACE = "https://staging.example.com"
BASE = {"target": {"base_url": PLACE}}
AUTH = {"login": {"path": "/login"}, "protected": {"path": "/me"}}


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    """Until something listens there."""
    end = time.monotonic() + 30
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)


def verdicts(report):
    """{requirement: verdict} of what was asked for."""
    return {one.id: one.verdict for one in (*report.requirements, *report.derived) if one.checks}


@contextmanager
def shelf(folder):
    """(URL, environment) of the example service, which says nothing of security in its document."""
    port = free_port()
    account = {"STACKPROOF_USERNAME": "reader@example.com", "STACKPROOF_PASSWORD": "tutorial-1"}
    environment = {**os.environ, **account, "SHELF_PASSWORD": "tutorial-1"}
    words = [sys.executable, str(DOCS / "examples" / "shelf.py"), str(port)]
    with subprocess.Popen(words, cwd=folder, env=environment) as process:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}", environment
        finally:
            process.terminate()


@pytest.mark.slow
def test_five_minutes(tmp_path):
    """init, doctor and a run without an edit, to a page that tells the faults."""
    with shelf(tmp_path) as (url, environment):
        Walk(tmp_path, environment, replaced={PLACE: url}).follow(DOCS / "how-to" / "five-minutes.md")
    [page] = tmp_path.glob("stackproof-runs/*/report.html")

    found = verdicts(load(page.parent))
    assert {name for name, one in found.items() if one is Verdict.VIOLATED} == {
        "jwt.access-token-lifetime",
        "jwt.rotation",
    }
    assert "jwt.rotation" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_guide_for_own_checks(tmp_path):
    """From the bullet to the verdict and the proof."""
    page = DOCS / "own-checks.md"
    [bullet] = blocks(page, "markdown")
    heading = bullet.splitlines()[0] + "\n"
    text = reference_specification().read_text(encoding="utf-8")
    assert heading in text
    (tmp_path / "our-stack.md").write_text(text.replace(heading, bullet), encoding="utf-8")
    with shelf(tmp_path) as (url, environment):
        (tmp_path / "stackproof.toml").write_text(f'[target]\nbase_url = "{url}"\n', encoding="utf-8")
        walk = Walk(tmp_path, environment)
        walk.follow(page)

    assert len(walk.followed) == len(commands(page))
    assert sorted(one.name for one in (tmp_path / "conformance" / "faults").glob("*.*")) == [
        "_stand_in_tls_answers_carry_x_example.py",
        "tls_answers_carry_x_example.toml",
    ]


@pytest.mark.slow
def test_the_tutorial(tmp_path):
    """From a red run to a mended clause and a waived one."""
    port = free_port()
    shutil.copytree(DOCS / "examples", tmp_path / "docs" / "examples")
    environment = {
        **os.environ,
        "SHELF_PASSWORD": "tutorial-1",
        "STACKPROOF_USERNAME": "reader@example.com",
        "STACKPROOF_PASSWORD": "tutorial-1",
    }
    ends = (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=30)).isoformat()
    walk = Walk(
        tmp_path,
        environment,
        replaced={"8123": str(port), "2026-12-31": ends},
        left_out={"./bootstrap.sh": "tests/repo/test_bootstrap.py follows it"},
        ready=lambda: wait_for(port),
    )
    walk.follow(DOCS / "tutorial.md")

    before, after = (verdicts(load(tmp_path / name)) for name in ("first", "second"))
    assert {name for name, one in before.items() if one is Verdict.VIOLATED} == {
        "jwt.access-token-lifetime",
        "jwt.rotation",
    }
    assert after["jwt.access-token-lifetime"] is Verdict.SATISFIED
    assert after["jwt.rotation"] is Verdict.WAIVED
    assert "jwt.rotation" in (tmp_path / "comment.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "module", "flags", "expected"),
    [
        ("cookies", "fastapi_cookies", (), {"jwt.rotation": "satisfied"}),
        ("no-database-access", "flask_shop", (), {"jwt.rotation": "satisfied"}),
    ],
)
def test_a_guide_from_the_url_alone(page, module, flags, expected, tmp_path):
    """init, doctor and a run, on a service that the page's author has not described."""
    with start(module, *flags) as service:
        service.descriptor.unlink()
        walk = Walk(service.folder, service.environment, replaced={PLACE: service.base_url})
        (service.folder / "requirements.txt").write_text("django\n", encoding="utf-8")
        walk.follow(DOCS / "how-to" / f"{page}.md")
        reports = sorted(service.folder.glob("stackproof-runs/*/report.json"))
        found = {name: one for path in reports for name, one in verdicts(load(path)).items()}

    assert {name: found[name] for name in expected} == expected


@pytest.mark.slow
def test_the_guide_for_pipelines(tmp_path):
    """On a service that hands out tokens for an hour: red, and every way of looking says the same."""
    with start("fastapi_cookies", "--fault", "access-hour") as service:
        walk = Walk(service.folder, service.environment)
        walk.follow(DOCS / "how-to" / "in-ci.md")
        whole, shards = load(service.folder / "run"), load(service.folder / "whole")

    violated = {name for name, one in verdicts(whole).items() if one is Verdict.VIOLATED}
    assert "jwt.access-token-lifetime" in violated
    assert {name for name, one in verdicts(shards).items() if one is Verdict.VIOLATED} == violated
    assert whole.counts == shards.counts


@pytest.mark.parametrize("page", [DOCS / "tutorial.md", *HOW_TO], ids=lambda page: page.name)
def test_every_table_of_a_page_is_valid(page, tmp_path):
    """Each example fits the model, put beside the least that a file needs."""
    for text in blocks(page, "toml"):
        data = tomllib.loads(text)
        auth = {**AUTH, **data.get("auth", {})}
        parse_descriptor({**BASE, **data, "auth": auth}, tmp_path / "stackproof.toml")


@pytest.mark.parametrize("page", [DOCS / "tutorial.md", *HOW_TO], ids=lambda page: page.name)
def test_a_page_has_commands(page):
    """Which the tests above follow."""
    assert len([one for one in commands(page) if one.startswith(("stackproof ", "./bootstrap.sh"))]) >= 3


def test_every_page_is_on_the_map():
    """docs/README.md leads to every page, and to nothing that is not there."""
    text = (DOCS / "README.md").read_text(encoding="utf-8")
    links = {one.partition("#")[0] for one in re.findall(r"\]\(([^)]+)\)", text) if "://" not in one}
    pages = {
        str(one.relative_to(DOCS))
        for folder in (DOCS, DOCS / "how-to", DOCS / "reference")
        for one in folder.glob("*.md")
    }

    assert pages - {"README.md"} <= links
    assert all((DOCS / one).exists() for one in links)
