"""Support: on the day of the run, the projects still mend the lines that the service runs on."""

from stackproof import View, not_assessed, support_of, verifies

REMEDY = "upgrade to a release line that its project supports; spec/support.toml has the dates and their sources"
POSTGRESQL = "upgrade to a major version that is supported: https://www.postgresql.org/support/versioning/"


@verifies("upgrade.postgresql-supported", needs=[View.POSTGRES], remedy=POSTGRESQL)
def postgresql_is_supported_on_the_day_of_the_run(postgres, today, expect, requirement):
    """The major version of the PostgreSQL server is supported by its project on the day of the run."""
    if requirement.value is not True:
        not_assessed("the clause does not ask for a supported version, and what it asks for instead is not known")
    is_supported("PostgreSQL", postgres.version, today, expect)


@verifies("support.postgresql", needs=[View.POSTGRES], remedy=POSTGRESQL)
def postgresql_is_inside_the_documents_support(postgres, today, expect, requirement, specification):
    """The day of the run is not past the date until which the document counts on the PostgreSQL server's line."""
    is_inside("PostgreSQL", postgres.version, today, expect, requirement, specification)


@verifies("upgrade.python-security-window", needs=[View.PROJECT], remedy=REMEDY)
def python_receives_security_fixes(project, today, expect, requirement):
    """The service's Python still receives security fixes on the day of the run."""
    if requirement.value is not True:
        not_assessed("the clause does not ask for a supported version, and what it asks for instead is not known")
    is_supported("Python", project.python_version(), today, expect)


@verifies("support.python", needs=[View.PROJECT], remedy=REMEDY)
def python_is_inside_the_documents_support(project, today, expect, requirement, specification):
    """The day of the run is not past the date until which the document counts on the service's Python."""
    is_inside("Python", project.python_version(), today, expect, requirement, specification)


@verifies("upgrade.django-lts", needs=[View.PROJECT], remedy=REMEDY)
def django_is_a_supported_lts(project, today, expect):
    """The service's Django is a release with long-term support, and supported on the day of the run."""
    version = django_of(project)
    known = support_of("Django")
    line = known_line(known, version)
    expect.holds(
        line in known.lts,
        expected="Django to be a release with long-term support",
        seen=f"Django is {version}, and those with long-term support are {', '.join(known.lts)} ({known.source})",
    )
    is_supported("Django", version, today, expect)


@verifies("support.django", needs=[View.PROJECT], remedy=REMEDY)
def django_is_inside_the_documents_support(project, today, expect, requirement, specification):
    """The day of the run is not past the date until which the document counts on the service's Django."""
    is_inside("Django", django_of(project), today, expect, requirement, specification)


def django_of(project):
    """The installed version of Django; without it nothing can be said."""
    found = project.installed().get("django")
    if found is None:
        not_assessed("django is not installed in that environment")
    return found.version


def known_line(known, version):
    """The line of a version by the facts; a line that they do not know is neither supported nor unsupported."""
    line = known.line_of(version)
    if line is None:
        not_assessed(f"nothing is known here of the support of {known.component} {version} (as of {known.as_of})")
    return line


def is_supported(component, version, today, expect):
    """The project's own last day for the version's line is not past."""
    known = support_of(component)
    line = known_line(known, version)
    ends = known.ends[line]
    expect.holds(
        today <= ends,
        expected=f"{component} to be supported on {today}",
        seen=f"{component} is {version}, and {line} is supported until {ends} ({known.source}, as of {known.as_of})",
    )


def is_inside(component, version, today, expect, requirement, specification):
    """The document's own date is not past, where the version belongs to the line that its row tells of.

    The date is the document's promise about the tested line. Of another line inside the constraint the document gives
    no date, so that the project's own counts. Where the two dates differ by more than the month, it is said.
    """
    row = specification.find(f"version.{requirement.id.removeprefix('support.')}")
    tested = row.value.line.split()[0].removesuffix(".x") if row and row.understood and row.value.line else ""
    if version != tested and not version.startswith(f"{tested}."):
        expect.note(f"{component} is {version}, and the document's date is about {tested or 'no line'}")
        is_supported(component, version, today, expect)
        return
    known = support_of(component)
    line = known.line_of(version)
    if line and (known.ends[line].year, known.ends[line].month) != (requirement.value.year, requirement.value.month):
        expect.note(f"its project says {known.ends[line]} ({known.source}, as of {known.as_of})")
    expect.holds(
        today <= requirement.value,
        expected=f"{component} {tested} to be supported on {today}",
        seen=f"{component} is {version}, and the document counts on it until {requirement.value}",
    )
