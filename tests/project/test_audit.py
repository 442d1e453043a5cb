"""Asking a service about vulnerabilities, and an index about yanked releases; both stand on loopback."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from stackproof.advisories import audit, index
from stackproof.advisories.chosen import left_out
from stackproof.advisories.model import Release
from stackproof.check import NotAssessed
from stackproof.target.loopback import listening

DJANGO = Release("django", "5.2.7", "uv.lock:1")
SENTRY = Release("sentry-sdk", "2.23.0", "uv.lock:2")
VULNERABILITY = {
    "id": "PYSEC-2025-9",
    "aliases": ["CVE-2025-64459"],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "django"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "5.2"}, {"fixed": "5.2.8"}]}],
        }
    ],
}


@contextmanager
def answering(answer):
    """A server whose answers (status, headers, body) a function gives for (method, path, body)."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, text = answer(self.command, self.path, body)
            content = text if isinstance(text, bytes) else json.dumps(text).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer  # noqa: N815

        def log_message(self, *_words):
            """Stay silent."""

    with listening(Handler) as port:
        yield f"http://127.0.0.1:{port}"


def osv(_method, _path, body):
    """OSV's service: it knows one thing about Django."""
    asked = json.loads(body)
    known = [VULNERABILITY] if asked["package"]["name"] == "django" and asked["version"] == "5.2.7" else []
    return 200, {"Content-Type": "application/json"}, {"vulns": known}


def page(name, *files):
    """An index's answer about a package."""
    named = [{"filename": filename, "yanked": yanked} for filename, yanked in files]
    return 200, {"Content-Type": index.MEDIA}, {"meta": {"api-version": "1.1"}, "name": name, "files": named}


def simple(_method, path, _body):
    """An index with two packages."""
    pages = {
        "/simple/django/": page("Django", ("django-5.2.7-py3-none-any.whl", False), ("django-5.2.7.tar.gz", False)),
        "/simple/sentry-sdk/": page(
            "sentry_sdk", ("sentry_sdk-2.23.0.tar.gz", "Error when importing"), ("x.exe", True)
        ),
    }
    return pages.get(path, (404, {}, b"no such thing"))


def test_a_service_is_asked_about_exact_versions():
    """One is vulnerable, with all its names and its fix; the same package in two versions is asked twice."""
    newer = Release("django", "5.2.19", "requirements.txt:3")
    with answering(osv) as url:
        found = audit.audited([DJANGO, newer, SENTRY], f"{url}/v1/query")

    assert [(one.release, one.name, one.fixed) for one in found.known] == [(DJANGO, "CVE-2025-64459", ("5.2.8",))]
    assert set(found.known[0].ids) == {"PYSEC-2025-9", "CVE-2025-64459"}
    assert (found.looked_at, found.left) == (3, ())
    assert url in found.source


@pytest.mark.parametrize(
    "answer",
    [
        lambda *_: (500, {}, b"out of order"),
        lambda *_: (200, {"Content-Type": "application/json"}, b"no JSON"),
    ],
)
def test_a_service_that_does_not_answer_settles_nothing(answer):
    """Neither fine nor not fine."""
    with answering(answer) as url, pytest.raises(NotAssessed, match="pip-audit"):
        audit.audited([DJANGO], f"{url}/v1/query")


def test_a_service_that_is_not_there_settles_nothing():
    """A refused connection is one line."""
    with answering(osv) as url:
        pass
    with pytest.raises(NotAssessed, match="pip-audit gave no answer") as raised:
        audit.audited([DJANGO], f"{url}/v1/query")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ('{"dependencies": [{"name": "django", "skip_reason": "Dependency not found"}]}', "looked at none.*not found"),
        ('{"dependencies": []}', "looked at none of 1 releases"),
        ("[]", "gave no answer"),
        ("", "gave no answer"),
    ],
)
def test_an_audit_that_looked_at_nothing_is_none(monkeypatch, tmp_path, output, told):
    """pip-audit leaves with 0 having skipped everything: what was audited is counted."""
    program = tmp_path / "pip-audit"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{output}\nEND\n")
    program.chmod(0o755)
    monkeypatch.setattr(audit, "_program", lambda: [str(program)])

    with pytest.raises(NotAssessed, match=told):
        audit.audited([DJANGO], "pypi")


