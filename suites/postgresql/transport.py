"""PostgreSQL: the service's connections are encrypted, by demand and not by luck."""

import time
from threading import Thread

from stackproof import NotAssessed, View, not_assessed, verifies

ORDER = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")  # weakest first; libpq, chapter 32.19
SIGN_INS = 3
PAUSE = 0.003  # seconds between two looks at the sessions; the shortest session of a sign-in lasts longer
SESSIONS = (
    "SELECT a.pid, a.application_name, a.client_addr::text AS client, s.ssl, s.version FROM pg_stat_activity a "
    "JOIN pg_stat_ssl s USING (pid) WHERE a.datname = current_database() AND a.client_addr IS NOT NULL "
    "AND a.pid <> pg_backend_pid() AND a.application_name <> 'stackproof' AND s.ssl IS NOT NULL"
)
OWN = "the service's own connection"
UNTOLD = "pg_stat_ssl does not tell of this session"
REMEDY = (
    "sslmode=require (better verify-full with sslrootcert) in the OPTIONS of each of DATABASES, or in the URL by which "
    "the service connects"
)


@verifies("tls.postgresql.sslmode", needs=[View.PROJECT], one_of=OWN, remedy=REMEDY)
def service_demands_tls_of_postgresql(project, expect, requirement):
    """The service's own connection demands TLS: its sslmode is the clause's or a stronger one.

    `prefer` shows an encrypted session too, wherever the server offers it, and falls back to plain text in silence.
    """
    weakest = weakest_of(requirement)
    if "version.django" in project.unused:  # not "not applicable": that would stand for a URL nobody could read
        not_assessed("the URL that postgres.service_env names tells it: project.unused lists version.django")
    seen = project.ask("database_connection")
    if seen.get("vendor") != "postgresql":
        not_assessed(f"the service's default database is {seen.get('vendor')}, not PostgreSQL")
    mode = seen.get("sslmode") or "prefer"
    told = "it is not set, so libpq takes prefer" if not seen.get("sslmode") else f"it is {mode}"
    session = f"this session is {'encrypted, ' + str(seen.get('tls_version')) if seen.get('ssl') else 'not encrypted'}"
    if seen.get("to_pooler") is not None:  # what the server tells is of the pooler's own session
        leg = "encrypted" if seen["to_pooler"] else "not encrypted"
        session = f"the connection to the pooler is {leg}; the pooler's to the server: {session}"
    strong = reaches(mode, weakest)
    if seen.get("socket") and not strong:
        further_databases(seen.get("others") or [], weakest, expect)  # a violation of theirs stands all the same
    local = through_a_socket(seen, strong, weakest)
    needs_tls = ORDER.index(weakest) >= ORDER.index("require")
    expect.holds(
        strong and (local or not (needs_tls and seen.get("ssl") is False)),
        expected=f"the service's sslmode to be {weakest} or stronger",
        seen=f"{told}; {local or (session if seen.get('ssl') is not None else UNTOLD)}",
    )
    further_databases(seen.get("others") or [], weakest, expect)


def through_a_socket(seen, strong, weakest):
    """What is said of a connection over a Unix socket, which libpq never encrypts, sslmode or not; "" over a network.

    Behind a pooler the pooler's own session is judged: it may well cross a network.

    Raises:
        NotAssessed: the mode is not the clause's, and nothing shows that it would matter.
    """
    if not seen.get("socket"):
        return ""
    place = f"through a Unix socket ({seen['socket']}), where libpq ignores sslmode"
    if not strong:
        not_assessed(
            f"the service reaches PostgreSQL {place} and crosses no network: sslmode={weakest} does no harm there and "
            "holds once there is a host; or an attestation settles it"
        )
    return "" if seen.get("to_pooler") is not None else place


@verifies("tls.postgresql.sslmode", needs=[View.FILES], one_of=OWN, remedy=REMEDY)
def service_without_django_demands_tls_of_postgresql(project, descriptor, expect, requirement):
    """The URL by which a service without Django connects demands TLS, in whatever language it is written."""
    weakest = weakest_of(requirement)
    if "version.django" not in project.unused:
        not_assessed("Django's settings tell it: project.unused does not list version.django")
    own_url_demands_tls(project, descriptor, expect, weakest)


def weakest_of(requirement):
    """The weakest sslmode that keeps to the clause."""
    wanted = [one for one in requirement.value.options if one in ORDER]
    if not wanted:
        not_assessed(f"the clause names {' or '.join(requirement.value.options)}, which is no sslmode")
    return min(wanted, key=ORDER.index)


def reaches(mode, weakest):
    """Whether an sslmode is that one or a stronger one."""
    return mode in ORDER and ORDER.index(mode) >= ORDER.index(weakest)


def further_databases(others, weakest, expect):
    """A replica or a second database is PostgreSQL as well; what its settings say decides, nobody connects to it."""
    strong = [alias for alias, mode in others if reaches(mode, weakest)]
    untold = [alias for alias, mode in others if mode is None]
    weak = [f"{alias} has {mode or 'none'}" for alias, mode in others if alias not in {*strong, *untold}]
    expect.holds(
        not weak,
        expected=f"sslmode {weakest} or stronger for every database of PostgreSQL in DATABASES",
        seen="; ".join(weak) or (f"it is no weaker for {', '.join(strong)}" if strong else "there is no further one"),
    )
    if untold:
        expect.note(f"the sslmode of {', '.join(untold)} stands in a service file, which was not read")


