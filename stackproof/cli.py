"""The `stackproof` command: its subcommands, and how errors leave it."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from typing import Annotated

import typer

from stackproof.errors import ExitCode, StackproofError

app = typer.Typer(
    name="stackproof",
    epilog="Exit codes: 0 conformant, 1 non-conformant, 2 usage or configuration, 3 the harness's own "
    "infrastructure, 4 incomplete.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"stackproof {version('stackproof')}")
        raise typer.Exit


@app.callback()
def _root(
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Prove, with evidence, that a running service keeps to a written tech-stack specification.

    \b
    stackproof init https://staging.example.com     describe your service
    stackproof doctor                               see what works and what is closed
    stackproof run --target stackproof.toml         judge it; the page to read is report.html
    stackproof explain jwt.rotation                 what a clause asks for, and what to change
    """


def _add_commands() -> None:
    from stackproof.commands import (
        diff,
        doctor,
        explain,
        init,
        listing,
        matrix,
        new,
        prove,
        rehearse,
        render,
        replay,
        report,
        review,
        run,
        sbom,
        schema,
        sign,
        spec,
    )

    app.command("init")(init.init)
    app.command("doctor")(doctor.doctor)
    app.command("run")(run.run)
    app.command("prove")(prove.prove)
    app.command("review")(review.review)
    app.command("sbom")(sbom.sbom)
    app.command("rehearse")(rehearse.rehearse)
    app.command("list")(listing.list_checks)
    app.command("schema")(schema.schema)
    app.command("render")(render.render)
    app.command("replay")(replay.replay)
    app.command("explain")(explain.explain)
    app.command("sign")(sign.sign)
    app.command("verify")(sign.verify)
    app.command("diff")(diff.diff)
    app.command("matrix")(matrix.matrix)
    app.add_typer(spec.app, name="spec")
    app.add_typer(report.app, name="report")
    app.add_typer(new.app, name="new")


def main() -> None:
    """Run the command and leave with the exit code that the errors' classes fix; never with a traceback."""
    atexit.register(gc.freeze)  # else the end takes a quarter of a second, for garbage among all that was imported
    _add_commands()
    try:
        app()
    except StackproofError as error:
        _leave(f"stackproof: {error}", error.exit_code)
    except KeyboardInterrupt:
        _leave("stackproof: interrupted", ExitCode.INCOMPLETE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.INFRASTRUCTURE)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        cure = "free some space, or give another folder with --output" if full else "see the path that is named"
        where = f"{error.filename}: " if error.filename else ""
        _leave(f"stackproof: {where}{error.strerror or error}\n  cure: {cure}", ExitCode.INFRASTRUCTURE)
    except Exception as error:
        if os.environ.get("STACKPROOF_DEBUG"):
            raise
        _leave(
            f"stackproof: a fault of the harness: {type(error).__name__}: {error}\n"
            "  cure: set STACKPROOF_DEBUG=1 for the traceback, and report it",
            ExitCode.INFRASTRUCTURE,
        )


def _leave(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(int(code))
