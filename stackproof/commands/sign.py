"""`stackproof sign` and `stackproof verify`: a report's outcome as a signed statement, and whether one holds."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from stackproof.errors import SignatureError, UsageError


def sign(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A report.json, or the run folder that holds it.")],
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="A private key in PEM: Ed25519 or ECDSA.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write there instead of to standard output.")
    ] = None,
    url: Annotated[str, typer.Option("--url", help="Where the run can be seen, such as a pipeline's page.")] = "",
    keyless: Annotated[
        bool, typer.Option("--keyless", help="In place of a key: sigstore, by the identity of this pipeline.")
    ] = False,
) -> None:
    """Sign what a report says: an in-toto test-result statement in a DSSE envelope.

    The password of an encrypted key is read from STACKPROOF_KEY_PASSWORD. --keyless needs the extra `keyless`, a
    network to sigstore.dev and a token of the pipeline (or SIGSTORE_ID_TOKEN). It writes a sigstore bundle, and who
    signed what stands in a public log from then on.

    \b
    openssl genpkey -algorithm ed25519 -out key.pem
    stackproof sign stackproof-runs/… --key key.pem --output attestation.json
    stackproof sign stackproof-runs/… --keyless --output attestation.sigstore.json
    """
    from stackproof.harness import put_tree_on_path
    from stackproof.report.files import parse, read_bytes, write_pieces
    from stackproof.signing import MAKE_ONE, load_private
    from stackproof.signing import sign as signed

    put_tree_on_path()
    from reports.in_toto.writer import statement

    if (key is None) != keyless:
        raise UsageError("give either --key or --keyless", hint=MAKE_ONE)
    private = load_private(key) if key else None
    data, name = read_bytes(report)
    told = statement(parse(data, name), hashlib.sha256(data).hexdigest(), url)
    payload = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    if private is not None:
        text = json.dumps(signed(payload, private), indent=2) + "\n"
    else:
        from stackproof.keyless import sign as signed_without_a_key

        text = signed_without_a_key(payload) + "\n"
    if output is None:
        sys.stdout.write(text)
    else:
        write_pieces([text], output)


def verify(
    attestation: Annotated[Path, typer.Argument(metavar="ATTESTATION", help="What `stackproof sign` wrote.")],
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="The public key of whoever signed it, in PEM.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="REPORT", help="It must be about this report, byte for byte.")
    ] = None,
    identity: Annotated[
        str, typer.Option(metavar="WHO", help="In place of a key: who signed it, a mail address or a workflow's URL.")
    ] = "",
    issuer: Annotated[
        str, typer.Option(metavar="URL", help="With --identity: who vouched for it, such as a pipeline's issuer.")
    ] = "",
) -> None:
    """Verify a signed attestation, and that it is about a report.

    Leaves with 0 where it holds, whatever the result in it is; with 1 where it does not; with 2 where it or the key is
    of no use.

    \b
    stackproof verify attestation.json --key key.pub --report report.json
    stackproof verify attestation.sigstore.json --identity ci@example.com --issuer https://accounts.example.com
    """
    from stackproof.signing import key_id, load_public
    from stackproof.signing import verify as verified

    if key is not None and not identity and not issuer:
        public = load_public(key)
        told, signer = verified(attestation, public), key_id(public)
    elif key is None and identity and issuer:
        from stackproof.keyless import verify as verified_without_a_key

        told, signer = verified_without_a_key(attestation, identity, issuer), f"{identity} ({issuer})"
    else:
        raise UsageError("give either --key, or both --identity and --issuer", hint="as it was signed")
    predicate = _predicate(attestation, told)
    if report is not None:
        _is_about(attestation, told, report)
    lists = {name: len(predicate.get(f"{name}Tests") or ()) for name in ("passed", "warned", "failed")}
    counts = ", ".join(f"{number} {name}" for name, number in lists.items())
    sys.stdout.write(f"holds: signed by {_short(signer)}\nresult: {predicate.get('result')} ({counts})\n")
    for one in [*(told.get("subject") or ()), *(predicate.get("configuration") or ())]:
        sys.stdout.write(f"{_short(one.get('name'))}: sha256 {_short(_digest(one))}\n")


def _predicate(path: Path, told: dict[str, Any]) -> dict[str, Any]:
    from stackproof.harness import put_tree_on_path

    put_tree_on_path()
    from reports.in_toto.writer import PREDICATE

    predicate = told.get("predicate")
    if not isinstance(predicate, dict):
        predicate = {}
    lists = [predicate.get(f"{name}Tests", []) for name in ("passed", "warned", "failed")]
    parts = [told.get("subject"), predicate.get("configuration")]
    fits = all(isinstance(one, list) for one in (*lists, *parts)) and all(
        isinstance(one, dict) for part in parts for one in part or ()
    )
    if told.get("predicateType") != PREDICATE or not fits:
        raise UsageError(f"{path}: is signed, and is no test result", hint=f"its predicateType has to be {PREDICATE}")
    return predicate


def _is_about(path: Path, told: dict[str, Any], report: Path) -> None:
    """The file's own digest, or that of the same report written anew."""
    from stackproof.report.files import as_json, parse, read_bytes

    data, name = read_bytes(report)
    named = {_digest(one) for one in told["subject"] if one.get("name") == "report.json"}
    if hashlib.sha256(data).hexdigest() in named:
        return
    if hashlib.sha256(as_json(parse(data, name)).encode()).hexdigest() not in named:
        raise SignatureError(
            f"{path}: is about another report than {report}, or the report was changed since",
            hint="verify the two files that belong together",
        )


def _digest(one: dict[str, Any]) -> str:
    digest = one.get("digest")
    return str(digest.get("sha256", "")) if isinstance(digest, dict) else ""


def _short(text: object) -> str:
    from stackproof.report.words import one_line

    return one_line(str(text), 100)
