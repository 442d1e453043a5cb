"""A bench for the service's Celery application: harmless tasks of ours on its own settings, apart from its workers.

What it is told stands in STACKPROOF_BENCH, as JSON: `role` ("worker" or "driver"), `app`, `name` (of the queue, and
of the prefix of every key), `folder` (for marks), and what is set otherwise: `options` of the task, `transport` and
`conf`.
It answers a line of JSON with one; when its input ends it puts away what it made.
"""

import base64
import json
import os
import re
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from celery.app.utils import find_app
from celery.signals import worker_ready

TOLD = json.loads(os.environ["STACKPROOF_BENCH"])
NAME, FOLDER = TOLD["name"], TOLD["folder"]
LEAVE = 0.5  # seconds for workers to be gone, which end when their input does

app = find_app(TOLD["app"])
app.loader.import_default_modules()
_ = app.conf.broker_url  # the configuration is made when it is first asked for
conf = app.conf
options = dict(conf.broker_transport_options or {})
PREFIX = f"{options.get('global_keyprefix', '')}{NAME}."
OTHERWISE = {
    "task_queues": None,
    "task_routes": None,
    "task_create_missing_queues": True,
    "task_default_queue": NAME,
    "task_default_exchange": NAME,
    "task_default_routing_key": NAME,
    "task_always_eager": False,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    **TOLD.get("conf", {}),
    "broker_transport_options": {**options, **TOLD.get("transport", {}), "global_keyprefix": PREFIX},
}
for key, value in OTHERWISE.items():
    # what stands under a namespace ("CELERY_…" in Django's settings) or an old name would be found first
    for name in (*conf._to_keys(key), *(rename(key) for rename in conf._keys or ())):
        conf.changes[name] = value
    if conf[key] != value:
        raise SystemExit(f"{key} of the application cannot be set otherwise, so that we would not be apart from it")


def mark(what, name):
    """Leave a line for the harness; appending a short one is atomic."""
    line = f"{what} {name} {os.getpid()}\n".encode()
    with (Path(FOLDER) / "marks").open("ab", buffering=0) as marks:
        marks.write(line)


@app.task(name="stackproof.hold", **{"ignore_result": True, **TOLD.get("options", {})})
def hold(name, lasting=0.0):
    """Begin, wait, and have an effect."""
    mark("start", name)
    time.sleep(lasting)
    mark("effect", name)


@app.task(name="stackproof.answer")
def answer_(name):
    """Give a result, kept as the service keeps those of its tasks."""
    mark("effect", name)
    return name


def with_harness():
    """End at once, children too, when the harness goes away."""
    while os.read(0, 4096):  # sys.stdin would be locked while it waits, in a forked child for ever
        continue
    os.killpg(0, signal.SIGKILL)


def work():
    """Be a worker of our queue, as `celery worker` of the service would be one."""
    threading.Thread(target=with_harness, daemon=True).start()
    for name in ("BROKER_URL", "RESULT_BACKEND"):
        os.environ.pop(name, None)  # the command line would take them; the settings decide, as they do for the driver
    worker_ready.connect(lambda **_: mark("ready", TOLD["worker"]), weak=False)
    words = ["worker", "-Q", NAME, "-n", f"{TOLD['worker']}@%h", "-c", "1", "-l", "INFO"]
    app.worker_main([*words, "--without-gossip", "--without-mingle", "--without-heartbeat"])


class Driver:
    """Sends to our queue and looks after what it made."""

    def __init__(self):
        self.ids = set()
        self.connection = app.connection_for_write()
        self.connection.ensure_connection(max_retries=1, timeout=5)
        if self.connection.transport.driver_type != "redis":
            raise RuntimeError(f"the broker is {self.connection.transport.driver_type}; this bench is for Redis")
        if self.connection.default_channel.global_keyprefix != PREFIX:
            raise RuntimeError("this kombu knows no global_keyprefix, so that we would not be apart from the service")

    def send(self, task, ident, args):
        self.ids.add(ident)
        app.tasks[task].apply_async(args, task_id=ident, queue=NAME, retry=False)
        return {}

    def raw(self, body, content_type, content_encoding, headers, ident="", **properties):
        if ident:
            self.ids.add(ident)
        with app.producer_pool.acquire(block=True, timeout=5) as producer:
            producer.publish(
                base64.b64decode(body),
                exchange="",
                routing_key=NAME,
                content_type=content_type,
                content_encoding=content_encoding,
                headers=headers,
                retry=False,
                **properties,
            )
        return {}

    def left(self):
        channel = self.connection.default_channel
        return {"queued": channel._size(NAME), "unacked": channel.client.hlen(channel.unacked_key)}

    def result(self, ident):
        found = app.AsyncResult(ident)
        value = found.result
        return {"state": str(found.state), "result": value if isinstance(value, str) else type(value).__name__}

    def tidy(self):
        """Remove every key that begins with our prefix, and the results of our tasks."""
        from redis import Redis

        trouble, removed = "", 0
        for one in sorted(self.ids):
            try:
                app.backend.forget(one)
            except Exception as error:
                trouble = f"results: {type(error).__name__}: {str(error)[:200]}"
        try:
            client = Redis(connection_pool=self.connection.default_channel.client.connection_pool)
            pattern = re.sub(r"([*?\[\]\\])", r"\\\1", PREFIX) + "*"
            for key in list(client.scan_iter(match=pattern, count=1000)):
                removed += client.delete(key)
        except Exception as error:
            trouble = f"keys: {type(error).__name__}: {str(error)[:200]}"
        return {"removed": removed, "left_behind": trouble}


def say(answer):
    """One line of answer."""
    sys.stdout.write("\n" + json.dumps({"stackproof": answer}) + "\n")
    sys.stdout.flush()


def drive():
    """Answer until the input ends."""
    driver, trouble = None, ""
    try:
        driver = Driver()
    except Exception as error:
        trouble = f"the broker of the service's settings: {type(error).__name__}: {str(error)[:300]}"
    for line in sys.stdin:
        question = json.loads(line)
        try:
            say({"trouble": trouble} if driver is None else getattr(driver, question.pop("do"))(**question))
        except Exception as error:
            say({"trouble": f"{type(error).__name__}: {str(error)[:300]}"})
    if driver is not None:
        time.sleep(LEAVE)
        driver.tidy()
    shutil.rmtree(FOLDER, ignore_errors=True)


work() if TOLD["role"] == "worker" else drive()
