"""The server that foreign projects start, by their own files."""

import pytest

from stackproof.check import NotAssessed, Violation
from tests.suites.projects import written

CHECK = "stack/entry_points::server_of_production_is_started"
FROM = "FROM python:3.12-slim-bookworm\n"
BUILT = "services:\n  web:\n    build: .\n"


@pytest.fixture
def judged(check, tmp_path):
    """Judge the starts of a project of these files."""
    return lambda files: check(CHECK, "serving.production-server", files=written(tmp_path, files))


@pytest.mark.parametrize(
    "files",
    [
        {"Dockerfile": f'{FROM}CMD ["daphne", "x"]'},
        {"Dockerfile": f"{FROM}CMD exec gunicorn x"},
        {
            "docker/web.Dockerfile": f'{FROM}CMD ["daphne"]',
            "docker/Dockerfile.dev": f"{FROM}CMD python manage.py runserver",
        },
        {"Dockerfile": f"{FROM}COPY docker/start.sh /start\nCMD /start", "docker/start.sh": "exec daphne x"},
        {
            "Dockerfile": f'{FROM}COPY . .\nENTRYPOINT ["/app/bin/run.sh"]\nCMD ["daphne"]',
            "bin/run.sh": '#!/bin/sh\nexec "$@"\n',
        },
        {"Dockerfile": FROM, "compose.prod.yaml": f"{BUILT}    command: daphne x\n"},
        {"Procfile": "release: python manage.py migrate\nweb: gunicorn x\nworker: celery -A x worker\n"},
        {"deploy/web.service": "[Service]\nExecStart=/srv/venv/bin/daphne \\\n  -b 0.0.0.0 x\n"},
        {
            "Dockerfile": f'{FROM}CMD ["daphne", "x"]',
            "docker-compose.override.yml": f"{BUILT}    command: python manage.py runserver\n",
        },
        {
            "Dockerfile": f'{FROM}CMD ["daphne", "x"]',
            "compose.yaml": f"{BUILT}    command: ./manage.py runserver\n    volumes: ['.:/app']\n",
        },
        {"Dockerfile": f'{FROM}CMD ["daphne"]', "compose.yaml": f"{BUILT}    command: celery -A x worker\n"},
        {
            "Dockerfile": "FROM python:3.12 AS web\nCMD daphne x\nFROM web AS dev\nCMD ./manage.py runserver\n",
            "compose.yaml": "services: {web: {build: {context: ., target: web}}}",
        },
        {"Dockerfile": f"{FROM}CMD gunicorn x", "gunicorn.conf.py": "worker_class = 'gthread'\nimport nowhere\n"},
    ],
)
def test_projects_that_start_the_documents_servers(judged, files):
    """Scripts, targets, a Procfile, a unit; servers for development in files for development."""
    assert "starts" in judged(files)


@pytest.mark.parametrize(
    ("files", "seen"),
    [
        (
            {"Dockerfile": f"{FROM}CMD python manage.py runserver"},
            r"CMD of Dockerfile \(Dockerfile:2\) starts runserver",
        ),
        ({"Dockerfile": f'{FROM}CMD ["uvicorn", "x"]'}, "starts uvicorn"),
        ({"Dockerfile": f"{FROM}ENTRYPOINT ./run.sh", "run.sh": "python -m hypercorn x"}, "starts hypercorn"),
        ({"Dockerfile": FROM, "compose.yaml": f"{BUILT}    command: [uwsgi, x]\n"}, r"service web of compose\.yaml"),
        (
            {
                "Dockerfile": f"{FROM}CMD daphne x",
                "compose.production.yaml": f"{BUILT}    command: ./manage.py runserver\n",
            },
            "starts runserver",
        ),
        ({"Procfile": "web: python manage.py runserver 0.0.0.0:$PORT"}, "web of Procfile"),
        ({"web.service": "[Service]\nExecStart=-/bin/sh -c 'cd /srv && exec uvicorn x'"}, "ExecStart of web.service"),
    ],
)
def test_another_server_is_told_with_its_line(judged, files, seen):
    """For development, or of another kind."""
    with pytest.raises(Violation, match=seen):
        judged(files)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "none was found"),
        ({"Dockerfile": FROM}, "none was found"),
        ({"Dockerfile": f"{FROM}CMD celery -A x worker"}, "none starts a server"),
        ({"chart/Chart.yaml": "name: x"}, "Helm chart of chart/Chart.yaml"),
        ({"Dockerfile": f"{FROM}CMD supervisord"}, "a file of its own"),
        ({"Dockerfile": f"{FROM}CMD /start.sh"}, "not found in the project"),
        (
            {"Dockerfile": f"{FROM}CMD daphne x", "compose.yaml": f"{BUILT}    command: ./manage.py runserver\n"},
            "may be for development",
        ),
        (
            {"Dockerfile": f"{FROM}CMD ./run.sh", "run.sh": "if x; then ./manage.py runserver; else daphne x; fi"},
            "may start runserver or daphne",
        ),
        ({"Dockerfile": f"{FROM}CMD gunicorn -k uvicorn.workers.UvicornWorker x"}, "another server speaks HTTP"),
        (
            {
                "Dockerfile": f"{FROM}CMD gunicorn x",
                "gunicorn.conf.py": "worker_class = 'uvicorn_worker.UvicornWorker'\n",
            },
            "another server speaks HTTP",
        ),
        ({"Dockerfile": "FROM"}, "Dockerfile: line 1"),
    ],
)
def test_what_cannot_be_told_is_not_assessed(judged, files, why):
    """With what would be needed."""
    with pytest.raises(NotAssessed, match=why):
        judged(files)


def test_an_edition_with_another_server_is_another_matter(check, edition, tmp_path):
    """A document without Daphne says nothing of it."""
    other = edition(("| Daphne | 4.1.x | `>=4.1,<5.0` | The ASGI server in production; made for Channels |\n", ""))
    assert other.find("serving.production-server") is None
