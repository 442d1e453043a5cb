"""Signing without a key of one's own: sigstore's short-lived certificate for the identity of a pipeline or a person.

It needs the extra `keyless`, a network to sigstore's public services, and an OpenID Connect token: the pipeline's own,
or one in SIGSTORE_ID_TOKEN. What is signed is written into a public log, the identity with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stackproof.errors import InfrastructureError, SignatureError, UsageError
from stackproof.signing import LARGEST, PAYLOAD_TYPE, read_capped, statement_in

TOKEN = "SIGSTORE_ID_TOKEN"  # noqa: S105 - the variable's name
GIVE_ONE = (
    f"let the pipeline hand out tokens (GitHub: permissions: id-token: write; GitLab: id_tokens), set {TOKEN}, "
    "or sign with --key"
)


def sign(payload: bytes) -> str:
    """A sigstore bundle, as JSON, with the statement in a DSSE envelope.

    Raises:
        UsageError: sigstore is not installed, or there is no identity.
        InfrastructureError: sigstore's services cannot be reached, or refuse.
    """
    with _sigstore():
        from sigstore.dsse import Statement
        from sigstore.models import ClientTrustConfig
        from sigstore.oidc import IdentityToken
        from sigstore.sign import SigningContext

        identity = IdentityToken(_token())
        context = SigningContext.from_trust_config(ClientTrustConfig.production())
        with context.signer(identity) as signer:
            return str(signer.sign_dsse(Statement(payload)).to_json())


def verify(path: Path, identity: str, issuer: str) -> dict[str, Any]:
    """The statement in a bundle that this identity signed, as this issuer vouched for it.

    Raises:
        SignatureError: another identity signed it, it was changed since, or the public log does not have it.
        UsageError: it is no bundle, or sigstore is not installed.
        InfrastructureError: sigstore's keys cannot be fetched.
    """
    data = read_capped(path, LARGEST)
    with _sigstore():
        from sigstore.errors import VerificationError
        from sigstore.models import Bundle, InvalidBundle
        from sigstore.verify import Verifier, policy

        try:
            bundle = Bundle.from_json(data)
        except (InvalidBundle, ValueError):
            hint = "give what `stackproof sign --keyless` wrote; an envelope is verified with --key"
            raise UsageError(f"{path}: is no sigstore bundle", hint=hint) from None
        verifier = Verifier.production()
        try:
            kind, payload = verifier.verify_dsse(bundle, policy.Identity(identity=identity, issuer=issuer))
        except VerificationError as error:
            raise SignatureError(
                f"{path}: does not hold for {identity}: {_line(error)}",
                hint="trust nothing in it unless you know who else signs, and get it again from where it was signed",
            ) from None
    if kind != PAYLOAD_TYPE:
        raise UsageError(f"{path}: holds no in-toto statement: {kind[:80]!r}", hint="give what `stackproof sign` wrote")
    return statement_in(path, payload)


def _token() -> str:
    from sigstore.oidc import detect_credential

    token = os.environ.get(TOKEN) or detect_credential()
    if not token:
        raise UsageError("there is no identity to sign as: no token of a pipeline was found", hint=GIVE_ONE)
    return token


@contextmanager
def _sigstore() -> Iterator[None]:
    """Failures of sigstore, its services and its absence, as our own."""
    try:
        import sigstore.errors
        import sigstore.oidc
    except ImportError as error:
        hint = "install it: pip install 'stackproof[keyless]'; or sign with --key"
        raise UsageError("signing without a key needs the package sigstore", hint=hint) from error
    try:
        yield
    except (UsageError, SignatureError):
        raise
    except sigstore.oidc.IdentityError as error:
        raise UsageError(f"the identity cannot be used: {_line(error)}", hint=GIVE_ONE) from None
    except sigstore.oidc.ExpiredIdentity:
        raise UsageError("the identity cannot be used: its token has expired", hint="get a new one") from None
    except Exception as error:  # what its services, its HTTP client and its log raise has no base of its own
        raise InfrastructureError(
            f"sigstore: {type(error).__name__}: {_line(error)}",
            hint="its services (tuf-repo-cdn, fulcio, rekor.sigstore.dev) have to be reachable; --key needs no network",
        ) from None


def _line(error: BaseException) -> str:
    """What it says, and what caused it, in one line."""
    from stackproof.report.words import one_line

    cause = error.__cause__ or error.__context__
    said = str(error).strip() or (str(cause) if cause else "") or type(error).__name__
    return one_line(said, 300)
