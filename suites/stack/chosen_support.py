"""Support, as far as a project's files tell: the lines that its lock and its images choose are supported."""

from stackproof import View, asks_for_support, chosen_lines, is_inside_support, is_lts, is_supported, verifies

REMEDY = "choose a release line that its project supports; spec/support.toml has the dates and their sources"
LINE = "the line in use"  # what runs, or, where that cannot be seen, what the project's files choose


@verifies("upgrade.django-lts", needs=[View.FILES], one_of=LINE, remedy=REMEDY)
def locked_django_is_a_supported_lts(files, today, expect):
    """The Django that the project locks is a release with long-term support, and supported on the day of the run."""
    for one in chosen_lines.django_lines(files):
        is_supported("Django", one.version, today, expect, of=one.where)
        is_lts("Django", one.version, today, expect, of=one.where)


@verifies("support.django", needs=[View.FILES], one_of=LINE, remedy=REMEDY)
def locked_django_is_inside_the_documents_support(files, today, expect, requirement, specification):
    """The day of the run is not past the date until which the document counts on the Django that is locked."""
    for one in chosen_lines.django_lines(files):
        is_inside_support("Django", one.version, today, expect, requirement, specification, of=one.where)


@verifies("upgrade.python-security-window", needs=[View.FILES], one_of=LINE, remedy=REMEDY)
def chosen_python_receives_security_fixes(files, today, expect, requirement):
    """The Python of the project's images still receives security fixes on the day of the run."""
    asks_for_support(requirement)
    for one in chosen_lines.python_lines(files):
        is_supported("Python", one.version, today, expect, of=one.where)


@verifies("support.python", needs=[View.FILES], one_of=LINE, remedy=REMEDY)
def chosen_python_is_inside_the_documents_support(files, today, expect, requirement, specification):
    """The day of the run is not past the date until which the document counts on the Python of the images."""
    for one in chosen_lines.python_lines(files):
        is_inside_support("Python", one.version, today, expect, requirement, specification, of=one.where)


@verifies("upgrade.postgresql-supported", needs=[View.FILES], one_of=LINE, remedy=REMEDY)
def chosen_postgresql_is_supported(files, today, expect, requirement):
    """The PostgreSQL of the project's images is supported by its project on the day of the run."""
    asks_for_support(requirement)
    for one in chosen_lines.postgresql_lines(files):
        is_supported("PostgreSQL", one.version, today, expect, of=one.where)


@verifies("support.postgresql", needs=[View.FILES], one_of=LINE, remedy=REMEDY)
def chosen_postgresql_is_inside_the_documents_support(files, today, expect, requirement, specification):
    """The day of the run is not past the date until which the document counts on the PostgreSQL of the images."""
    for one in chosen_lines.postgresql_lines(files):
        is_inside_support("PostgreSQL", one.version, today, expect, requirement, specification, of=one.where)
