"""A ticket office: Flask and PyJWT, which accepts on demand each kind of token that it should refuse.

Tokens name issuer, audience, account, use and id. `mode` is how it conforms, `fault` what it accepts by mistake.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask, Response, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

USER, PASSWORD = "visitor@example.com", "a-long-password-of-nobody"
ISSUER, AUDIENCE, CLIENT = "https://tickets.example", "tickets", "visitors-app"
REQUIRED = ["exp", "iat", "jti", "use", "sub", "iss", "aud"]
#: fault -> the claim that may be missing
MISSING = {
    "no-exp": "exp",
    "no-jti": "jti",
    "no-jti-of-refresh": "jti",
    "no-type": "use",
    "no-sub": "sub",
    "unhandled-missing": "iat",
}
#: how it conforms
MODES = (
    "bearer",
    "rs256",
    "es256",
    "cookie",
    "opaque",
    "graphql",
    "public",
    "quiet",
    "strict",
    "bare-claims",
    "forbidden",
    "redirects",
    "two-keys",
    "unpublished",
    "oauth",
    "sessions",
)
#: services of which nothing can be said
DEAF = ("accept-all", "refuse-all", "ban", "refuse-after-login", "garbage-500")


def descriptor(base_url: str, folder: Path, mode: str, *, key: bool = True) -> str:
    """The office's stackproof.toml."""
    cookie = mode == "cookie"
    carrier = 'carrier = "cookie:office_access"\nscheme = ""' if cookie else ""
    signing = f'[auth.signing_key]\nfile = "{folder / "signing.key"}"' if key and mode != "opaque" else ""
    if signing and mode == "two-keys":
        signing += f'\nrefresh_file = "{folder / "refreshing.key"}"'
    ended = '[auth.logout]\npath = "/logout"\ntoken = ""' if mode == "sessions" else ""
    return f"""
[target]
base_url = "{base_url}"
name = "ticket office"
profile = "remote"

[auth]
{carrier}

[auth.login]
path = "/login"
access = "{"cookie:office_access" if cookie else "access"}"
refresh = "{"cookie:office_refresh" if cookie else "refresh"}"

[auth.refresh]
path = "/refresh"
token = "{"cookie:office_refresh" if cookie else "refresh"}"

[auth.protected]
path = "/me"

{ended}

{signing}

[accounts]
many_sessions = true
"""


