"""`stackproof new`: the beginnings of a team's own check."""

from __future__ import annotations

import keyword
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from stackproof.errors import InfrastructureError, UsageError

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

CHECK = '''"""{title}"""

from stackproof import Request, View, not_assessed, verifies


@verifies({requirement!r}, needs=[View.HTTP], remedy="what to change in the service where this is violated")
def {name}(http, descriptor, recorder, expect):
    """{title}"""
    answer = http.send(Request("GET", descriptor.target.base_url.rstrip("/") + {path!r}))
    recorder.add("exchange", answer.describe(), **answer.as_evidence())
    if not answer.ok:
        not_assessed(f"{{answer.describe()}}, and so nothing can be said")
    expect.holds(
        "X-Example" in answer.headers,
        expected="the answer to carry the header X-Example",
        seen=f"it carries {{', '.join(sorted(answer.headers))[:200]}}",
    )
'''

TEST = '''"""The check of {requirement}: on a service that keeps the clause, one that breaks it, one that fails."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stackproof.testing import results_on
from stackproof.verdict import Verdict

HERE = Path(__file__).parent
SPECIFICATION = {specification}


@contextmanager
def service(status=200, headers=()):
    """A small service on loopback; what it answers is what a test is about."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield {{"target": {{"base_url": f"http://127.0.0.1:{{server.server_port}}"}}}}
    server.shutdown()
    server.server_close()
    thread.join()


def verdict_on(target):
    """What the check finds there."""
    found = results_on(target, folder=HERE, requirement={requirement!r}, specification=SPECIFICATION)
    return next(one.verdict for one in found if one.check.endswith("::{name}"))


def test_satisfied_where_the_clause_is_kept():
    """The conforming service."""
    with service(headers=[("X-Example", "yes")]) as target:
        assert verdict_on(target) is Verdict.SATISFIED


def test_violated_where_it_is_broken():
    """The fault that the check must notice."""
    with service() as target:
        assert verdict_on(target) is Verdict.VIOLATED


def test_not_assessed_where_nothing_can_be_seen():
    """A service that fails says nothing about the clause."""
    with service(status=503) as target:
        assert verdict_on(target) is Verdict.NOT_ASSESSED
'''


@app.callback()
def _root() -> None:
    """Begin something of your own: a check.

    \b
    stackproof new check tls.answers-carry-x-example --spec our-stack.md
    """


@app.command("check")
def check(
    requirement: Annotated[str, typer.Argument(metavar="ID", help="The requirement; `stackproof spec list` shows it.")],
    spec: Annotated[
        Path | None, typer.Option("--spec", "-s", metavar="FILE", help="Your edition of the specification.")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where the check and its test are written.")
    ] = Path("conformance"),
) -> None:
    """Write a check of your own for a clause, and a test with a service that keeps it and one that breaks it.

    The test passes as it is; change the header X-Example in both files into what your clause is about. Then name the
    folder in stackproof.toml, and a run judges the clause:

    \b
    [suites]
    folders = ["conformance"]

    \b
    stackproof new check tls.answers-carry-x-example --spec our-stack.md
    """
    from stackproof.harness import reference_specification
    from stackproof.spec import read

    specification = read(spec or reference_specification())
    found = specification.find(requirement)
    if found is None:
        near = get_close_matches(requirement, [one.id for one in specification.every], n=3, cutoff=0.4)
        hint = f"did you mean {', '.join(near)}?" if near else "`stackproof spec list` shows every id"
        raise UsageError(f"{requirement}: {specification.path} has no such requirement", hint=hint)
    name = _name_of(requirement)
    title = re.sub(r"[\s\"\\]+", " ", found.text).strip().rstrip(".") + "."
    words = {
        "requirement": requirement,
        "name": name,
        "title": title,
        "path": "/",
        "specification": f"Path({str(spec.resolve())!r})" if spec else "None",
    }
    texts = {folder / f"{name}.py": CHECK, folder / f"test_{name}.py": TEST}
    for path in texts:
        if path.exists():
            raise UsageError(f"{path}: is there already", hint="give another --folder, or change that file")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text.format(**words), encoding="utf-8")
    except OSError as error:
        raise InfrastructureError(
            f"{folder}: cannot be written: {error.strerror}", hint="give another --folder"
        ) from error
    check_file, test_file = texts
    typer.echo(
        f"{check_file}\n{test_file}\nnext: python -m pytest {test_file}, then [suites] folders in stackproof.toml"
    )


def _name_of(requirement: str) -> str:
    """A name for a file and a function."""
    name = re.sub(r"\W+", "_", requirement.lower(), flags=re.ASCII).strip("_")[:60]
    return f"check_{name}" if not name.isidentifier() or keyword.iskeyword(name) else name
