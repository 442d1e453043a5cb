"""Engines by what their clients say, and what an image has inside by its own interpreter."""

import json
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.evidence import Recorder, Redactor
from stackproof.project.references import Reference
from stackproof.target import engine as engines
from stackproof.target.engine import Engine, ImageView
from tests.suites.projects import written
from tests.suites.registries import serving

DOCKER = "stack/engine::engine_is_inside_the_constraint"
COMPOSE = "stack/engine::compose_is_inside_the_constraint"
PACKAGE = "stack/image_packages::package_of_the_image_is_inside_the_constraint"
PYTHON = "stack/image_packages::python_of_the_image_is_inside_the_constraint"
DIGEST = "stack/images::digest_is_of_the_named_release"


def described(words=("docker",), image=""):
    """The two tables of a descriptor that matter."""
    return SimpleNamespace(host=SimpleNamespace(docker=tuple(words)), project=SimpleNamespace(image=image))


@pytest.fixture
def client(tmp_path):
    """An engine whose client is a script that prints, or does, what a test wants."""

    def make(body):
        script = tmp_path / "client"
        script.write_text(f"#!/bin/sh\n{body}\n")
        script.chmod(0o755)
        return Engine(described([str(script)]), Recorder(Redactor()))

    return make


def server(version, *components):
    """What `version --format` prints."""
    return f"echo '{json.dumps({'Version': version, 'Components': [{'Name': one} for one in components]})}'"


@pytest.mark.parametrize(
    ("check_id", "requirement", "body", "outcome"),
    [
        (DOCKER, "version.docker", server("27.3.1", "Engine"), None),
        (DOCKER, "version.docker", server("28.0.0-rc.1"), None),
        (DOCKER, "version.docker", server("20.10.24+dfsg1", "Engine"), Violation),
        (DOCKER, "version.docker", server("26.1.5"), Violation),
        (DOCKER, "version.docker", server("5.2.1", "Podman Engine"), NotAssessed),
        (DOCKER, "version.docker", server("unknown"), NotAssessed),
        (DOCKER, "version.docker", "echo null; echo 'Cannot connect to the Docker daemon' >&2; exit 1", NotAssessed),
        (DOCKER, "version.docker", "head -c 9000000 /dev/zero", NotAssessed),
        (DOCKER, "version.docker", "echo '[[['", NotAssessed),
        (COMPOSE, "version.docker-compose", "echo 'Docker Compose version v2.32.1'", None),
        (COMPOSE, "version.docker-compose", "echo 'Docker Compose version v2.33.0-desktop.1'", None),
        (COMPOSE, "version.docker-compose", "echo 'Docker Compose version 2.26.1-4'", Violation),
        (COMPOSE, "version.docker-compose", "echo 'docker-compose version 1.29.2, build unknown'", Violation),
        (COMPOSE, "version.docker-compose", "echo 'docker: unknown command: docker compose' >&2; exit 1", NotAssessed),
        (COMPOSE, "version.docker-compose", "echo Usage", NotAssessed),
    ],
)
def test_engines_by_their_own_words(check, client, check_id, requirement, body, outcome):
    """Inside, outside, another engine, and no answer; the plugin is not the engine."""
    if outcome is None:
        assert "is inside" in check(check_id, requirement, engine=client(body))
        return
    with pytest.raises(outcome):
        check(check_id, requirement, engine=client(body))


def test_the_reason_is_what_the_client_said_of_it(check, client):
    """Not the line on its usage that stands behind it."""
    engine = client(
        "printf 'docker: unknown command: docker compose\\n\\nRun '\"'docker --help'\"' for more\\n' >&2; exit 1"
    )
    with pytest.raises(NotAssessed, match=r"no plugin for compose files: docker: unknown command: docker compose$"):
        check(COMPOSE, "version.docker-compose", engine=engine)


def test_a_client_that_hangs_or_is_missing_is_told(check, client, monkeypatch):
    """In time, with what it is."""
    monkeypatch.setattr(engines, "WITHIN", 0.5)
    engine = client("sleep 60")
    with pytest.raises(NotAssessed, match="did not answer in time"):
        check(DOCKER, "version.docker", engine=engine)
    missing = Engine(described(["/nowhere/docker"]), Recorder(Redactor()))
    with pytest.raises(NotAssessed, match="cannot be run"):
        check(DOCKER, "version.docker", engine=missing)


def test_an_edition_that_asks_for_less_is_satisfied(check, client, edition):
    """The bound comes from the document."""
    older = edition(("| Docker | 27.x | `>=27` |", "| Docker | 20.x | `>=20` |"))
    engine = client(server("20.10.24+dfsg1", "Engine"))
    assert check(DOCKER, "version.docker", specification=older, engine=engine)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (["PYTHON_VERSION=3.12.8"], "3.12.8"),
        (["PATH=/bin", "PG_VERSION=16.4-1.pgdg120+1"], "no variable"),
        (None, "no variable"),
    ],
)
def test_the_release_of_an_image_is_that_of_its_variable(client, variables, told):
    """Python's variable for Python's image, and no other."""
    engine = client(f"echo '{json.dumps(variables)}'")
    reference = Reference.parse("python:3.12")
    if told[0].isdigit():
        assert engine.release_of(reference) == told
    else:
        with pytest.raises(NotAssessed, match=told):
            engine.release_of(reference)


containers = [pytest.mark.containers, pytest.mark.slow]


