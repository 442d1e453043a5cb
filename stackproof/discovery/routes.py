"""Services without a document: the routes of well-known packages and of common conventions.

Nothing is changed by looking: what is sent is a GET, OPTIONS or a POST of an empty object, without credentials.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stackproof.discovery.facts import Findings
from stackproof.discovery.operations import Operation, is_name
from stackproof.discovery.prober import Prober
from stackproof.target.http import Answer

ASKS = frozenset({400, 401, 403, 415, 422})  # what an operation says to an empty object
CLOSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Family:
    """The routes of a package, below a prefix."""

    name: str
    prefixes: tuple[str, ...]
    login: str
    refresh: str = ""
    verify: str = ""
    logout: str = ""
    protected: tuple[str, ...] = ()
    logout_method: str = "POST"
    logout_fields: tuple[str, ...] = ()
    login_fields: tuple[str, ...] = ()


FAMILIES = (
    Family(
        "djangorestframework-simplejwt",
        ("/api/token", "/token", "/api/v1/token", "/auth/token", "/api/auth/token", "/jwt"),
        "/",
        "/refresh/",
        "/verify/",
        "/blacklist/",
        logout_fields=("refresh",),
    ),
    Family(
        "djoser with JWT",
        ("/auth", "/api/auth", "/api/v1/auth"),
        "/jwt/create/",
        "/jwt/refresh/",
        "/jwt/verify/",
        protected=("/users/me/",),
    ),
    Family("djoser with tokens", ("/auth",), "/token/login/", logout="/token/logout/", protected=("/users/me/",)),
    Family(
        "dj-rest-auth",
        ("/dj-rest-auth", "/api/auth", "/auth", "/api/dj-rest-auth", "/rest-auth", "/api/v1/auth"),
        "/login/",
        "/token/refresh/",
        "/token/verify/",
        "/logout/",
        protected=("/user/",),
        logout_fields=("refresh",),
    ),
    Family("Django REST framework", ("", "/api"), "/api-token-auth/"),
    Family(
        "allauth headless",
        ("/_allauth/app/v1",),
        "/auth/login",
        "/tokens/refresh",
        logout="/auth/session",
        protected=("/auth/session",),
        logout_method="DELETE",
    ),
    Family(
        "devise-jwt",
        ("/users", "/api/users"),
        "/sign_in",
        logout="/sign_out",
        protected=("/current", "/me"),
        logout_method="DELETE",
        login_fields=("user.email", "user.password"),
    ),
)
CONVENTIONS = (
    "/auth/login",
    "/api/auth/login",
    "/login",
    "/api/login",
    "/token",
    "/api/v1/auth/login",
    "/v1/auth/login",
    "/oauth/token",
    "/session",
    "/api/session",
    "/sessions",
    "/v1/session",
    "/v2/session",
    "/v1/login",
    "/api/v1/login",
    "/auth/token",
    "/users/login",
    "/sign-in",
    "/auth/sign-in",
    "/auth/signin",
    "/v2/auth/login",
    "/api/v2/auth/login",
    "/signin",
)
MOST_GUESSES = 24  # paths that are asked for one part
_OWN = ("/me", "/users/me", "/profile", "/user", "/userinfo", "/whoami", "/auth/me", "/account")


@dataclass(frozen=True, slots=True)
class Route:
    """A login's route, and whose it looks to be.

    Attributes:
        answer: to an empty object; None where the route is known otherwise.
    """

    operation: Operation
    answer: Answer | None
    whose: str
    family: Family | None = None
    prefix: str = ""


def find_login(prober: Prober) -> Route | None:
    """The first route that behaves like a login; one that answers with a page is taken where there is no other."""
    page: Route | None = None
    for path, family, prefix in _logins():
        answer = prober.is_there("POST", path, ASKS)
        if answer is None:
            continue
        fields = family.login_fields if family else ()
        route = Route(
            Operation("POST", path, fields=fields, required=fields),
            answer,
            family.name if family else "a common convention",
            family,
            prefix,
        )
        if "html" not in answer.headers.get("content-type", ""):
            return route
        page = page or route
    return page


def route_at(path: str) -> Route:
    """The route of a login whose path is known: the family that has it there, or none."""
    for family in FAMILIES:
        for prefix in family.prefixes:
            if path in {prefix + family.login, (prefix + family.login).rstrip("/")}:
                return Route(Operation("POST", path), None, family.name, family, prefix)
    return Route(Operation("POST", path), None, "the document")


def _logins() -> list[tuple[str, Family | None, str]]:
    ranked: list[tuple[int, str, Family | None, str]] = []
    for family in FAMILIES:
        ranked += [(rank, prefix + family.login, family, prefix) for rank, prefix in enumerate(family.prefixes)]
        if family.login.endswith("/"):  # APPEND_SLASH = False
            bare = [(prefix + family.login).rstrip("/") for prefix in family.prefixes[:2]]
            ranked += [(rank + 2, path, family, family.prefixes[rank]) for rank, path in enumerate(bare)]
    ranked += [(rank // 3, path, None, "") for rank, path in enumerate(CONVENTIONS)]
    ranked.sort(key=lambda one: one[0])
    first: dict[str, tuple[str, Family | None, str]] = {}
    for _, path, known, prefix in ranked:
        first.setdefault(path, (path, known, prefix))
    return list(first.values())


def around(route: Route, table: str) -> list[Operation]:
    """Operations for a table where a service with that login would have them; the most likely first."""
    login, family = route.operation.path, route.family
    slash = "/" if login.endswith("/") else ""
    own = login.rstrip("/")
    parent = own.rpartition("/")[0]
    above = parent.rpartition("/")[0] if parent else ""
    known: list[Operation] = []
    if family and (path := getattr(family, table.removeprefix("auth."), "")):
        paths = path if isinstance(path, tuple) else (path,)
        method = family.logout_method if table == "auth.logout" else "GET" if table == "auth.protected" else "POST"
        fields = family.logout_fields if table == "auth.logout" else ()
        known = [Operation(method, (route.prefix + one).rstrip("/") + slash, fields=fields) for one in paths]
    places = dict.fromkeys((parent, above, "", "/api"))
    tails: tuple[str, ...]
    if table == "auth.protected":
        guesses = [("GET", place + one + slash) for one in _OWN[:3] for place in places]
        guesses += [("GET", f"{place}/") for place in places if place]  # where DRF's routers list themselves
        guesses += [("GET", place + one + slash) for one in _OWN[3:] for place in places]
    elif table == "auth.refresh":
        tails = (f"{parent}/refresh", f"{own}/refresh", f"{own}/renew", f"{parent}/token/refresh", f"{parent}/renew")
        guesses = [("POST", one + slash) for one in tails]
    elif table == "auth.verify":
        guesses = [("POST", one + slash) for one in (f"{own}/verify", f"{parent}/verify")]
    else:
        tails = (f"{parent}/logout", f"{own}/revoke", f"{parent}/revoke", f"{parent}/blacklist")
        guesses = [("POST", one + slash) for one in tails]
    operations = [Operation(method, path) for method, path in dict.fromkeys(guesses) if path != login]
    return known + [one for one in operations if one.path not in {other.path for other in known}]


def find_around(prober: Prober, route: Route, table: str, statuses: frozenset[int]) -> Operation | None:
    """The first of those operations that shows itself."""
    for one in around(route, table)[:MOST_GUESSES]:
        if one.method != "DELETE" and prober.is_there(one.method, one.path, statuses):
            return one
    return None


def deletes(prober: Prober, path: str) -> bool:
    """Whether the service says by itself that a path takes DELETE, which is not tried."""
    answer = prober.probe("OPTIONS", path)
    return answer is not None and "DELETE" in answer.headers.get("allow", "").upper()


def required_fields(answer: Answer, names: tuple[str, ...]) -> list[str]:
    """Fields that an answer to an empty object asks for: DRF's and pydantic's shapes, else names in its text."""
    data = answer.json()
    told: list[str] = []
    if isinstance(data, dict):
        told += [str(key) for key in data if str(key) in names]
        details = data.get("detail", data.get("errors"))
        told += _located(details)
    text = answer.body[:4_000].decode("utf-8", "replace").lower()
    told += [one for one in names if f'"{one}"' in text or f"'{one}'" in text]
    return list(dict.fromkeys(one for one in told if one in names))


def asked_for(answer: Answer | None) -> list[str]:
    """The fields that an answer to an empty object names, whatever they are called: DRF's and pydantic's shapes."""
    data = answer.json() if answer else None
    if not isinstance(data, dict):
        return []
    names = [str(key) for key, value in data.items() if isinstance(value, list) and key != "detail"]
    names += _located(data.get("detail", data.get("errors")))
    return [one for one in dict.fromkeys(names) if is_name(one)][:6]


def _located(details: Any) -> list[str]:
    found: list[str] = []
    for one in details[:20] if isinstance(details, list) else []:
        if isinstance(one, dict):
            location = one.get("loc")
            named = location[-1] if isinstance(location, list) and location else one.get("field", one.get("param"))
            found.append(str(named))
    if isinstance(details, dict):
        found += [str(key) for key in details]
    return found


def put_routes(prober: Prober, findings: Findings) -> Route | None:
    """Look for a login and what stands around it; put what was found into the findings."""
    route = find_login(prober)
    if route is None:
        return None
    status = route.answer.status if route.answer else 0
    why = f"answered {status} to an empty object, a made-up neighbour did not; the route is {route.whose}'s"
    if route.family is None:
        why = why.replace("the route is a common convention's", "the name is a common convention")
    put_operation(findings, "auth.login", route.operation, "guessed", why)
    for table, statuses in (("auth.refresh", ASKS), ("auth.protected", CLOSED), ("auth.verify", ASKS)):
        found = find_around(prober, route, table, statuses)
        if found is not None:
            said = "answers" if table != "auth.protected" else "is refused without credentials"
            put_operation(findings, table, found, "guessed", f"{said} where a made-up neighbour does not")
    _put_logout(prober, findings, route)
    return route


def _put_logout(prober: Prober, findings: Findings, route: Route) -> None:
    known = [one for one in around(route, "auth.logout") if one.method == "DELETE"]
    found = find_around(prober, route, "auth.logout", ASKS)
    if found is None and deletes(prober, route.operation.path):
        found = Operation("DELETE", route.operation.path)
    if found is None and known:
        found = known[0]
    if found is not None:
        put_operation(findings, "auth.logout", found, "guessed", "shows itself where a logout would be")


def put_operation(findings: Findings, table: str, one: Operation, sure: Any, why: str) -> None:
    """The path and the method of an operation as facts."""
    findings.put(table, "path", one.path, sure, why)
    if one.method != ("GET" if table == "auth.protected" else "POST") and table != "auth.csrf":
        findings.put(table, "method", one.method, sure, why)
