"""Why an operation that a descriptor describes does not work, in plain words, and the line that would change it."""

from __future__ import annotations

import re

from stackproof.descriptor.authentication import Auth
from stackproof.discovery.routes import required_fields
from stackproof.discovery.signing_in import NAMES, WORDS
from stackproof.discovery.writing import toml_value
from stackproof.target.http import Answer
from stackproof.target.messages import text_at
from stackproof.target.replies import Reply, Tokens, other_token_places

TOKENS = ("refresh", "refresh_token", "refreshToken", "token", "access")
CSRF = "[auth.csrf] with cookie and header, and with path where the proof is fetched first; docs/own-service.md"
CLIENT = "[auth.client] with id, secret_env and carried: which client may ask for tokens (docs/own-service.md)"


def why_open_to_all(good: Reply, bare: Reply) -> tuple[str, str]:
    """(what is wrong, what helps) where the protected resource answers 2xx without a token."""
    fields = only_in(bare, good)
    if fields:
        return (
            f"without a token {bare.described}, too, with {fields[0]!r} in its body: a refusal that has the status of "
            "a success is only known where it is described",
            refused_field(fields[0]),
        )
    cure = "name another auth.protected.path: one that only a signed-in account may read"
    return f"without a token {bare.described}, too: it protects nothing", cure


def refused_field(name: str) -> str:
    """The line for a service that refuses with the status of a success."""
    return f"refused_field = {toml_value(name)} under [auth], if refusals alone have it"


def only_in(one: Reply, other: Reply) -> list[str]:
    """Fields of one JSON body that have a value there, and none in the other one; those of an error first."""
    mine, theirs = one.answer.json(), other.answer.json()
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        return []
    names = [
        name for name, value in mine.items() if value and not theirs.get(name) and re.fullmatch(r"[\w-]{1,40}", name)
    ]
    return sorted(names, key=lambda name: (not name.lower().startswith("err"), name))


def why_not_login(answer: Answer, auth: Auth) -> tuple[str, str]:
    """What a refused login says, and the line that would change it."""
    login, said = auth.login, answer.describe()
    told = required_fields(answer, (*NAMES, *WORDS))
    name = next((one for one in told if one in NAMES and one != login.username_field), "")
    word = next((one for one in told if one in WORDS and one != login.password_field), "")
    if answer.status == 429:
        return f"{said}: it throttles logins", "wait, and set auth.logins_per_minute"
    if speaks_of_csrf(answer):
        return f"{said} and speaks of CSRF", CSRF
    if answer.status in {400, 401} and (asked := _asks_for_client(answer, auth)):
        return f"{said} and says {asked}", CLIENT
    if answer.status in {404, 405}:
        return f"{said}: there is no such operation", "correct auth.login.path and auth.login.method"
    if answer.status in {400, 422} and name:
        return f"{said} and says field {name!r} is required", f'auth.login.username_field = "{name}"'
    if answer.status in {400, 422} and word:
        return f"{said} and says field {word!r} is required", f'auth.login.password_field = "{word}"'
    if answer.status in {400, 415, 422}:
        other = "form" if login.format == "json" else "json"
        cure = f'is the account right? else auth.login.format = "{other}", or other field names'
        return f"{said}{_own_words(answer)}", cure
    if 300 <= answer.status < 400:
        return f"{said} and leads elsewhere", "is auth.login.path whole, with or without its last slash?"
    return said, "are STACKPROOF_USERNAME and STACKPROOF_PASSWORD right, and may the account sign in?"


def _asks_for_client(answer: Answer, auth: Auth) -> str:
    """The words in which an authorization server asks which client it is (RFC 6749, section 5.2), "" for none."""
    error, told = (text_at(answer.json(), one) for one in ("error", "error_description"))
    if error == "invalid_client":
        return error
    missing = auth.client is None and error in {"invalid_request", "unauthorized_client"}
    return repr(told[:160]) if missing and re.search(r"(?i)client", told) else ""


def _own_words(answer: Answer) -> str:
    """What a refusal says for people, at the fields where services say it."""
    body = answer.json()
    for _ in range(3):
        if not isinstance(body, dict):
            return ""
        told = [
            body[one] for one in ("message", "detail", "hint", "title", "error_description", "error") if one in body
        ]
        if text := next((one for one in told if isinstance(one, str) and one.strip()), ""):
            return f" and says {text[:160]!r}"
        body = next((one for one in told if isinstance(one, dict)), None)
    return ""


def why_not_refresh(reply: Reply, auth: Auth) -> tuple[str, str]:
    """What a refused refresh says, and the line that would change it."""
    answer, text = reply.answer, f"with a fresh refresh token {reply.described}"
    if answer.ok:
        others = other_token_places(Tokens("", "", answer))
        place = (auth.refresh.access if auth.refresh else None) or auth.login.access
        return f"{text}, but there is no access token at {place!r}", line_of("auth.refresh.access", others)
    if speaks_of_csrf(answer):
        return f"{text} and speaks of CSRF", CSRF
    return text, named(answer, "auth.refresh.token") or "are its path and auth.refresh.token right?"


def speaks_of_csrf(answer: Answer) -> bool:
    """Whether an answer says that proof of where the request comes from is missing."""
    return bool(re.search(rb"(?i)csrf|xsrf|cross.site request", answer.body[:4_000]))


def named(answer: Answer, key: str) -> str:
    """The line for a field that a refusal asks for."""
    told = required_fields(answer, TOKENS)
    return f'it asks for {told[0]!r}: {key} = "{told[0]}"' if told else ""


def line_of(key: str, places: list[str]) -> str:
    """The line that names the first of the places where a token was found."""
    return f"{key} = {toml_value(places[0])}" if places else f"{key}: no token was found anywhere in the answer"
