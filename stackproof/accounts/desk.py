"""Accounts that a check may make, change and delete: through Django's user model, or by the team's own commands.

A program beside the harness makes them, and deletes what is left at the end of its input: so nothing stays behind,
whatever ends the run.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stackproof.accounts.conversation import Conversation
from stackproof.accounts.credentials import Credentials, new_password
from stackproof.check import NotAssessed, not_assessed
from stackproof.descriptor.authentication import Disposable
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.project import PROBES

if TYPE_CHECKING:
    from stackproof.target.project import ProjectView

type Open = Callable[[], ProjectView]

_open: dict[str, Conversation] = {}  # the one program of this process; starting a service's code takes its time


@dataclass(frozen=True, slots=True)
class Stored:
    """What of a stored password may be told.

    Attributes:
        parts: algorithm and parameters as Django writes them: ("argon2", "argon2id", "v=19", "m=102400,t=2,p=8").
        mark: differs where the stored text differs; means nothing else.
    """

    parts: tuple[str, ...]
    mark: str = field(repr=False)


class Desk:
    """Makes accounts for one check, and puts them away after it.

    Args:
        open_project: gives the project's view, where accounts are made through it.

    Raises:
        NotAssessed: from every method, where the account cannot be made or changed.
    """

    def __init__(self, descriptor: Descriptor, recorder: Recorder, redactor: Redactor, open_project: Open) -> None:
        self._descriptor = descriptor
        self._about: Disposable | None = descriptor.accounts.disposable
        self._recorder = recorder
        self._redactor = redactor
        self._open_project = open_project
        self._names: dict[str, str] = {}  # username: the name that was asked for

    @property
    def described(self) -> bool:
        """Whether the descriptor says how accounts are made."""
        return self._about is not None and (self._about.through_project or bool(self._about.create))

    def create(self) -> Credentials:
        """A new account that may sign in."""
        if self._about is None or not self.described:
            not_assessed("stackproof.toml has no [accounts.disposable] table: accounts that may be made and deleted")
        name, password = self.another_name(), new_password()
        self._redactor.learn(password)
        self._names[name] = name
        sent = self._descriptor.auth.login.extra if self._descriptor.auth and self._about.through_project else {}
        told = self._ask("create", name, password=password, **({"sent": sent} if sent else {}))
        username, own = str(told.get("username") or name), str(told.get("password") or password)
        self._redactor.learn(own)
        self._names[username] = self._names.pop(name)
        self._recorder.add("command", f"an account was made: {username}", how=self._how)
        return Credentials(username, own)

    def another_name(self) -> str:
        """A name of the same kind as those of new accounts, that no account has."""
        pattern = self._about.username if self._about else Disposable().username
        random = secrets.token_hex(6)
        return pattern.replace("{random}", random) if "{random}" in pattern else f"{pattern}{random}"

    def deactivate(self, account: Credentials) -> None:
        """Switch it off."""
        self._change("deactivate", account, "was deactivated")

    def delete(self, account: Credentials) -> None:
        """Delete it."""
        self._change("delete", account, "was deleted")

    def set_password(self, account: Credentials) -> Credentials:
        """Give it another password."""
        new = self.with_new_password(account)
        self._change("set_password", account, "has another password", password=new.password)
        return new

    def with_new_password(self, account: Credentials) -> Credentials:
        """The account with a password that is new and is not set yet."""
        new = new_password()
        self._redactor.learn(new)
        return Credentials(account.username, new)

    def store(self, account: Credentials, kind: str) -> None:
        """Write its password to the database as another kind of hash; the kinds are those of `probes/accounts.py`.

        Raises:
            NotAssessed: also where accounts are made by commands.
        """
        self._change("store", account, f"is stored with its password as {kind}", password=account.password, kind=kind)

    def stored(self, account: Credentials) -> Stored:
        """What is stored for its password.

        Raises:
            NotAssessed: also where accounts are made by commands.
        """
        told = self._ask("stored", self._names[account.username])
        parts = tuple(str(one) for one in told["stored"])
        self._recorder.add("command", f"{account.username} is stored as {'$'.join(parts) or 'a format not known here'}")
        return Stored(parts, str(told["print"]))

    def close(self) -> None:
        """Delete every account that was made here.

        Raises:
            NotAssessed: one could not be deleted; it is named.
        """
        left = {}
        for username, name in self._names.items():
            try:
                self._ask("remove", name)
            except NotAssessed as error:
                left[username] = str(error)
        self._names.clear()
        if left:
            told = "; ".join(f"{username} ({reason})" for username, reason in left.items())
            raise NotAssessed(f"an account that was made could not be removed, delete it by hand: {told}")

    @property
    def _how(self) -> str:
        return "through the project" if self._about and self._about.through_project else "by accounts.disposable.create"

    def _change(self, action: str, account: Credentials, told: str, **values: Any) -> None:
        self._ask(action, self._names[account.username], **values)
        self._recorder.add("command", f"{account.username} {told}", how=self._how)

    def _ask(self, action: str, name: str, **values: Any) -> dict[str, Any]:
        try:
            return self._program().ask(action=action, name=name, **values)
        except NotAssessed as error:
            raise NotAssessed(self._redactor.text(f"disposable account, {action}: {error}")) from None

    def _program(self) -> Conversation:
        about = self._about
        assert about is not None
        if about.through_project:
            project = self._open_project()
            return _kept(project.identity, lambda: project.conversation("accounts"))
        given = {name: getattr(about, name) for name in ("create", "deactivate", "delete", "set_password")}
        return _kept(repr(given), lambda: _commands(given))


def _commands(given: dict[str, tuple[str, ...]]) -> Conversation:
    code = (PROBES / "account_commands.py").read_text(encoding="utf-8")
    program = Conversation("the commands of [accounts.disposable]", sys.executable, code, ".", {})
    program.ask(action="describe", given=given)
    return program


def _kept(key: str, start: Callable[[], Conversation]) -> Conversation:
    """The program of that key, started where it does not run; another one is ended first."""
    running = _open.get(key)
    if running is not None and running.alive:
        return running
    for other in _open.values():
        other.close()
    _open.clear()
    _open[key] = start()
    return _open[key]
