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

import runpy
from pathlib import Path

from stackproof.testing import results_on
from stackproof.verdict import Verdict

HERE = Path(__file__).parent
SPECIFICATION = {specification}
service = runpy.run_path(str(HERE / "faults" / "_stand_in_{name}.py"))["service"]


def verdict_on(**how):
    """What the check finds on a stand-in that is like that."""
    with service(**how) as url:
        target = {{"target": {{"base_url": url}}}}
        found = results_on(target, folder=HERE, requirement={requirement!r}, specification=SPECIFICATION)
    return next(one.verdict for one in found if one.check.endswith("::{name}"))


def test_satisfied_where_the_clause_is_kept():
    """The conforming service."""
    assert verdict_on() is Verdict.SATISFIED


def test_violated_where_it_is_broken():
    """The fault that the check must notice."""
    assert verdict_on(broken=True) is Verdict.VIOLATED


def test_not_assessed_where_nothing_can_be_seen():
    """A service that fails says nothing about the clause."""
    assert verdict_on(fails=True) is Verdict.NOT_ASSESSED
'''

FAULT = """summary = "{summary}"
notices = ["own/{name}::{name}"]
# The command that starts your service with the clause broken, from the folder of stackproof.toml. Until you have one, a
# stand-in takes its place.
start = ["python3", "{folder}/faults/_stand_in_{name}.py", "{{port}}", "broken"]
"""

STAND_IN = '''"""A stand-in for your service: it keeps the clause, breaks it, or fails.

Served by `python _stand_in_{name}.py PORT [broken]`.
"""

import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def server(port=0, broken=False, fails=False):
    """A small HTTP server on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(503 if fails else 200)
            if not broken:
                self.send_header("X-Example", "yes")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


@contextmanager
def service(**how):
    """Its URL, for as long as the block lasts."""
    running = server(**how)
    thread = threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{{running.server_port}}"
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


if __name__ == "__main__":
    server(int(sys.argv[1]), broken="broken" in sys.argv[2:]).serve_forever()
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
    """Write a check of your own for a clause, a fault that it must notice, and a test.

    All of it works as it is; change the header X-Example in the check and the stand-in into what your clause is about,
    and give the fault the command that starts your service broken. Then name the folder in stackproof.toml: `run`
    judges the clause, and `prove --target` shows that the check notices the fault and is quiet on your service.

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
        "summary": f"{requirement} is broken: answers do not carry the header X-Example",
        "folder": folder.as_posix(),
        "specification": f"Path({str(spec.resolve())!r})" if spec else "None",
    }
    faults = folder / "faults"
    texts = {
        folder / f"{name}.py": CHECK,
        folder / f"test_{name}.py": TEST,
        faults / f"{name}.toml": FAULT,
        faults / f"_stand_in_{name}.py": STAND_IN,
    }
    for path in texts:
        if path.exists():
            raise UsageError(f"{path}: is there already", hint="give another --folder, or change that file")
    try:
        faults.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text.format(**words), encoding="utf-8")
    except OSError as error:
        raise InfrastructureError(
            f"{folder}: cannot be written: {error.strerror}", hint="give another --folder"
        ) from error
    for path in texts:
        typer.echo(path)
    test_file = folder / f"test_{name}.py"
    typer.echo(f"next: python -m pytest {test_file}, then [suites] folders in stackproof.toml")


def _name_of(requirement: str) -> str:
    """A name for a file and a function."""
    name = re.sub(r"\W+", "_", requirement.lower(), flags=re.ASCII).strip("_")[:60]
    return f"check_{name}" if not name.isidentifier() or keyword.iskeyword(name) else name
