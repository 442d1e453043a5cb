"""`stackproof.toml`: the target as its team describes it.

Where a token (or any value) stands in a message is written as a *place*:

- `"access"` or `"body:data.access"`: a field of the JSON or form body, dots lead into objects;
- `"cookie:refresh_token"`: a cookie of that name;
- `"header:X-Auth-Token"`: a header of that name (case does not matter).
"""

from __future__ import annotations

import datetime
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from stackproof.errors import UsageError

_PLACE = re.compile(r"^(?:(?P<kind>body|cookie|header):)?(?P<name>[^\s:][^\r\n]*)$")


def _is_place(text: str) -> str:
    if not _PLACE.match(text):
        raise ValueError(f"{text!r} is no place; write a body field, 'cookie:NAME' or 'header:NAME'")
    return text


def _is_path(text: str) -> str:
    if not text.startswith("/") and not text.startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is no path; begin it with '/'")
    return text


Place = Annotated[str, AfterValidator(_is_place)]
UrlPath = Annotated[str, AfterValidator(_is_path)]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Profile = Literal["remote", "services", "full"]


def split_place(place: str) -> tuple[str, str]:
    """("body" | "cookie" | "header", name) of a place."""
    match = _PLACE.match(place)
    if match is None:  # pragma: no cover - the model has validated it
        raise ValueError(place)
    return match["kind"] or "body", match["name"]


class Table(BaseModel):
    """Base of the tables: unknown keys are errors, so that a slip of the pen cannot switch a check off."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Endpoint(Table):
    """One operation of the service.

    `path` may be a whole URL where the operation lives on another host; that host is then allowed too.
    """

    path: UrlPath
    method: Method = "POST"
    format: Literal["json", "form"] = "json"
    headers: dict[str, str] = Field(default_factory=dict, description="Extra request headers.")
    extra: dict[str, Any] = Field(default_factory=dict, description="Extra body fields, sent as they are.")


class Login(Endpoint):
    """How an account signs in, and where the answer carries the tokens."""

    username_field: str = Field("username", description="Body field of the credential: username, email, …")
    password_field: str = "password"  # noqa: S105 - the name of a field
    access: Place = Field("access", description="Where the answer carries the access token.")
    refresh: Place = Field("refresh", description="Where the answer carries the refresh token.")


class Refresh(Endpoint):
    """How a refresh token is exchanged for new tokens."""

    token: Place = Field("refresh", description="Where the request carries the refresh token.")
    access: Place | None = Field(None, description="Where the answer carries the access token; default as at login.")
    refresh: Place | None = Field(None, description="Where the answer carries the new one; default as at login.")


class Logout(Endpoint):
    """How a session is ended."""

    token: Place | Literal[""] = Field("refresh", description='Where it carries the refresh token; "" for nowhere.')
    send_access: bool = Field(True, description="Send the access token too, as to a protected resource.")


class Protected(Endpoint):
    """A resource that only a signed-in account may read, and reading which changes nothing."""

    method: Method = "GET"


class Csrf(Table):
    """Double-submit protection: fetch `path`, read `cookie`, send it back in `header`."""

    path: UrlPath
    cookie: str = "csrftoken"
    header: str = "X-CSRFToken"


class Auth(Table):
    """The authentication of the service."""

    carrier: Place = Field("header:Authorization", description="How the access token travels to the service.")
    scheme: str = Field("Bearer", description="Word before the token in the header; empty for none.")
    refresh_tokens: bool = Field(True, description="false: the service issues none, by design.")
    login: Login
    refresh: Refresh | None = None
    logout: Logout | None = None
    protected: Protected
    csrf: Csrf | None = None
    wait: Endpoint | None = Field(None, description="An operation that takes a while; it shows that requests overlap.")


class Accounts(Table):
    """Names of the environment variables that hold the account; secrets never stand in the file."""

    username_env: str = "STACKPROOF_USERNAME"
    password_env: str = "STACKPROOF_PASSWORD"  # noqa: S105 - the name of a variable
    many_sessions: bool = Field(
        False,
        description="true: a login leaves the account's other sessions alone, so that checks may run side by side.",
    )


class Database(Table):
    """PostgreSQL as a reader sees it. Give the DSN in an environment variable where it has a password."""

    dsn: str = ""
    dsn_env: str = "STACKPROOF_POSTGRES_DSN"


class RedisRole(Table):
    """One Redis role. Give the URL in an environment variable where it has a password."""

    url: str = ""
    url_env: str = ""


class Redis(Table):
    """Both roles; a role that is not given is not looked at."""

    cache: RedisRole | None = None
    broker: RedisRole | None = None


class Project(Table):
    """The service's own code and interpreter.

    `env_file` (lines of NAME=VALUE) is put into the environment of the interpreter when settings are read.
    """

    path: Path
    python: Path | None = Field(None, description="The service's interpreter; packages are read from it.")
    settings_module: str = Field("", description="DJANGO_SETTINGS_MODULE of the running service.")
    env_file: Path | None = None
    unused: tuple[str, ...] = Field((), description="Requirement ids of components that the service does not use.")


class Host(Table):
    """The machine of the database."""

    database_memory: str = Field("", description='RAM of the database\'s machine: "16GiB".')


class Clock(Table):
    """An instance of the service whose clock the harness may move by writing seconds into `offset_file`."""

    base_url: str
    offset_file: Path


class Celery(Table):
    """The background workers; they answer `celery inspect ping` through the project's interpreter."""

    app: str
    submit: Endpoint | None = Field(None, description="An operation that queues a harmless task.")
    task_id: str = Field("id", description="Body field of the answer that names the task.")
    status: Protected | None = Field(None, description="Its state; `{id}` in the path.")
    state: str = Field("state", description="Body field of the state.")
    done: str = Field("SUCCESS", description="The state of a finished task.")


