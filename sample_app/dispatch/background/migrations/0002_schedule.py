"""The first edition of the beat schedule. It lives in the database: later changes are made there."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OVERDUE = "announce overdue jobs"
TOKENS = "flush expired tokens"


def add_schedule(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Every minute look for overdue jobs, every night delete tokens that have expired."""
    periodic_task = apps.get_model("django_celery_beat", "PeriodicTask")
    minute, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=1, period="minutes"
    )
    night, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="30", hour="3", day_of_week="*", day_of_month="*", month_of_year="*"
    )
    periodic_task.objects.get_or_create(
        name=OVERDUE, defaults={"task": "dispatch.jobs.tasks.announce_overdue_jobs", "interval": minute}
    )
    periodic_task.objects.get_or_create(
        name=TOKENS, defaults={"task": "dispatch.background.tasks.flush_expired_tokens", "crontab": night}
    )


def remove_schedule(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove what was added."""
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=[OVERDUE, TOKENS]).delete()


class Migration(migrations.Migration):
    """The schedule, as data."""

    dependencies = [
        ("background", "0001_initial"),
        ("django_celery_beat", "0018_improve_crontab_helptext"),
    ]

    operations = [migrations.RunPython(add_schedule, remove_schedule)]
