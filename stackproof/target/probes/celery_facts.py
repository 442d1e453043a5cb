"""What the service's Celery application is set to, its own tasks included; nothing is connected to.

python celery_facts.py APPLICATION
"""

import datetime
import json
import math
import sys

import celery
from celery.app.utils import find_app
from celery.utils.imports import symbol_by_name
from kombu.utils.url import url_to_parts

NAMES = "task_serializer result_serializer event_serializer".split()
FLAGS = "task_always_eager task_acks_late task_reject_on_worker_lost task_create_missing_queues".split()
RETRYING = "broker_connection_retry broker_connection_retry_on_startup task_publish_retry".split()


def seconds(value):
    """A number of seconds, or None where there is none."""
    if isinstance(value, datetime.timedelta):
        value = value.total_seconds()
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if usable else None


def family(kind):
    """Paths of a class and of those that it stands on."""
    return [f"{one.__module__}.{one.__qualname__}" for one in getattr(kind, "__mro__", ())]


def words(value):
    """The names in a list of content types; None where it is not set."""
    return sorted(str(one) for one in value) if isinstance(value, list | tuple | set | frozenset) else None


def backoff(value):
    """True, a number, or False."""
    return value if isinstance(value, bool | int | float) else bool(value)


def described(task):
    """What decides about one task."""
    limit = getattr(task, "max_retries", 3)
    return {
        "name": str(task.name)[:200],
        "acks_late": bool(task.acks_late),
        "reject_on_worker_lost": bool(task.reject_on_worker_lost),
        "time_limit": seconds(task.time_limit) or None,
        "soft_time_limit": seconds(task.soft_time_limit) or None,
        "ignore_result": bool(task.ignore_result),
        "serializer": str(task.serializer),
        "autoretry": [getattr(one, "__name__", str(one)) for one in getattr(task, "autoretry_for", None) or ()],
        "retry_backoff": backoff(getattr(task, "retry_backoff", False)),
        "max_retries": limit if isinstance(limit, int) else None,
    }


app = find_app(sys.argv[1])
app.loader.import_default_modules()
app.finalize()
conf = app.conf
try:
    scheduler = family(symbol_by_name(conf.beat_scheduler))
except Exception as error:
    scheduler = [f"{conf.beat_scheduler} ({type(error).__name__})"]
try:
    kept, expiring = family(type(app.backend)), bool(app.backend.supports_autoexpire)
except Exception as error:
    kept, expiring = [f"none ({type(error).__name__}: {str(error)[:200]})"], False
options = conf.broker_transport_options or {}
url = conf.broker_write_url or conf.broker_url or ""
result = {
    "version": celery.__version__,
    "broker": str(url_to_parts(url[0] if isinstance(url, list | tuple) else url).scheme),
    "accept_content": words(conf.accept_content),
    "result_accept_content": words(conf.result_accept_content),
    "visibility_timeout": seconds(options.get("visibility_timeout")),
    "publish_max_retries": (conf.task_publish_retry_policy or {}).get("max_retries", 3),
    "task_time_limit": seconds(conf.task_time_limit) or None,
    "task_soft_time_limit": seconds(conf.task_soft_time_limit) or None,
    "result_backend": kept,
    "result_expires": seconds(conf.result_expires) or None,
    "autoexpire": expiring,
    "beat_scheduler": scheduler,
    "beat_max_loop_interval": seconds(conf.beat_max_loop_interval),
    "tasks": [described(one) for name, one in sorted(app.tasks.items()) if not name.startswith("celery.")][:500],
    **{name: str(getattr(conf, name)) for name in NAMES},
    **{name: bool(getattr(conf, name)) for name in (*FLAGS, *RETRYING)},
}
print("\n" + json.dumps({"stackproof": result}))
