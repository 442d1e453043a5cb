"""What an OpenAPI document says about signing in, as facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from stackproof.discovery.double_submit import headers_for
from stackproof.discovery.facts import Findings
from stackproof.discovery.operations import Api, Operation, is_name
from stackproof.discovery.prober import Prober
from stackproof.discovery.roles import (
    ACCESS,
    PASSWORD,
    REFRESH,
    first_field,
    password_fields,
    protected_candidates,
    roles_of,
)
from stackproof.discovery.routes import put_operation
from stackproof.discovery.signing_in import documented_names, fields_beside
from stackproof.discovery.trying import Carrier
from stackproof.discovery.where import below
from stackproof.discovery.writing import toml_value
from stackproof.target.http import NoAnswer

_CSRF = re.compile(r"csrf|xsrf", re.IGNORECASE)
_PREFIX = re.compile(r"(?:prefix|scheme)\W{1,3}([A-Za-z]{2,20})\b|\b(Bearer|JWT|Token)\s*(?:&lt;|<|\{)", re.IGNORECASE)


def put_documented(prober: Prober, findings: Findings, api: Api, username: str) -> dict[str, list[Operation]]:
    """Put what the document says into the findings; gives the operations that may play each part."""
    roles = roles_of(api)
    found = {table: [role.operation] for table, role in roles.items()}
    if "auth.login" not in found and (granting := _password_flow(prober, findings, api)):
        found["auth.login"] = [granting]
    for url in api.elsewhere:
        findings.note(f"The document names a server that is not below the base URL and was not contacted: {url[:200]}")
    for table, operations in found.items():
        why = f"the document has it, and it {roles[table].why}" if table in roles else "the document's password flow"
        put_operation(findings, table, operations[0], "documented", why)
        if operations[0].format == "form" and table not in {"auth.protected", "auth.csrf"}:
            findings.put(table, "format", "form", "documented", "the document says so")
    _put_login(findings, found, username)
    _put_tokens(findings, found)
    _put_password_change(findings, found)
    if "auth.csrf" in found:
        _put_csrf(prober, findings, found["auth.csrf"][0], found.get("auth.login", []))
    if protected := protected_candidates(api):
        found["auth.protected"] = protected
    return found


def _put_login(findings: Findings, found: dict[str, list[Operation]], username: str) -> None:
    for login in found.get("auth.login", []):
        why = "a field of the documented body"
        if word := first_field(login.fields, PASSWORD):
            names = documented_names(login, username)
            if names:
                findings.put("auth.login", "username_field", names[0], "documented", why)
            findings.put("auth.login", "password_field", word, "documented", why)
            _put_beside(findings, login, names)
        if "grant_type" in login.fields:
            why = "OAuth 2's password grant asks for it"
            findings.put("auth.login", "extra", {"grant_type": "password"}, "documented", why)
        refresh = first_field(login.answers, REFRESH)
        for key, field in (("access", _access_of(login)), ("refresh", refresh)):
            if field:
                findings.put("auth.login", key, field, "documented", "a field of the documented answer")


def _put_beside(findings: Findings, login: Operation, names: list[str]) -> None:
    """What else the login has to be given, which nobody but its team can know: a tenant, a device."""
    others = fields_beside(login, *names)
    if not names and others:
        told = ", ".join(repr(one) for one in others[:6])
        why = f"the document has the fields {told}: which is the account's name? the others go into extra"
        findings.gap("auth.login", 'username_field = "…"', f'extra = {{ {others[-1]} = "…" }}', why=why)
    elif names and login.required and (needed := [one for one in others if one in login.required and "." not in one]):
        filled = ", ".join(f'{one} = "…"' for one in needed[:6])
        findings.gap("auth.login", f"extra = {{ {filled} }}", why="the document says that the login needs it, too")


def _access_of(one: Operation) -> str:
    return first_field([name for name in one.answers if not REFRESH.search(name)], ACCESS)


def _put_tokens(findings: Findings, found: dict[str, list[Operation]]) -> None:
    """Where the requests of refreshing, verifying and signing out carry the token."""
    for table in ("auth.refresh", "auth.verify", "auth.logout"):
        for one in found.get(table, []):
            names = [name for name in one.fields if REFRESH.search(name)] if table != "auth.verify" else []
            names += [name for name in one.fields if name.rpartition(".")[2] in {"token", "access"}]
            cookies = [f"cookie:{name}" for name in one.cookies if REFRESH.search(name)]
            place = next(iter(names + cookies), "")
            if place:
                findings.put(table, "token", place, "documented", "a field of the documented request")
            elif table == "auth.logout" and not one.fields:
                findings.put(table, "token", "", "documented", "the documented request has no field for it")
            if table == "auth.refresh":
                for key, field in (("access", _access_of(one)), ("refresh", first_field(one.answers, REFRESH))):
                    if field and field != findings.get("auth.login", key):
                        findings.put(table, key, field, "documented", "a field of the documented answer")


def _put_password_change(findings: Findings, found: dict[str, list[Operation]]) -> None:
    for one in found.get("auth.password_change", []):
        old, new, repeat = password_fields(one)
        for key, value in (("old_field", old), ("new_field", new), ("repeat_field", repeat)):
            findings.put("auth.password_change", key, value, "documented", "the documented body")


def _put_csrf(prober: Prober, findings: Findings, one: Operation, logins: list[Operation]) -> None:
    """Fetch the proof once: which cookie it sets, and which header the login asks for."""
    header = next((name for login in logins for name in login.headers if _CSRF.search(name)), "")
    wanted = next((name for login in logins for name in login.cookies if _CSRF.search(name)), "")
    try:
        answer = prober.send("GET", one.path)
    except NoAnswer:
        answer = None
    cookies = [name for name in (answer.cookies if answer else {}) if _CSRF.search(name)]
    cookie = next(iter(cookies), wanted)
    if not header and cookie:
        whose = "Django's name for it" if cookie == "csrftoken" else "a usual name; refreshing tells"
        findings.put("auth.csrf", "header", headers_for(cookie)[0], "guessed", whose)
    elif header:
        findings.put("auth.csrf", "header", header, "documented", "a header of the documented login")
    if not cookie or not findings.get("auth.csrf", "header"):
        findings.drop("auth.csrf")
        lines = (f'path = "{one.path}"', 'cookie = "…"', 'header = "…"')
        findings.gap("auth.csrf", *lines, why="there is such an operation; which cookie and header carry the proof?")
        return
    findings.put("auth.csrf", "cookie", cookie, "seen" if cookies else "documented", "set by that operation")
    if answer and (field := _proof_in(answer.json())) and answer.json()[field] != answer.cookies.get(cookie):
        findings.put("auth.csrf", "token", field, "seen", "the proof in that operation's answer")


def _proof_in(body: Any) -> str:
    named = [key for key in body if _CSRF.search(str(key)) and is_name(str(key))] if isinstance(body, dict) else []
    return next((key for key in named if isinstance(body[key], str)), "")


def _password_flow(prober: Prober, findings: Findings, api: Api) -> Operation | None:
    for scheme in api.schemes.values():
        flows = scheme.get("flows")
        flow = flows.get("password") if isinstance(flows, dict) else scheme
        url = flow.get("tokenUrl") if isinstance(flow, dict) and scheme.get("flow", "password") == "password" else None
        document = prober.url(findings.get("api", "document", "/"))
        if isinstance(url, str) and (path := below(prober, urljoin(document, url))):
            fields = ("username", "password", "grant_type")
            return Operation("POST", path, fields=fields, format="form", answers=("access_token",))
        if isinstance(url, str) and is_whole_url(url):
            refresh = str((flow or {}).get("refreshUrl"))
            _put_elsewhere(findings, url, refresh if is_whole_url(refresh) else url)
    return None


def is_whole_url(text: str) -> bool:
    """Whether a document's text is a URL that can stand in the descriptor."""
    return re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+/[!-~]{0,300}", text) is not None


