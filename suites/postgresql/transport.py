"""PostgreSQL: the service's connections are encrypted, by demand and not by luck."""

from threading import Thread

from psycopg.sql import SQL

from stackproof import NotAssessed, View, not_assessed, verifies

ORDER = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")  # weakest first; libpq, chapter 32.19
SIGN_INS = 3
SESSIONS = SQL(
    "SELECT a.application_name, a.client_addr::text AS client, s.ssl, s.version FROM pg_stat_activity a "
    "JOIN pg_stat_ssl s USING (pid) WHERE a.datname = current_database() AND a.client_addr IS NOT NULL "
    "AND a.pid <> pg_backend_pid() AND a.application_name <> 'stackproof' AND s.ssl IS NOT NULL"
)
REMEDY = "sslmode=require (better verify-full with sslrootcert) in DATABASES['default']['OPTIONS']"


@verifies("tls.postgresql.sslmode", needs=[View.PROJECT], remedy=REMEDY)
def service_demands_tls_of_postgresql(project, expect, requirement):
    """The service's own connection demands TLS: its sslmode is the clause's or a stronger one.

    `prefer` shows an encrypted session too, wherever the server offers it, and falls back to plain text in silence.
    """
    wanted = requirement.value.options[0]
    seen = project.ask("database_connection")
    if seen.get("vendor") != "postgresql":
        not_assessed(f"the service's default database is {seen.get('vendor')}, not PostgreSQL")
    mode = seen.get("sslmode") or "prefer"
    told = "it is not set, so libpq takes prefer" if not seen.get("sslmode") else f"it is {mode}"
    session = f"this session is {'encrypted, ' + str(seen.get('tls_version')) if seen.get('ssl') else 'not encrypted'}"
    strong = mode in ORDER and wanted in ORDER and ORDER.index(mode) >= ORDER.index(wanted)
    expect.holds(
        strong and seen.get("ssl") is not False,
        expected=f"the service's sslmode to be {wanted} or stronger",
        seen=f"{told}; {session}",
    )


@verifies(
    "tls.postgresql.sslmode",
    needs=[View.POSTGRES, View.HTTP, View.ACCOUNTS],
    supplementary=True,
    remedy=REMEDY,
)
def no_session_of_the_service_is_plain(postgres, session, expect):
    """No session of the database that came over the network is unencrypted, while the service is at work.

    A service that keeps no connection open has sessions only during a request, so the look is taken during sign-ins.
    """
    found = sessions_during(postgres, session)
    if not found:
        not_assessed("no session of the service was visible (it has another role or another database, or a pooler)")
    plain = [one for one in found if not one["ssl"]]
    expect.holds(
        not plain,
        expected="every session over the network to be encrypted",
        seen=f"{len(plain)} of {len(found)} sessions are plain text",
        sessions=found,
    )


def sessions_during(postgres, session):
    """Sessions of the same database from the network, seen while an account signs in; the harness's own left out."""
    trouble = []

    def sign_in():
        try:
            session.login()
        except NotAssessed as error:
            trouble.append(str(error))

    for _ in range(SIGN_INS):
        worker = Thread(target=sign_in, daemon=True)
        worker.start()
        while worker.is_alive():
            found = postgres.quiet_rows(SESSIONS)
            if found:
                worker.join()
                return found
        found = postgres.quiet_rows(SESSIONS)
        if found or trouble:
            return found
    return []
