"""`stackproof.toml`: the target as its team describes it; `reading` reads the file."""

from __future__ import annotations

import datetime
import os
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from stackproof.descriptor.audit import Audit
from stackproof.descriptor.authentication import Accounts, Auth, Protected
from stackproof.descriptor.backup import Backup
from stackproof.descriptor.drill import Drill
from stackproof.descriptor.places import Endpoint, Removal, Table, UrlPath
from stackproof.descriptor.record import Record
from stackproof.descriptor.redis import Redis
from stackproof.descriptor.rehearse import Rehearse
from stackproof.descriptor.waiting import Waiting
from stackproof.descriptor.websocket import WebSocket

NO_DSN = "the DSN of PostgreSQL is no DSN that libpq reads; its form is postgresql://USER@HOST/DATABASE?sslmode=require"
Profile = Literal["remote", "services", "full"]


class Database(Table):
    """PostgreSQL as a reader sees it. Give the DSN in an environment variable where it has a password."""

    dsn: str = ""
    dsn_env: str = "STACKPROOF_POSTGRES_DSN"
    processes: int = Field(0, ge=0, description="Processes of the service that serve requests; 0: not known.")
    threads: int = Field(0, ge=0, description="Connections that each opens at most: its threads, or its pool.")
    workers: int = Field(0, ge=0, description="Further processes with a connection of their own: workers, beat.")
    service_env: str = Field(
        "", description="Variable of project.env_file with the service's own database URL, where it is not Django."
    )
    backup: Backup | None = None

    @property
    def own_dsn(self) -> str:
        """The DSN as libpq reads it, "" where there is none: the driver that SQLAlchemy's form names is taken off."""
        given = self.dsn or from_environment(self.dsn_env)
        return re.sub(r"^(postgres(?:ql)?)\+\w+://", r"\1://", given)


class Project(Table):
    """The service's own code and interpreter.

    `env_file` (lines of NAME=VALUE) is put into the environment of the interpreter when settings are read.
    """

    path: Path
    python: Path | None = Field(None, description="The service's interpreter; packages are read from it.")
    settings_module: str = Field("", description="DJANGO_SETTINGS_MODULE of the running service.")
    env_file: Path | None = None
    image: str = Field("", description="The image that runs, name:tag; what is installed inside is asked, offline.")
    unused: tuple[str, ...] = Field((), description="Requirement ids of components that the service does not use.")
    audit: Audit = Audit()
    production: tuple[str, ...] = Field(
        (), description="Groups, extras and requirements files of production that are not told by their names."
    )
    development: tuple[str, ...] = Field((), description="Likewise those that are for development alone.")


class Host(Table):
    """The machines: of the database, and of the containers."""

    database_memory: str = Field("", description='RAM of the database\'s machine: "16GiB".')
    docker: tuple[str, ...] = Field(
        (), description='Words that run the client of the target\'s engine: ["docker", "--context", "production"].'
    )


class Clock(Table):
    """An instance of the service whose clock the harness may move by writing seconds into `offset_file`."""

    base_url: str
    offset_file: Path


class Celery(Table):
    """The background workers; they answer `celery inspect ping` through the project's interpreter."""

    app: str
    submit: Endpoint | None = Field(None, description="An operation that queues a harmless task.")
    task_id: str = Field("id", description="Body field of the answer that names the task; dots lead into objects.")
    status: Protected | None = Field(None, description="Its state; `{id}` in the path.")
    undo: Removal | None = Field(None, description="Takes back what a submission made beside its task.")
    undo_id: str = Field("", description="Body field of submit's answer that names that; default: task_id.")
    state: str = Field("state", description="Body field of the state; dots lead on.")
    done: str = Field("SUCCESS", description="The state of a finished task.")
    at_most_once: tuple[str, ...] = Field((), description="Tasks that shall be lost with their worker, by design.")


class Restart(Table):
    """A command that restarts the service (or one instance of it) and ends once it is up again.

    Without `base_url` the whole target is restarted, after every other check and with nothing beside it.
    """

    command: tuple[str, ...] = Field(min_length=1, description="A list of words, run without a shell.")
    within: float = Field(60.0, gt=0, le=600, description="Seconds that it may take.")
    base_url: str = Field("", description="The instance that is restarted; default: target.base_url.")


class Logs(Table):
    """What the service's processes write: files, or what a command prints (`docker logs web`).

    The other keys are the names of fields in a line of JSON; a dot leads into an object.
    """

    files: tuple[Path, ...] = Field((), description="Log files of the service; relative to this file.")
    command: tuple[str, ...] = Field((), description="Prints the newest lines; a list of words, run without a shell.")
    time: str = Field("timestamp", description="Field of the time.")
    level: str = Field("level", description="Field of the level.")
    event: str = Field("event", description="Field of the message.")
    request_id: str = Field("request_id", description="Field of the request's id.")
    user_id: str = Field("", description="Field of the account's id, where lines have it.")
    request_id_header: str = Field(
        "X-Request-ID", description='Header that carries the request\'s id, there and back; "" where there is none.'
    )


