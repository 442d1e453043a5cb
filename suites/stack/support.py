"""Support: on the day of the run, the projects still mend the lines that the service runs on."""

from stackproof import (
    View,
    asks_for_support,
    chosen_lines,
    is_inside_support,
    is_lts,
    is_supported,
    not_assessed,
    verifies,
)

REMEDY = "upgrade to a release line that its project supports; spec/support.toml has the dates and their sources"
POSTGRESQL = "upgrade to a major version that is supported: https://www.postgresql.org/support/versioning/"
LINE = "the line in use"  # what runs, or, where that cannot be seen, what the project's files choose


@verifies("upgrade.postgresql-supported", needs=[View.POSTGRES], one_of=LINE, remedy=POSTGRESQL)
def postgresql_is_supported_on_the_day_of_the_run(postgres, today, expect, requirement):
    """The major version of the PostgreSQL server is supported by its project on the day of the run."""
    asks_for_support(requirement)
    is_supported("PostgreSQL", postgres.version, today, expect)


@verifies("support.postgresql", needs=[View.POSTGRES], one_of=LINE, remedy=POSTGRESQL)
def postgresql_is_inside_the_documents_support(postgres, today, expect, requirement, specification):
    """The day of the run is not past the date until which the document counts on the PostgreSQL server's line."""
    is_inside_support("PostgreSQL", postgres.version, today, expect, requirement, specification)


@verifies("upgrade.python-security-window", needs=[View.PROJECT], one_of=LINE, remedy=REMEDY)
def python_receives_security_fixes(project, today, expect, requirement):
    """The service's Python still receives security fixes on the day of the run."""
    asks_for_support(requirement)
    is_supported("Python", project.python_version(), today, expect)


@verifies("support.python", needs=[View.PROJECT], one_of=LINE, remedy=REMEDY)
def python_is_inside_the_documents_support(project, today, expect, requirement, specification):
    """The day of the run is not past the date until which the document counts on the service's Python."""
    is_inside_support("Python", project.python_version(), today, expect, requirement, specification)


@verifies("upgrade.django-lts", needs=[View.PROJECT], one_of=LINE, remedy=REMEDY)
def django_is_a_supported_lts(project, today, expect):
    """The service's Django is a release with long-term support, and supported on the day of the run."""
    version = django_of(project)
    is_supported("Django", version, today, expect)
    is_lts("Django", version, today, expect)


@verifies("support.django", needs=[View.PROJECT], one_of=LINE, remedy=REMEDY)
def django_is_inside_the_documents_support(project, today, expect, requirement, specification):
    """The day of the run is not past the date until which the document counts on the service's Django."""
    is_inside_support("Django", django_of(project), today, expect, requirement, specification)


def django_of(project):
    """The installed version of Django; without it nothing can be said."""
    found = project.installed().get("django")
    if found is None:
        chosen_lines.unless_django_is_unused(project)
        not_assessed(
            "django is not installed in that environment; where the service does not use it, list version.django in "
            "project.unused"
        )
    return found.version
