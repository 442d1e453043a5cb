"""The checks on a bench, on a plain Celery application: without Django, its results in Redis, its broker a Valkey."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.tasks.last_words import last_words

PICKLE = "tasks/bench::pickled_message_is_refused"
POISON = "tasks/bench::poisoned_message_does_not_stop_the_queue"
RESULT = "tasks/bench::result_of_a_task_can_be_read"
OVERRUN = "tasks/bench::task_that_overruns_is_ended"
CHILD = "tasks/survival::task_of_a_killed_child_is_done_once"
WORKER = "tasks/survival::task_of_a_killed_worker_is_done_once"
pytestmark = pytest.mark.slow

GIVES_UP = """
from celery.worker.consumer import Consumer

def give_up(self, body, message, exc):
    raise RuntimeError("gave up at the parcel of Mrs Example")

Consumer.on_unknown_task = give_up
"""


@pytest.fixture
def judge(check, tmp_path):
    """A check on a shop."""

    def run(name, requirement, shop):
        return check(
            name,
            requirement,
            bench=shop.bench,
            project=shop.project,
            descriptor=shop.descriptor,
            tmp_path=tmp_path,
        )

    return run


def test_a_good_application_passes_and_nothing_of_ours_is_left(judge, shop, keys):
    """Three checks in a row; the broker has the same keys before and after."""
    good, before = shop(), keys()

    assert "6 of" not in judge(POISON, "tasks.poisoned-message", good)
    assert "not unpickled" in judge(PICKLE, "tasks.no-pickle", good)
    assert "read back" in judge(RESULT, "tasks.results-kept", good)
    assert keys() == before


@pytest.mark.parametrize("namespace", ["SHOP", ""])
def test_the_bench_is_apart_from_the_service(shop, keys, namespace):
    """While a task of ours runs, every new key is below our prefix, wherever the application has its settings."""
    before = keys()
    with shop(namespace=namespace).bench(transport={"visibility_timeout": 4}) as ours:
        ours.worker()
        name = ours.hold(3.0)
        assert ours.until(lambda: ours.marks("start", name) > 0, 30)
        assert ours.left().unacked == 1

        made = {key for key in keys() - before if not key.startswith("celery-task-meta-")}
        assert f"{ours.name}.unacked" in made
        assert [key for key in made if not key.startswith(f"{ours.name}.")] == []


def test_a_killed_child_costs_nothing_where_both_settings_are_on(judge, shop, keys):
    """Acknowledged late, and given back when the process is lost."""
    before = keys()

    assert "had its effect 1 times" in judge(CHILD, "tasks.survive-child", shop())
    assert keys() == before


@pytest.mark.parametrize(
    "lacking", [pytest.param("task_acks_late", marks=pytest.mark.exhaustive), "task_reject_on_worker_lost"]
)
def test_a_killed_child_takes_its_task_with_it(judge, shop, lacking):
    """One setting of the two is not enough, and the broker has the message no more."""
    with pytest.raises(Violation, match=r"effect 0 times.*no more") as found:
        judge(CHILD, "tasks.survive-child", shop(**{lacking: False}))

    assert f"{lacking.removeprefix('task_')}=False" in found.value.seen


@pytest.mark.exhaustive
def test_a_killed_worker_costs_nothing_where_tasks_are_acknowledged_late(judge, shop):
    """Another worker gets the message once the broker gives it out again."""
    assert "begun 2 times and had its effect 1 times" in judge(WORKER, "tasks.survive-worker", shop())


def test_a_killed_worker_takes_its_task_with_it(judge, shop):
    """Acknowledged early, as Celery comes."""
    with pytest.raises(Violation, match="no more"):
        judge(WORKER, "tasks.survive-worker", shop(task_acks_late=False))


def test_tasks_that_are_lost_by_design_are_left_out(judge, shop):
    """The descriptor names them; where it names all of them there is nothing to judge."""
    with pytest.raises(NotApplicable, match="at_most_once"):
        judge(CHILD, "tasks.survive-child", shop(celery='at_most_once = ["shop.pack", "shop.send_mail"]\n'))
    with pytest.raises(NotAssessed, match=r"names shop\.sendmail"):
        judge(CHILD, "tasks.survive-child", shop(celery='at_most_once = ["shop.sendmail"]\n'))


def test_pickle_that_is_accepted_is_seen_by_what_it_does(judge, shop):
    """The harmless code of the message was run."""
    with pytest.raises(Violation, match="was unpickled"):
        judge(PICKLE, "tasks.no-pickle", shop(accept_content=["json", "pickle"]))


def test_a_worker_that_gives_up_at_a_message(judge, shop):
    """It ended, and why is said in its own words."""
    with pytest.raises(Violation, match=r"ended after a task that nobody knows.*Mrs Example"):
        judge(POISON, "tasks.poisoned-message", shop(more=GIVES_UP))


@pytest.mark.parametrize(
    "conf",
    [{"result_backend": "disabled://"}, pytest.param({"task_ignore_result": True}, marks=pytest.mark.exhaustive)],
)
def test_results_that_are_not_kept(judge, shop, conf):
    """Without a backend, and with one that is not used."""
    with pytest.raises(Violation, match=r"DisabledBackend|its state is PENDING"):
        judge(RESULT, "tasks.results-kept", shop(**conf))


@pytest.mark.exhaustive
def test_a_pool_that_cannot_end_a_task(judge, shop):
    """It runs in the worker itself, where it also has no child that could be killed."""
    solo = shop(worker_pool="solo")

    with pytest.raises(Violation, match="ran to its end"):
        judge(OVERRUN, "tasks.time-limit", solo)
    with pytest.raises(NotAssessed, match="no child"):
        judge(CHILD, "tasks.survive-child", solo)


@pytest.mark.exhaustive
def test_a_pool_that_ends_a_task(judge, shop):
    """The limit of our worker is a short one."""
    assert "was ended" in judge(OVERRUN, "tasks.time-limit", shop())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"app": "shopp"}, "shopp"),
        ({"app": "shop:nothing"}, "nothing"),
        ({"url": "redis://127.0.0.1:1/0"}, "broker.*(refused|111)"),
        ({"url": "memory://"}, "the broker is memory; this bench is for Redis"),
        ({"url": "redis://:secret-of-the-shop@{place}/0"}, "(?i)auth|password"),
        ({"text": "raise SystemExit('the shop is closed')"}, "closed"),
        ({"worker_pool": "no.such.pool"}, "did not start"),
    ],
)
def test_bad_input_is_not_assessed_with_a_reason(judge, shop, broker, changes, reason):
    """A name that leads nowhere, a broker that is away, another one, a wrong password, code that does not load."""
    if "url" in changes:
        changes = {"url": changes["url"].replace("{place}", broker.partition("@")[2].removesuffix("/0"))}
    with pytest.raises(NotAssessed, match=reason) as told:
        judge(POISON, "tasks.poisoned-message", shop(**changes))

    assert "Traceback" not in str(told.value)
    assert "secret-of-the-shop" not in str(told.value)


def test_a_url_of_the_harness_is_none_of_the_service(judge, shop, monkeypatch):
    """`celery worker` takes BROKER_URL where it is set, and a run may have an account of its own under that name."""
    monkeypatch.setenv("BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("RESULT_BACKEND", "redis://127.0.0.1:1/0")

    assert "read back" in judge(RESULT, "tasks.results-kept", shop())


TRACE = 'Traceback (most recent call last):\n  File "redis/connection.py", line 1, in read\n    raise error\n'


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            {"exception": f"{TRACE}NoPermissionError: no 'set'", "message": "Unrecoverable error"},
            "NoPermissionError: no 'set'",
        ),
        ({"exc_info": f"{TRACE}KeyError: 1\n\nThe above …\n\n{TRACE}OSError: gone"}, "OSError: gone"),
        ({"exception": [{"exc_type": "OSError", "exc_value": "gone", "frames": []}]}, "OSError: gone"),
        ({"severity": "critical", "message": "no broker"}, '{"severity": "critical", "message": "no broker"}'),
        (TRACE + "OSError: gone\n[notice] bye", "OSError: gone"),
        ("Error: Unable to load\nthe application", "the application"),
        ("[1]", "[1]"),
        ("", ""),
    ],
)
def test_what_ended_a_worker_is_told_by_its_log_of_either_kind(line, told):
    """A traceback stands in lines of its own, or in a field of a line of JSON."""
    text = line if isinstance(line, str) else json.dumps({"message": "ready"}) + "\n" + json.dumps(line)

    assert last_words(text) == told


def test_nothing_is_left_when_the_harness_is_killed(shop, keys, broker):
    """SIGKILL in the middle of a task of ours: no process, no key and no folder stays."""
    before, one = keys(), shop()
    code = (
        "import sys, time; from pathlib import Path\n"
        "from stackproof.descriptor.reading import read_descriptor\n"
        "from stackproof.evidence import Recorder, Redactor\n"
        "from stackproof.target.project import ProjectView\n"
        "from stackproof.tasks.bench import Bench\n"
        "d = read_descriptor(Path(sys.argv[1])); r = Recorder(Redactor())\n"
        "with Bench(ProjectView(d, r, Redactor()), 'shop', r, Redactor()) as bench:\n"
        "    worker = bench.worker(); name = bench.hold(60)\n"
        "    bench.until(lambda: bench.marks('start', name) > 0, 30)\n"
        "    print(worker.pid, bench.child(name), bench._told['folder'], flush=True); time.sleep(60)\n"
    )
    descriptor = next(Path(one.descriptor.project.path).glob("stackproof.toml"))
    with subprocess.Popen([sys.executable, "-c", code, str(descriptor)], stdout=subprocess.PIPE, text=True) as harness:
        worker, child, folder = harness.stdout.readline().split()
        assert keys() != before
        harness.kill()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and (running(worker, child) or keys() != before or Path(folder).exists()):
        time.sleep(0.1)

    assert not running(worker, child)
    assert keys() == before
    assert not Path(folder).exists()


def running(*pids):
    """Those of the processes that live."""
    alive = []
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(int(pid), 0)
            alive.append(pid)
    return alive
