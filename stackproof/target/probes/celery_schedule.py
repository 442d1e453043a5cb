"""The schedule in the service's database, whether what is due was sent, and how old the oldest result is. Only reads.

python celery_schedule.py APPLICATION
"""

import json
import sys

from celery.app.utils import find_app
from celery.utils.time import maybe_make_aware

try:
    from django.apps import apps
    from django.utils import timezone
except ImportError:  # then there is no database of Django's, in which a schedule or results could be
    apps = timezone = None

CLEANUP = "celery.backend_cleanup"
ROWS = 500

app = find_app(sys.argv[1])
app.loader.import_default_modules()
result = {"django": apps is not None, "installed": False, "rows": [], "cleanup": None, "trouble": ""}
if apps is None:
    print("\n" + json.dumps({"stackproof": result}))
    sys.exit()
result["installed"] = apps.is_installed("django_celery_beat")
now = timezone.now()


def aged(moment):
    """Seconds since a moment."""
    return round((maybe_make_aware(now) - maybe_make_aware(moment)).total_seconds(), 1) if moment else None


try:
    if result["installed"]:
        rows = apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(enabled=True)
        for row in rows.order_by("name")[:ROWS]:
            row_is = {"name": str(row.name)[:200], "ran": aged(row.last_run_at), "overdue": None}
            repeats = not (row.one_off or row.clocked_id or (row.expires and row.expires < now))
            try:
                if repeats and (row.start_time is None or row.start_time <= now):
                    since = maybe_make_aware(row.last_run_at or row.date_changed)
                    row_is["overdue"] = -row.schedule.remaining_estimate(since).total_seconds()
            except Exception as error:
                row_is["trouble"] = f"{type(error).__name__}: {str(error)[:100]}"
            result["rows"].append(row_is)
        result["cleanup"] = rows.filter(task=CLEANUP).exists()
    if apps.is_installed("django_celery_results"):
        oldest = apps.get_model("django_celery_results", "TaskResult").objects.order_by("date_done").first()
        result["oldest_result"] = aged(oldest.date_done) if oldest else None
except Exception as error:
    result["trouble"] = f"{type(error).__name__}: {str(error)[:300]}"
print("\n" + json.dumps({"stackproof": result}))
