"""Using what was found with the account's own session: what works is a fact, what does not is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from stackproof.accounts.credentials import Credentials
from stackproof.check import NotAssessed
from stackproof.descriptor.authentication import Csrf
from stackproof.descriptor.places import split_place
from stackproof.discovery.answers import Found, tokens_in, told_apart
from stackproof.discovery.double_submit import headers_for, proofs_beside
from stackproof.discovery.drafts import session_of
from stackproof.discovery.facts import Findings
from stackproof.discovery.operations import Operation
from stackproof.discovery.prober import Prober
from stackproof.discovery.roles import REFRESH
from stackproof.discovery.routes import put_operation
from stackproof.discovery.signing_in import SignedIn
from stackproof.target.http import NoAnswer
from stackproof.target.messages import tampered
from stackproof.target.proofs import Kind, Proofs
from stackproof.target.replies import Reply, Tokens
from stackproof.target.session import GARBAGE, Session
from stackproof.target.traffic import OutOfTime

SCHEMES = ("Bearer", "JWT", "Token", "")
HEADERS = ("X-Auth-Token", "X-Session-Token", "X-Access-Token")
MOST_REFRESHES = 12  # refreshes that are refused before no further one is tried
MOST_HIDDEN = 3  # HttpOnly cookies that are tried for a refresh token
MOST_RESOURCES = 16  # resources that a token is tried on
NOBODY_ANY_MORE = frozenset({401, 403})  # refused, or signed out and therefore nobody any more: the token tells
Carrier = tuple[str, str]
Way = tuple[Operation, str, str, dict[str, str]]  # operation, place of the token, format, extra fields


class Trial:
    """One session of the account, tried step by step."""

    def __init__(self, prober: Prober, findings: Findings, account: Credentials, done: SignedIn) -> None:
        self._prober = prober
        self._findings = findings
        self._account = account
        self._done = done
        self._access, self._refresh = told_apart(done.tokens)
        self._live: Tokens | None = None
        self._proofs = Proofs()

    def _session(self, **changes: dict[str, Any]) -> Session:
        """A session of what was found so far, which knows the proofs that came with the tokens."""
        return session_of(self._prober, self._findings, self._account, self._proofs, **changes)

    # -- the access token ------------------------------------------------------------------------------------

    def put_login(self) -> None:
        """What the login that worked looked like, and where its answer carried the tokens."""
        shape, put = self._done.shape, self._findings.put
        why = f"a login with it was answered {self._done.answer.status}"
        put("auth.login", "path", self._findings.get("auth.login", "path"), "seen", why)
        put("auth.login", "format", shape.format, "seen", why)
        put("auth.login", "username_field", shape.names[0], "seen", why)
        put("auth.login", "password_field", shape.words[0], "seen", why)
        if shape.extra:
            put("auth.login", "extra", shape.extra, "seen", why)
        self._put_token("auth.login", "access", self._access)
        self._put_token("auth.login", "refresh", [one for one in self._refresh if not one.hidden])

    def _put_token(self, table: str, key: str, found: Sequence[Found]) -> None:
        if found:
            why = found[0].why or "the only token that is left" if key == "access" else found[0].why
            self._findings.put(table, key, found[0].place, "seen", f"in the answer; {why or 'it ends later'}")

    def find_protected(self, operations: Sequence[Operation], documented: Sequence[Carrier]) -> bool:
        """The first operation that takes the token, refuses none and refuses garbage; and how the token travels."""
        for one in operations[:MOST_RESOURCES]:
            if self._opens(one, "", "")[0] != "refused":
                continue
            for token in self._access[:2]:
                for carrier in dict.fromkeys((*documented, *_carriers(token))):
                    if self._is_carrier(one, token, *carrier):
                        return True
        return False

    def _is_carrier(self, one: Operation, token: Found, place: str, scheme: str) -> bool:
        state, described = self._opens(one, token.value, place, scheme)
        if state != "accepted":
            return False
        garbage = [self._opens(one, bad, place, scheme)[0] for bad in (GARBAGE, tampered(token.value))]
        if "accepted" in garbage or "refused" not in garbage:
            self._findings.note(f"{described}, but with a garbage token it did not refuse: it tells nothing apart.")
            return False
        why = "read with the token, refused without one and with a garbage one"
        self._findings.drop("auth.protected")
        put_operation(self._findings, "auth.protected", one, "seen", why)
        self._findings.put("auth", "carrier", place, "seen", f"{one.path} took the token there")
        self._findings.put("auth", "scheme", scheme, "seen", f"{one.path} took the token so")
        if self._prefix():
            self._findings.put(
                "auth", "cookie_prefix", self._prefix(), "seen", "it stands before the token in its cookie"
            )
        self._access = [token, *(other for other in self._access if other is not token)]
        self._findings.put("auth.login", "access", token.place, "seen", f"{one.path} took it")
        return True

    def _prefix(self) -> str:
        """What stands before tokens in cookies."""
        return next((one.prefix for one in (*self._access, *self._refresh) if one.prefix), "")

    def _opens(self, one: Operation, token: str, place: str, scheme: str = "") -> tuple[str, str]:
        protected = {"path": one.path, "method": one.method}
        auth = {"carrier": place or "header:Authorization", "scheme": scheme, "cookie_prefix": self._prefix()}
        session = self._session(protected=protected, auth=auth)
        reply = self._asked(lambda: session.protected(token or None))
        if reply is None:
            return "silent", ""
        return ("accepted" if reply.accepted else "refused" if reply.refused else "neither"), reply.described

    # -- the refresh token -----------------------------------------------------------------------------------

    def find_refresh(self, operations: Sequence[Operation]) -> bool:
        """Exchange the refresh token once, and see where the request and the answer carry what."""
        refused = 0
        for token in self._refresh[: MOST_HIDDEN if self._refresh and self._refresh[0].hidden else 1]:
            for one, place, form, extra, proof in self._proven(self._ways(operations, token), token):
                if refused >= MOST_REFRESHES:
                    break
                table = {"path": one.path, "method": one.method, "token": place, "format": form, "extra": extra}
                session = self._session(refresh=table, **({"csrf": proof} if proof else {}))
                reply = self._asked(partial(session.refresh, token.value))
                if reply is not None and reply.answer.status == 429:
                    return False
                if reply is not None and reply.answer.ok and self._put_refresh(one, table, reply, token):
                    why = f"{one.path} refused without it" + ("; it comes with the tokens" if "cookie" in proof else "")
                    for key, value in proof.items():
                        self._findings.put("auth.csrf", key, value, "seen", why)
                    return True
                refused += 1
        self._refresh = [one for one in self._refresh if not one.hidden]
        return False

    def _proven(self, ways: Iterable[Way], token: Found) -> Iterator[tuple[*Way, dict[str, Any]]]:
        """Each way as it is; after one with the token in a cookie, the same with each proof that the login set."""
        fetched = self._findings.tables.get("auth.csrf", {})
        proofs = [] if fetched else list(proofs_beside(self._done.answer))
        if fetched and fetched["header"].sure == "guessed":
            proofs = [{"header": one} for one in headers_for(self._findings.get("auth.csrf", "cookie"))[1:]]
        for way in ways:
            yield (*way, {})
            if way[1] != token.place or not token.place.startswith("cookie:"):
                continue
            for proof in proofs:
                if "cookie" in proof:
                    self._learn(proof)
                yield (*way, proof)

    def _learn(self, proof: dict[str, Any]) -> None:
        """The proofs of the login's tokens, at the cookies that a table names."""
        both: dict[Kind, str] = {"access": self._access[0].value if self._access else ""}
        both["refresh"] = self._refresh[0].value if self._refresh else ""
        self._proofs.learn(Csrf.model_validate(proof), self._done.answer, both, self._prober.redactor)

    def _ways(self, operations: Sequence[Operation], token: Found) -> Iterator[Way]:
        name = split_place(token.place)[1]
        login = self._findings.get("auth.login", "path")
        for one in operations[:3]:
            extra = {"grant_type": "refresh_token"} if one.path == login and one.method == "POST" else {}
            documented = _for_tokens(one) or list(one.fields[: len(one.fields) == 1])
            cookies = [f"cookie:{cookie}" for cookie in one.cookies if f"cookie:{cookie}" == token.place]
            usual = [token.place, "refresh", "refresh_token", "refreshToken", "header:Authorization", "token"]
            headers = [f"header:X-{name.rpartition('.')[2].capitalize()}-Token", "header:X-Refresh-Token"]
            places = dict.fromkeys((*cookies, *documented[:2], *usual, *headers))
            forms = [one.format] if one.fields else ["form", "json"] if extra else ["json"]
            for form in forms:
                for place in list(places)[:9]:
                    yield one, place, form, extra

    def _put_refresh(self, one: Operation, table: dict[str, Any], reply: Reply, used: Found) -> bool:
        access, refresh = told_apart(tokens_in(reply.answer))
        self._prober.redactor.learn(*(found.value for found in (*access, *refresh)))
        if not access:
            return False
        if used.hidden:
            refresh = [found for found in refresh if found.place == used.place]
            self._findings.put("auth.login", "refresh", used.place, "seen", f"{one.path} exchanged that cookie")
        why = f"a refresh token sent so was exchanged: {reply.answer.status}"
        self._findings.drop("auth.refresh")
        put_operation(self._findings, "auth.refresh", one, "seen", why)
        for key in ("token", "format", "extra"):
            if table[key] and table[key] != "json":
                self._findings.put("auth.refresh", key, table[key], "seen", why)
        for key, found in (("access", access), ("refresh", refresh)):
            if found and found[0].place != self._findings.get("auth.login", key):
                self._put_token("auth.refresh", key, found)
        if not refresh:
            self._findings.note("The answer to the refresh carried no new refresh token.")
        self._live = Tokens(access[0].value, refresh[0].value if refresh else used.value, reply.answer)
        return True

    # -- the rest --------------------------------------------------------------------------------------------

    def find_verify(self, operations: Sequence[Operation]) -> bool:
        """An operation that accepts the token and refuses garbage."""
        for one in operations[:2]:
            for place in dict.fromkeys((*one.fields[:2], "token")):
                table = {"path": one.path, "method": one.method, "token": place, "format": one.format}
                session = self._session(verify=table)
                good = self._asked(partial(session.verify, self._access[0].value))
                bad = self._asked(partial(session.verify, GARBAGE))
                if good and bad and good.accepted and bad.refused:
                    why = "accepted the token and refused a garbage one"
                    self._findings.drop("auth.verify")
                    put_operation(self._findings, "auth.verify", one, "seen", why)
                    self._findings.put("auth.verify", "token", place, "seen", why)
                    if one.format != "json":
                        self._findings.put("auth.verify", "format", one.format, "seen", why)
                    return True
        return False

    def find_logout(self, operations: Sequence[Operation]) -> bool:
        """Sign out, and see that the refresh token is refused from then on: only then the fields are right."""
        if self._live is None or not self._findings.has("auth.refresh"):
            return False
        place = self._findings.get("auth.refresh", "token")
        named = self._findings.get("auth.login", "refresh", place)
        for one in operations[:5]:
            documented = _for_tokens(one)
            usual = ["", place] if one.method == "DELETE" and not one.fields else [place, named, "token", ""]
            for where, alone in self._with_access(dict.fromkeys((*documented[:2], *usual))):
                form = self._logout_format(one)
                table = {"path": one.path, "method": one.method, "token": where, "format": form, **alone}
                ended = self._ends_session(table)
                if ended is None:
                    break
                if ended:
                    why = "after it the refresh token was refused"
                    self._findings.drop("auth.logout")
                    put_operation(self._findings, "auth.logout", one, "seen", why)
                    self._findings.put("auth.logout", "token", where, "seen", why)
                    for key, value in alone.items():
                        self._findings.put("auth.logout", key, value, "seen", why)
                    if form != "json":
                        self._findings.put("auth.logout", "format", form, "seen", why)
                    return True
        return False

    def _with_access(self, places: Iterable[str]) -> Iterator[tuple[str, dict[str, bool]]]:
        """Each place with the access token beside it, and without where the refresh token has a proof of its own."""
        own = bool(self._findings.get("auth.csrf", "refresh_cookie"))
        for place in places:
            yield place, {}
            if own and place.startswith("cookie:"):
                yield place, {"send_access": False}

    def _logout_format(self, one: Operation) -> str:
        if one.fields:
            return one.format
        form: str = self._findings.get("auth.refresh", "format", "json")
        return form

    def _ends_session(self, table: dict[str, Any]) -> bool | None:
        """Whether signing out so ended the session; None where there is no such operation."""
        live = self._live
        if live is None:
            return None
        session: Session = self._session(logout=table)
        reply = self._asked(partial(session.logout, live))
        if reply is None or reply.answer.status in {404, 405, 429}:
            return None
        if not reply.accepted and reply.answer.status not in NOBODY_ANY_MORE:
            return False
        after = self._asked(partial(session.refresh, live.refresh))
        if after is not None and after.accepted and after.tokens:
            self._live = replace(after.tokens, refresh=after.tokens.refresh or live.refresh)
        return after is not None and after.refused

    def algorithm(self) -> str:
        """The JWS algorithm of the access token, "" where it is opaque."""
        return self._access[0].algorithm if self._access else ""

    @property
    def has_refresh_token(self) -> bool:
        """Whether the login handed out what looks like a refresh token."""
        return bool(self._refresh)

    def sign_out(self) -> None:
        """End the session that was tried, as far as it is known how."""
        if self._live is not None and self._findings.has("auth.logout"):
            live, session = self._live, self._session()
            self._asked(lambda: session.logout(live))

    def _asked(self, attempt: Callable[[], Reply]) -> Reply | None:
        self._prober.sent += 1
        try:
            return attempt()
        except NoAnswer:
            return None
        except OutOfTime:
            raise
        except NotAssessed as error:
            self._findings.note(self._prober.redactor.text(str(error)))
            return None


def _carriers(token: Found) -> list[Carrier]:
    kind, _ = split_place(token.place)
    words = [("header:Authorization", scheme) for scheme in SCHEMES]
    others = [(f"header:{name}", "") for name in HEADERS]
    own = [(token.place, "")] if kind == "cookie" else []
    return own + words + others


def _for_tokens(operation: Operation) -> list[str]:
    """Documented fields that are called as one for a refresh token is."""
    return [field for field in operation.fields if REFRESH.search(field) or field.lower() == "token"]
