"""What an OpenID provider says of itself (OpenID Connect Discovery 1.0, section 4): where tokens come from and end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.discovery.documented import is_whole_url
from stackproof.discovery.facts import Findings
from stackproof.discovery.operations import Operation
from stackproof.discovery.prober import Prober
from stackproof.discovery.routes import put_operation
from stackproof.discovery.where import below

CONFIGURATION = "/.well-known/openid-configuration"
WHY = "its openid-configuration says so"
TOKENS = ("access_token", "refresh_token")


def put_provider(prober: Prober, findings: Findings) -> dict[str, list[Operation]]:
    """Put what the provider says into the findings; gives the operations to be tried, none where it is no provider.

    Endpoints on another host are not contacted, and not written.
    """
    answer = prober.probe("GET", CONFIGURATION)
    said = answer.json() if answer and answer.ok else None
    token = _endpoint(prober, said, "token_endpoint") if isinstance(said, dict) else ""
    if not isinstance(said, dict) or not isinstance(said.get("issuer"), str) or not token:
        return {}
    if jwks := _endpoint(prober, said, "jwks_uri"):
        findings.put("auth", "jwks", jwks, "documented", WHY)
    grants = said.get("grant_types_supported", ["authorization_code", "implicit"])
    if not isinstance(grants, list) or "password" not in grants:
        _put_browser(findings, token)
        return {}
    lines = ('id = "…"', 'secret_env = "STACKPROOF_CLIENT_SECRET"')
    findings.gap(
        "auth.client", *lines, why='a provider asks which client wants tokens; secret_env = "" for one without'
    )
    found = {"auth.login": [Operation("POST", token, fields=("username", "password", "grant_type"), format="form")]}
    _put_grant(findings, "auth.login", found["auth.login"][0], "password")
    if "refresh_token" in grants:
        found["auth.refresh"] = [Operation("POST", token, fields=("grant_type", "refresh_token"), format="form")]
        _put_grant(findings, "auth.refresh", found["auth.refresh"][0], "refresh_token")
    if revocation := _endpoint(prober, said, "revocation_endpoint"):
        found["auth.logout"] = [Operation("POST", revocation, fields=("token",), format="form")]
        _put_form(findings, "auth.logout", found["auth.logout"][0])
        findings.put("auth.logout", "token", "token", "documented", "RFC 7009, section 2.1")
        findings.put("auth.logout", "send_access", False, "documented", "RFC 7009, section 2.1")
    if userinfo := _endpoint(prober, said, "userinfo_endpoint"):
        found["auth.protected"] = [Operation("GET", userinfo)]
        put_operation(findings, "auth.protected", found["auth.protected"][0], "documented", WHY)
    return found


def _endpoint(prober: Prober, said: Mapping[str, Any], name: str) -> str:
    url = said.get(name)
    return below(prober, url) if isinstance(url, str) and is_whole_url(url) else ""


def _put_form(findings: Findings, table: str, one: Operation) -> None:
    put_operation(findings, table, one, "documented", WHY)
    findings.put(table, "format", "form", "documented", "OAuth 2 has it so")


def _put_grant(findings: Findings, table: str, one: Operation, grant: str) -> None:
    _put_form(findings, table, one)
    findings.put(table, "extra", {"grant_type": grant}, "documented", WHY)
    if table == "auth.refresh":
        findings.put(table, "token", "refresh_token", "documented", "RFC 6749, section 6")
        return
    for key, name in (("username_field", "username"), ("password_field", "password")):
        findings.put(table, key, name, "documented", "RFC 6749, section 4.3.2")
    for key, name in zip(("access", "refresh"), TOKENS, strict=True):
        findings.put(table, key, name, "documented", "RFC 6749, section 5.1")


def _put_browser(findings: Findings, token: str) -> None:
    """The lines for a provider at which people sign in with a browser."""
    why = (
        f"{CONFIGURATION} names no password grant: people sign in with a browser. Name a program of yours that does it "
        "and answers with the tokens (docs/own-service.md, A sign-in that needs a browser)"
    )
    lines = (
        'path = "http://127.0.0.1:9400/login"',
        "stand_in = true",
        'access = "access_token"',
        'refresh = "refresh_token"',
    )
    findings.gap("auth.login", *lines, why=why)
    swap = (
        f'path = "{token}"',
        'format = "form"',
        'extra = { grant_type = "refresh_token" }',
        'token = "refresh_token"',
    )
    findings.gap("auth.refresh", *swap, why="as OAuth 2 has it; [auth.client] says for which client")
