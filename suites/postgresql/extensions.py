"""PostgreSQL: the extensions, installed and at work."""

from stackproof import View, verifies

# A read-only query that only works where the extension does
PROBES = {
    "uuid-ossp": "SELECT uuid_generate_v4()::text AS made",
    "pg-trgm": "SELECT similarity('conformance', 'conformant')::text AS made",
}


@verifies(
    "postgresql.extension.*",
    needs=[View.POSTGRES],
    remedy="CREATE EXTENSION IF NOT EXISTS …, in a migration (django.contrib.postgres.operations.CreateExtension)",
)
def extension_is_installed_and_works(postgres, expect, requirement):
    """A required extension is installed in the service's database, and works."""
    slug = requirement.id.removeprefix("postgresql.extension.")
    found = postgres.rows("SELECT extname, extversion FROM pg_extension ORDER BY extname")
    mine = [one for one in found if one["extname"].replace("_", "-") == slug.replace("_", "-")]
    names = ", ".join(one["extname"] for one in found)
    expect.holds(
        bool(mine),
        expected=f"the extension {slug} to be installed",
        seen=f"installed are {names or 'none'}",
    )
    version = mine[0]["extversion"]
    probe = PROBES.get(slug)
    if probe is None:
        expect.conclude(f"{slug} {version} is installed; no query is known here that would use it")
        return
    works, shown = postgres.attempt(probe)
    expect.holds(
        works,
        expected=f"the extension {slug} to work",
        seen=f"{probe} gave {shown}" if works else f"{probe} failed: {shown}",
    )
    expect.conclude(f"{slug} {version} is installed, and {probe.split('(', maxsplit=1)[0][7:]} works")
