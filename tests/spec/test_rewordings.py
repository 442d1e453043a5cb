"""Another team's words for a known clause give the same id and the value that they say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from stackproof.spec import Choice, Kind, Requirement, Specification, Strength, Threshold, VersionRule

type Clause = Callable[[str, str], list[Requirement]]
type Parse = Callable[[str], Specification]

REWORDED = [
    ("JWT Configuration", "Access token lifetime: 10 min", "jwt.access-token-lifetime", timedelta(minutes=10)),
    ("JWT Configuration", "Access token lifetime: 900 seconds", "jwt.access-token-lifetime", timedelta(minutes=15)),
    ("JWT Configuration", "**Access token lifetime**: `1 hour`", "jwt.access-token-lifetime", timedelta(hours=1)),
    ("JWT Configuration", "Refresh token lifetime: two weeks", "jwt.refresh-token-lifetime", timedelta(weeks=2)),
    ("Tokens", "Refresh: 7 days (168 hours)", "jwt.refresh-token-lifetime", timedelta(days=7)),
    ("Sessions", "Access tokens expire after 5 minutes", "jwt.access-token-lifetime", timedelta(minutes=5)),
    ("Sessions", "Access-token TTL: PT20M", "jwt.access-token-lifetime", timedelta(minutes=20)),
    ("Sessions", "The access token is valid for 1h30m", "jwt.access-token-lifetime", timedelta(minutes=90)),
    ("JWT", "Rotation: Disabled", "jwt.rotation", False),
    ("JWT", "Refresh token rotation: On", "jwt.rotation", True),
    ("JWT", "Rotation: Not enabled", "jwt.rotation", False),
    ("JWT", "Blacklist: Off", "jwt.blacklist", False),
    ("JWT", "Denylist: enabled for logout, never for access tokens", "jwt.blacklist", True),
    ("TLS/SSL", "Minimum TLS 1.3", "tls.minimum-version", Choice(("1.3",))),
    ("Transport security", "Minimum version: TLS 1.3", "tls.minimum-version", Choice(("1.3",))),
    ("TLS", "TLS 1.3 or newer everywhere", "tls.minimum-version", Choice(("1.3",))),
    ("TLS", "TLSv1.2+", "tls.minimum-version", Choice(("1.2",))),
    ("TLS", "PostgreSQL: `sslmode=verify-full`", "tls.postgresql.sslmode", Choice(("verify-full",))),
    ("TLS", "PostgreSQL: verify-ca", "tls.postgresql.sslmode", Choice(("verify-ca",))),
    ("PostgreSQL 17", "`sslmode`: verify-full", "tls.postgresql.sslmode", Choice(("verify-full",))),
    (
        "TLS",
        "PostgreSQL: sslmode=verify-ca or verify-full",
        "tls.postgresql.sslmode",
        Choice(("verify-ca", "verify-full")),
    ),
    ("TLS", "Redis: TLS always", "tls.redis", True),
    ("TLS", "Redis: no TLS", "tls.redis", False),
    ("Redis 8", "TLS: enabled", "tls.redis", True),
    ("PostgreSQL 16", "`max_connections`: at least 200", "postgresql.max-connections", Threshold(200, ">=")),
    ("PostgreSQL 16", "`max_connections`: 200", "postgresql.max-connections", Threshold(200, "==")),
    ("PostgreSQL 16", "max_connections = 150+", "postgresql.max-connections", Threshold(150, ">=")),
    ("PostgreSQL 16", "Set `max_connections` to at most 50", "postgresql.max-connections", Threshold(50, "<=")),
    ("PostgreSQL 16", "`shared_buffers`: 40% of memory", "postgresql.shared-buffers", Threshold(0.4, "==", "RAM")),
    ("PostgreSQL 16", "`shared_buffers`: 40%", "postgresql.shared-buffers", Threshold(0.4, "==", "RAM")),
    ("PostgreSQL 16", "`shared_buffers`: 4GB", "postgresql.shared-buffers", Threshold(4 * 1024**3, "==")),
    ("PostgreSQL 16", "`work_mem`: 64 MB or more", "postgresql.work-mem", Threshold(64 * 1024**2, ">=")),
    ("PostgreSQL 16", "`statement_timeout`: 5 min", "postgresql.statement-timeout", timedelta(minutes=5)),
    ("PostgreSQL 16", "`lock_timeout`: 250ms", "postgresql.lock-timeout", timedelta(seconds=0.25)),
    ("PostgreSQL 16", "`wal_level`: logical", "postgresql.wal-level", Choice(("logical",))),
    ("PostgreSQL 16", "Backup: hourly", "postgresql.backup.daily", timedelta(hours=1)),
    ("PostgreSQL 16", "Backup: every 6 hours", "postgresql.backup.daily", timedelta(hours=6)),
    ("Passwords", "Default: Argon2id, as RFC 9106 advises", "password.hash-algorithm", Choice(("argon2id",))),
    ("PostgreSQL 16", "Required extensions: pg_trgm", "postgresql.extension.pg-trgm", True),
    ("Redis", "Separate instances for cache and broker", "redis.separate-instances", True),
    ("Redis", "One instance for cache and broker", "redis.separate-instances", False),
    ("Container Images", "Python: `python:3.13-slim`", "image.python", "python:3.13-slim"),
    ("Base Images", "`python:3.13-slim`", "image.python", "python:3.13-slim"),
    ("Base Images", "Nginx: nginx:1.27-alpine", "image.nginx", "nginx:1.27-alpine"),
    (
        "Base Images",
        "PostgreSQL: `registry.test:5000/db/postgres:17`",
        "image.postgresql",
        "registry.test:5000/db/postgres:17",
    ),
    ("Password Hashing", "Algorithm: scrypt", "password.hash-algorithm", Choice(("scrypt",))),
    ("Passwords", "Default: bcrypt", "password.hash-algorithm", Choice(("bcrypt",))),
    ("Passwords", "`PASSWORD_HASHERS` begins with PBKDF2", "password.hashers-setting", Choice(("pbkdf2",))),
    ("Lock File", "Use `poetry.lock`", "lock.tool", Choice(("poetry.lock",))),
    ("Lock File", "Do not commit the lock file", "lock.committed", False),
    ("Production Dependencies", "Pin to patch versions", "pinning.production.minor", Choice(("patch",))),
    ("Production Dependencies", "Update monthly", "pinning.production.quarterly-update", None),
    (
        "Development Dependencies",
        "Use compatible release constraints: `~=X.Y`",
        "pinning.development.minimum-version",
        Choice(("~=X.Y",)),
    ),
    ("LTS Alignment", "Django: Follow LTS releases (6.2 until 2030-04)", "upgrade.django-lts", date(2030, 4, 30)),
    ("LTS Alignment", "Django: Follow LTS releases", "upgrade.django-lts", True),
    ("Monthly review", "1. Plan the rollback", "review.rollback-plan", None),
]


@pytest.mark.parametrize(("chapter", "words", "identifier", "value"), REWORDED)
def test_reworded_clause(clause: Clause, chapter: str, words: str, identifier: str, value: object) -> None:
    """The fixed id stays, and the value is the one that the words say."""
    found = clause(chapter, words if words.startswith("1.") else f"- {words}")

    assert [one.id for one in found] == [identifier]
    if value is not None:
        assert found[0].value == value
    assert found[0].understood


PUZZLING = [
    ("JWT", "Access token lifetime: 15", "jwt.access-token-lifetime"),
    ("JWT", "Access token lifetime: short", "jwt.access-token-lifetime"),
    ("JWT", "Access token lifetime: 1 month", "jwt.access-token-lifetime"),
    ("JWT", "Access token lifetime: 0 minutes", "jwt.access-token-lifetime"),
    ("JWT", "Access token lifetime: 10-15 minutes", "jwt.access-token-lifetime"),
    ("JWT", "Access token lifetime: never 15 minutes", "jwt.access-token-lifetime"),
    ("JWT", "Access token lifetime: 15 minutes for people, 1 hour for machines", "jwt.access-token-lifetime"),
    ("JWT", "Rotation: sometimes", "jwt.rotation"),
    ("JWT", "Rotation: Enabled except for mobile clients", "jwt.rotation"),
    ("JWT", "Rotation: Enabled in staging, disabled in production", "jwt.rotation"),
    ("TLS", "Minimum TLS 1.5", "tls.minimum-version"),
    ("TLS", "Minimum TLS 1.2, or TLS 1.3 where possible", "tls.minimum-version"),
    ("TLS", "PostgreSQL: `sslmode=requre`", "tls.postgresql.sslmode"),
    ("TLS", "PostgreSQL: encrypted somehow", "tls.postgresql.sslmode"),
    ("TLS", "Redis: to be decided", "tls.redis"),
    ("PostgreSQL", "`max_connections`: about 100", "postgresql.max-connections"),
    ("PostgreSQL", "`max_connections`: 100-200", "postgresql.max-connections"),
    ("PostgreSQL", "`max_connections`: 100 per worker", "postgresql.max-connections"),
    ("PostgreSQL", "`max_connections`: 100ms", "postgresql.max-connections"),
    ("PostgreSQL", "`shared_buffers`: 150% of RAM", "postgresql.shared-buffers"),
    ("PostgreSQL", "Backup: now and then", "postgresql.backup.daily"),
    ("Redis", "Memory policy: `allkeys-lrx` for cache", "redis.cache.maxmemory-policy"),
    ("Redis", "Memory policy: `allkeys-lru`", "redis.maxmemory-policy"),
    ("Redis", "Persistence: AOF", "redis.persistence"),
    ("Redis", "Persistence: not AOF for broker", "redis.persistence"),
    ("Base Images", "Python: a slim one", "image.python"),
    ("Passwords", "Default: not MD5", "password.hash-algorithm"),
    ("Passwords", "Default: Argon2id, scrypt", "password.hash-algorithm"),
    ("Passwords", "`PASSWORD_HASHERS` has Argon2 somewhere", "password.hashers-setting"),
    ("Lock File", "Tool: whatever fits", "lock.tool"),
    ("Production Dependencies", "Use compatible release constraints", "pinning.production.compatible-release"),
    ("LTS Alignment", "Django: Follow LTS releases (5.2 until spring)", "upgrade.django-lts"),
]


@pytest.mark.parametrize(("chapter", "words", "identifier"), PUZZLING)
def test_value_that_cannot_be_read(clause: Clause, chapter: str, words: str, identifier: str) -> None:
    """A known clause with a value that nobody can read keeps its id and is not understood; nothing is guessed."""
    found = clause(chapter, f"- {words}")

    assert [(one.id, one.understood, one.kind, one.value) for one in found] == [(identifier, False, Kind.UNKNOWN, None)]
    assert found[0].note


OTHERS = [
    ("JWT", "Access tokens are valid for one audience only"),
    ("JWT", "Access token lifetime (mobile): 30 days"),
    ("JWT", "Rotation grace period: 10 seconds"),
    ("JWT", "Blacklist clean-up: daily"),
    ("JWT", "Algorithm: RS256"),
    ("CSRF tokens", "Rotation: Enabled"),
    ("TLS", "Public endpoints: at least TLS 1.3"),
    ("TLS", "TLS 1.3 or newer for the public endpoints"),
    ("TLS", "Never fall back to sslmode=disable"),
    ("TLS", "Disable TLS 1.0 and TLS 1.1"),
    ("PostgreSQL", "Backup retention: 30 days"),
    ("PostgreSQL", "Extensions are reviewed before they are added"),
    ("PostgreSQL", "Extensions: none"),
    ("PostgreSQL", "Time zone: UTC"),
    ("Redis", "Maxmemory: 2gb"),
    ("Redis", "Fail-over: the broker must not share one instance with the cache"),
    ("Base Images", "User: `nobody`"),
    ("Base Images", "Port: `8000:8000`"),
    ("Base Images", "Rebuild images when the lock file changes"),
    ("Lock File", "Use hashes in the lock file"),
    ("Lock File", "Rebuild images when the lock file changes"),
    ("Lock File", "Each commit that touches the lock file is reviewed"),
    ("Passwords", "Keep PBKDF2 in `PASSWORD_HASHERS` for old rows"),
    ("Passwords", "Length: at least 12 characters"),
    ("Production Dependencies", "Update base images monthly"),
    ("Production Dependencies", "Review upper bounds every quarter"),
    ("LTS Alignment", "Django: skip releases that end in .0"),
    ("LTS Alignment", "Redis: stay on 7.2"),
    ("Quarterly Review", "Drink coffee"),
    ("Compatibility notes", "Never mix drivers"),
]


@pytest.mark.parametrize(("chapter", "words"), OTHERS)
def test_other_statement_on_a_known_subject(clause: Clause, chapter: str, words: str) -> None:
    """A statement that only resembles a known clause is not taken for it: it is kept, and said not to be understood."""
    fixed = {identifier for _, _, identifier, *_ in REWORDED} | {identifier for _, _, identifier in PUZZLING}
    found = clause(chapter, f"- {words}")

    assert [(one.understood, one.id in fixed) for one in found] == [(False, False)]


def test_two_steps_that_could_be_one_procedure(clause: Clause) -> None:
    """Where two steps of the review have a procedure's words, neither is taken for it, and no duplicate is claimed."""
    found = clause("Quarterly Review", "1. Read the security advisories\n2. File the security advisories\n")

    assert [(one.id, one.understood) for one in found] == [
        ("review.read-the-security-advisories", False),
        ("review.file-the-security-advisories", False),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "### Cache\n\n- Memory policy: `allkeys-lru`",
        "- Cache memory policy: `allkeys-lru`",
        "- Memory policy for the cache: `allkeys-lru`",
        "- Cache:\n  - Eviction policy: `allkeys-lru`",
    ],
)
def test_role_may_stand_around_the_policy(clause: Clause, text: str) -> None:
    """The role of a policy may be named by its label, by the item around it or by the heading."""
    found = clause("Redis", text)

    assert [(one.id, one.value) for one in found] == [("redis.cache.maxmemory-policy", Choice(("allkeys-lru",)))]


