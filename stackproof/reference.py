"""The reference service as a target: started for a run, and described like anybody's service."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackproof.check import View
from stackproof.harness import harness_root, put_tree_on_path
from stackproof.ingredients import USUAL, Ingredients
from stackproof.redescribed import as_toml, describe_reference
from stackproof.report.model import ServicePart
from stackproof.repository import changed_copy
from stackproof.variations import filled_in, laid_over

if TYPE_CHECKING:
    from fixtures.reference import Reference
    from fixtures.services import Service, Services
    from stackproof.faults import Fault
    from stackproof.variations import Variation

type Progress = Callable[[str], None]
DRILL_WITHIN = 45  # seconds for a command, and for the recovery after it
FAULTY_DRILL_WITHIN = 20  # a faulty service may never recover, and a proof waits for each


@dataclass(frozen=True, slots=True)
class ReferenceTarget:
    """A running reference service.

    Attributes:
        descriptor: its stackproof.toml, in a folder that goes away with it.
        services: what PostgreSQL and both Redis roles really are.
        reason: how they were provided, and why so.
    """

    descriptor: Path
    services: tuple[ServicePart, ...]
    reason: str


@contextmanager
def working_folder() -> Iterator[Path]:
    """A folder for a run's services; other users may pass through it, and its secrets are files of mode 0600.

    As root PostgreSQL runs as another user: where that user may not pass through TMPDIR, /tmp takes its place.
    """
    base = Path(tempfile.gettempdir()).resolve()
    closed = os.geteuid() == 0 and not all(one.stat().st_mode & stat.S_IXOTH for one in (base, *base.parents))
    place = "/tmp" if closed else None  # noqa: S108 - the folder in it is a new one
    with tempfile.TemporaryDirectory(prefix="stackproof-", dir=place, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def private_file(path: Path, text: str) -> Path:
    """Write a file that only its owner may read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


class Bench:
    """Runs reference services one after another, conforming or faulty, on services that they share where they can.

    Args:
        kind: how PostgreSQL and Redis are provided: auto, testcontainers, embedded or external.
        say: takes lines of progress.
        of: versions of what it is built of.
        engine: the descriptor names the container engine, where services run on one; a proof is not about it.
    """

    def __init__(self, kind: str, say: Progress, of: Ingredients = USUAL, *, engine: bool = False) -> None:
        self._kind = kind
        self._engine = engine
        self._say = say
        self._of = of
        self._project: Path | None = of.project
        self._stack = ExitStack()
        self._shared: Services | None = None
        self._count = 0

    def __enter__(self) -> Bench:
        put_tree_on_path()
        from fixtures.reaper import Reaper

        self._folder = self._stack.enter_context(working_folder())
        self._stack.enter_context(Reaper()).folder(self._folder)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @contextmanager
    def service(
        self,
        fault: Fault | None = None,
        views: Collection[View] = tuple(View),
        variation: Variation | None = None,
    ) -> Iterator[ReferenceTarget]:
        """A reference service, up and described; its account and addresses are in this process's environment.

        Args:
            views: those that will be looked through; what serves no other view is not started.
            variation: another way of keeping to the specification; the fault is put on top of it.

        Raises:
            InfrastructureError: something of it could not be brought up.
        """
        from fixtures.environments import provision
        from fixtures.interpreters import find_python
        from fixtures.reference import ServeOptions, start_reference
        from fixtures.services.backups import first_backup

        interpreter = find_python(self._of.python, self._say) if self._of.python else Path(sys.executable)
        app = self._app(interpreter)
        self._count += 1
        folder = self._folder / f"service-{self._count}"
        folder.mkdir(mode=0o711)
        if set(views) == {View.FILES}:
            yield _described_files(app, folder, fault)
            return
        pins = dict(fault.pins) if fault else {}
        with ExitStack() as stack:
            python = self._of.interpreter or provision(
                app, groups=("dev", "clock"), pins=pins, progress=self._say, interpreter=interpreter
            )
            services = self._services(stack, fault, folder)
            backed_up = stack.enter_context(first_backup(services, wanted=View.BACKUP in views))
            if fault and fault.one_redis:
                services = replace(services, cache=replace(services.broker, role="cache"))
            options = ServeOptions(
                tls_minimum=fault.serve.tls_minimum if fault else "",
                certificate=fault.serve.certificate if fault else "",
                plain_on_tls_port=fault.serve.plain_on_tls_port if fault else False,
                renewal=fault.serve.renewal if fault else "",
                http=View.HTTP in views,
                clock=bool({View.CLOCK, View.RESTART} & set(views)),
                others=View.REPLICAS in views,
                worker=View.CELERY in views and (fault is None or fault.serve.worker),
                supervised=fault is None or fault.serve.supervised,
                beat=View.CELERY in views and (fault is None or fault.serve.beat),
                **(variation.serve.model_dump() if variation else {}),
            )
            reference = stack.enter_context(
                start_reference(
                    services,
                    python=python,
                    app=app,
                    workdir=folder,
                    progress=self._say,
                    fault=fault.name if fault else None,
                    variation=variation.name if variation else None,
                    serve=options,
                )
            )
            if fault and fault.sql:
                _execute(services, fault.sql)
            backed_up()
            stack.enter_context(environment(_secrets(reference, services)))
            source = app
            if fault and fault.files:
                source = changed_copy(app, folder, fault, reference.env["DISPATCH_SECRET_KEY"])
            engine = self._engine and services.postgres.how == "testcontainers"
            yield _described(reference, services, source, folder, fault, variation, engine=engine)

    def _app(self, interpreter: Path) -> Path:
        """The folder of the service's code, with the lock that was asked for."""
        own = harness_root() / "sample_app"
        if self._project is None and self._of.resolution:
            from fixtures.resolved import resolved_project

            where = self._folder / "project" / own.name
            self._project = resolved_project(
                own, self._of.resolution, python=interpreter, folder=where, progress=self._say
            )
        return self._project or own

    def _services(self, stack: ExitStack, fault: Fault | None, folder: Path) -> Services:
        if fault is not None and fault.changes_services:
            return stack.enter_context(reference_services(self._kind, folder / "services", self._say, fault, self._of))
        if self._shared is None:
            where = self._folder / "services"
            self._shared = self._stack.enter_context(reference_services(self._kind, where, self._say, of=self._of))
        return self._shared