class Waiver(Table):
    """An accepted violation. The last day counts, in UTC."""

    requirement: str
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    expires: datetime.date


class Attestation(Table):
    """A person's word for a clause that no program can see. The last day counts, in UTC."""

    requirement: str
    who: str = Field(min_length=1)
    when: datetime.date
    link: str = ""
    expires: datetime.date


class About(Table):
    """The target itself."""

    base_url: str
    name: str = ""
    ca: Path | None = Field(None, description="PEM bundle that signs the service's certificate; relative to the file.")
    profile: Profile = "full"
    timeout: float = Field(10.0, gt=0, le=120, description="Seconds for one whole exchange.")
    requests_per_second: float = Field(0, ge=0, description="Never send more than this; 0 for no limit.")
    headers: dict[str, str] = Field(default_factory=dict, description="Headers of every request.")


class Descriptor(Table):
    """The whole file."""

    target: About
    auth: Auth | None = None
    accounts: Accounts = Accounts()
    postgres: Database | None = None
    redis: Redis = Redis()
    project: Project | None = None
    host: Host = Host()
    clock: Clock | None = None
    celery: Celery | None = None
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()

    @model_validator(mode="after")
    def _urls_are_urls(self) -> Descriptor:
        urls = {"target.base_url": self.target.base_url}
        if self.clock:
            urls["clock.base_url"] = self.clock.base_url
        for key, url in urls.items():
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError(f"{key} is {url!r}; write a whole URL such as https://service.example")
            if parts.username or parts.password:
                raise ValueError(f"{key} carries credentials; name the account through [accounts] instead")
        if self.auth and not self.auth.refresh_tokens and self.auth.refresh:
            raise ValueError("auth.refresh_tokens is false although [auth.refresh] is given; remove one of the two")
        return self

    def allowed_hosts(self) -> frozenset[tuple[str, int]]:
        """(host, port) pairs that the harness may connect to for HTTP: only what the file names."""
        urls = [self.target.base_url]
        if self.clock:
            urls.append(self.clock.base_url)
        if self.auth:
            operations = (self.auth.login, self.auth.refresh, self.auth.logout, self.auth.protected, self.auth.wait)
            urls.extend(one.path for one in operations if one and not one.path.startswith("/"))
        return frozenset(_host_and_port(url) for url in urls)


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


def read_descriptor(path: Path) -> Descriptor:
    """Read a descriptor; paths inside it are taken from the file's own folder.

    Raises:
        UsageError: the file is missing, no UTF-8, no TOML, or does not fit; the message lists every fault
            with its key, and the line where TOML itself is broken.
    """
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read: {error.strerror}", hint="give the path of a stackproof.toml"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 at byte {error.start}", hint="save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: is not TOML: {error}", hint="correct the line that is named") from error
    return parse_descriptor(data, path)


def parse_descriptor(data: dict[str, Any], path: Path) -> Descriptor:
    """Validate the data of a descriptor that `path` names.

    Raises:
        UsageError: the data does not fit; every fault is listed.
    """
    try:
        descriptor = Descriptor.model_validate(data)
    except ValidationError as error:
        faults = [f"{path}: {_key(one['loc'])}: {_say(one)}" for one in error.errors()]
        raise UsageError(
            "\n".join(faults), hint="`stackproof schema target` prints what the file may contain"
        ) from None
    return _with_paths_from(descriptor, path.resolve().parent)


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(str(one) for one in location) or "the file"


def _say(error: Any) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown key"
    return str(error["msg"]).removeprefix("Value error, ")


def _with_paths_from(descriptor: Descriptor, folder: Path) -> Descriptor:
    def rooted(path: Path | None) -> Path | None:
        return None if path is None else folder / path.expanduser()

    changes: dict[str, Any] = {"target": descriptor.target.model_copy(update={"ca": rooted(descriptor.target.ca)})}
    if descriptor.project:
        project = descriptor.project
        changes["project"] = project.model_copy(
            update={key: rooted(getattr(project, key)) for key in ("path", "python", "env_file")}
        )
    if descriptor.clock:
        changes["clock"] = descriptor.clock.model_copy(update={"offset_file": rooted(descriptor.clock.offset_file)})
    return descriptor.model_copy(update=changes)


def from_environment(name: str) -> str:
    """The value of an environment variable, or "" where it is not set or no name is given."""
    return os.environ.get(name, "") if name else ""