def own_url_demands_tls(project, descriptor, expect, weakest):
    """The URL by which a service without Django connects names an sslmode, and a strong one."""
    variable = descriptor.postgres.service_env if descriptor.postgres else ""
    if not variable:
        not_assessed(
            "postgres.service_env is not given: it names the variable of project.env_file that holds the URL by which "
            "a service without Django connects"
        )
    mode, place = project.own_sslmode(variable)
    if mode not in ORDER:
        not_assessed(
            f"{place} names no sslmode that libpq knows: code may set one, which cannot be seen; put "
            f"sslmode={weakest} into the URL"
        )
    expect.holds(
        reaches(mode, weakest),
        expected=f"the service's sslmode to be {weakest} or stronger",
        seen=f"it is {mode} in {place}",
    )


@verifies(
    "tls.postgresql.sslmode",
    needs=[View.POSTGRES, View.HTTP, View.ACCOUNTS],
    supplementary=True,
    remedy=REMEDY,
)
def no_session_of_the_service_is_plain(postgres, session, expect, requirement):
    """No session of the database that came over the network is unencrypted, while the service is at work.

    A service that keeps no connection open has sessions only during a request, so the look is taken during sign-ins.
    What the server would make of a plain connection is noted: sslmode is the client's matter, so a server that
    admits plain text beside it breaks nothing.
    """
    if all(one in ("disable", "allow", "prefer") for one in requirement.value.options):
        not_assessed(f"the clause's sslmode {requirement.value.options[0]} lets a session be plain text")
    not_through_a_pooler(postgres)
    found, trouble = sessions_during(postgres, session)
    try:
        expect.note(f"asked for a plain connection, the server's answer is: {postgres.plain_connection()}")
    except NotAssessed as error:
        expect.note(f"whether the server admits plain connections was not seen: {error}")
    if not found:
        not_assessed(why_no_session(postgres, trouble))
    plain = [one for one in found if not one["ssl"]]
    expect.holds(
        not plain,
        expected="every session over the network to be encrypted",
        seen=f"{len(plain)} of {len(found)} sessions are plain text",
        sessions=found,
    )


@verifies(
    "tls.minimum-version",
    needs=[View.POSTGRES, View.HTTP, View.ACCOUNTS],
    supplementary=True,
    remedy="sslmode=require and ssl_min_protocol_version for the service, and the latter in postgresql.conf",
)
def sessions_of_the_service_keep_to_the_minimum(postgres, session, expect, requirement):
    """Every session of the service on PostgreSQL speaks the minimum TLS version or a later one.

    One over the network without TLS speaks no version of it: "every connection" leaves it no way out
    (docs/decisions/0016). One through a socket of the machine is none.
    """
    not_through_a_pooler(postgres)
    found, trouble = sessions_during(postgres, session)
    if not found:
        not_assessed(why_no_session(postgres, trouble))
    minimum = tuple(int(part) for part in requirement.value.options[0].split("."))
    plain = [one for one in found if not one["ssl"]]
    old = [one for one in found if one["ssl"] and version_of(one["version"]) < minimum]
    spoken = ", ".join(sorted({one["version"] for one in found if one["ssl"]} | ({"no TLS"} if plain else set())))
    expect.holds(
        not old and not plain,
        expected=f"TLS {requirement.value.options[0]} or later in every session over the network",
        seen=f"{len(found)} sessions speak {spoken}",
        sessions=found,
    )


@verifies(
    "tls.postgresql.plain-refused",
    needs=[View.POSTGRES],
    remedy="hostssl in place of host in pg_hba.conf, or a line `hostnossl all all all reject` before the others",
)
def server_refuses_plain_connections(postgres, expect):
    """PostgreSQL refuses a connection over the network that is not encrypted."""
    if postgres.pooled():
        not_assessed(
            "a pooler answers in PostgreSQL's place, and the server behind it was not reached: a DSN that leads to "
            "the server itself would show it"
        )
    outcome = postgres.plain_connection()
    expect.holds(
        outcome.startswith("refused"),
        expected="an unencrypted connection to be refused",
        seen=f"an unencrypted connection is {outcome}",
    )


def version_of(text):
    """(1, 2) of "TLSv1.2", as pg_stat_ssl writes it; "TLSv1" is 1.0."""
    numbers = text.removeprefix("TLSv").split(".")
    return int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 0


def not_through_a_pooler(postgres):
    """What the server calls sessions are a pooler's own where one stands in between."""
    if postgres.pooled():
        not_assessed(
            "a pooler answers in PostgreSQL's place, and the server's sessions are the pooler's: whether the service's "
            "own connections to it are encrypted is to be seen at the pooler"
        )


def why_no_session(postgres, trouble):
    """Why no session of the service was visible, and what would show them.

    Raises:
        NotAssessed: the DSN leads to a standby, where a service that writes has none.
    """
    if trouble:
        return f"no session of the service was visible ({trouble})"
    postgres.needs_primary()
    role = "" if postgres.sees_sessions() else "another role, which GRANT pg_read_all_stats would show, "
    return f"no session of the service was visible (it has {role}another database, a Unix socket, or a pooler)"


def sessions_during(postgres, session):
    """Sessions of the same database from the network, seen while an account signs in, and why a sign-in failed.

    The harness's own sessions are left out.
    """
    trouble, seen = [], {}

    def sign_in():
        try:
            session.login()
        except NotAssessed as error:
            trouble.append(str(error))

    for _ in range(SIGN_INS):
        worker = Thread(target=sign_in, daemon=True)
        worker.start()
        while True:
            at_work = worker.is_alive()
            seen.update({tuple(one.values()): one for one in postgres.quiet_rows(SESSIONS)})
            if not at_work:
                break
            time.sleep(PAUSE)
        if trouble:
            break
    return list(seen.values()), trouble[0] if trouble else ""