@dataclass
class Office:
    """The service's state, its way and its mistake."""

    mode: str = "bearer"
    fault: str = ""
    used: set[str] = field(default_factory=set)
    opaque: dict[str, str] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)
    bad: int = 0
    born: float = 0.0
    session: str = ""  # of the last login
    ended: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        pairs = {"rs256": "RS256", "es256": "ES256", "unpublished": "RS256", "oauth": "ES256"}
        self.algorithm = pairs.get(self.mode, "HS256")
        if self.algorithm == "HS256":
            weak = {"secret-changeme": "changeme", "secret-own-name": "ticket-office-secret", "secret-short": "zq8!kX"}
            self.signing: Any = weak.get(self.fault) or secrets.token_hex(32)
            self.verifying: Any = self.signing
            self.refreshing = secrets.token_hex(8 if self.fault == "refresh-secret-short" else 32)
            return
        size = 1024 if self.fault == "small-rsa" else 2048
        rs = self.algorithm == "RS256"
        self.private = rsa.generate_private_key(65_537, size) if rs else ec.generate_private_key(ec.SECP256R1())
        self.signing, self.verifying = self.private, self.private.public_key()

    @property
    def key_text(self) -> str:
        """The signing key as a descriptor's file holds it."""
        if isinstance(self.signing, str):
            return self.signing
        pem: bytes = self.signing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return pem.decode()

    @property
    def public_pem(self) -> bytes:
        """The public half of a pair."""
        pem: bytes = self.verifying.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return pem

    # -- tokens --------------------------------------------------------------------------------------------

    def mint(self, use: str) -> str:
        """A token of that use."""
        if self.mode == "opaque":
            token = secrets.token_urlsafe(30)
            self.opaque[token] = use
            self.issued.append(token)
            return token
        now = int(time.time())
        claims = {
            "exp": now + (900 if use == "access" else 604_800),
            "iat": now,
            "use": use,
            "sub": USER,
            "n": secrets.token_hex(4),
        }
        if self.mode != "bare-claims":
            claims |= {"jti": secrets.token_hex(8), "iss": ISSUER, "aud": AUDIENCE}
        if self.mode == "sessions":
            claims["sid"] = self.session
        if use == "id":  # as OpenID Connect Core has it: for the client, and without a word on its use
            claims = {"iss": ISSUER, "aud": CLIENT, "sub": USER, "iat": now, "exp": now + 900}
        signing = self.refreshing if use == "refresh" and self.mode == "two-keys" else self.signing
        token = jwt.encode(claims, signing, algorithm=self.algorithm, headers=self._head(use))
        self.issued.append(token)
        return token

    def _head(self, use: str) -> dict[str, str]:
        """The header of a token: what is an OAuth access token says so (RFC 9068)."""
        return {"kid": "office-1", **({"typ": "at+jwt"} if self.mode == "oauth" and use == "access" else {})}

    def good(self, token: str, use: str) -> bool:
        """Whether a token is accepted for that use."""
        if self.fault == "oversized" and len(token) > 5000:
            raise RuntimeError("too long")
        if self.mode == "opaque":
            return self._good_opaque(token, use)
        try:
            claims = self._decoded(token, use)
        except Exception:
            if self.fault == "unhandled" and token.count(".") != 2:
                raise
            if self.fault == "hangs-up" and token.count(".") != 2:
                hang_up()
            return False
        self._stumble(claims)
        if not self._claims_fit(claims, use):
            return False
        if {str(claims.get("sid")), str(claims.get("jti"))} & self.ended:
            return False
        if use == "refresh":
            jti = str(claims.get("jti", claims.get("n")))
            fresh = jti not in self.used
            self.used.add(jti)
            return fresh
        return not (self.mode == "strict" and claims.get("jti") in self.used)

    def _stumble(self, claims: dict[str, Any]) -> None:
        """What some faults do at claims that nobody thought of."""
        if self.fault == "unhandled-missing":
            _ = claims["iat"]
        if self.fault == "unhandled-claims" and len(claims.get("jti", "")) > 255:
            raise ValueError("the jti does not fit into its column")
        if self.fault == "hangs-up-claims" and len(claims.get("jti", "")) > 255:
            hang_up()

    def _good_opaque(self, token: str, use: str) -> bool:
        if self.fault == "opaque-prefix":
            return any(one[:16] == token[:16] and kind == use for one, kind in self.opaque.items())
        good = self.opaque.get(token) == use or (self.fault == "refresh-as-access" and token in self.opaque)
        if good and use == "refresh":
            del self.opaque[token]
        return good

    def _claims_fit(self, claims: dict[str, Any], use: str) -> bool:
        lax = {"refresh-as-access": "access", "access-as-refresh": "refresh"}.get(self.fault) == use
        typed = claims.get("use") == use or lax or (self.fault == "no-type" and "use" not in claims)
        typed = typed or (self.fault == "id-token" and claims.get("aud") == CLIENT)
        subject = claims.get("sub", USER if self.fault == "no-sub" else "")
        return typed and subject == USER

    def _decoded(self, token: str, use: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        key, algorithms, verify = self._key(token, header)
        if use == "refresh" and self.mode == "two-keys":
            key = self.refreshing
        missing = MISSING.get(self.fault, "")
        oauth = self.mode == "oauth" and use == "access"
        for_client = self.fault == "id-token" and _unverified(token).get("aud") == CLIENT
        if oauth and header.get("typ") != "at+jwt" and self.fault != "any-media-type" and not for_client:
            raise jwt.InvalidTokenError("no access token")
        bare = self.mode == "bare-claims"
        left_out = {"jti", "iss", "aud"} if bare else {"jti"} if oauth or self.mode == "sessions" else set()
        left_out |= {"use"} if for_client else set()
        required = [one for one in REQUIRED if one != missing and one not in left_out]
        checked = {"verify_iss": self.fault != "any-issuer", "verify_aud": self.fault != "any-audience" and not bare}
        options = {"require": required, "verify_signature": verify, "verify_nbf": self.fault != "no-nbf", **checked}
        if not verify:
            options |= {"verify_exp": True}
        if use == "refresh" and self.fault == "late-refresh":
            options["verify_exp"] = False
        found: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=algorithms,
            issuer=None if bare or self.fault == "any-issuer" else ISSUER,
            audience=None if bare or self.fault == "any-audience" else CLIENT if for_client else AUDIENCE,
            leeway=86_400 if self.fault == "leeway" else 0,
            options=options,
        )
        return found

    def _key(self, token: str, header: dict[str, Any]) -> tuple[Any, list[str], bool]:  # noqa: C901 - a case a mistake
        """(key, algorithms, whether to verify), as the mistake has it."""
        mine = (self.verifying, [self.algorithm], True)
        unverified = (self.verifying, [self.algorithm], False)
        kid = header.get("kid")
        match self.fault:
            case "no-signature":
                return unverified
            case "alg-none" if str(header.get("alg")).lower() == "none":
                return unverified
            case "alg-None-only" if header.get("alg") == "None":
                return unverified
            case "no-alg" if "alg" not in header:
                return unverified
            case "unsigned-when-empty" if token.endswith("."):
                return unverified
            case fault if fault.startswith("confusion") and header.get("alg") == "HS256":
                if _fits(token, self._as_secret()):
                    return unverified
            case "empty-key" if _fits(token, b""):
                return unverified
            case "kid-file" if isinstance(kid, str) and kid.endswith("/dev/null") and _fits(token, b""):
                return unverified
            case "kid-sql" if isinstance(kid, str) and "UNION SELECT '" in kid and _fits(token, b"stackproof"):
                return unverified
            case "jwk" if header.get("jwk"):
                return jwt.PyJWK(header["jwk"]).key, ["RS256", "ES256"], True
            case "jku" | "jku-fetched" if header.get("jku"):
                with urlopen(header["jku"], timeout=2) as answer:
                    keys = json.load(answer)["keys"]
                if self.fault == "jku":
                    return jwt.PyJWK(keys[0]).key, ["RS256"], True
        return mine

    def _as_secret(self) -> bytes:
        if self.fault in {"confusion-jwk", "confusion-set"}:
            published: dict[str, Any] = json.loads(key_set(self).get_data())
            chosen = published if self.fault == "confusion-set" else published["keys"][0]
            return json.dumps(chosen, separators=(",", ":")).encode()
        pkcs1 = self.fault == "confusion-pkcs1"
        form = PublicFormat.PKCS1 if pkcs1 else PublicFormat.SubjectPublicKeyInfo
        pem: bytes = self.verifying.public_bytes(Encoding.PEM, form)
        return pem