def test_policies_of_both_roles(clause: Clause) -> None:
    """One bullet states the policy of each role, and the roles may come in any order."""
    found = clause("Redis", "- Memory policy: broker: `volatile-lru`; cache: `allkeys-lfu`")

    assert {one.id: one.value for one in found} == {
        "redis.broker.maxmemory-policy": Choice(("volatile-lru",)),
        "redis.cache.maxmemory-policy": Choice(("allkeys-lfu",)),
    }


def test_one_policy_for_two_roles(clause: Clause) -> None:
    """A policy may hold for both roles."""
    found = clause("Redis", "- Memory policy: `noeviction` for cache and broker")

    assert {one.id for one in found} == {"redis.broker.maxmemory-policy", "redis.cache.maxmemory-policy"}


def test_persistence_of_both_roles(clause: Clause) -> None:
    """Persistence may be switched off for one role, and a condition binds only the part that it stands in."""
    found = clause("Redis", "- Persistence: none for cache, RDB and AOF for broker (if durability needed)")

    assert {one.id: (one.value, one.strength) for one in found} == {
        "redis.cache.persistence": (Choice(("none",)), Strength.REQUIRED),
        "redis.broker.persistence": (Choice(("RDB+AOF",)), Strength.CONDITIONAL),
    }


def test_nested_bullets_state_what_the_parent_introduces(clause: Clause) -> None:
    """A parent that only introduces is no clause; its children take their subject from it."""
    found = clause("Redis", "- Memory policy:\n  - Cache: `allkeys-lru`\n  - Broker: `noeviction`\n")

    assert [one.id for one in found] == ["redis.cache.maxmemory-policy", "redis.broker.maxmemory-policy"]


