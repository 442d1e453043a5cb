"""One row of ours in the service's schedule, for a queue of ours that no worker reads.

STACKPROOF_BENCH says, as JSON: `app` and `name` (of the row and the queue). It answers a line of JSON with one; when
its input ends it puts away what it made.
"""

import datetime
import json
import os
import sys
import time

from celery.app.utils import find_app
from django.utils import timezone

TOLD = json.loads(os.environ["STACKPROOF_BENCH"])
NAME = TOLD["name"]
NOTICED_WITHIN = 8.0  # seconds for beat to see that the row has run, after which it leaves the row alone

app = find_app(TOLD["app"])
app.loader.import_default_modules()
KEYS = (NAME, f"_kombu.binding.{NAME}", *(f"{NAME}\x06\x16{step}" for step in (3, 6, 9)))


class Row:
    """The row and what came of it."""

    def __init__(self):
        from django_celery_beat.models import IntervalSchedule, PeriodicTask

        self.connection = app.connection_for_write()
        self.connection.ensure_connection(max_retries=1, timeout=5)
        if self.connection.transport.driver_type != "redis":
            raise RuntimeError(f"the broker is {self.connection.transport.driver_type}; only Redis can be looked into")
        self.rows = PeriodicTask.objects.filter(name=NAME)
        self.create = PeriodicTask.objects.create
        self.intervals = IntervalSchedule.objects
        self.interval = None

    def add(self):
        """A row that is due at once, and that beat itself turns off when it has run."""
        self.interval, made = self.intervals.get_or_create(every=1, period="seconds")
        self.interval = self.interval if made else None
        every = self.interval or self.intervals.get(every=1, period="seconds")
        past = timezone.now() - datetime.timedelta(hours=1)
        self.create(name=NAME, task="stackproof.beat", interval=every, queue=NAME, one_off=True, last_run_at=past)
        return {}

    def look(self):
        client = self.connection.default_channel.client
        return {"arrived": sum(client.llen(one) for one in (KEYS[0], *KEYS[2:]))}

    def tidy(self):
        """Remove the row once beat has let go of it: beat would write it anew. Then the queue."""
        sent = self.look()["arrived"]
        deadline = time.monotonic() + (NOTICED_WITHIN if sent else 0)
        while self.rows.filter(enabled=True).exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        for row in self.rows:
            row.delete()  # one by one: their signal tells beat that the schedule has changed
        if self.interval is not None:
            from django_celery_beat.models import PeriodicTask

            if not PeriodicTask.objects.filter(interval=self.interval).exists():
                self.interval.delete()
            self.interval = None
        self.connection.default_channel.client.delete(*KEYS)
        return {"removed": True}


def say(answer):
    """One line of answer."""
    sys.stdout.write("\n" + json.dumps({"stackproof": answer}) + "\n")
    sys.stdout.flush()


row, trouble = None, ""
try:
    row = Row()
except Exception as error:
    trouble = f"{type(error).__name__}: {str(error)[:300]}"
for line in sys.stdin:
    question = json.loads(line)
    try:
        say({"trouble": trouble} if row is None else getattr(row, question["do"])())
    except Exception as error:
        say({"trouble": f"{type(error).__name__}: {str(error)[:300]}"})
if row is not None:
    row.tidy()