def _fits(token: str, secret: bytes) -> bool:
    signed, _, signature = token.rpartition(".")
    made = base64.urlsafe_b64encode(hmac.new(secret, signed.encode(), hashlib.sha256).digest()).rstrip(b"=")
    return made.decode() == signature


# -- routes --------------------------------------------------------------------------------------------------------


def login(office: Office) -> Any:
    """POST /login."""
    body = request.get_json()
    if office.mode == "refuse-all" or (body["username"], body["password"]) != (USER, PASSWORD):
        return jsonify(detail="no"), 401
    office.born = time.time()
    office.session = secrets.token_hex(4)
    return handed_out(office, office.mint("access"), office.mint("refresh"))


def handed_out(office: Office, access: str, refresh: str) -> Any:
    """Tokens as the mode carries them."""
    if office.mode == "cookie":
        answer = jsonify(ok=True)
        flags: dict[str, Any] = {} if office.fault == "bare-cookie" else {"httponly": True, "samesite": "Strict"}
        if office.fault == "secure-cookie":
            flags["secure"] = True
        if office.fault == "crossing-cookie":
            flags["samesite"] = "None"
        answer.set_cookie("office_access", access, **flags)
        answer.set_cookie("office_refresh", refresh, **flags)
        return answer
    beside = {"id_token": office.mint("id")} if office.mode == "oauth" else {}
    return jsonify(access=access, refresh=refresh, **beside)


