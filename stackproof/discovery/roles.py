"""Which operation plays which part, by its path, its words, its fields and its answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stackproof.discovery.operations import Api, Operation

PASSWORD = re.compile(r"^(password|passwd|pass|secret|pwd|passphrase)$", re.IGNORECASE)
USERNAME = re.compile(r"^(user_?name|e_?mail|login|user|identifier|account|phone|email_?address)$", re.IGNORECASE)
REFRESH = re.compile(r"refresh|renew", re.IGNORECASE)
ACCESS = re.compile(r"access|^token$|^key$|^jwt$|auth_?token|session_?token|^id_?token$", re.IGNORECASE)
_NEW = re.compile(r"new_?pass|^new$", re.IGNORECASE)
_OLD = re.compile(r"(old|current|present)_?pass", re.IGNORECASE)
_REPEAT = re.compile(r"(re|confirm|repeat)_?(new_?)?pass|pass\w*(2|confirm\w*|repeat)$", re.IGNORECASE)
_NOT_LOGIN = re.compile(
    r"regist|sign-?_?up|reset|forgot|change|confirm|invit|activat|refresh|renew|revoke|log-?_?out|sign-?_?out|verify"
    r"|2fa|otp|blacklist|delet"
)
_LOGIN = re.compile(
    r"log-?_?in\b|sign-?_?in\b|/tokens?/?$|/sessions?/?$|token-auth|authenticat|jwt/create|obtain|access-token"
)
_LOGOUT = re.compile(
    r"log-?_?out|sign-?_?out|revoke|blacklist|/(sessions?|tokens?)/(end|close|terminate|destroy|delete|invalidate)\b"
)
_SESSION = re.compile(r"/(sessions?|tokens?)/?$")
_SELF = re.compile(r"/(me|whoami|profile|user-?_?info|user|account|current-?_?user|self)/?$")
_TOKEN_HEADER = re.compile(r"^authorization$|(access|auth|session|api)-?_?(token|key)$", re.IGNORECASE)
_NO_RESOURCE = re.compile(
    r"log-?_?out|schema|openapi|health|csrf|docs|swagger|redoc|export|download|verify|refresh|events|stream|wait"
)


@dataclass(frozen=True, slots=True)
class Role:
    """An operation for a part, and why it was chosen."""

    operation: Operation
    score: int
    why: str


def last(dotted: str) -> str:
    """The last step of a dotted name."""
    return dotted.rpartition(".")[2]


def first_field(names: Iterable[str], form: re.Pattern[str]) -> str:
    """The first dotted name whose last step has that form, or ""."""
    return next((one for one in names if form.search(last(one))), "")


def roles_of(api: Api) -> dict[str, Role]:
    """The best operation for each table of the descriptor that has a convincing one."""
    found: dict[str, Role] = {}
    for table, (score, least) in _SCORES.items():
        ranked = [Role(one, *score(one)) for one in api.operations]
        best = max(ranked, key=lambda one: (one.score, -len(one.operation.path)), default=None)
        if best is not None and best.score >= least:
            found[table] = best
    return found


def protected_candidates(api: Api) -> list[Operation]:
    """Operations that only a signed-in account may read, the most likely first; at most 8."""
    ranked = [(_protected(one)[0], one) for one in api.operations]
    ranked.sort(key=lambda pair: (-pair[0], len(pair[1].path)))
    return [one for score, one in ranked if score >= 3][:8]


def unsaid_candidates(api: Api) -> list[Operation]:
    """Readable operations of which the document does not say whether they need credentials; at most 8.

    Whoever checks tokens by hand often has such a document. Only trying tells them apart from what is public.
    """
    likely = protected_candidates(api)
    silent = [
        one
        for one in api.operations
        if one.method == "GET" and one.secured is None and "{" not in one.path and one not in likely
    ]
    return [one for one in silent if not _NO_RESOURCE.search(f"{one.path.lower()} {one.words}")][:8]


def _login(one: Operation) -> tuple[int, str]:
    text = f"{one.path.lower()} {one.words}"
    if one.method != "POST" or "{" in one.path or first_field(one.fields, _REPEAT) or first_field(one.fields, _NEW):
        return 0, ""
    score, why = 0, []
    if field := first_field(one.fields, PASSWORD):
        score += 5
        why.append(f"takes {field!r}")
    if first_field(one.fields, USERNAME):
        score += 2
    if found := first_field(one.answers, ACCESS):
        score += 3
        why.append(f"answers {found!r}")
    if _LOGIN.search(one.path.lower()) or _LOGIN.search(one.words):
        score += 3
        why.append("is called so")
    if _NOT_LOGIN.search(text):
        score -= 6
    return score, " and ".join(why)


def _refresh(one: Operation) -> tuple[int, str]:
    if one.method not in {"POST", "PUT", "PATCH"} or "{" in one.path:
        return 0, ""
    score, why = 0, []
    if field := first_field(one.fields, REFRESH):
        score += 2
        why.append(f"takes {field!r}")
        if one.method != "POST" and _SESSION.search(one.path.lower()):
            score += 2
            why.append("changes the session")
    if REFRESH.search(one.path) or REFRESH.search(one.words):
        score += 4
        why.append("is called so")
    if first_field(one.answers, ACCESS):
        score += 2
    if _LOGOUT.search(f"{one.path.lower()} {one.words}") or first_field(one.fields, PASSWORD):
        score -= 6
    return score, " and ".join(why)


def _verify(one: Operation) -> tuple[int, str]:
    token = first_field(one.fields, re.compile(r"^token$|access", re.IGNORECASE))
    named = re.search(r"verify|introspect|validate", one.path.lower())
    other = re.search(r"e-?mail|phone|otp|account|regist|password|key", one.path.lower())
    return (
        (5, f"takes {token!r} and is called so") if one.method == "POST" and token and named and not other else (0, "")
    )


def _logout(one: Operation) -> tuple[int, str]:
    text = f"{one.path.lower()} {one.words}"
    everywhere = 2 if re.search(r"all\b|every", text) else 0
    if "{" in one.path or re.search(r"oauth/authorize|api-?key", text):
        return 0, ""
    if one.method == "DELETE" and _SESSION.search(one.path.lower()):
        return 5 - everywhere, "deletes the session"
    if one.method in {"POST", "DELETE"} and _LOGOUT.search(text):
        return 6 - everywhere, "is called so"
    return 0, ""


def _protected(one: Operation) -> tuple[int, str]:
    text = f"{one.path.lower()} {one.words}"
    if one.method != "GET" or "{" in one.path or _NO_RESOURCE.search(text):
        return 0, ""
    score, why = 0, []
    if one.secured:
        score += 3
        why.append("needs credentials by the document")
    elif named := next((name for name in one.headers if _TOKEN_HEADER.search(name)), ""):
        score += 3
        why.append(f"takes a header {named!r}")
    if _SELF.search(one.path.lower()):
        score += 3
        why.append("is called like the account's own data")
    return score, " and ".join(why)


def _password_change(one: Operation) -> tuple[int, str]:
    text = f"{one.path.lower()} {one.words}"
    new = first_field(one.fields, _NEW)
    reset = any(last(name) in {"token", "uid", "code", "key"} for name in one.fields) or re.search("reset|forgot", text)
    fits = one.method in {"POST", "PUT", "PATCH"} and new and not reset and "{" not in one.path
    return (5, f"takes {new!r}") if fits else (0, "")


def _csrf(one: Operation) -> tuple[int, str]:
    return (5, "is called so") if one.method == "GET" and re.search(r"csrf|xsrf", one.path.lower()) else (0, "")


_SCORES: dict[str, tuple[Callable[[Operation], tuple[int, str]], int]] = {
    "auth.login": (_login, 5),
    "auth.refresh": (_refresh, 4),
    "auth.verify": (_verify, 5),
    "auth.logout": (_logout, 3),
    "auth.protected": (_protected, 3),
    "auth.password_change": (_password_change, 5),
    "auth.csrf": (_csrf, 5),
}


def password_fields(one: Operation) -> tuple[str, str, str]:
    """(old, new, repeated) fields of a password change; "" where there is none."""
    new = first_field([name for name in one.fields if not _REPEAT.search(last(name))], _NEW)
    repeat = first_field([name for name in one.fields if name != new], _REPEAT) or first_field(
        [name for name in one.fields if name != new], _NEW
    )
    return first_field(one.fields, _OLD), new, repeat
