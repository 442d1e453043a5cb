"""Images by the text of foreign projects: other layouts, other names, and what cannot be told."""

import os
from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from tests.suites.projects import written

SAME = "stack/images::images_are_those_of_the_document"
INSIDE = "stack/images::images_are_inside_the_constraint"
PYTHON = "python:3.12-slim-bookworm"
STARTED = 'RUN pip install .\nCMD ["daphne", "x"]\n'
DIGEST = "@sha256:" + "5d" * 32
COMPOSE = "services:\n  db: {{image: {}}}\n"


def dockerfile(base):
    """A Dockerfile of one stage."""
    return {"Dockerfile": f"FROM {base}\n{STARTED}"}


@pytest.fixture
def judged(check, tmp_path):
    """Judge the images of a project of these files."""

    def run(requirement, files, check_id=SAME, unused=(), **views):
        return check(check_id, requirement, files=written(tmp_path, files, unused), **views)

    return run


@pytest.mark.parametrize(
    "base",
    [
        PYTHON,
        "python:3.12.8-slim-bookworm",
        "docker.io/library/python:3.12-slim-bookworm",
        "index.docker.io/python:3.12-slim-bookworm",
        "mirror.example:5000/library/python:3.12-slim-bookworm",
        "public.ecr.aws/docker/library/python:3.12-slim-bookworm",
        "localhost:5000/python:3.12-slim-bookworm",
        f"{PYTHON}{DIGEST}",
        "--platform=linux/amd64 python:3.12-slim-bookworm AS final",
        "${REGISTRY:-docker.io/library}/python:3.12-slim-bookworm",
    ],
)
def test_other_ways_of_naming_the_same_image(judged, base):
    """Aliases, mirrors, a more specific tag, a digest beside the tag."""
    assert "Dockerfile:1" in judged("image.python", dockerfile(base))


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("python", "no tag, which means latest"),
        ("python:latest", "names no release"),
        ("python:slim-bookworm", "names no release"),
        ("python:3-slim-bookworm", "moves on past 3.12"),
        ("python:3.12-slim", "does not say bookworm"),
        ("python:3.12-bookworm", "does not say slim"),
        ("python:3.12-slim-trixie", "distribution is trixie, not bookworm"),
        ("python:3.12-alpine3.20", "distribution is alpine3.20, not bookworm"),
        ("python:3.13-slim-bookworm", "release is 3.13, not 3.12"),
        ("python:3.120-slim-bookworm", "release is 3.120"),
        (f"python:3.11-slim-bookworm{DIGEST}", "release is 3.11"),
        ("debian:bookworm-slim", "the image is debian, not python"),
        ("mirror.example/library/python:3.13-slim-bookworm", "release is 3.13"),
    ],
)
def test_another_image_says_which_and_where(judged, base, why):
    """Each with its line."""
    with pytest.raises(Violation, match=why) as told:
        judged("image.python", dockerfile(base))
    assert "Dockerfile:1" in told.value.seen
    assert PYTHON in told.value.expected


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("registry.example/base:1", "registry.example/base|base is not the official python"),
        ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "not the official python"),
        ("bitnami/python:3.12", "not the official python"),
        (f"python{DIGEST}", "digest alone"),
        ("python:$TAG-slim-bookworm", "TAG has no value"),
        ("python:3.12-slim-bookworm@sha256:12ab", "digest that is none"),
    ],
)
def test_what_cannot_be_told_is_not_assessed(judged, base, why):
    """A team's own base, a digest alone, an argument without a default."""
    with pytest.raises(NotAssessed, match=why):
        judged("image.python", dockerfile(base))


