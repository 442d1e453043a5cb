"""PostgreSQL: the extensions, installed and at work."""

from stackproof import View, not_assessed, verifies

# A read-only query that only works where the extension does; {} is the schema that it was installed into
PROBES = {
    "uuid-ossp": ("uuid_generate_v4()", "SELECT {}.uuid_generate_v4()::text AS made"),
    "pg-trgm": ("similarity()", "SELECT {}.similarity('conformance', 'conformant')::text AS made"),
}
NAMES = {"pg-trgm": "pg_trgm"}  # as CREATE EXTENSION takes them, where the id is written otherwise
INSTALLED = (
    "SELECT extname, extversion, nspname FROM pg_extension "
    "JOIN pg_namespace ON pg_namespace.oid = extnamespace ORDER BY extname"
)


@verifies(
    "postgresql.extension.*",
    needs=[View.POSTGRES],
    remedy="CREATE EXTENSION IF NOT EXISTS …, in a migration (django.contrib.postgres.operations.CreateExtension)",
)
def extension_is_installed_and_works(postgres, expect, requirement):
    """A required extension is installed in the service's database, and works."""
    if requirement.value is not True:
        not_assessed("the clause does not ask for the extension, and nothing is known of what it forbids instead")
    slug = requirement.id.removeprefix("postgresql.extension.")
    found = postgres.rows(INSTALLED)
    mine = next((one for one in found if one["extname"].lower().replace("_", "-") == slug.replace("_", "-")), None)
    names = ", ".join(one["extname"] for one in found)
    expect.holds(
        mine is not None,
        expected=f"the extension {NAMES.get(slug, slug)} to be installed",
        seen=f"installed are {names or 'none'}",
    )
    told = f"{mine['extname']} {mine['extversion']} is installed"
    if slug not in PROBES:
        expect.conclude(f"{told}; no query is known here that would show it at work")
        return
    function, probe = PROBES[slug]
    works, shown = postgres.attempt(in_schema(probe, mine["nspname"]))
    expect.holds(
        works,
        expected=f"the extension {NAMES.get(slug, slug)} to work",
        seen=f"{function} gave {shown}" if works else f"{function} failed: {shown}",
    )
    expect.conclude(f"{told}, and {function} works")


def in_schema(query, name):
    """The query with the schema's name where the braces stand."""
    from psycopg.sql import SQL, Identifier  # only here: the driver takes a while to load

    return SQL(query).format(Identifier(name))
