"""What surrounds the product: schema, health, logs, settings, background work, CORS."""

import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError
from django_celery_results.models import TaskResult

from dispatch.background.models import TaskRequest
from dispatch.background.tasks import echo
from dispatch.celery import app as celery_app
from dispatch.jobs.views import JobViewSet
from dispatch.observability.logs import redact
from tests.factories import UserFactory

ROOT = Path(__file__).parents[1]


def test_the_schema_is_openapi_3_1(api):
    """What the API documents of itself is OpenAPI 3.1, and names the login."""
    document = api.get("/api/schema/", headers={"accept": "application/json"})

    body = json.loads(document.content)
    assert body["openapi"].startswith("3.1")
    assert "/api/auth/login/" in body["paths"]


def test_the_schema_says_what_needs_a_token(api):
    """Operations that ask for a token say so, those that hand one out do not."""
    paths = json.loads(api.get("/api/schema/", headers={"accept": "application/json"}).content)["paths"]

    assert paths["/api/me/"]["get"]["security"] == [{"bearer": []}]
    assert paths["/api/wait/"]["get"]["security"] == [{"bearerClaims": []}]
    assert paths["/api/jobs/"]["post"]["security"] == [{"bearer": []}]
    assert "security" not in paths["/api/auth/login/"]["post"]


@pytest.mark.django_db(transaction=True)
async def test_the_service_is_ready_when_its_parts_are(async_client):
    """Database, cache and broker are asked."""
    answer = await async_client.get("/health/ready/")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "cache": "ok", "broker": "ok"}


async def test_waiting_costs_no_time_of_others(async_client):
    """The wait is refused without a token, and bounded."""
    assert (await async_client.get("/api/wait/?seconds=0")).status_code == 401


def test_a_foreign_origin_gets_no_cors_headers(api):
    """Only the mobile web client's origin may read answers."""
    foreign = api.get("/api/me/", headers={"origin": "https://evil.example"})
    own = api.get("/api/me/", headers={"origin": "https://app.example.com"})

    assert "access-control-allow-origin" not in foreign.headers
    assert own.headers["access-control-allow-origin"] == "https://app.example.com"


def test_logs_are_json_with_a_request_id_and_without_secrets(api, user, monkeypatch):
    """A login leaves a line with its id, and its password nowhere."""
    [handler] = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    stream = io.StringIO()
    monkeypatch.setattr(handler, "stream", stream)
    logging.getLogger("dispatch.request").info("with hunter2", extra={"password": "hunter2hunter2"})
    answer = api.post("/api/auth/login/", {"email": user.email, "password": "hunter2hunter2"}, format="json")

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert "hunter2hunter2" not in stream.getvalue()
    assert answer.headers["X-Request-ID"] in [line.get("request_id") for line in lines]


def test_a_request_in_a_line_is_told_without_its_query_string(rf):
    """Django's own lines about errors bring the request, whose text would be the whole address."""
    line = redact(None, "error", {"event": "failed", "request": rf.get("/api/me/?token=hunter2")})

    assert line == {"event": "failed", "request": "GET /api/me/"}


@pytest.mark.parametrize("missing", ["DISPATCH_SECRET_KEY", "DISPATCH_DATABASE_URL", "DISPATCH_BROKER_URL"])
def test_the_service_does_not_start_without_its_variables(missing):
    """The variable is named, and no value is shown."""
    environment = {name: value for name, value in os.environ.items() if name != missing}
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "dispatch.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert missing in done.stderr
    assert os.environ["DISPATCH_DATABASE_URL"] not in done.stderr


def test_nothing_of_sentry_is_loaded_without_a_dsn():
    """The client of the error tracker stays out of the process."""
    code = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dispatch.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"


def test_tasks_speak_json_and_are_given_back():
    """No pickle is accepted, and a worker that dies gives its task back."""
    assert celery_app.conf.accept_content == ["json"]
    assert celery_app.conf.task_acks_late
    assert celery_app.conf.task_reject_on_worker_lost


@pytest.mark.django_db
def test_the_schedule_is_in_the_database():
    """Migrations put the periodic tasks where beat reads them."""
    from django_celery_beat.models import PeriodicTask

    celery_app.loader.import_default_modules()
    tasks = set(PeriodicTask.objects.values_list("task", flat=True))
    assert "dispatch.jobs.tasks.announce_overdue_jobs" in tasks
    assert tasks <= set(celery_app.tasks) | {"celery.backend_cleanup"}


def test_echo_answers_with_its_text():
    """The smallest task."""
    assert echo.apply(kwargs={"text": "hello"}).get() == {"text": "hello"}


def test_a_task_can_be_forgotten(signed_in, user):
    """With its result, by the account that asked for it and nobody else."""
    other = UserFactory()
    mine, foreign = (TaskRequest.objects.create(owner=owner, task=echo.name) for owner in (user, other))
    TaskResult.objects.create(task_id=str(mine.pk), status="SUCCESS", result="{}")

    assert signed_in.delete(f"/api/tasks/{mine.pk}/").status_code == 204
    assert signed_in.delete(f"/api/tasks/{mine.pk}/").status_code == 404
    assert signed_in.delete(f"/api/tasks/{foreign.pk}/").status_code == 404
    assert list(TaskRequest.objects.all()) == [foreign]
    assert not TaskResult.objects.exists()


def test_a_database_that_is_away_is_nobodys_mistake(signed_in, monkeypatch):
    """503, and when to come back; nothing of what the database's driver says."""

    def away(*_):
        raise OperationalError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(JobViewSet, "get_queryset", away)
    answer = signed_in.get("/api/jobs/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json() == {"detail": "The service is unavailable for the moment."}
