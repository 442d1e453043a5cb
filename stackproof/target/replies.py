"""What a service's authentication answers, told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from stackproof.descriptor.authentication import Auth
from stackproof.target.http import Answer
from stackproof.target.messages import is_refusal, value_at

#: names of what is no access and no refresh token, however much its value looks like one
OTHER_NAMES = re.compile(r"csrf|xsrf|^(id|uuid|sub|jti|user_?id|etag|device)$|id_?token|request|trace", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a login or a refresh handed out; `refresh` is "" where the answer carried none."""

    access: str
    refresh: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the authentication, told apart.

    Attributes:
        accepted: 2xx, and tokens where tokens were asked for.
        refused: a 4xx that is no throttle and no time-out, a redirect, or a 2xx that has what auth.refused_field
            names: seen, not guessed.
        tokens: what was handed out, None where nothing was.
    """

    answer: Answer
    accepted: bool
    refused: bool
    tokens: Tokens | None = None

    @property
    def unclear(self) -> bool:
        """Neither accepted nor refused: a break-down, a throttle, a success without tokens."""
        return not self.accepted and not self.refused

    @property
    def described(self) -> str:
        """One line for a reason."""
        return self.answer.describe()


def told(answer: Answer, auth: Auth, tokens: Tokens | None = None) -> Reply:
    """An answer told apart; `tokens` are what it carries where tokens were asked for."""
    in_its_body = answer.ok and bool(auth.refused_field) and bool(value_at(answer.json(), auth.refused_field))
    accepted = answer.ok and not in_its_body and (tokens is None or bool(tokens.access))
    return Reply(answer, accepted, is_refusal(answer) or in_its_body, tokens if accepted else None)


def other_token_places(tokens: Tokens) -> list[str]:
    """Places of an answer, beside those that the descriptor names, that hold what looks like a token.

    They tell "the service hands out no refresh token" from "the descriptor names the wrong field".
    """
    known = {tokens.access, tokens.refresh}
    places = [f"cookie:{name}" for name, value in tokens.answer.cookies.items() if _is_token(name, value, known)]

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, one in list(value.items())[:50]:
                walk(one, f"{path}.{key}" if path else str(key))
        elif isinstance(value, str) and _is_token(path.rpartition(".")[2], value, known):
            places.append(path)

    walk(tokens.answer.json(), "")
    return places


def _is_token(name: str, value: str, known: set[str]) -> bool:
    looks = re.match(r"^[A-Za-z0-9._~+/=-]{20,}$", value)
    return bool(looks) and value not in known and not OTHER_NAMES.search(name)