@contextmanager
def reference_target(kind: str, say: Progress, of: Ingredients = USUAL) -> Iterator[ReferenceTarget]:
    """One conforming reference service for one run."""
    with Bench(kind, say, of, engine=True) as bench, bench.service() as target:
        yield target


@contextmanager
def reference_services(
    kind: str, folder: Path, say: Progress, fault: Fault | None = None, of: Ingredients = USUAL
) -> Iterator[Services]:
    """PostgreSQL and both Redis roles with the specification's settings, changed by what the fault declares."""
    from fixtures.services import ServicePlan, provide

    plan = ServicePlan(
        postgres=dict(fault.postgres) if fault else {},
        cache=dict(fault.cache) if fault else {},
        broker=dict(fault.broker) if fault else {},
        plain_postgres=fault.plain_postgres if fault else False,
        postgres_version=of.postgres,
        redis=of.redis,
        redis_version=of.redis_version,
    )
    folder.mkdir(mode=0o711, exist_ok=True)
    with provide(kind, plan, workdir=folder, progress=say) as services:
        yield services


def _execute(services: Services, statements: tuple[str, ...]) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(services.postgres.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement))


def _secrets(reference: Reference, services: Services) -> dict[str, str]:
    return {
        "STACKPROOF_USERNAME": reference.username,
        "STACKPROOF_PASSWORD": reference.password,
        "STACKPROOF_SIGNING_KEY": reference.env.get("DISPATCH_JWT_SIGNING_KEY") or reference.env["DISPATCH_SECRET_KEY"],
        "STACKPROOF_POSTGRES_DSN": services.postgres.url,
        "STACKPROOF_CACHE_URL": services.cache.url,
        "STACKPROOF_BROKER_URL": services.broker.url,
    }


def _described(
    reference: Reference,
    services: Services,
    app: Path,
    folder: Path,
    fault: Fault | None,
    variation: Variation | None,
    *,
    engine: bool,
) -> ReferenceTarget:
    from fixtures.services.backups import flawed

    env_file = private_file(folder / "service.env", "".join(f"{k}={v}\n" for k, v in sorted(reference.env.items())))
    descriptor = folder / "stackproof.toml"
    changes: dict[str, dict[str, Any]] = {
        "target": {
            "base_url": reference.base_url,
            "also": reference.also,
            "ca": reference.ca,
            "plain_url": reference.plain_url,
        },
        "postgres": {
            "dsn_env": "STACKPROOF_POSTGRES_DSN",
            "processes": reference.processes,
            "workers": reference.workers,
        },
        "redis": {
            "cache": {"url_env": "STACKPROOF_CACHE_URL"},
            "broker": {"url_env": "STACKPROOF_BROKER_URL"},
        },
        "project": {
            "path": app,
            "python": reference.python,
            "env_file": env_file,
            "settings_module": reference.env.get("DJANGO_SETTINGS_MODULE", "dispatch.settings"),
            "audit": _audit_of(app),
        },
        "host": {"database_memory": reference.database_memory} | ({"docker": ["docker"]} if engine else {}),
        "drill": {
            name: {"stop": stop, "start": start, "within": FAULTY_DRILL_WITHIN if fault else DRILL_WITHIN}
            for name, (stop, start) in reference.parts.items()
        },
    }
    if reference.clock_base_url:
        changes["clock"] = {"base_url": reference.clock_base_url, "offset_file": reference.clock_offset_file}
        changes["restart"] = {"base_url": reference.clock_base_url, "command": reference.restart_command}
    if reference.logs:
        changes["logs"] = {"files": reference.logs}
    if services.postgres.backup:
        changes["postgres"]["backup"] = flawed(services.postgres.backup, fault.backup if fault else "")
    if variation:
        keys = reference.keys
        words = {"private_key": str(keys.private), "public_key": str(keys.public)} if keys else {}
        changes = laid_over(changes, filled_in(variation.descriptor, words | {"base_url": reference.base_url}))
    without = {*(variation.without if variation else ()), *(() if reference.logs else ("logs",))}
    describe_reference(app / "stackproof.toml", changes, descriptor, without)
    return ReferenceTarget(descriptor, tuple(_part(one) for one in services.each()), services.reason)


def _described_files(app: Path, folder: Path, fault: Fault | None) -> ReferenceTarget:
    """The project alone, where nothing else is looked at."""
    source = changed_copy(app, folder, fault) if fault else app
    descriptor = folder / "stackproof.toml"
    project = {"path": source, "audit": _audit_of(source)}
    descriptor.write_text(as_toml({"target": {"name": "dispatch"}, "project": project}), encoding="utf-8")
    return ReferenceTarget(descriptor, (), "no service is needed")


def _audit_of(source: Path) -> dict[str, Path]:
    """Where the project itself says that advisories are looked up, in its own folder."""
    own = tomllib.loads((source / "stackproof.toml").read_text(encoding="utf-8"))
    return {name: source / path for name, path in own["project"].get("audit", {}).items()}


def _part(service: Service) -> ServicePart:
    return ServicePart(
        role=service.role,
        product=service.product,
        version=service.version,
        how=service.how,
        tls=service.tls,
        standin=service.standin,
        note=service.note,
    )
