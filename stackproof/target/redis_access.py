"""Who may do what on a Redis: somebody without a password, and the application's own user."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from stackproof.check import NotAssessed, not_assessed
from stackproof.target.redis import WITHIN, RedisView

CERTIFICATE_WANTED = re.compile(r"(?i)certificate.required|handshake.failure|bad.certificate")
WORDS_CAP = 5  # words that a command is tried with until its number fits


@dataclass(frozen=True, slots=True)
class Stranger:
    """What a server answered to somebody who did not say who it is.

    Attributes:
        answered: commands that it carried out.
        refused: {command: the server's words} of those that it refused for want of a password.
        unclear: why neither was seen, or "".
    """

    answered: tuple[str, ...]
    refused: dict[str, str]
    unclear: str


def seen_without_a_password(view: RedisView) -> Stranger:
    """Ask a server as somebody without a password and without a certificate; nothing is written.

    PING alone tells little: it is often open to health checks. What counts is that data or facts are told.
    """
    answered: list[str] = []
    refused: dict[str, str] = {}
    unclear = ""
    client: Any = Redis.from_url(
        view.address, socket_connect_timeout=WITHIN, socket_timeout=WITHIN, decode_responses=True
    )
    try:
        for words in (("GET", f"stackproof-{secrets.token_hex(8)}"), ("INFO", "server"), ("DBSIZE",)):
            try:
                client.execute_command(*words)
                answered.append(words[0])
            except NoPermissionError as error:
                unclear = f"{words[0]} is not open to the user without a password, and others may be: {error}"
            except (RedisError, OSError) as error:
                said = str(error)
                wanted = bool(view.certificate_file) and bool(CERTIFICATE_WANTED.search(said))
                if "Authentication required" in said or "NOAUTH" in said or wanted:
                    refused[words[0]] = said[:200]
                else:
                    unclear = said[:200]
    finally:
        client.close()
    return Stranger(tuple(answered), refused, unclear)


def users_without_a_password(view: RedisView) -> list[str] | None:
    """Users of the access control list that are on and take any password; None where the account may not ask."""
    try:
        names = [str(one) for one in view.says("ACL", "USERS")]
        return [one for one in names if _is_open(view.says("ACL", "GETUSER", one))]
    except NotAssessed:
        return None


def _is_open(told: object) -> bool:
    """Whether the answer of ACL GETUSER has the flags "on" and "nopass"; redis-py gives a dict, or the bare list."""
    flags: object = ()
    if isinstance(told, dict):
        flags = told.get("flags", ())
    elif isinstance(told, list):
        pairs = dict(zip(told[::2], told[1::2], strict=False))
        flags = pairs.get("flags", ())
    return isinstance(flags, list) and {"on", "nopass"} <= {str(one) for one in flags}


def open_commands(view: RedisView, user: str, commands: Iterable[str]) -> list[str]:
    """Which of these commands a user may run, by ACL DRYRUN (Redis 7.0), which runs nothing.

    A command that the server does not know, because it was renamed or left out, is open to nobody.

    Raises:
        NotAssessed: the server has no ACL DRYRUN, its account may not ask, or it has no such user.
    """
    return [one for one in commands if _may(view, user, one.split())]


def _may(view: RedisView, user: str, command: list[str]) -> bool:
    name = re.escape(command[0])
    unknown = re.compile(rf"(?i)command '?{name}[^']*'? not found|unknown command '?{name}")
    told = ""
    for count in range(WORDS_CAP):
        try:
            with view.client() as client:
                told = str(client.execute_command("ACL", "DRYRUN", user, *command, *["x"] * count))
            break
        except NoPermissionError:
            not_assessed(f"the account of [redis.{view.role}] may not run ACL DRYRUN, which tells what others may")
        except ResponseError as error:
            said = str(error)
            if unknown.search(said):
                break
            if "User" in said and "not found" in said:
                not_assessed(f"the {view.role} has no user {user!r}: redis.{view.role}.user names the application's")
            if "DRYRUN" in said.upper() or not re.search(r"(?i)wrong number of arguments", said):
                not_assessed(f"the server of the {view.role} has no ACL DRYRUN ({said[:120]}): Redis 7.0 or later has")
        except (RedisError, OSError) as error:
            not_assessed(f"the server of the {view.role} cannot be asked: {str(error)[:200]}")
    else:
        not_assessed(f"ACL DRYRUN does not take {' '.join(command)} with up to {WORDS_CAP - 1} words")
    return told == "OK"