def refresh(office: Office) -> Any:
    """POST /refresh."""
    if office.mode == "accept-all":
        return handed_out(office, office.mint("access"), office.mint("refresh"))
    body = request.get_json(silent=True)
    token = request.cookies.get("office_refresh", "") if office.mode == "cookie" else (body or {}).get("refresh", "")
    if office.mode == "refuse-all" or not isinstance(token, str) or not office.good(token, "refresh"):
        return refused(office)
    return handed_out(office, office.mint("access"), office.mint("refresh"))


def logout(office: Office) -> Any:
    """POST /logout: what the access token names is over, its session or by mistake itself alone."""
    claims = _unverified(carried(office) or "")
    office.ended.add(str(claims.get("jti" if office.fault == "ends-by-jti" else "sid")))
    return jsonify()


def me(office: Office) -> Any:
    """GET /me."""
    token = carried(office)
    if office.mode == "accept-all":
        return jsonify(user={"name": USER})
    if office.mode in {"refuse-all", "refuse-after-login"}:
        return refused(office)
    if token is None:
        if office.fault == "hangs-up":
            hang_up()
        if office.mode in {"public", "quiet"}:
            return jsonify(user=None)
        return refused(office)
    if office.mode == "ban" and office.bad > 2:
        return refused(office)
    if office.fault == "any-token" or (office.fault == "empty" and not token) or office.good(token, "access"):
        return (
            jsonify(user={"name": USER}, data={"me": USER})
            if office.mode == "graphql"
            else jsonify(user={"name": USER})
        )
    office.bad += 1
    if office.mode == "strict":
        office.used |= {claims["jti"] for claims in [_unverified(token)] if "jti" in claims}
    if office.mode == "garbage-500":
        return jsonify(detail="oops"), 500
    return jsonify(user=None) if office.mode == "quiet" else refused(office)


def hang_up() -> None:
    """End the connection without an answer, as Go's net/http does where a handler panics."""
    request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


def _unverified(token: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except Exception:
        return {}
    return found


def carried(office: Office) -> str | None:
    """The token of a request, or None."""
    if office.fault == "query" and "jwt" in request.args:
        return request.args["jwt"]
    if office.fault == "form" and "token" in request.form:
        return request.form["token"]
    if office.fault == "foreign-cookie" and "token" in request.cookies:
        return request.cookies["token"]
    if office.mode == "cookie":
        return request.cookies.get("office_access")
    header = request.headers.get("Authorization")
    if header is None:
        return None
    word, _, token = header.partition(" ")
    return token if word == "Bearer" else None


def refused(office: Office) -> Any:
    """The one refusal."""
    if office.mode == "graphql":
        return jsonify(errors=[{"message": "not signed in"}], data=None)
    if office.mode == "redirects":
        return Response(status=302, headers={"Location": "/login"})
    return jsonify(detail="not signed in"), 403 if office.mode == "forbidden" else 401


def key_set(office: Office) -> Any:
    """GET /.well-known/jwks.json."""
    if office.algorithm == "HS256" or office.mode == "unpublished":
        return jsonify(detail="not found"), 404
    kind = jwt.algorithms.RSAAlgorithm if office.algorithm == "RS256" else jwt.algorithms.ECAlgorithm
    published = office.private if office.fault == "private-keys" else office.private.public_key()
    return jsonify(keys=[{**json.loads(kind.to_jwk(published)), "kid": "office-1"}])


def create_app(office: Office) -> Flask:
    """The application with its routes."""
    app = Flask("office")
    for method, path, view in (
        ("POST", "/login", login),
        ("POST", "/refresh", refresh),
        ("POST", "/logout", logout),
        ("GET", "/me", me),
        ("GET", "/.well-known/jwks.json", key_set),
    ):
        app.add_url_rule(path, view.__name__, partial(view, office), methods=[method])
    return app


class Silent(WSGIRequestHandler):
    """Keeps its requests to itself."""

    def log(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def served(mode: str = "bearer", fault: str = "") -> Iterator[tuple[str, Office]]:
    """A running office and its address."""
    office = Office(mode, fault)
    app = create_app(office)
    app.logger.disabled = True
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", office
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
