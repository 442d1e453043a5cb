"""Migrations of the service: those not applied to its databases, and changes of models without one. Writes nothing."""

import json
import sysconfig

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import DEFAULT_DB_ALIAS, Error, connections, transaction  # noqa: E402
from django.db.migrations.autodetector import MigrationAutodetector  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.migrations.loader import MigrationLoader  # noqa: E402
from django.db.migrations.questioner import MigrationQuestioner  # noqa: E402
from django.db.migrations.state import ProjectState  # noqa: E402

CAP = 100
PACKAGES = tuple({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})


def of_package(label):
    """Whether an application came with a package, and is not the service's own code."""
    return apps.get_app_config(label).path.startswith(PACKAGES)


def applied(alias):
    """What a database has and lacks, read in a transaction that may not write."""
    connection = connections[alias]
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute("SELECT pg_is_in_recovery()")
        [standby] = cursor.fetchone()
        executor = MigrationExecutor(connection)
        loader = executor.loader
        plan = executor.migration_plan(loader.graph.leaf_nodes())
        unknown = set(loader.applied_migrations) - set(loader.disk_migrations) - set(loader.replacements)
    return {
        "standby": standby,
        "applied": len(loader.applied_migrations),
        "unapplied": [f"{one.app_label}.{one.name}" for one, _ in plan][:CAP],
        "unknown": sorted(f"{app}.{name}" for app, name in unknown)[:CAP],
    }


def looked_at(alias):
    """What `applied` says of a database, or why nothing can be said of it."""
    try:
        return {"alias": alias, "trouble": "", **applied(alias)}
    except Error as error:
        return {"alias": alias, "trouble": (str(error).splitlines() or [type(error).__name__])[0][:300]}


def missing():
    """Changes of models for which no migration exists, as `makemigrations --check` finds them: without a database."""
    loader = MigrationLoader(None)
    conflicts = {app: sorted(names) for app, names in loader.detect_conflicts().items()}
    questioner = MigrationQuestioner(specified_apps=set(), dry_run=True)  # asks nobody, and ends nothing
    found = {}
    if not conflicts:
        detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps), questioner)
        for app, migrations in detector.changes(graph=loader.graph).items():
            found[app] = [str(one.describe())[:200] for migration in migrations for one in migration.operations][:CAP]
    bare = sorted(
        app for app in loader.unmigrated_apps if list(apps.get_app_config(app).get_models()) and not of_package(app)
    )
    return {
        "own": {app: changes for app, changes in found.items() if not of_package(app)},
        "of_packages": {app: changes for app, changes in found.items() if of_package(app)},
        "conflicts": conflicts,
        "without_migrations": bare[:CAP],
    }


answer = {"vendor": connections[DEFAULT_DB_ALIAS].vendor}
if answer["vendor"] == "postgresql":
    names = [name for name in settings.DATABASES if connections[name].vendor == "postgresql"]
    answer |= missing() | {"databases": [looked_at(name) for name in names]}
print("\n" + json.dumps({"stackproof": answer}))