LAYOUTS = {
    "a folder for Docker, and one file for development": {
        "docker/Dockerfile": f"FROM {PYTHON}\n{STARTED}",
        "docker/Dockerfile.dev": f"FROM python:3.13\n{STARTED}",
    },
    "folders for local and production": {
        "compose/local/django/Dockerfile": f"FROM python:3.13\n{STARTED}",
        "compose/production/django/Dockerfile": f"FROM {PYTHON}\n{STARTED}",
        "docker-compose.local.yml": (
            "services:\n  web: {build: {context: ., dockerfile: compose/local/django/Dockerfile}}"
        ),
        "docker-compose.production.yml": (
            "services:\n  web: {build: {context: ., dockerfile: compose/production/django/Dockerfile}}"
        ),
    },
    "a builder on another system": {
        "Dockerfile": f"FROM node:20-alpine AS front\nRUN npm ci\nFROM {PYTHON}\nCOPY --from=front /d /d\n{STARTED}"
    },
    "a builder of the same image on Alpine, for its documents": {
        "Dockerfile": (
            f"FROM python:3.12-alpine AS docs\nRUN make\nFROM {PYTHON}\nCOPY --from=docs /html /srv/html\n{STARTED}"
        )
    },
    "stages on one another": {
        "Dockerfile": f"ARG V=3.12\nFROM python:${{V}}-slim-bookworm AS base\nFROM base AS build\nFROM base\n{STARTED}"
    },
    "a target that the compose file names": {
        "Dockerfile": f"FROM {PYTHON} AS production\n{STARTED}FROM python:3.13 AS dev\n",
        "compose.yaml": "services:\n  web: {build: {context: ., target: production}}",
    },
    "an argument that the compose file gives": {
        "Dockerfile": f"ARG TAG=3.9\nFROM python:${{TAG}}\n{STARTED}",
        "compose.yaml": "services:\n  web: {build: {context: ., args: {TAG: 3.12-slim-bookworm}}}",
    },
    "a proxy and a front end beside": {
        "Dockerfile": f"FROM {PYTHON}\n{STARTED}",
        "nginx/Dockerfile": "FROM nginx:1.27\n",
        "front/Dockerfile": "FROM node:20\nRUN apk add python3 make\nCMD npm start\n",
        "certificates/Dockerfile": 'FROM nginx:1.27\nRUN pip install certbot\nCMD ["nginx"]\n',
    },
    "a compose file that mounts the code, for development": {
        "Dockerfile": f"FROM {PYTHON}\n{STARTED}",
        "compose.yaml": "services:\n  web: {image: 'python:3.13', volumes: ['.:/app'], command: daphne x}\n",
    },
    "a Containerfile": {"Containerfile": f"FROM {PYTHON}\n{STARTED}"},
    "a Dockerfile inside of the compose file": {
        "compose.yaml": (
            f"services:\n  web:\n    build:\n      dockerfile_inline: |\n        FROM {PYTHON}\n        CMD daphne x\n"
        )
    },
    "a compose file alone": {"compose.yaml": f"services:\n  web: {{image: '{PYTHON}', command: daphne x}}"},
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_other_layouts_that_keep_to_the_document(judged, name):
    """Nobody is told of a violation that is none."""
    assert judged("image.python", LAYOUTS[name])


def test_an_environment_of_another_release_is_told(judged):
    """The packages of Python 3.11 do not run on 3.12."""
    build = "FROM python:3.11-slim AS build\nRUN pip install .\n"
    text = f"{build}FROM {PYTHON}\nCOPY --from=build /opt/venv /opt/venv\n{STARTED}"
    with pytest.raises(Violation, match=r"takes its environment from stage build, which is on python:3\.11-slim"):
        judged("image.python", {"Dockerfile": text})


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "no Dockerfile and no compose file"),
        (
            {"chart/Chart.yaml": "name: x", "chart/templates/web.yaml": "image: {{ .x }}"},
            "chart/Chart.yaml is not rendered",
        ),
        ({"Dockerfile.dev": f"FROM {PYTHON}\n{STARTED}"}, "only files for development"),
        ({"Dockerfile": f"FROM {PYTHON} AS web\nFROM web AS tests\n"}, "which one runs in production cannot be told"),
        ({"Dockerfile": "{% if x %}"}, "Dockerfile: line 1"),
        ({"Dockerfile": f"FROM {PYTHON}\n{STARTED}", "compose.yaml": "a: b: c"}, "compose.yaml: is no YAML"),
        (
            {"compose.yaml": "services:\n  web: {build: {context: ., target: nobody}}", **dockerfile(PYTHON)},
            "no stage nobody",
        ),
        ({"compose.yaml": "services:\n  web: {build: ./nowhere}"}, "nowhere/Dockerfile: there is no such file"),
    ],
)
def test_projects_of_which_nothing_can_be_said(judged, files, why):
    """Each with what would be needed."""
    with pytest.raises(NotAssessed, match=why):
        judged("image.python", files)


def test_a_component_that_is_not_used_is_not_applicable(judged):
    """The descriptor's word, where nothing contradicts it."""
    with pytest.raises(NotApplicable):
        judged("image.redis", dockerfile(PYTHON), unused=("image.redis",))


@pytest.mark.parametrize(
    ("image", "outcome"),
    [
        ("postgres:16-bookworm", None),
        ("postgres:16.4-bookworm", None),
        ("postgres:${PG:-16-bookworm}", None),
        ("postgres:16", Violation),
        ("postgres:16-alpine", Violation),
        ("postgres:17-bookworm", Violation),
        ("postgres", Violation),
        ("postgis/postgis:16-3.4", NotAssessed),
        ("postgres:$PG", NotAssessed),
        ("prometheuscommunity/postgres-exporter:v0.15", NotAssessed),  # is none, so that none is left
    ],
)
def test_images_of_postgresql(judged, image, outcome):
    """Of a compose file's services."""
    files = {"compose.yaml": COMPOSE.format(f'"{image}"')}
    if outcome is None:
        assert "service db of compose.yaml" in judged("image.postgresql", files)
        return
    with pytest.raises(outcome):
        judged("image.postgresql", files)


def test_one_role_on_a_fork_leaves_redis_open(judged):
    """The cache keeps to the clause, and of the broker nothing can be said."""
    text = "services:\n  cache: {image: 'redis:7.2-bookworm'}\n  broker: {image: 'valkey/valkey:8'}\n"
    with pytest.raises(NotAssessed, match=r"service broker of compose\.yaml.*valkey"):
        judged("image.redis", {"compose.yaml": text})
    tool = text.replace("valkey/valkey:8", "oliver006/redis_exporter:v1")
    assert judged("image.redis", {"compose.yaml": tool})