def test_nested_extensions(clause: Clause) -> None:
    """Extensions may stand in a list of their own."""
    found = clause("PostgreSQL", "- Extensions required:\n  - `uuid-ossp`\n  - `pg_trgm`: for search\n")

    assert [one.id for one in found] == ["postgresql.extension.uuid-ossp", "postgresql.extension.pg-trgm"]


@pytest.mark.parametrize(
    "words",
    [
        "`uuid-ossp`, `pg_trgm` (in the schema `extensions`)",
        "`uuid-ossp`, `pg_trgm` in the schema `extensions`",
        "uuid-ossp and pg_trgm, in schema extensions",
    ],
)
def test_schema_of_the_extensions_is_no_extension(clause: Clause, words: str) -> None:
    """Managed servers keep extensions in a schema of their own: its name, a remark, is not taken for one of them."""
    found = clause("PostgreSQL", f"- Extensions required: {words}")

    assert [one.id for one in found] == ["postgresql.extension.uuid-ossp", "postgresql.extension.pg-trgm"]


def test_extensions_in_parentheses(clause: Clause) -> None:
    """Where all names stand in parentheses, they are the ones that are meant."""
    found = clause("PostgreSQL", "- Extensions: two of them (`uuid-ossp`, `pg_trgm`)")

    assert [one.id for one in found] == ["postgresql.extension.uuid-ossp", "postgresql.extension.pg-trgm"]


