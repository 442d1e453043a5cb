"""Proofs against forged requests that a login hands out beside its tokens: their cookies, and the header for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stackproof.discovery.operations import is_name
from stackproof.target.http import Answer

CSRF = re.compile(r"csrf|xsrf", re.IGNORECASE)
#: flask-jwt-extended and Rails; Angular, axios and Spring; Django; and what is left
HEADERS = ("X-CSRF-TOKEN", "X-XSRF-TOKEN", "X-CSRFToken", "X-CSRF")


def proofs_beside(answer: Answer) -> Iterator[dict[str, Any]]:
    """The ways in which a login's answer may mean its proofs, as tables for [auth.csrf]; none without such a cookie."""
    names = [name for name in answer.cookies if CSRF.search(name) and is_name(name)]
    if not names:
        return
    of_refresh = next((name for name in names if "refresh" in name.lower()), "")
    cookie = next((name for name in names if name != of_refresh), of_refresh)
    cookies = {"cookie": cookie, **({"refresh_cookie": of_refresh} if of_refresh not in {"", cookie} else {})}
    for header in headers_for(cookie):
        yield {**cookies, "header": header}


def headers_for(cookie: str) -> list[str]:
    """The headers that may repeat a cookie's proof, the most likely first."""
    first = ["X-XSRF-TOKEN"] if "xsrf" in cookie.lower() else ["X-CSRFToken"] if cookie == "csrftoken" else []
    return list(dict.fromkeys((*first, *HEADERS)))
