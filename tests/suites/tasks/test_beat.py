"""The check that beat fires, on what a row of ours does; and the drills on a service that answers in turn."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.model import Celery
from stackproof.drill.tasks import Tasks
from stackproof.harness import harness_root
from stackproof.registry import _import

FIRES = "tasks/beat::row_that_is_due_is_sent"
KEPT = "tasks/beat::schedule_is_kept_in_the_database"
RETURNS = "tasks/outage::task_of_a_dead_worker_is_done_when_it_is_back"
OUTAGE = "tasks/outage::no_task_is_lost_while_the_broker_is_away"
WHOLE = {"app": "x", "submit": {"path": "/submit/"}, "status": {"path": "/tasks/{id}/"}}


@pytest.fixture
def fires(check):
    """Run the check on a schedule whose row arrives, or does not."""

    def run(arrives, **facts):
        told = {"task_create_missing_queues": True, "beat_max_loop_interval": 0, **facts}
        waited = []

        @contextmanager
        def row():
            yield SimpleNamespace(arrived=lambda within: waited.append(within) or arrives)

        project = SimpleNamespace(ask=lambda *_: told, unused=())
        descriptor = SimpleNamespace(celery=SimpleNamespace(app="x"))
        said = check(FIRES, "tasks.schedule-fires", scheduled_row=row, project=project, descriptor=descriptor)
        return said, waited

    return run


def test_a_row_that_is_sent_and_one_that_is_not(fires):
    """Beat's own pace is added to the time that it has."""
    assert "was sent" in fires(True)[0]
    assert fires(True, beat_max_loop_interval=60)[1][0] > fires(True)[1][0]
    with pytest.raises(Violation, match="no beat runs"):
        fires(False)


@pytest.mark.parametrize("facts", [{"task_create_missing_queues": False}, {"beat_max_loop_interval": 300}])
def test_a_beat_that_could_not_show_it_is_not_assessed(fires, facts):
    """It may not send to a queue of ours, or looks too seldom."""
    with pytest.raises(NotAssessed, match=next(iter(facts))):
        fires(False, **facts)


@pytest.fixture
def kept(check):
    """Run the check on where the schedule is kept, with these rows and this scheduler of the settings."""

    def run(rows, scheduler="celery.beat.PersistentScheduler"):
        answers = {
            "celery_facts": {"beat_scheduler": [scheduler]},
            "celery_schedule": {"django": True, "installed": True, "trouble": "", "rows": rows},
        }
        project = SimpleNamespace(ask=lambda probe, _: answers[probe], unused=())
        descriptor = SimpleNamespace(celery=SimpleNamespace(app="x"))
        return check(KEPT, "tasks.schedule-in-database", project=project, descriptor=descriptor)

    return run


NIGHTLY = {"name": "nightly", "ran": 40_000.0, "overdue": -46_400.0}


def test_a_row_that_is_not_due_for_long_is_no_sign_of_a_scheduler(kept):
    """The settings name a file; what was run before that stays in the database until it is due again, and longer."""
    minutely = {"name": "minutely", "ran": 30.0, "overdue": -30.0}

    with pytest.raises(Violation, match="0 of 1"):
        kept([{**NIGHTLY, "ran": None}])
    with pytest.raises(NotAssessed, match="--allow-writes"):
        kept([NIGHTLY])
    assert "PersistentScheduler" in kept([NIGHTLY, minutely])
    assert "Database" in kept([NIGHTLY], "django_celery_beat.schedulers.DatabaseScheduler")


class Service:
    """Accepts tasks and does them, as long as the parts that it is told of are there."""

    def __init__(self, *, forgets=False, swallows=False, stays_down=False):
        self.gone, self.tasks, self.lost = set(), {}, set()
        self.forgets, self.swallows, self.stays_down = forgets, swallows, stays_down

    @contextmanager
    def without(self, name):
        self.gone.add(name)
        yield
        self.gone.discard(name)
        if self.stays_down:
            self.gone.add("worker")

    def part(self, name):
        return SimpleNamespace(within=0.5)

    def login(self):
        return SimpleNamespace(access="token")

    def call(self, endpoint, access, **values):
        if endpoint.path != "/submit/":
            one = values["id"]
            done = one not in self.lost and "worker" not in self.gone
            return answer(200, {"state": "SUCCESS" if done else "PENDING"})
        if "broker" in self.gone and not self.swallows:
            return answer(503, {"detail": "later"})
        name = f"task-{len(self.tasks)}"
        self.tasks[name] = True
        if ("broker" in self.gone and self.swallows) or ("worker" in self.gone and self.forgets):
            self.lost.add(name)
        return answer(202, {"id": name})


def answer(status, body):
    """What the service said."""
    return SimpleNamespace(ok=status < 300, status=status, json=lambda: body, describe=lambda: f"it answered {status}")


@pytest.fixture
def drill(check, monkeypatch):
    """Run a drill on a service, without its waiting."""
    module = _import(harness_root() / "suites" / "tasks" / "outage.py")
    for name, value in {"OUTAGE": 0.0, "QUIET": 0.2, "DONE_WITHIN": 0.5}.items():
        monkeypatch.setattr(module, name, value)

    def run(name, requirement, service, **changes):
        descriptor = SimpleNamespace(celery=Celery.model_validate({**WHOLE, **changes}))
        return check(name, requirement, drills=service, tasks=Tasks(descriptor, service))

    return run


def test_a_good_service_passes_both(drill):
    """It says 503 without its broker, and does what it accepted without its worker."""
    assert "was done" in drill(RETURNS, "tasks.worker-returns", Service())
    assert "503" in drill(OUTAGE, "tasks.broker-outage", Service())


def test_tasks_that_are_lost_with_the_worker(drill):
    """Accepted while it was dead, and never done."""
    with pytest.raises(Violation, match="was not done"):
        drill(RETURNS, "tasks.worker-returns", Service(forgets=True))


def test_tasks_that_are_accepted_without_a_broker(drill):
    """Each of them is lost."""
    with pytest.raises(Violation, match="3 of 3 accepted tasks were never done"):
        drill(OUTAGE, "tasks.broker-outage", Service(swallows=True))


def test_a_worker_that_does_not_find_back(drill):
    """Tasks are accepted again, and nobody does them."""
    with pytest.raises(Violation, match="does nothing more"):
        drill(OUTAGE, "tasks.broker-outage", Service(stays_down=True))


def test_a_service_that_does_nothing_is_not_assessed(drill):
    """The control comes before anything is broken; without operations there is nothing to ask."""
    idle = Service()
    idle.gone.add("worker")
    with pytest.raises(NotAssessed, match="nothing was broken"):
        drill(OUTAGE, "tasks.broker-outage", idle)
    with pytest.raises(NotAssessed, match=r"celery\.submit"):
        drill(OUTAGE, "tasks.broker-outage", Service(), submit=None, status=None)
