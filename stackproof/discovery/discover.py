"""The whole of discovery: reach the service, read its document or its routes, sign in, and see what works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from stackproof.accounts.credentials import Credentials
from stackproof.api.openapi import DocumentError
from stackproof.check import NotAssessed
from stackproof.discovery.documented import carriers_of, put_carrier, put_documented
from stackproof.discovery.facts import Findings
from stackproof.discovery.operations import Api, Operation, read_api
from stackproof.discovery.prober import Options, Prober, checked_url
from stackproof.discovery.provider import put_provider
from stackproof.discovery.roles import unsaid_candidates
from stackproof.discovery.routes import (
    CLOSED,
    Route,
    around,
    asked_for,
    find_around,
    put_operation,
    put_routes,
    route_at,
)
from stackproof.discovery.signing_in import Logins, Stopped
from stackproof.discovery.trying import Trial
from stackproof.discovery.where import find_document
from stackproof.errors import UsageError
from stackproof.target.http import Answer, NoAnswer

type Say = Callable[[str], None]


def discover(options: Options, account: Credentials | None, say: Say) -> Findings:
    """Find out about the service at `options.url`; what was not found out by the end of the budget is left out.

    Raises:
        UsageError: the URL is none, the service cannot be reached, or its certificate is not trusted.
    """
    options = replace(options, url=checked_url(options.url))
    prober = Prober(options)
    say(f"reaching {prober.base_url}")
    home = _reach(prober)
    notes: list[str] = []
    if secure := _upgraded(home, prober):
        notes.append(f"{prober.base_url} leads to {secure}: that is used.")
        prober = Prober(replace(options, url=secure), prober.deadline)
        home = _reach(prober)
    findings = Findings(prober.base_url, notes=notes)
    _put_target(findings, prober, home)
    if secure and (urlsplit(options.url).port or 80, urlsplit(secure).port or 443) != (80, 443):
        findings.put("target", "plain_url", options.url, "seen", "it leads to https")
    search = _Search(prober, findings, account, say)
    try:
        search.look(home)
        search.use()
    except NotAssessed as error:
        findings.note(f"Stopped early: {prober.redactor.text(str(error))}")
    search.close()
    findings.requests = prober.sent
    return findings


def _reach(prober: Prober) -> Answer:
    try:
        return prober.send("GET", "/")
    except NoAnswer as error:
        text = prober.redactor.text(str(error))
        if "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in text:
            raise UsageError(
                f"{prober.base_url}: its certificate is not trusted here: {text}",
                hint="give the PEM file of the authority that signed it with --ca FILE, or mend name and dates",
            ) from None
        if "CERTIFICATE_REQUIRED" in text or "certificate required" in text or "bad certificate" in text:
            raise UsageError(
                f"{prober.base_url} wants to know who asks: {text}",
                hint="give a certificate that it accepts with --client-certificate FILE and --client-key FILE",
            ) from None
        raise UsageError(
            f"{prober.base_url} gave no answer: {text}",
            hint="is it up, and reachable from this machine? nothing written",
        ) from None


def _upgraded(home: Answer, prober: Prober) -> str:
    """The https URL of the same name that a redirect leads to, "" for none."""
    base, location = urlsplit(prober.base_url), home.headers.get("location", "")
    if not 300 <= home.status < 400 or base.scheme != "http" or not location.isprintable():
        return ""
    try:
        target = urlsplit(location)
        same = target.scheme == "https" and target.hostname == base.hostname and not target.username
    except ValueError:
        return ""
    return f"https://{target.netloc}{base.path}" if same else ""


def _put_target(findings: Findings, prober: Prober, home: Answer) -> None:
    findings.put("target", "base_url", prober.base_url, "seen", f"answered {home.status}")
    if prober.options.ca:
        findings.put("target", "ca", str(prober.options.ca.resolve()), "seen", "trusts the service's certificate")
    for key in ("client_certificate", "client_key"):
        path = getattr(prober.options, key)
        if path:
            findings.put("target", key, str(path.resolve()), "seen", "as given; the service was reached with it")
    if prober.options.resolve:
        findings.put("target", "resolve", dict(prober.options.resolve), "seen", "as given")
    findings.put("target", "profile", "remote", "seen", "HTTP alone so far; services or full once more is described")
    if 300 <= home.status < 400:
        where = prober.redactor.text(home.headers.get("location", ""))[:200]
        findings.note(f"The base URL answers {home.status} and leads to {where}.")


class _Search:
    def __init__(self, prober: Prober, findings: Findings, account: Credentials | None, say: Say) -> None:
        self._prober = prober
        self._findings = findings
        self._account = account
        self._say = say
        self._api: Api | None = None
        self._route: Route | None = None
        self._operations: dict[str, list[Operation]] = {}

    def look(self, home: Answer) -> None:
        """The document, else the routes."""
        findings, prober = self._findings, self._prober
        self._say("looking for an OpenAPI document")
        data = find_document(prober, findings, home)
        if data is not None:
            try:
                self._api = read_api(data, prober.base_url)
            except (DocumentError, RecursionError, ValueError):
                findings.note("The document could not be made sense of.")
        if self._api is not None:
            name = self._account.username if self._account else ""
            self._operations = put_documented(prober, findings, self._api, name)
            put_carrier(findings, self._api, self._operations.get("auth.protected", []))
        if not findings.has("auth.login"):
            self._say("looking for well-known routes")
            self._operations |= put_provider(prober, findings)
            if not self._is_provider():
                self._route = put_routes(prober, findings)
        for table in ("auth.refresh", "auth.verify", "auth.logout", "auth.protected"):
            self._add_guesses(table)

    def _is_provider(self) -> bool:
        """Whether it said that it is an OpenID provider: what is common elsewhere is not looked for there."""
        return self._findings.has("auth.login") or any(one.table == "auth.login" for one in self._findings.gaps)

    def _add_guesses(self, table: str) -> None:
        """Operations to try beside what was found; they are written only if they are seen to work."""
        known = self._operations.setdefault(table, [])
        if self._route is None:
            if table == "auth.protected" and not known:
                self._add_unprotected(known)
            return
        path, method = self._findings.get(table, "path"), self._findings.get(table, "method", "POST")
        if path:
            shown = Operation("GET" if table == "auth.protected" else method, path)
            matching = [one for one in around(self._route, table) if one.path == path]
            known.insert(0, matching[0] if matching else shown)
        if table == "auth.protected":
            known += [one for one in around(self._route, table) if one not in known]

    def _add_unprotected(self, known: list[Operation]) -> None:
        """Where the document has a login and protects nothing, what is refused around the login."""
        login = self._findings.get("auth.login", "path")
        found = find_around(self._prober, route_at(login), "auth.protected", CLOSED) if login else None
        if found is not None:
            why = "the document protects nothing; it is refused without credentials, a made-up neighbour is not"
            put_operation(self._findings, "auth.protected", found, "guessed", why)
            known.append(found)

    def use(self) -> None:
        """Sign in and try what was found, where there is an account."""
        findings = self._findings
        if self._account is None:
            findings.note("No account: set STACKPROOF_USERNAME and STACKPROOF_PASSWORD, and init also sees what works.")
            return
        if not findings.has("auth.login"):
            return
        self._say("signing in")
        known = self._route.operation if self._route else Operation("POST", findings.get("auth.login", "path"))
        login = self._operations.get("auth.login") or [known]
        logins = Logins(self._prober, findings, self._account)
        try:
            done = logins.sign_in(login[0], self._route.answer if self._route else None)
        except Stopped as error:
            findings.note(f"Signing in: {error}")
            done = None
        if not logins.sent:
            findings.note("No login was tried: it is not known which field takes the account's name.")
            return
        findings.signed_in = done is not None
        if done is None:
            self._leave_conventions()
            last = f": {logins.last.describe()}" if logins.last else ""
            findings.note(
                f"The account could not sign in{last}; attempts: {logins.refused}. `stackproof doctor` says more."
            )
            return
        self._try(Trial(self._prober, findings, self._account, done), login[0])

    def _try(self, trial: Trial, login: Operation) -> None:
        """What the document or the routes promise first; then what nothing is said of, which only trying can tell."""
        findings, operations = self._findings, self._operations
        trial.put_login()
        findings.forget_gap("auth.client")
        self._say("seeing what the tokens open")
        documented = list(carriers_of(self._api)) if self._api else []
        unsaid = unsaid_candidates(self._api) if self._api else []
        if not trial.find_protected([*operations["auth.protected"], *unsaid], documented):
            self._unsure("auth.protected", "nothing that was found took the token and refused a garbage one")
            findings.drop("auth.verify")
        refreshing = operations["auth.refresh"] or (
            [login] if "grant_type" in findings.get("auth.login", "extra", {}) else []
        )
        refreshed = trial.find_refresh(refreshing)
        if not trial.has_refresh_token:
            findings.note("The login handed out one token and no refresh token.")
        if not refreshed:
            none = "the login handed out no refresh token; one that is exchanged itself (sliding) is none"
            self._unsure(
                "auth.refresh", "no way of sending the refresh token was accepted" if trial.has_refresh_token else none
            )
        if not trial.find_verify(operations["auth.verify"]):
            self._unsure("auth.verify", "it did not tell a good token from garbage")
        if not trial.find_logout(self._logouts()):
            ways = "the refresh token still worked after every way of signing out that was tried"
            without = "without a refresh token it cannot be seen what signing out ends"
            self._unsure("auth.logout", ways if refreshed else without)
        trial.sign_out()
        self._put_keys(trial.algorithm())

    def _leave_conventions(self) -> None:
        """Without a login nobody knows the fields of routes that are only called as is common."""
        if self._route is None:
            return
        tables = ("auth.refresh", "auth.verify", "auth.logout") if self._route.family is None else ()
        for table in tables:
            self._unsure(table, "without an account it is not known what it takes")
        if self._route.family and self._findings.has("auth.logout"):
            token = next(iter(self._route.family.logout_fields), "")
            self._findings.put("auth.logout", "token", token, "guessed", f"as {self._route.family.name} has it")

    def _logouts(self) -> list[Operation]:
        known = list(self._operations["auth.logout"])
        if not known and self._route is not None:
            known = around(self._route, "auth.logout")
        return known

    def _unsure(self, table: str, why: str) -> None:
        """What was only guessed and did not prove itself becomes a gap; what is documented stays, with a remark."""
        facts = self._findings.tables.get(table, {})
        path = facts.get("path")
        if path is None or path.sure == "seen":
            return
        if path.sure == "documented":
            self._findings.note(f"{table} stands as documented, and was not seen to work: {why}.")
            return
        self._findings.drop(table)
        method = self._findings.get(table, "method", "")
        lines = [f'path = "{path.value}"', *([f'method = "{method}"'] if method else []), 'token = "…"']
        self._findings.gap(
            table, *lines[: 1 if table == "auth.protected" else None], why=f"there is something, but {why}"
        )

    def _put_keys(self, algorithm: str) -> None:
        """Where public keys are published, for tokens that are signed with a private one."""
        if not algorithm.startswith(("RS", "ES", "PS", "Ed")):
            return
        documented = [one.path for one in self._api.operations if one.method == "GET"] if self._api else []
        named = [one for one in documented if "jwks" in one.lower() and "{" not in one][:2]
        for path in dict.fromkeys((*named, "/.well-known/jwks.json", "/jwks.json")):
            answer = self._prober.probe("GET", path)
            data = answer.json() if answer and answer.ok else None
            if isinstance(data, dict) and isinstance(data.get("keys"), list) and data["keys"]:
                self._findings.put("auth", "jwks", path, "seen", f"tokens are signed with {algorithm}; keys are there")
                return

    def close(self) -> None:
        """Say what is missing for a whole description."""
        findings = self._findings
        gaps: tuple[tuple[str, tuple[str, ...], str], ...] = (
            ("auth.login", ('path = "…"', 'username_field = "…"'), "no operation that signs an account in was found"),
            ("auth.protected", ('path = "…"',), "no GET was found that only a signed-in account may read"),
            (
                "auth.refresh",
                ('path = "…"', 'token = "…"'),
                "no operation that exchanges a refresh token; none by design: refresh_tokens = false in [auth]",
            ),
            ("auth.logout", ('path = "…"', 'token = "…"'), "no operation that signs out or revokes the refresh token"),
        )
        for table, lines, why in gaps:
            if not findings.has(table):
                findings.gap(table, *lines, why=why)
        login = findings.tables.get("auth.login", {})
        if login and "username_field" not in login:
            fields = ('username_field = "…"', 'access = "…"', 'refresh = "…"')
            asked = asked_for(self._route.answer) if self._route else []
            told = f"; an empty object is answered with {', '.join(map(repr, asked))}" if asked else ""
            findings.gap("auth.login", *fields, why=f"what the login takes and answers: not documented, not seen{told}")
        if findings.has("auth.login") and "access" not in findings.tables["auth.login"]:
            why = "where the answer carries the access token: not documented, not seen"
            findings.gap("auth.login", 'access = "…"', 'refresh = "…"', why=why)
