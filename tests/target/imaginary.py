"""A service in memory with the operations of a session, conforming or with one mistake."""

from types import SimpleNamespace

from stackproof.target.replies import Reply, Tokens

# Mistakes that show only where more happens than ordinary use
BEYOND = ("change-revives-used", "forgets-after-a-day")
MISTAKES = ("reuse", "logout-nothing", "logout-misses-rotated", "logout-revives-used", "third-revives-first")


class Imaginary:
    """Signs in, refreshes and signs out; every refresh token is a number.

    Args:
        mistake: one of `MISTAKES`, or "".
        family: a reuse ends the session that the token came from.
        account: a reuse ends every session of the account.
        alone: a login ends the others.
    """

    def __init__(self, mistake="", *, family=False, account=False, alone=False):
        self.mistake, self.family, self.account, self.alone = mistake, family, account, alone
        self.auth = SimpleNamespace(logout=object(), login=SimpleNamespace(refresh="refresh"), logins_per_minute=0)
        self.count, self.requests = 0, 0
        self.line = {}
        self.revoked, self.ended, self.history, self.logged_out = set(), set(), {}, set()
        self.now, self.password, self.outdated, self.old = 0.0, 0, set(), set()

    def quietly(self):
        return self

    def change_password(self, _session, tokens):
        """As `Ways.change_password`."""
        self.requests += 1
        self.password += 1
        self.outdated |= set(self.history)
        self.old |= set(self.line)
        if self.mistake == "change-revives-used":
            self.revoked.clear()
        return True

    def pass_time(self, seconds):
        """As `Ways.pass_time`."""
        self.now += seconds
        if self.mistake == "forgets-after-a-day":
            self.revoked.clear()

    def needs_refresh_tokens(self):
        pass

    def control_refresh(self, tokens):
        pass

    def _issue(self, line):
        self.count += 1
        token = str(self.count)
        self.line[token] = line
        self.history.setdefault(line, []).append(token)
        return Tokens(f"access {token}", token, answered(200))

    def login(self):
        self.requests += 1
        if self.alone:
            self.ended |= set(self.history)
        return self._issue(f"line {self.count}")

    def refresh(self, token, *, patient=True):
        self.requests += 1
        line = self.line.get(token)
        if line is None or line in self.ended or token in self.revoked:
            if token in self.revoked - self.logged_out:
                self.ended |= set(self.history) if self.account else {line} if self.family else set()
            return Reply(answered(401), False, True)
        if self.mistake != "reuse":
            self.revoked.add(token)
        if self.mistake == "third-revives-first":
            self.revoked -= set(self.history[line][:-2])
        return Reply(answered(200), True, False, self._issue(line))

    def logout(self, tokens):
        self.requests += 1
        token = tokens.refresh
        rotated = self.history[self.line[token]].index(token) > 0
        if self.mistake == "logout-revives-used":
            self.revoked.clear()
        if self.mistake != "logout-nothing" and not (self.mistake == "logout-misses-rotated" and rotated):
            self.revoked.add(token)
            self.logged_out.add(token)
        return Reply(answered(204), True, False)

    def protected(self, access):
        self.requests += 1
        token = access.removeprefix("access ")
        by_age = self.mistake == "change-leaves-refresh"
        outdated = token in self.old if by_age else self.line[token] in self.outdated
        if self.mistake != "change-leaves-access" and outdated:
            return Reply(answered(401), False, True)
        return Reply(answered(200), True, False)


def answered(status):
    """An answer with nothing but a status."""
    return SimpleNamespace(status=status, describe=lambda: f"answered {status}")
