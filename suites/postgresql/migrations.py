"""PostgreSQL: the service's migrations, all there and all applied."""

from stackproof import View, not_assessed, verifies

SHOWN = 8  # names in a sentence


@verifies(
    "postgresql.migrations.applied",
    needs=[View.PROJECT],
    serial="migrations",
    remedy="python manage.py migrate, as a step of every deployment before the new code serves",
)
def every_migration_is_applied(project, expect):
    """No migration of the service's code waits to be applied to its databases.

    The default database decides, and every other one that was ever migrated and is no standby. What is not reached of
    those others is noted.
    Migrations that a database has and the code does not know are no fault by themselves: an application may have been
    removed, or a newer release migrated already. They are noted.
    """
    seen = asked(project)
    own = next(one for one in seen["databases"] if one["alias"] == "default")
    if own["trouble"]:
        not_assessed(f"the service's database was not reached: {own['trouble']}")
    if own["standby"]:
        not_assessed("the service's settings lead to a standby, which may lag behind: the primary decides")
    others = [one for one in seen["databases"] if one is not own]
    for one in others:
        if one["trouble"]:
            expect.note(f"the database {one['alias']} was not reached: {one['trouble']}")
    databases = [own, *(one for one in others if not one["trouble"] and one["applied"] and not one["standby"])]
    unknown = [name for one in databases for name in one["unknown"]]
    if unknown:
        expect.note(f"applied and unknown to the code: {listed(unknown)}")
    waiting = [f"{one['alias']}: {name}" for one in databases for name in one["unapplied"]]
    count = sum(one["applied"] for one in databases)
    expect.holds(
        not waiting,
        expected="every migration to be applied",
        seen=f"{len(waiting)} are not applied ({listed(waiting)})" if waiting else f"all are, {count} in number",
    )


@verifies(
    "postgresql.migrations.complete",
    needs=[View.PROJECT],
    serial="migrations",
    remedy="python manage.py makemigrations, and `makemigrations --check` in the service's own tests",
)
def every_change_of_a_model_has_a_migration(project, expect):
    """The models of the service's own applications are what its migrations make of them, without conflicts.

    Applications that came with packages are noted: their migrations are not the service's to write. So are own
    applications with models and no migrations at all, which `makemigrations` passes over.
    """
    seen = asked(project)
    if seen["of_packages"]:
        expect.note(f"packages whose models differ from their migrations: {listed(sorted(seen['of_packages']))}")
    if seen["without_migrations"]:
        expect.note(f"applications with models and without migrations: {listed(seen['without_migrations'])}")
    conflicts = [f"{app} ({' and '.join(names)})" for app, names in seen["conflicts"].items()]
    expect.holds(
        not conflicts,
        expected="one last migration in each application",
        seen=f"conflicting: {listed(conflicts)}" if conflicts else "no two conflict",
    )
    changes = [f"{app}: {change}" for app, found in seen["own"].items() for change in found]
    expect.holds(
        not changes,
        expected="no change of a model without a migration",
        seen=f"{len(changes)} have none ({listed(changes)})" if changes else "every model is as its migrations make it",
    )
    expect.conclude("every model is as its migrations make it, and no two migrations conflict")


def asked(project):
    """The probe's answer, where the service stands on PostgreSQL."""
    seen = project.once("migrations")
    if seen.get("vendor") != "postgresql":
        not_assessed(f"the service's default database is {seen.get('vendor')}, not PostgreSQL")
    return seen


def listed(names):
    """The first names, and how many more there are."""
    more = len(names) - SHOWN
    return "; ".join(names[:SHOWN]) + (f"; and {more} more" if more > 0 else "")