@pytest.mark.parametrize(
    ("requirement", "files", "outcome"),
    [
        ("version.python", dockerfile("python:3.13-slim-trixie"), None),
        ("version.python", dockerfile("python:3.14-slim"), Violation),
        ("version.python", dockerfile("python:3"), NotAssessed),
        ("version.python", dockerfile("python:slim"), NotAssessed),
        ("version.postgresql", {"compose.yaml": COMPOSE.format("'postgres:17.2-alpine'")}, None),
        ("version.postgresql", {"compose.yaml": COMPOSE.format("'postgres:15'")}, Violation),
        ("version.postgresql", {"compose.yaml": COMPOSE.format("'timescale/timescaledb:2.1-pg16'")}, NotAssessed),
    ],
)
def test_the_row_is_judged_by_the_release_of_the_tag(judged, requirement, files, outcome):
    """Another distribution is inside of the row; a tag that may mean two releases is not assessed."""
    if outcome is None:
        assert judged(requirement, files, INSIDE)
        return
    with pytest.raises(outcome):
        judged(requirement, files, INSIDE)


def test_an_edition_with_another_image_is_judged_by_it(check, edition, tmp_path):
    """The image comes from the document, never from the check."""
    other = edition(("python:3.12-slim-bookworm", "python:3.13-slim-trixie"))
    files = written(tmp_path, dockerfile("python:3.13.1-slim-trixie"))
    assert check(SAME, "image.python", specification=other, files=files)
    with pytest.raises(Violation, match=r"3\.12"):
        check(SAME, "image.python", specification=other, files=written(tmp_path, dockerfile(PYTHON)))


ONE = "stack/images::digest_stands_for_one_release"


def test_a_digest_behind_two_releases_is_told(judged):
    """One of the tags is wrong; the same release, more or less exactly, is no contradiction."""
    two = f"FROM python:3.11-slim{DIGEST} AS a\nFROM {PYTHON}{DIGEST}\n{STARTED}"
    with pytest.raises(Violation, match=r"3\.11-slim"):
        judged("image.python", {"Dockerfile": two}, ONE)
    assert judged("image.python", {"Dockerfile": two.replace("3.11-slim", "3.12.8-slim")}, ONE)
    with pytest.raises(NotApplicable):
        judged("image.python", dockerfile(PYTHON), ONE)


def test_a_digest_is_judged_by_the_copy_that_an_engine_has(judged):
    """Where no engine is named, it says so; where one is, its word decides."""
    named = "stack/images::digest_is_of_the_named_release"
    files = dockerfile(f"{PYTHON}{DIGEST}")
    host = SimpleNamespace(host=SimpleNamespace(docker=("docker",)))
    without = SimpleNamespace(host=SimpleNamespace(docker=()))
    engine = SimpleNamespace(release_of=lambda _: "3.12.8")
    with pytest.raises(NotAssessed, match=r"host\.docker"):
        judged("image.python", files, named, descriptor=without, engine=engine)
    assert judged("image.python", files, named, descriptor=host, engine=engine)
    with pytest.raises(Violation, match=r"holds python 3\.11\.2"):
        other = SimpleNamespace(release_of=lambda _: "3.11.2")
        judged("image.python", files, named, descriptor=host, engine=other)
    with pytest.raises(NotApplicable):
        judged("image.python", dockerfile(PYTHON), named, descriptor=host, engine=engine)


def test_files_that_are_odd_are_told(judged, tmp_path):
    """A pipe, a link out of the folder, bytes that are no text, ten megabytes: one sentence each, and at once."""
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.write_text(f"FROM {PYTHON}\n")
    (tmp_path / "Dockerfile.link").symlink_to(outside)
    os.mkfifo(tmp_path / "Dockerfile.pipe")
    (tmp_path / "Dockerfile.bytes").write_bytes(b"FROM \xff\xfe\x00")
    (tmp_path / "Dockerfile.large").write_bytes(b"# x\n" * 2_500_000)
    (tmp_path / "compose.yaml").symlink_to(tmp_path / "compose.yaml")
    with pytest.raises(NotAssessed) as told:
        judged("image.python", {"web.Dockerfile": f"FROM {PYTHON}\n{STARTED}"})
    for words in ("leads out of the project", "no regular file", "no UTF-8 text", "KiB", "compose.yaml"):
        assert words in str(told.value)
    assert outside.name not in str(told.value)


def test_a_service_without_images_may_use_what_a_row_is_about(judged):
    """The advice is to list the image, never the row: PostgreSQL from a package is PostgreSQL."""
    inside = "stack/images::images_are_inside_the_constraint"
    with pytest.raises(NotAssessed, match=r"list image\.postgresql in project\.unused"):
        judged("version.postgresql", {"pyproject.toml": ""}, inside)
    with pytest.raises(NotApplicable, match=r"lists image\.postgresql"):
        judged("version.postgresql", {"pyproject.toml": ""}, inside, unused=("image.postgresql",))
