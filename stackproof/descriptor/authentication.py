"""`[auth]` and `[accounts]` of the descriptor: how an account signs in, stays signed in, and signs out."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from stackproof.descriptor.places import Endpoint, Method, Place, Table, UrlPath


class Login(Endpoint):
    """How an account signs in, and where the answer carries the tokens."""

    username_field: str = Field("username", description="Body field of the credential: username, email, …")
    password_field: str = "password"  # noqa: S105 - the name of a field
    access: Place = Field("access", description="Where the answer carries the access token.")
    refresh: Place = Field("refresh", description="Where the answer carries the refresh token.")
    stand_in: bool = Field(
        False, description="true: a program of yours signs in there in a browser's place, and is not judged itself."
    )


class Refresh(Endpoint):
    """How a refresh token is exchanged for new tokens."""

    token: Place = Field("refresh", description="Where the request carries the refresh token.")
    access: Place | None = Field(None, description="Where the answer carries the access token; default as at login.")
    refresh: Place | None = Field(None, description="Where the answer carries the new one; default as at login.")


class Verify(Endpoint):
    """An operation that says whether a token is good."""

    token: Place = Field("token", description="Where the request carries the token.")


class Logout(Endpoint):
    """How a session is ended: signing out, or revoking its refresh token."""

    token: Place | Literal[""] = Field("refresh", description='Where it carries the refresh token; "" for nowhere.')
    send_access: bool = Field(True, description="Send the access token too, as to a protected resource.")


class Protected(Endpoint):
    """A resource that only a signed-in account may read, and reading which changes nothing."""

    method: Method = "GET"


class PasswordChange(Endpoint):
    """How a signed-in account changes its password; used on disposable accounts alone."""

    old_field: str = Field("old_password", description='Body field of the present password; "" for none.')
    new_field: str = Field("new_password", description="Body field of the new one.")
    repeat_field: str = Field("", description='Body field that repeats it; "" for none.')
    revokes: bool = Field(False, description="true: the service promises that tokens from before are refused.")


class Csrf(Table):
    """Double-submit protection: fetch `path`, read the proof, send it back in `header`.

    Without `path` the proof comes with the tokens, in the answers to the login and to a refresh.
    """

    path: UrlPath | None = Field(None, description="What hands the proof out; none: login and refresh do.")
    cookie: str = Field("csrftoken", description="Cookie that the answer sets and that goes back.")
    refresh_cookie: str = Field(
        "", description="Cookie of the proof for requests that carry the refresh token; default: the same one."
    )
    token: Place | None = Field(None, description="Where the answer carries the proof; default: in that cookie.")
    header: str = "X-CSRFToken"


class Client(Table):
    """The client that an authorization server knows the harness by (RFC 6749, section 2.3).

    The login, the refresh and the logout say so.
    """

    id: str
    secret_env: str = Field(
        "STACKPROOF_CLIENT_SECRET", description='Variable that holds its secret; "" for a client without one.'
    )
    carried: Literal["basic", "body"] = Field(
        "basic", description="basic: in the header Authorization; body: as client_id and client_secret."
    )


class SigningKey(Table):
    """The key that signs tokens, so that the harness can forge some; in a variable or a file, never in this file."""

    env: str = Field("STACKPROOF_SIGNING_KEY", description="Variable that holds the secret, or a private key as PEM.")
    file: Path | None = Field(None, description="File that holds it, in place of the variable.")
    algorithm: str = Field("", description="JWS algorithm; default: that of the service's own tokens.")
    refresh_env: str = Field("", description="Variable of the key that signs refresh tokens, where it is another one.")
    refresh_file: Path | None = Field(None, description="File that holds that one, in place of the variable.")


class Auth(Table):
    """The authentication of the service."""

    carrier: Place = Field("header:Authorization", description="How the access token travels to the service.")
    scheme: str = Field("Bearer", description="Word before the token in the header; empty for none.")
    cookie_prefix: str = Field(
        "", description='What stands before the token in a cookie\'s value, such as "Bearer " or "Bearer%20".'
    )
    query_token: str = Field("", description="Query parameter in which the service promises to take the access token.")
    refused_field: str = Field(
        "", description="Body field that only refusals have, where they are answered with 200 (GraphQL: errors)."
    )
    refresh_tokens: bool = Field(True, description="false: the service issues none, by design.")
    logins_per_minute: float = Field(0, ge=0, description="Never sign in more often than this; 0 for no limit.")
    client: Client | None = None
    login: Login
    refresh: Refresh | None = None
    verify: Verify | None = None
    logout: Logout | None = None
    protected: Protected
    password_change: PasswordChange | None = None
    csrf: Csrf | None = None
    wait: Endpoint | None = Field(None, description="An operation that takes a while; it shows that requests overlap.")
    signing_key: SigningKey | None = None
    public_key: Path | None = Field(
        None, description="PEM of the public key, where tokens are signed with RS256 or ES256."
    )
    jwks: UrlPath | None = Field(None, description="Where the service publishes its public keys (RFC 7517).")

    def operations(self) -> tuple[Endpoint, ...]:
        """Every operation that is described."""
        named = (self.login, self.refresh, self.verify, self.logout, self.protected, self.password_change, self.wait)
        return tuple(one for one in named if one is not None)

    def judged_paths(self) -> tuple[str, ...]:
        """Those that are the service's own: a program that stands in for its login is none."""
        return tuple(one for one in self.paths() if one != self.login.path or not self.login.stand_in)

    def paths(self) -> tuple[str, ...]:
        """Every path or URL that is described."""
        others = (self.csrf.path if self.csrf else None, self.jwks)
        return (*(one.path for one in self.operations()), *(one for one in others if one))


class Disposable(Table):
    """Accounts that the harness may make, change and delete; with --allow-writes only.

    Each command is a list of words, run without a shell; `{username}` is filled in, and the password stands in
    STACKPROOF_ACCOUNT_PASSWORD. `create` prints {"username": …, "password": …}, or nothing.
    """

    through_project: bool = Field(
        False, description="true: through Django's user model, in the interpreter that [project] names."
    )
    create: tuple[str, ...] = ()
    deactivate: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    set_password: tuple[str, ...] = ()
    username: str = Field(
        "stackproof-{random}@example.com", description="Pattern of the names of new accounts; {random} is filled in."
    )


class Accounts(Table):
    """Where the account comes from: environment variables, or a command; secrets never stand in the file."""

    username_env: str = "STACKPROOF_USERNAME"
    password_env: str = "STACKPROOF_PASSWORD"  # noqa: S105 - the name of a variable
    command: tuple[str, ...] = Field((), description='Prints {"username": …, "password": …}; run without a shell.')
    many_sessions: bool = Field(
        False,
        description="true: a login leaves the account's other sessions alone, so that checks may run side by side.",
    )
    disposable: Disposable | None = None
