"""The checks of what an application is set to, on what a probe tells of one."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation

DAY = 86_400.0
TASK = {
    "name": "shop.pack",
    "acks_late": True,
    "reject_on_worker_lost": True,
    "time_limit": None,
    "soft_time_limit": None,
    "serializer": "json",
    "autoretry": [],
    "retry_backoff": False,
    "max_retries": 3,
}
FACTS = {
    "version": "5.6.3",
    "broker": "redis",
    "accept_content": ["json"],
    "result_accept_content": None,
    "task_serializer": "json",
    "result_serializer": "json",
    "event_serializer": "json",
    "visibility_timeout": None,
    "task_time_limit": 300.0,
    "task_soft_time_limit": None,
    "result_backend": ["django_celery_results.backends.database.DatabaseBackend"],
    "result_expires": DAY,
    "autoexpire": False,
    "beat_scheduler": ["django_celery_beat.schedulers.DatabaseScheduler"],
    "tasks": [TASK],
    "broker_connection_retry": True,
    "broker_connection_retry_on_startup": True,
    "task_publish_retry": True,
    "publish_max_retries": 3,
    "task_create_missing_queues": True,
}
SCHEDULE = {
    "django": True,
    "installed": True,
    "trouble": "",
    "cleanup": True,
    "rows": [{"name": "nightly", "ran": 60.0, "overdue": -100.0}],
    "oldest_result": 3600.0,
}
RUNNING = {"workers": {"celery@a": {"version": "5.6.3", "pool": "prefork", "limits": [None, None]}}, "trouble": ""}
IN_REDIS = {
    "result_backend": ["celery.backends.redis.RedisBackend"],
    "autoexpire": True,
    "unused": ("version.django", "version.django-celery-results"),
}
VERSION = ("tasks/settings::running_workers_are_inside_the_constraint", "version.celery")
PICKLE = ("tasks/settings::settings_accept_no_pickle", "tasks.no-pickle")
LIMIT = ("tasks/settings::every_task_has_a_time_limit", "tasks.time-limit")
VISIBLE = ("tasks/settings::visibility_timeout_is_longer_than_any_task", "tasks.visibility-timeout")
EXPIRE = ("tasks/settings::results_expire_and_are_removed", "tasks.results-expire")
RETRY = ("tasks/settings::automatic_retries_back_off", "tasks.retry-backoff")
RECONNECT = ("tasks/settings::connection_to_the_broker_is_tried_again", "tasks.broker-reconnect")
STORED = ("tasks/beat::schedule_is_kept_in_the_database", "tasks.schedule-in-database")
OVERDUE = ("tasks/beat::nothing_of_the_schedule_is_overdue", "tasks.schedule-fires")


@pytest.fixture
def judge(check, monkeypatch):
    """A check on an application with other facts than the good ones."""
    monkeypatch.setattr("time.sleep", lambda _: None)

    def run(of, running=RUNNING, schedule=None, unused=(), tasks=None, **facts):
        told = {
            "celery_facts": {**FACTS, **({"tasks": [{**TASK, **one} for one in tasks]} if tasks else {}), **facts},
            "celery_running": running,
            "celery_schedule": {**SCHEDULE, **(schedule or {})},
        }
        project = SimpleNamespace(ask=lambda probe, app: told[probe], unused=unused)
        return check(*of, project=project, descriptor=SimpleNamespace(celery=SimpleNamespace(app="shop")))

    return run


def running(version="5.6.3", limits=(None, None)):
    """One worker."""
    return {"workers": {"celery@a": {"version": version, "pool": "prefork", "limits": list(limits)}}, "trouble": ""}


@pytest.mark.parametrize("of", [VERSION, PICKLE, LIMIT, VISIBLE, EXPIRE, RECONNECT, STORED, OVERDUE])
def test_a_good_application_passes(judge, of):
    """Every check, on the same facts."""
    assert judge(of)


@pytest.mark.parametrize(
    ("of", "changes", "seen"),
    [
        (VERSION, {"running": running("5.5.3")}, "5.5.3"),
        (PICKLE, {"accept_content": ["json", "pickle"]}, "pickle"),
        (PICKLE, {"accept_content": ["application/x-python-serialize"]}, "serialize"),
        (PICKLE, {"result_accept_content": ["pickle"]}, "result_accept_content"),
        (PICKLE, {"result_serializer": "pickle"}, "result_serializer"),
        (PICKLE, {"tasks": [{"serializer": "pickle"}]}, "shop.pack"),
        (LIMIT, {"task_time_limit": None}, "1 of 1 tasks have none: shop.pack"),
        (VISIBLE, {"visibility_timeout": 300.0}, "300 s"),
        (VISIBLE, {"tasks": [{"time_limit": 7200.0}]}, "may take 7200 s"),
        (EXPIRE, {"result_expires": None}, "never"),
        (EXPIRE, {**IN_REDIS, "result_expires": None}, "never"),
        (EXPIRE, {"schedule": {"oldest_result": 10 * DAY}}, "10.0 days"),
        (EXPIRE, {"schedule": {"cleanup": False}}, "is not among 1"),
        (RETRY, {"tasks": [{"autoretry": ["OSError"]}]}, "without it: shop.pack"),
        (RETRY, {"tasks": [{"autoretry": ["OSError"], "retry_backoff": 2, "max_retries": None}]}, "for ever"),
        (RECONNECT, {"broker_connection_retry": False}, "broker_connection_retry is False"),
        (RECONNECT, {"publish_max_retries": None}, "max_retries is None"),
        (STORED, {"schedule": {"installed": False}}, "is not installed"),
        (
            STORED,
            {"beat_scheduler": ["celery.beat.PersistentScheduler"], "schedule": {"rows": []}},
            "PersistentScheduler",
        ),
        (OVERDUE, {"schedule": {"rows": [{"name": "nightly", "ran": 9e4, "overdue": 3600.0}]}}, "by 3600 s"),
        (OVERDUE, {"schedule": {"rows": [{"name": "new", "ran": None, "overdue": 3600.0}]}}, "new is overdue"),
    ],
)
def test_a_bad_application_is_violated(judge, of, changes, seen):
    """One thing is otherwise, and the check names it."""
    with pytest.raises(Violation) as found:
        judge(of, **changes)

    assert seen in found.value.seen


@pytest.mark.parametrize(
    ("of", "changes", "reason"),
    [
        (VERSION, {"running": {"workers": {}, "trouble": ""}}, "no running worker"),
        (VISIBLE, {"broker": "amqp"}, "amqp"),
        (VISIBLE, {"tasks": [{"acks_late": False}]}, "no task of the service is acknowledged late"),
        (VISIBLE, {"task_time_limit": None}, "no time limit bounds shop.pack"),
        (RETRY, {}, "autoretry_for"),
        (STORED, {"schedule": {"trouble": "OperationalError: no such table"}}, "no such table"),
        (
            STORED,
            {
                "beat_scheduler": ["celery.beat.PersistentScheduler"],
                "schedule": {"rows": [{"name": "a", "ran": 9e6, "overdue": 9e6}]},
            },
            "none within 240 s",
        ),
        (OVERDUE, {"schedule": {"rows": [{"name": "a", "ran": None, "overdue": -5.0}]}}, "too early to tell"),
        (STORED, {"schedule": {"django": False, "installed": False}}, r"has no Django.*version\.django-celery-beat"),
        (OVERDUE, {"schedule": {"django": False, "installed": False}}, r"has no Django.*version\.django-celery-beat"),
    ],
)
def test_what_cannot_be_known_is_not_assessed(judge, of, changes, reason):
    """The reason names what is missing."""
    with pytest.raises(NotAssessed, match=reason):
        judge(of, **changes)


@pytest.mark.parametrize(
    ("of", "changes", "told"),
    [
        (LIMIT, {"task_time_limit": None, "running": running(limits=(None, 60))}, "each of 1 tasks"),
        (LIMIT, {"task_time_limit": None, "tasks": [{"soft_time_limit": 5.0}]}, "each of 1 tasks"),
        (VISIBLE, {"visibility_timeout": 301.0}, "301 s"),
        (EXPIRE, {"autoexpire": True, "schedule": {"oldest_result": 90 * DAY}}, "by itself"),
        (EXPIRE, IN_REDIS, "by itself"),
        (EXPIRE, {"schedule": {"oldest_result": None}}, "none now"),
        (RETRY, {"tasks": [{"autoretry": ["OSError"], "retry_backoff": True}]}, "all with it"),
        (RECONNECT, {"publish_max_retries": None, "task_publish_retry": False}, "publishing"),
        (STORED, {"beat_scheduler": ["celery.beat.PersistentScheduler"]}, "1 enabled rows"),
        (OVERDUE, {"schedule": {"rows": [{"name": "a", "ran": 9.0, "overdue": 200.0}]}}, "none of 1"),
    ],
)
def test_other_ways_of_being_good(judge, of, changes, told):
    """Limits of the command line, soft ones, a backend that forgets by itself, a scheduler of the command line."""
    assert told in judge(of, **changes)


@pytest.mark.parametrize(
    ("of", "changes", "reason"),
    [
        (
            EXPIRE,
            {"unused": ("version.django-celery-results",), "result_backend": ["celery.backends.base.DisabledBackend"]},
            "results are not kept",
        ),
        (STORED, {"unused": ("version.django-celery-beat",)}, "no schedule"),
        (OVERDUE, {"unused": ("version.django",)}, "no schedule"),
    ],
)
def test_what_the_service_has_not_is_not_applicable(judge, of, changes, reason):
    """The descriptor says so, and nothing that was read says otherwise."""
    with pytest.raises(NotApplicable, match=reason):
        judge(of, **changes)


def test_a_version_that_no_worker_told_is_told_apart_from_why(judge):
    """The words of the interpreter follow a colon."""
    with pytest.raises(NotAssessed, match="which version it is: VersionMismatch"):
        judge(VERSION, running={"workers": {}, "trouble": "VersionMismatch: redis-py"})