class Errors(Table):
    """Where unhandled errors are reported."""

    dsn_env: str = Field("SENTRY_DSN", min_length=1, description="Variable of the service that holds Sentry's DSN.")


class Cors(Table):
    """Cross-origin access as it is meant to be."""

    allowed_origins: tuple[str, ...] = Field((), description="Origins whose scripts may use the service.")
    credentials: bool | None = Field(None, description="Whether they may send cookies; not given: not known.")
    public: bool = Field(False, description="true: every origin may read it, by design, and without credentials.")
    methods: tuple[str, ...] = Field(("GET", "POST", "PATCH", "DELETE"), description="What the web client uses.")
    headers: tuple[str, ...] = Field(("authorization", "content-type"), description="What the web client sends.")
    paths: tuple[UrlPath, ...] = Field((), description="Paths to look at beside those of [auth].")


class Api(Table):
    """The OpenAPI document of the service, and what of it may be used."""

    document: UrlPath | None = Field(None, description="Where it is served; well-known places are tried otherwise.")
    public: tuple[str, ...] = Field((), description='Operations that need no account: "GET /health/", * allowed.')
    exclude: tuple[str, ...] = Field((), description='Operations that are never used: "POST /payments/*".')


class Suites(Table):
    """Checks of the team's own, for clauses that its edition of the specification adds."""

    folders: tuple[Path, ...] = Field((), description="Folders of Python files with checks; they run with the harness.")


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

    base_url: str = Field("", description="Where the service answers; without it only the project is looked at.")
    also: tuple[str, ...] = Field((), description="Other base URLs of the same service: replicas, second names.")
    name: str = ""
    ca: Path | None = Field(None, description="PEM bundle that signs the service's certificate; relative to the file.")
    client_certificate: Path | None = Field(None, description="PEM that the harness identifies itself with.")
    client_key: Path | None = Field(None, description="Its private key, where the certificate's file has none.")
    resolve: dict[str, str] = Field(
        default_factory=dict, description="Addresses in place of names: connect there, ask for the name (TLS, Host)."
    )
    plain_url: str = Field(
        "", description="Where plain HTTP is answered, if anywhere; default: port 80, of a service on port 443."
    )
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
    restart: Restart | None = None
    websocket: WebSocket | None = None
    waiting: Waiting | None = None
    logs: Logs | None = None
    errors: Errors | None = None
    drill: Drill = Drill()
    record: Record | None = None
    rehearse: Rehearse | None = None
    cors: Cors = Cors()
    api: Api = Api()
    suites: Suites = Suites()
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attestation, ...] = ()

    @model_validator(mode="after")
    def _urls_are_urls(self) -> Descriptor:
        if not self.target.base_url and self.project is None:
            raise ValueError("target.base_url is not given; write a whole URL such as https://service.example")
        for key, url in self.base_urls().items():
            parts = urlsplit(url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError(f"{key} is {url!r}; write a whole URL such as https://service.example")
            if parts.username or parts.password:
                raise ValueError(f"{key} carries credentials; name the account through [accounts] instead")
        plain = self.target.plain_url
        if plain and (urlsplit(plain).scheme != "http" or not urlsplit(plain).hostname):
            raise ValueError(f"target.plain_url is {plain!r}; write a whole URL such as http://service.example")
        if self.auth and not self.auth.refresh_tokens and self.auth.refresh:
            raise ValueError("auth.refresh_tokens is false although [auth.refresh] is given; remove one of the two")
        return self

    @property
    def unused(self) -> tuple[str, ...]:
        """Ids of what the service says that it has not (`project.unused`)."""
        return self.project.unused if self.project else ()

    def base_urls(self) -> dict[str, str]:
        """Base URLs by their keys."""
        urls = {"target.base_url": self.target.base_url} if self.target.base_url else {}
        urls |= {f"target.also.{number}": url for number, url in enumerate(self.target.also)}
        urls |= {"clock.base_url": self.clock.base_url} if self.clock else {}
        return urls | ({"restart.base_url": self.restart.base_url} if self.restart and self.restart.base_url else {})

    def allowed_hosts(self) -> frozenset[tuple[str, int]]:
        """(host, port) pairs that the harness may connect to for HTTP: only what the file names."""
        socket, celery = self.websocket, self.celery
        paths = [*(self.auth.paths() if self.auth else ()), *self.cors.paths, self.api.document or ""]
        paths += [one.path for one in (socket.trigger, socket.undo) if one] if socket else []
        paths += [one.path for one in (celery.submit, celery.status, celery.undo) if one] if celery else []
        paths += self.record.paths() if self.record else ()
        paths += self.waiting.paths() if self.waiting else ()
        urls = [*self.base_urls().values(), *(one for one in paths if one.startswith("http"))]
        return frozenset(_host_and_port(url) for url in urls)


def _host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


def from_environment(name: str) -> str:
    """The value of an environment variable, or "" where it is not set or no name is given."""
    return os.environ.get(name, "") if name else ""