@pytest.mark.parametrize(
    ("words", "interval"),
    [
        ("every 12 hours, automated, with point-in-time recovery", timedelta(hours=12)),
        ("automated every two days; PITR", timedelta(days=2)),
        ("twice a day, with point-in-time recovery", None),
        ("continuous, with point-in-time recovery", None),
        ("daily, in December every 6 hours, with PITR", None),
        ("every few hours, with PITR", None),
    ],
)
def test_interval_beside_recovery_is_never_dropped(clause: Clause, words: str, interval: timedelta | None) -> None:
    """Each half of a clause on backups is a requirement; the half that cannot be read is told."""
    found = {one.id: one for one in clause("PostgreSQL", f"- Backup: {words}")}

    assert set(found) == {"postgresql.backup.daily", "postgresql.backup.point-in-time-recovery"}
    assert found["postgresql.backup.daily"].value == interval
    assert found["postgresql.backup.daily"].understood == (interval is not None)


@pytest.mark.parametrize(
    "words",
    [
        "Argon2id with at least 19 MiB of memory and 2 iterations",
        "Argon2id (m=65536, t=3, p=4)",
        "bcrypt with cost 12",
        "PBKDF2-SHA256, 870,000 iterations",
    ],
)
def test_parameters_of_a_hash_are_told(clause: Clause, words: str) -> None:
    """The algorithm is read; the parameters, which no rule reads, stay in the list instead of vanishing."""
    found = clause("Password Hashing", f"- Default: {words}")

    assert [(one.id, one.understood) for one in found] == [
        ("password.hash-algorithm", True),
        ("password.hash-parameters", False),
    ]


