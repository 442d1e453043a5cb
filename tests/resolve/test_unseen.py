"""What could not be looked at is said, and never taken for fine."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler

import pytest
from typer.testing import CliRunner

from stackproof.commands.spec import app
from stackproof.errors import InfrastructureError, UsageError
from stackproof.resolve import asker, extras, minimal
from stackproof.resolve.uv import find_uv
from stackproof.target.loopback import listening
from tests.resolve.documents import table

pytestmark = pytest.mark.slow

NOWHERE = "http://127.0.0.1:9/simple"
ROWS = ("lorry | 1.0.x | `>=1`", "cargo | 1.0.x | `>=1`")


@pytest.fixture
def fleet(shelf):
    """Two rows that go together."""
    return shelf.put("lorry", "1.0", "cargo").put("lorry", "2.0", "cargo").put("cargo", "1.0").put("cargo", "2.0")


@pytest.fixture
def run(written):
    """The command, on a text."""

    def _run(text, *options):
        written.write_text(text, encoding="utf-8")
        return CliRunner().invoke(app, ["lint", str(written), "--as-of", "2026-11-24", *options])

    return _run


@pytest.fixture
def no_index(monkeypatch):
    """From now on no index answers."""

    def _no_index():
        monkeypatch.setenv("UV_DEFAULT_INDEX", NOWHERE)
        monkeypatch.setenv("UV_HTTP_RETRIES", "0")

    return _no_index


@pytest.fixture
def served(tmp_path, monkeypatch):
    """The shelf over HTTP on loopback, as long as somebody serves it; its pages are to be asked for each time."""

    class Pages(SimpleHTTPRequestHandler):
        def end_headers(self):
            self.send_header("Cache-Control", "no-cache")
            super().end_headers()

        def log_message(self, *args):
            pass

    @contextmanager
    def _served():
        with listening(partial(Pages, directory=str(tmp_path / "index"))) as port:
            monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{port}")
            monkeypatch.setenv("UV_HTTP_RETRIES", "0")
            yield

    return _served


def test_neither_an_index_nor_a_cache(run, shelf, no_index):
    """Exit 4; each question is listed, and no sentence says that there is no contradiction in the document."""
    no_index()

    found = run(table(*ROWS), "--resolve")

    assert found.exit_code == 4
    assert "not looked at: the Constraints, and so their lower bounds and the extras on Python 3.12" in found.stdout
    assert "not looked at: the Version column on Python 3.12" in found.stdout
    assert "[index-unreached]" in found.stdout
    assert "127.0.0.1:9" in found.stdout
    assert found.stdout.rstrip().endswith("0 contradictions, 3 warnings in what was looked at")


def test_offline_without_a_cache(run, shelf, no_index):
    """The same, without a word about an index that nobody was to ask."""
    no_index()

    found = run(table(*ROWS), "--resolve", "--offline")

    assert found.exit_code == 4
    assert "[index-unreached]" not in found.stdout
    assert "cure: run it once without --offline" in found.stdout
    assert "from uv's cache" in found.stdout


def test_offline_from_a_cache(run, shelf, served):
    """What was looked at before is told again without an index, contradictions and cures included."""
    shelf.put("web", "5.1").put("web", "5.2").put("beat", "2.7", "web<5.2").put("beat", "2.8", "web")
    text = table("web | 5.2.x | `>=5.2`", "beat | 2.7.x | `>=2.7`")
    with served():
        online = run(text, "--resolve", "--json")

    offline = run(text, "--resolve", "--offline", "--json")

    assert [one["code"] for one in json.loads(online.stdout)] == ["versions-conflict", "floor-unreachable"]
    assert json.loads(offline.stdout) == json.loads(online.stdout)
    assert (online.exit_code, offline.exit_code) == (1, 1)


def test_the_index_is_away_and_the_cache_suffices(run, fleet, served):
    """A notice, since newer releases may be unknown; what was looked at is judged."""
    with served():
        before = run(table(*ROWS), "--resolve")

    after = run(table(*ROWS), "--resolve")

    assert (before.exit_code, after.exit_code) == (0, 0)
    assert "[index-unreached]" not in before.stdout
    assert "[index-unreached]" in after.stdout
    assert "it may not know the newest releases" in after.stdout


def test_offline_alone_is_a_mistake(run, shelf):
    """Without --resolve nothing is asked of an index."""
    found = run(table(*ROWS), "--offline")

    assert isinstance(found.exception, UsageError)
    assert "--resolve" in found.exception.hint


def test_without_uv(run, shelf, monkeypatch, tmp_path):
    """One line, its cure, and the code of the harness's own infrastructure; without --resolve uv is not missed."""
    (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    find_uv.cache_clear()
    try:
        found = run(table(*ROWS), "--resolve")
        plain = run(table(*ROWS))
    finally:
        find_uv.cache_clear()

    assert isinstance(found.exception, InfrastructureError)
    assert plain.exit_code == 0


def test_a_uv_that_is_none(run, fleet, monkeypatch, tmp_path):
    """A program of that name that knows no such options: its words are handed on, capped, and nothing was looked at."""
    (tmp_path / "uv").write_text("#!/bin/sh\nhead -c 100000 /dev/zero | tr '\\0' 'x' >&2\nexit 2\n")
    (tmp_path / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    find_uv.cache_clear()
    try:
        found = run(table(*ROWS), "--resolve")
    finally:
        find_uv.cache_clear()

    assert found.exit_code == 4
    assert len(found.stdout) < 5_000


def test_a_search_that_asks_too_much(run, fleet, monkeypatch):
    """It ends, and says what it did not look at."""
    monkeypatch.setattr(asker, "MOST", 3)

    found = run(table(*ROWS), "--resolve")

    assert found.exit_code == 4
    assert "the search was ended after 3 questions to uv" in found.stdout


def test_more_conflicts_than_are_searched(run, shelf, monkeypatch):
    """Those that were found are told, and that there may be others."""
    monkeypatch.setattr(minimal, "MOST_CONFLICTS", 1)
    for name in ("red", "green", "blue", "black"):
        shelf.put(name, "1.0", f"crate=={len(name)}")
        shelf.put("crate", str(len(name))) if name != "black" else None

    found = run(table("red | 1.0.x |", "green | 1.0.x |", "blue | 1.0.x |", "black | 1.0.x |"), "--resolve")

    assert found.exit_code == 1
    assert "not looked at: further conflicts on Python 3.12: 1 were found" in found.stdout


def test_more_extras_than_are_searched(run, shelf, monkeypatch):
    """The first is told, and that there may be others."""
    monkeypatch.setattr(extras, "_MOST", 1)
    shelf.put("store", "5.0").put("store", "6.0").put("one", "1.0", extras={"store": ["store>=6"]})
    shelf.put("two", "1.0", extras={"store": ["store>=6"]}).put("queue", "1.0", "one", "two")

    found = run(table("queue | 1.0.x | `>=1`", "store | 5.0.x | `>=5,<6`"), "--resolve")

    assert found.stdout.count("[extra-contradicts]") == 1
    assert "not looked at: the extras on Python 3.12" in found.stdout
    assert found.exit_code == 4


def test_progress_is_on_standard_error(run, fleet):
    """So that JSON stays JSON."""
    found = run(table(*ROWS), "--resolve", "--json")

    assert json.loads(found.stdout) == []
    assert "the Version column of 2 packages on Python 3.12" in found.stderr
    assert found.exit_code == 0


def test_a_broken_document_is_told_before_anything_is_asked(run, shelf, monkeypatch):
    """No resolver is needed for that."""
    monkeypatch.setenv("PATH", "/nonexistent")

    found = run(table("lorry | 1.0.x | `>=>1`"), "--resolve")

    assert isinstance(found.exception, UsageError)


def test_nothing_of_a_document_is_run(run, shelf, tmp_path):
    """A package of the shelf whose set-up would leave a mark is not built, and a row is no option of uv's."""
    import tarfile

    mark = tmp_path / "mark"
    folder = tmp_path / "evil-1.0"
    folder.mkdir()
    (folder / "setup.py").write_text(f"open({str(mark)!r}, 'w').write('ran')\nfrom setuptools import setup\nsetup()\n")
    shelf.put("evil", "1.0", wheel=False)
    with tarfile.open(tmp_path / "index" / "evil" / "evil-1.0.tar.gz", "w:gz") as archive:
        archive.add(folder, "evil-1.0")
    shutil.rmtree(folder)

    found = run(table("evil | 1.0.x | `>=1`", "--index-url=http://x | 1.0.x | `>=1`"), "--resolve")

    assert "[no-wheel]" in found.stdout
    assert found.exit_code == 4
    assert not mark.exists()
