"""What tasks leave behind is taken back by the service's own operation: a service on the standard library."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from stackproof.check import NotAssessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.drill.tasks import Tasks
from stackproof.evidence import Recorder, Redactor
from stackproof.target.http import HttpClient
from stackproof.target.session import Session


class Printer:
    """Prints jobs: each submission makes a job and a page; a login ends the tokens of the one before."""

    def __init__(self):
        self.pages, self.logins, self.keeps = [], 0, False
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == "/in":
                    shop.logins += 1
                    self.answer(200, {"access": f"token-{shop.logins}"})
                else:
                    shop.pages.append(f"page-{len(shop.pages)}")
                    self.answer(202, {"job": f"job-{len(shop.pages)}", "page": {"name": shop.pages[-1]}})

            def do_DELETE(self):
                good = self.headers.get("Authorization") == f"Bearer token-{shop.logins}"
                name = self.path.removeprefix("/pages/")
                if good and not shop.keeps and name in shop.pages:
                    shop.pages.remove(name)
                    self.answer(200, {})
                else:
                    self.answer(500 if shop.keeps else 404 if good else 401, {})

            def answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def printer():
    """It runs for the test."""
    one = Printer()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def tasks(printer, tmp_path, monkeypatch):
    """Its tasks, with an operation that takes pages back or without one."""
    monkeypatch.setenv("STACKPROOF_USERNAME", "clerk@example.com")
    monkeypatch.setenv("STACKPROOF_PASSWORD", "a-long-enough-secret")
    clients = []

    def make(**changes):
        undo = {"undo": {"path": "/pages/{id}"}, "undo_id": "page.name"}
        data = {
            "target": {"base_url": f"http://127.0.0.1:{printer.server.server_address[1]}"},
            "auth": {"login": {"path": "/in", "access": "access"}, "protected": {"path": "/me"}},
            "celery": {
                "app": "printer",
                "task_id": "job",
                "submit": {"path": "/jobs"},
                "status": {"path": "/jobs/{id}"},
                **undo,
                **changes,
            },
        }
        described = parse_descriptor(data, tmp_path / "stackproof.toml")
        redactor = Redactor()
        clients.append(HttpClient(described, redactor))
        session = Session(described, clients[-1], Recorder(redactor), redactor, described.target.base_url)
        return Tasks(described, session)

    yield make
    for one in clients:
        one.close()


def test_what_was_made_is_taken_back(printer, tasks):
    """By the name that the answer gives it, with a token of now."""
    view = tasks()
    assert [view.submit().task for _ in range(3)] == ["job-1", "job-2", "job-3"]
    assert len(printer.pages) == 3
    printer.logins += 1  # somebody signed in: the first token has ended

    view.close()

    assert printer.pages == []


def test_what_cannot_be_taken_back_is_named(printer, tasks):
    """Somebody has to remove it by hand."""
    view = tasks()
    view.submit()
    printer.keeps = True

    with pytest.raises(NotAssessed, match=r"celery\.submit made could not be taken back.*page-0 \(.*500"):
        view.close()


def test_an_answer_that_names_nothing_ends_the_check(printer, tasks):
    """What it made would stay: there is no second one."""
    view = tasks(undo_id="page.number")

    with pytest.raises(NotAssessed, match=r"names nothing in 'page\.number': what it made cannot be taken back"):
        view.submit()

    assert len(printer.pages) == 1


def test_without_the_operation_it_stays(printer, tasks):
    """As documented; nobody is asked to sign in for it."""
    view = tasks(undo=None, undo_id="")
    view.submit()
    logins = printer.logins

    view.close()

    assert (len(printer.pages), printer.logins) == (1, logins)
