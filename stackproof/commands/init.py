"""`stackproof init`: a stackproof.toml for a service that nobody has described yet, by discovery."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stackproof.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from stackproof.accounts.credentials import Credentials
    from stackproof.discovery.facts import Findings


def init(
    url: Annotated[str, typer.Argument(metavar="URL", help="The service's base URL.")],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to write; - for standard output.")
    ] = "stackproof.toml",
    ca: Annotated[
        Path | None, typer.Option("--ca", metavar="FILE", help="PEM of the authority that signs its certificate.")
    ] = None,
    client_certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="PEM that the harness identifies itself with.")
    ] = None,
    client_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its private key, where the certificate's file has none.")
    ] = None,
    resolve: Annotated[
        list[str] | None,
        typer.Option("--resolve", metavar="NAME=ADDRESS", help="Connect to the address in place of the name."),
    ] = None,
    document: Annotated[
        str | None, typer.Option(metavar="PATH", help="Where it serves its OpenAPI document; usual places are tried.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file where it exists.")] = False,
    budget: Annotated[str, typer.Option(metavar="DURATION", help="Spend no more time than that.")] = "30s",
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON on standard output.")] = False,
) -> None:
    """Describe a service by discovery: its OpenAPI document, else well-known routes; no questions are asked.

    With an account in STACKPROOF_USERNAME and STACKPROOF_PASSWORD it signs in, refreshes once and signs out, to see
    what works. Nothing else is changed, no other password is tried, and no other host is contacted.

    \b
    stackproof init https://staging.example.com
    stackproof init https://localhost:8443 --ca ca.pem --output - > stackproof.toml
    """
    from stackproof.discovery.discover import discover
    from stackproof.discovery.prober import Options
    from stackproof.discovery.writing import as_data, as_toml
    from stackproof.durations import seconds_of
    from stackproof.progress import Progress

    to_stdout = output == "-"
    if to_stdout and as_json:
        raise UsageError("--output - and --json both want standard output", hint="give one of the two")
    if not to_stdout and not force and Path(output).exists():
        raise UsageError(f"{output} exists already", hint="--force overwrites it; --output FILE names another one")
    seconds = seconds_of(budget, "--budget")
    options = Options(url, ca, seconds, _resolved(resolve or []), client_certificate, client_key, document)
    progress = Progress(quiet=False)
    with progress.shown():
        findings = discover(options, _account(), progress.say)
    text = as_toml(findings)
    if to_stdout:
        sys.stdout.write(text)
    else:
        _write(Path(output), text)
    if as_json:
        json.dump(as_data(findings, "" if to_stdout else output), sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _show(findings, output, _console(to_stderr=to_stdout))


def _account() -> Credentials | None:
    from stackproof.accounts.credentials import Credentials

    username, password = os.environ.get("STACKPROOF_USERNAME", ""), os.environ.get("STACKPROOF_PASSWORD", "")
    return Credentials(username, password) if username and password else None


def _resolved(given: list[str]) -> dict[str, str]:
    pairs = dict(one.partition("=")[::2] for one in given)
    if any(not name or not address for name, address in pairs.items()):
        raise UsageError("--resolve takes NAME=ADDRESS", hint="such as --resolve staging.example.com=10.0.0.7")
    return pairs


def _write(path: Path, text: str) -> None:
    """Write it whole or not at all."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as handle:
            handle.write(text)
        Path(handle.name).chmod(0o644)
        Path(handle.name).replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}", hint="name another --output") from error


def _console(*, to_stderr: bool) -> Console:
    from rich.console import Console

    return Console(file=sys.stderr if to_stderr else sys.stdout, highlight=False, soft_wrap=True)


def _show(findings: Findings, output: str, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    from stackproof.discovery.writing import one_line, rows

    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("what", "value", "how sure", "why"):
        table.add_column(heading, no_wrap=not console.is_terminal)
    for row in rows(findings):
        table.add_row(*(Text(cell) for cell in row))
    if not console.is_terminal:
        console.width = 600
    console.print(table)
    for note in findings.notes:
        console.print(Text(f"note: {one_line(note)}"))
    where = "standard output" if output == "-" else output
    state = "complete for the JWT clauses" if findings.complete else "not complete yet"
    if findings.signed_in is False:
        state += ", and the account could not sign in"
    console.print(Text(f"written: {where}, {state} ({findings.requests} requests)"))
    target = "FILE" if output == "-" else output
    console.print(Text(f"next: {_next(findings, target)}"))


def _next(findings: Findings, target: str) -> str:
    from shlex import quote

    if findings.complete and findings.signed_in is not False:
        return f"stackproof run --target {quote(target)}"
    fill = "" if findings.can_sign_in else "fill in what is missing, then: "
    return f"{fill}stackproof doctor --target {quote(target)}"