def test_introducing_bullet_stands_for_a_heading(clause: Clause) -> None:
    """Bullets below an item that names the subject are read as below a heading."""
    found = clause("Security", "- **JWT**\n  - Rotation: Disabled\n")

    assert [(one.id, one.value) for one in found] == [("jwt.rotation", False)]


def test_table_below_a_known_heading(clause: Clause) -> None:
    """A table of settings is read as a list would be; a third column is a remark."""
    found = clause(
        "JWT",
        "| Setting | Value | Why |\n|---|---|---|\n| Rotation | Disabled | for now |\n| Refresh token | 7 days | |",
    )

    assert [(one.id, one.value) for one in found] == [
        ("jwt.rotation", False),
        ("jwt.refresh-token-lifetime", timedelta(days=7)),
    ]


def test_table_of_images(clause: Clause) -> None:
    """Base images may stand in a table."""
    found = clause("Base Images", "| Service | Image |\n|---|---|\n| Python | `python:3.13-slim` |")

    assert [(one.id, one.value) for one in found] == [("image.python", "python:3.13-slim")]


DATES = [
    ("Oct 2028", date(2028, 10, 31)),
    ("2028-04", date(2028, 4, 30)),
    ("April 2028", date(2028, 4, 30)),
    ("2028-10-31", date(2028, 10, 31)),
    ("31 Oct 2028", date(2028, 10, 31)),
    ("October 9, 2028", date(2028, 10, 9)),
    ("until Feb 2028", date(2028, 2, 29)),
    ("10/2028", date(2028, 10, 31)),
    ("Q3 2028", date(2028, 9, 30)),
    ("2028", date(2028, 12, 31)),
]