def test_without_pip_audit_there_is_a_cure(monkeypatch):
    """It is an extra, and a file does as well."""
    monkeypatch.setattr(audit, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(NotAssessed, match=r"stackproof\[audit\]"):
        audit.audited([DJANGO], "pypi")


def test_an_index_tells_what_was_yanked():
    """With the publisher's reason; a file that is no release is left aside."""
    with answering(simple) as url:
        pages = index.asked_pages(f"{url}/simple", [DJANGO.name, SENTRY.name])
    found = index.standing_of([DJANGO, SENTRY], pages, "the index")

    assert found.yanked == ((SENTRY, "Error when importing"),)
    assert (found.looked_at, found.left) == (2, ())


def test_what_an_index_does_not_know_is_left():
    """A package that it has not, and a version that it has not: neither is fine."""
    gone = Release("django", "5.2.6", "uv.lock:1")
    private = Release("our-own", "1.0", "uv.lock:9")
    with answering(simple) as url:
        pages = index.asked_pages(f"{url}/simple/", ["django", "our-own"])
    found = index.standing_of([DJANGO, gone, private], pages, "the index")

    assert [release for release, _ in found.left] == [gone, private]
    assert found.looked_at == 1
    assert left_out(found.left) == "django 5.2.6, our-own 1.0 (the index has no such version)"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda *_: (200, {"Content-Type": "text/html"}, b"<a>"), "not with the JSON of PEP 691"),
        (lambda *_: (503, {}, b""), "answered 503"),
        (lambda *_: (200, {"Content-Type": index.MEDIA}, b"{"), "no usable answer"),
        (lambda *_: (200, {"Content-Type": index.MEDIA}, {"name": "django"}), "no usable answer"),
        (lambda *_: (200, {"Content-Type": index.MEDIA}, b"[" * 100_000), "no usable answer"),
        (lambda *_: (302, {"Location": "http://elsewhere.example/"}, b""), "sends elsewhere, to elsewhere.example"),
        (lambda _m, path, _b: (301, {"Location": path}, b""), "redirects without end"),
        (lambda *_: (404, {}, b""), "it is not there"),
    ],
)
def test_an_index_without_a_usable_answer(answer, told):
    """Nothing is said of the release, and why."""
    with answering(answer) as url:
        pages = index.asked_pages(url, ["django"])
    with pytest.raises(NotAssessed, match=told):
        index.standing_of([DJANGO], pages, "the index")


def test_a_redirect_within_the_index_is_followed():
    """As indexes do from one spelling of a name to another."""

    def moved(method, path, body):
        if path.startswith("/old/"):
            return 301, {"Location": path.replace("/old/", "/simple/")}, b""
        return simple(method, path, body)

    with answering(moved) as url:
        pages = index.asked_pages(f"{url}/old", ["django"])

    assert index.standing_of([DJANGO], pages, "the index").looked_at == 1


def test_a_release_of_which_one_file_is_left_is_not_yanked():
    """Only where every file of it is (PEP 592)."""
    _, found = index.page_of(
        {"name": "a", "files": [{"filename": "a-1.0.tar.gz", "yanked": True}, {"filename": "a-1.0-py3-none-any.whl"}]}
    )

    assert list(found.values()) == [None]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "line 1: is no JSON"),
        (b"\xff", "is no JSON in UTF-8"),
        (b"[7]", "answer 1 is no answer of an index"),
        (b'[{"name": "a", "files": []}, {"name": "a"}]', "answer 2 is no answer of an index"),
        (b"[" * 100_000, "is no JSON"),
    ],
)
def test_saved_answers_that_are_none(tmp_path, content, told):
    """One line names the file, and which of its answers is meant."""
    path = tmp_path / "releases.json"
    path.write_bytes(content)

    with pytest.raises(NotAssessed, match=rf"releases\.json.*{told}"):
        index.saved_pages(path, {"django"})


def test_saved_answers_in_a_folder(tmp_path):
    """A file for each package, by its normalised name."""
    (tmp_path / "django.json").write_text(json.dumps(page("Django", ("django-5.2.7.tar.gz", "broken"))[2]))
    pages = index.saved_pages(tmp_path, {"django", "sentry-sdk"})
    found = index.standing_of([DJANGO, SENTRY], pages, "the folder")

    assert found.yanked == ((DJANGO, "broken"),)
    assert found.left == ((SENTRY, "it is not there"),)
