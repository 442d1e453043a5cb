"""Each view of a target: open or closed, why, what it decides, and the lines that would open it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stackproof.absent import INSIDE, PYTHON, lacking
from stackproof.check import View
from stackproof.descriptor.model import Project
from stackproof.registry import RegisteredCheck
from stackproof.report.build import PROFILE_VIEWS
from stackproof.spec.model import Specification
from stackproof.target.views import Opening

OF_FILES = frozenset({View.FILES, View.IMAGE})  # what they tell of a component that is not there is nothing, too
#: what to write into stackproof.toml, and what to set in the environment
LINES: Mapping[View, tuple[str, ...]] = {
    View.HTTP: ("[target]", 'base_url = "https://service.example"', 'ca = "authority.pem"  # a private authority'),
    View.ACCOUNTS: (
        "export STACKPROOF_USERNAME=… STACKPROOF_PASSWORD=…",
        "[auth.login]",
        'path = "/auth/login"',
        "[auth.protected]",
        'path = "/me"',
    ),
    View.POSTGRES: (
        "export STACKPROOF_POSTGRES_DSN=postgresql://reader:…@db.example/service?sslmode=verify-full",
        "[postgres]",
        'dsn_env = "STACKPROOF_POSTGRES_DSN"',
    ),
    View.REDIS: (
        "export STACKPROOF_CACHE_URL=rediss://:…@cache.example:6380/0",
        "export STACKPROOF_BROKER_URL=rediss://:…@broker.example:6380/0",
        "[redis.cache]",
        'url_env = "STACKPROOF_CACHE_URL"',
        "[redis.broker]",
        'url_env = "STACKPROOF_BROKER_URL"',
    ),
    View.PROJECT: (
        "[project]",
        'path = "."',
        'python = ".venv/bin/python"',
        'settings_module = "service.settings"',
        'env_file = "service.env"  # NAME=VALUE lines that the settings need',
        f'# a service without Python: path, env_file, and unused = ["{PYTHON}"]',
    ),
    View.FILES: ('# into [project]: path = "."',),
    View.IMAGE: ('# into [project]: image = "registry.example/service:1.2"',),
    View.ENGINE: ('# into [host]: docker = ["docker", "--context", "production"]',),
    View.HOST: ("[host]", 'database_memory = "16GiB"'),
    View.CLOCK: ("[clock]", 'base_url = "https://localhost:8444"', 'offset_file = "clock-offset"'),
    View.CELERY: ("[celery]", 'app = "service"'),
    View.KEY: ("export STACKPROOF_SIGNING_KEY=…", "[auth.signing_key]", 'env = "STACKPROOF_SIGNING_KEY"'),
    View.DISPOSABLE: ("[accounts.disposable]", "through_project = true  # or commands: create, deactivate, delete"),
    View.RESTART: ("[restart]", 'command = ["docker", "compose", "restart", "web"]'),
    View.REPLICAS: ('# into [target]: also = ["https://second.service.example"], another process of the service',),
    View.BACKUP: ("[postgres.backup]", 'newest = ["./newest-backup"]  # prints a time in ISO 8601, with its offset'),
    View.WAITING: (
        "[waiting]",
        'path = "/wait?seconds={seconds}"  # waits, and computes nothing',
        '# stream = "/ticks?seconds={seconds}"  # sends its answer piece by piece',
        '# in_flight = "/in-flight"  # how many of both run',
    ),
    View.LOGS: ("[logs]", 'command = ["docker", "compose", "logs", "--no-log-prefix", "--tail", "5000", "web"]'),
    View.WEBSOCKET: ("[websocket]", 'path = "/live/"', 'token = "header:Authorization"'),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """One view.

    Attributes:
        required: the profile cannot be complete without it.
        document: ids of the document's requirements that a check decides by looking through it.
        derived: ids of derived requirements, likewise.
        checks: ids of those checks.
        lines: what to set and to write; empty where it is open.
    """

    view: View
    open: bool
    required: bool
    reason: str
    document: tuple[str, ...]
    derived: tuple[str, ...]
    checks: tuple[str, ...]
    lines: tuple[str, ...]


def sights(
    specification: Specification,
    checks: Sequence[RegisteredCheck],
    openings: Mapping[View, Opening],
    profile: str,
    project: Project | None = None,
) -> list[Sight]:
    """Every view, in the order of `View`; what the service does not use (`project.unused`) needs none."""
    unused = project.unused if project else ()
    needed = _needed(specification, checks, openings, profile, unused)
    found = []
    for view, opening in openings.items():
        looking = [one for one in checks if view in one.check.needs]
        document, derived = (
            tuple(
                one.id
                for one in group
                if any(check.check.selects(one) for check in looking) and not lacking(one, unused, {view} - OF_FILES)
            )
            for group in (specification.requirements, specification.derived)
        )
        deciding = tuple(one.id for one in looking if any(one.check.selects(two) for two in specification.every))
        lines = () if opening.open else lines_for(view, project)
        found.append(
            Sight(view, opening.open, view in needed, opening.reason, document, derived, deciding, lines),
        )
    return found


def lines_for(view: View, project: Project | None) -> tuple[str, ...]:
    """What to set and to write to open a view; a table that is there already is not written again."""
    if view is not View.PROJECT or project is None:
        return LINES.get(view, ())
    if PYTHON in project.unused:
        return ("# nothing opens it: attest to what it would decide ([[attestations]] in docs/target.md)",)
    given = {"path": True, "settings_module": project.settings_module, "env_file": project.env_file}
    missing = [one for one in LINES[view][1:-1] if not given.get(one.partition(" ")[0])]
    return (*(f"# into [project]: {one}" for one in missing), f'# or, where there is no Python: unused = ["{PYTHON}"]')


def _needed(
    specification: Specification,
    checks: Sequence[RegisteredCheck],
    openings: Mapping[View, Opening],
    profile: str,
    unused: Sequence[str],
) -> set[View]:
    """The views without which a requirement of the profile stays undecided; of alternatives an open one will do."""
    allowed = PROFILE_VIEWS.get(profile, frozenset(View))
    opened = {view for view, opening in openings.items() if opening.open}
    deciding = [one.check for one in checks if not one.check.supplementary and one.check.needs <= allowed]
    needed: set[View] = set()
    for requirement in specification.requirements:
        if lacking(requirement, unused, INSIDE):
            continue
        judging = [one for one in deciding if one.selects(requirement)]
        can_look = {one.one_of for one in judging if one.needs <= opened} - {""}
        needed |= {view for one in judging if one.one_of not in can_look for view in one.needs}
    return needed