@pytest.mark.parametrize(("written", "expected"), DATES)
def test_support_date(parse: Parse, write: Callable[..., object], written: str, expected: date) -> None:
    """A month stands for its last day, in every usual way of writing it."""
    found = parse(f"| Component | Constraint | EOL |\n|---|---|---|\n| Django | `>=5` | {written} |\n")

    assert [(one.id, one.value) for one in found.requirements][1:] == [("support.django", expected)]


@pytest.mark.parametrize("written", ["soon", "2028-13", "2028-02-30", "TBD", "when 6.2 is out"])
def test_support_date_that_is_none(parse: Parse, written: str) -> None:
    """A date that cannot be read is kept as not understood."""
    found = parse(f"| Component | Constraint | EOL |\n|---|---|---|\n| Django | `>=5` | {written} |\n").requirements

    assert [(one.id, one.understood) for one in found][1:] == [("support.django", False)]


@pytest.mark.parametrize("written", ["-", "—", "", "n/a"])
def test_row_without_support_date(parse: Parse, written: str) -> None:
    """A dash promises no date and is no clause."""
    found = parse(f"| Component | Constraint | EOL |\n|---|---|---|\n| Django | `>=5` | {written} |\n").requirements

    assert [one.id for one in found] == ["version.django"]


def test_columns_in_another_order_with_more_of_them(parse: Parse) -> None:
    """Columns are known by their headers; those that nobody knows do no harm."""
    found = parse(
        "| Owner | Range | Package | Release |\n|---|---|---|---|\n"
        "| platform | `>=2.28` | [requests](https://x.test) | 2.32.x |\n"
    ).requirements

    assert [one.id for one in found] == ["version.requests"]
    value = found[0].value
    assert isinstance(value, VersionRule)
    assert (value.package, str(value.constraint), value.line) == ("requests", ">=2.28", "2.32.x")


def test_version_column_decides_where_no_constraint_is(parse: Parse) -> None:
    """A table without constraints is read by its versions, and says so."""
    found = parse("| Component | Version |\n|---|---|\n| Django | 5.2.x LTS |\n| Node.js | current |\n").requirements

    assert isinstance(found[0].value, VersionRule)
    assert found[0].value.constraint.contains("5.2.9")
    assert not found[0].value.constraint.contains("6.0")
    assert found[0].note
    assert (found[1].id, found[1].understood) == ("version.node-js", False)


