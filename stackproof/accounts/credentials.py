"""The account that the descriptor names: from environment variables, or from a command."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from functools import cache

from stackproof.check import not_assessed
from stackproof.descriptor.authentication import Accounts
from stackproof.descriptor.model import from_environment

COMMAND_WITHIN = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account signs in with."""

    username: str
    password: str = field(repr=False)


def credentials_of(accounts: Accounts) -> Credentials:
    """The account's credentials.

    Raises:
        NotAssessed: variables are not set, or the command fails or prints something else.
    """
    if accounts.command:
        return from_command(accounts.command)
    username, password = from_environment(accounts.username_env), from_environment(accounts.password_env)
    given = ((accounts.username_env, username), (accounts.password_env, password))
    missing = [name for name, value in given if not value]
    if missing:
        not_assessed(f"no account: set {' and '.join(missing)} in the environment")
    return Credentials(username, password)


def new_password() -> str:
    """A random password that rules on length and kinds of characters admit."""
    return f"{secrets.token_urlsafe(15)}aA7!"


@cache
def from_command(command: tuple[str, ...]) -> Credentials:
    """What a command prints; it is run once in a process.

    Raises:
        NotAssessed: it cannot be run, fails, takes too long, or does not print what it has to. What it printed is
            not told: there may be a password in it.
    """
    name = f"accounts.command ({command[0]})"
    from stackproof.target.programs import finished

    try:  # bounded in time and in output; what it started is ended with it
        status, output, _ = finished(list(command), ".", dict(os.environ), COMMAND_WITHIN)
    except (OSError, ValueError) as error:
        not_assessed(
            f"{name} cannot be run: {error.strerror if isinstance(error, OSError) else 'a word of it is no text'}"
        )
    if status is None:
        not_assessed(f"{name} did not end within {COMMAND_WITHIN:g} s")
    if status:
        not_assessed(f"{name} left with {status}")
    try:
        told = json.loads(output)
        username, password = told["username"], told["password"]
    except (ValueError, TypeError, KeyError, RecursionError):
        not_assessed(f'{name} printed something else than {{"username": …, "password": …}}')
    if not (isinstance(username, str) and isinstance(password, str) and username and password):
        not_assessed(f"{name} printed an empty username or password, or no text")
    return Credentials(username, password)