def docker(*words, **more):
    """Run the client."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=300, check=True, **more).stdout


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A small image with this Python, and the metadata of two packages: Django of today, a structlog past its row."""
    context = tmp_path_factory.mktemp("image")
    release = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = context / "usr/local/lib" / release
    left_out = shutil.ignore_patterns(
        "test", "tests", "idlelib", "ensurepip", "site-packages", "__pycache__", "*.a", "config-*"
    )
    shutil.copytree(Path(sys.base_prefix) / "lib" / release, library, ignore=left_out)
    (context / "usr/local/bin").mkdir()
    shutil.copy(Path(sys.base_prefix) / "bin" / release, context / "usr/local/bin/python")
    for shared in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        shutil.copy(shared, context / "usr/local/lib")
    for name, version in (("Django", "5.2.1"), ("structlog", "25.1.0")):
        folder = library / "site-packages" / f"{name}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    # The entry point would never end, and writes: it is not what is asked.
    (context / "Dockerfile").write_text(
        "FROM postgres:16-bookworm\nCOPY usr /usr\nENV LD_LIBRARY_PATH=/usr/local/lib\n"
        'ENTRYPOINT ["sh", "-c", "sleep 3600"]\nCMD ["/opt/nothing/bin/daphne"]\n'
    )
    name = f"stackproof-test/image:{secrets.token_hex(6)}"
    docker("build", "--quiet", "--tag", name, str(context))
    yield name
    docker("image", "rm", "--force", name)


def running():
    """Names of the containers that look into images."""
    return [one for one in docker("ps", "--all", "--format", "{{.Names}}").split() if one.startswith("stackproof-")]


class TestContainers:
    """On the engine of this machine."""

    pytestmark = containers

    def test_what_is_inside_is_judged_by_its_own_interpreter(self, check, image, tmp_path):
        """Inside, outside and absent; the service's entry point is not started, and no container stays."""
        before = running()
        view = ImageView(described(image=image), Recorder(Redactor()))
        files = written(tmp_path, {})
        assert "Django" not in check(PACKAGE, "version.django", image=view, files=files)
        with pytest.raises(Violation, match=r"structlog in stackproof-test/image:\w+ is 25\.1\.0"):
            check(PACKAGE, "version.structlog", image=view, files=files)
        with pytest.raises(NotAssessed, match="celery is not installed in stackproof-test"):
            check(PACKAGE, "version.celery", image=view, files=files)
        with pytest.raises(NotApplicable):
            unused = written(tmp_path, {}, unused=("version.celery",))
            check(PACKAGE, "version.celery", image=view, files=unused)
        assert check(PYTHON, "version.python", image=view)
        assert running() == before

    def test_an_older_document_is_violated_by_the_interpreter(self, check, edition, image):
        """The bound comes from the document."""
        other = edition(("| Python | 3.12.x | `>=3.12,<3.14`", "| Python | 3.9.x | `>=3.9,<3.10`"))
        view = ImageView(described(image=image), Recorder(Redactor()))
        with pytest.raises(Violation, match="Python in stackproof-test"):
            check(PYTHON, "version.python", specification=other, image=view)

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("stackproof-test/nowhere:1", "never pulled"),
            ("postgres:16-bookworm", "cannot be looked into"),
        ],
    )
    def test_an_image_that_is_not_there_or_has_no_python(self, check, name, why):
        """Nothing is pulled; the reason is the engine's own."""
        view = ImageView(described(image=name), Recorder(Redactor()))
        with pytest.raises(NotAssessed, match=why):
            check(PYTHON, "version.python", image=view)

    def test_an_image_that_does_not_answer_is_ended(self, tmp_path, image, monkeypatch):
        """Its container is removed, not only its client."""
        (tmp_path / "python").write_text("#!/bin/sh\nsleep 3600\n")
        (tmp_path / "python").chmod(0o755)
        (tmp_path / "Dockerfile").write_text(f"FROM {image}\nCOPY python /usr/local/bin/python\n")
        name = f"stackproof-test/slow:{secrets.token_hex(6)}"
        docker("build", "--quiet", "--tag", name, str(tmp_path))
        monkeypatch.setattr(engines, "STARTED_WITHIN", 3.0)
        before = running()
        try:
            with pytest.raises(NotAssessed, match="did not answer in time"):
                ImageView(described(image=name), Recorder(Redactor())).python_version()
            assert running() == before
        finally:
            docker("image", "rm", "--force", name)

    def test_a_digest_of_another_release_is_told_by_the_engines_copy(self, check, tmp_path):
        """Pulled from a registry on loopback by its digest: the tag beside says 3.12, the image holds 3.11."""
        with serving({"PYTHON_VERSION": "3.11.2"}) as (port, digest):
            pinned = f"localhost:{port}/library/python:3.12-slim-bookworm@{digest}"
            docker("pull", "--quiet", f"localhost:{port}/library/python@{digest}")
            try:
                files = written(tmp_path, {"Dockerfile": f"FROM {pinned}\nCMD daphne x\n"})
                engine = Engine(described(), Recorder(Redactor()))
                with pytest.raises(Violation, match=r"holds localhost:\d+/library/python|3\.11\.2"):
                    check(DIGEST, "image.python", files=files, engine=engine, descriptor=described())
                right = written(tmp_path, {"Dockerfile": f"FROM {pinned.replace(':3.12-', ':3.11-')}\nCMD daphne x\n"})
                assert check(DIGEST, "image.python", files=right, engine=engine, descriptor=described())
            finally:
                docker("image", "rm", "--force", f"localhost:{port}/library/python@{digest}")