TREES = {
    "unicode": "Python 3.12.x\n├── Django 5.2.x LTS\n│   └── DRF 3.16.x\n└── Celery 5.6.x",
    "ascii": "Python 3.12.x\n|-- Django 5.2.x LTS\n|   `-- DRF 3.16.x\n+-- Celery 5.6.x",
    "backslash": "Python 3.12.x\n|-- Django 5.2.x LTS\n|   \\-- DRF 3.16.x\n\\-- Celery 5.6.x",
    "underscores": "Python 3.12.x\n|__ Django 5.2.x LTS\n|   |__ DRF 3.16.x\n|__ Celery 5.6.x",
    "indented": "Python 3.12.x\n  Django 5.2.x LTS\n    DRF 3.16.x\n  Celery 5.6.x",
    "tabs": "Python 3.12.x\n\tDjango 5.2.x LTS\n\t\tDRF 3.16.x\n\tCelery 5.6.x",
    "heavy": "Python 3.12.x\n┣━━ Django 5.2.x LTS\n┃   ┗━━ DRF 3.16.x   # the API\n┃\n┗━━ Celery 5.6.x",
}
TREE_EDGES = [
    "compatibility.django.python",
    "compatibility.django-rest-framework.django",
    "compatibility.celery.python",
]
TREE_TABLE = "| Component | Constraint |\n|---|---|\n| Django REST Framework | `>=3.16` |\n\n## Compatibility\n\n"


@pytest.mark.parametrize("drawing", TREES)
@pytest.mark.parametrize("form", ["```\n{}\n```", "~~~text\n{}\n~~~"])
def test_tree_however_it_is_drawn(parse: Parse, drawing: str, form: str) -> None:
    """The tree's edges do not depend on the characters that draw it, and take the names of the rows."""
    found = parse(TREE_TABLE + form.format(TREES[drawing])).requirements

    assert [one.id for one in found][1:] == TREE_EDGES


def test_tree_without_a_fence(parse: Parse) -> None:
    """A tree that lost its fence is still a tree."""
    found = parse(TREE_TABLE + TREES["unicode"]).requirements

    assert [one.id for one in found][1:] == TREE_EDGES


def test_tree_as_nested_list(parse: Parse) -> None:
    """A nested list states the same edges."""
    found = parse(
        TREE_TABLE + "- Python 3.12.x\n  - Django 5.2.x LTS\n    - DRF 3.16.x\n  - Celery 5.6.x\n"
    ).requirements

    assert [one.id for one in found][1:] == TREE_EDGES


def test_listing_of_folders_is_no_tree(parse: Parse) -> None:
    """A drawing of something else states no compatibility."""
    found = parse(TREE_TABLE.replace("Compatibility", "Layout") + "```\nsrc/\n├── app\n└── tests\n```\n").requirements

    assert [one.id for one in found] == ["version.django-rest-framework"]


def test_line_of_the_tree_that_is_no_node(parse: Parse) -> None:
    """A line of the tree that names no component is kept."""
    found = parse(TREE_TABLE + "```\nPython 3.12.x\n└── Django 5.2.x\n    └── ???\n```\n").requirements

    assert [(one.id, one.understood) for one in found][2:] == [("compatibility.clause", False)]


@pytest.mark.parametrize(
    ("rationale", "licences"),
    [
        ("BSD licensed", ("BSD",)),
        ("MIT-licensed fork", ("MIT",)),
        ("licensed under Apache 2.0", ("Apache 2.0",)),
        ("Licence: MPL-2.0", ("MPL-2.0",)),
    ],
)
def test_licence_in_the_rationale(parse: Parse, rationale: str, licences: tuple[str, ...]) -> None:
    """A licence in the rationale is a requirement of its own."""
    found = parse(f"| Component | Constraint | Why |\n|---|---|---|\n| Redis | `>=7` | {rationale} |\n").requirements

    assert [(one.id, one.value) for one in found][1:] == [("licence.redis", Choice(licences))]


def test_two_rows_may_rest_on_one_fact(parse: Parse) -> None:
    """The version of OpenAPI is stated once by what describes the API; a client's row does not state it."""
    found = parse(
        "| Component | Constraint | Why |\n|---|---|---|\n| drf-spectacular | `>=0.28` | OpenAPI 3.1 |\n"
        "| drf-yasg | `>=1` | OpenAPI 3.1 |\n| schemathesis | `>=4` | reads OpenAPI 3.0 |\n"
    ).requirements

    assert [one.id for one in found] == [
        "version.drf-spectacular",
        "api.openapi-version",
        "version.drf-yasg",
        "version.schemathesis",
    ]