def _put_elsewhere(findings: Findings, token_url: str, refresh_url: str) -> None:
    """The lines for an authorization server on another host, which init does not contact."""
    why = (
        "the document's password flow is on another host, which was not contacted; "
        "where that asks which client it is: [auth.client]"
    )
    asked = ('format = "form"', 'extra = { grant_type = "password" }', 'access = "access_token"')
    findings.gap("auth.login", f"path = {toml_value(token_url)}", *asked, 'refresh = "refresh_token"', why=why)
    swap = ('format = "form"', 'extra = { grant_type = "refresh_token" }', 'token = "refresh_token"')
    findings.gap("auth.refresh", f"path = {toml_value(refresh_url)}", *swap, why=why)


def carriers_of(api: Api) -> Iterator[Carrier]:
    """How the document's security schemes let a token travel."""
    for scheme in api.schemes.values():
        kind, name = scheme.get("type"), str(scheme.get("name", ""))
        said = _PREFIX.search(str(scheme.get("description", ""))[:2_000])
        if kind in {"oauth2", "openIdConnect"} or (kind == "http" and str(scheme.get("scheme")).lower() == "bearer"):
            yield "header:Authorization", "Bearer"
        elif kind == "apiKey" and is_name(name):
            if scheme.get("in") == "cookie":
                yield f"cookie:{name}", ""
            elif scheme.get("in") == "header" and name.lower() == "authorization":
                if said:
                    yield "header:Authorization", said[1] or said[2]
            elif scheme.get("in") == "header":
                yield f"header:{name}", ""


def put_carrier(findings: Findings, api: Api, protected: list[Operation]) -> None:
    """The carrier that the document names, where it names one alone."""
    opening = {name for one in protected[:1] for name in one.schemes}
    used = {name: one for name, one in api.schemes.items() if name in opening} or api.schemes
    named = list(dict.fromkeys(carriers_of(Api(api.version, (), used))))
    if len(named) == 1:
        findings.put("auth", "carrier", named[0][0], "documented", "the document's security scheme")
        findings.put("auth", "scheme", named[0][1], "documented", "the document's security scheme")
