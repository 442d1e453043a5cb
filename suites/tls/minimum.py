"""TLS: no connection speaks a version below the minimum."""

from urllib.parse import urlsplit

from stackproof import View, not_assessed, probe_tls, verifies

REMEDY = "set the minimum where TLS ends: ssl_protocols TLSv1.2 TLSv1.3 (nginx), ssl_min_protocol_version (PostgreSQL)"


@verifies("tls.minimum-version", needs=[View.HTTP], remedy=REMEDY)
def service_refuses_versions_below_the_minimum(descriptor, recorder, expect, requirement):
    """The service's HTTP endpoint speaks TLS, the minimum version or a later one, and refuses every earlier one."""
    parts = urlsplit(descriptor.target.base_url)
    if parts.scheme != "https":
        expect.holds(
            False,
            expected=f"the service to speak TLS {requirement.value.options[0]} or later",
            seen=f"its base_url is {parts.scheme}://: it speaks no TLS",
        )
    ca = str(descriptor.target.ca) if descriptor.target.ca else None
    judge(probe_tls(parts.hostname, parts.port or 443, ca_file=ca), recorder, expect, requirement)


@verifies("tls.minimum-version", needs=[View.POSTGRES], supplementary=True, remedy=REMEDY)
def postgresql_refuses_versions_below_the_minimum(postgres, recorder, expect, requirement):
    """PostgreSQL, where it speaks TLS, refuses every version below the minimum."""
    if not postgres.speaks_tls():
        not_assessed("the connection to PostgreSQL is not encrypted; tls.postgresql.sslmode judges that")
    host, port = postgres.host_and_port()
    judge(probe_tls(host, port, starttls="postgres"), recorder, expect, requirement)


@verifies("tls.minimum-version", needs=[View.REDIS], supplementary=True, remedy=REMEDY)
def redis_refuses_versions_below_the_minimum(redis_broker, recorder, expect, requirement):
    """The broker's Redis, where it speaks TLS, refuses every version below the minimum."""
    if not redis_broker.tls:
        not_assessed("the broker is not reached over TLS; tls.redis judges that")
    host, port = redis_broker.host_and_port
    judge(probe_tls(host, port), recorder, expect, requirement)


def judge(survey, recorder, expect, requirement):
    """Every version below the minimum is seen to be refused, and one from it on is offered."""
    minimum = requirement.value.options[0]
    known = [one.version.value for one in survey.outcomes]
    if minimum not in known:
        not_assessed(f"the clause's minimum {minimum} is no TLS version that is known here")
    endpoint = f"{survey.host}:{survey.port}"
    recorder.add("handshake", f"TLS versions of {endpoint}", **survey.as_evidence())
    below = [one for one in survey.outcomes if known.index(one.version.value) < known.index(minimum)]
    offered = [one.value for one in survey.offered]
    old = [one.version.value for one in below if one.version in survey.offered]
    expect.holds(
        not old,
        expected=f"every TLS version below {minimum} to be refused by {endpoint}",
        seen=f"it offers {', '.join(offered) or 'none'}",
    )
    expect.holds(
        survey.speaks_tls is not False,
        expected=f"{endpoint} to speak TLS {minimum} or later",
        seen="it answers without TLS" if survey.speaks_tls is False else "it speaks TLS",
    )
    unknown = [f"TLS {one.version.value} at {endpoint}: {one.reason}" for one in below if not one.refused]
    if unknown:
        not_assessed("; ".join(unknown))
    if not offered:
        not_assessed(f"{endpoint} offered no version at all, so its refusals tell nothing of its minimum")
    refused = ", ".join(one.version.value for one in below)
    expect.conclude(
        f"{endpoint} offers TLS {', '.join(offered)} and refuses {refused or 'nothing, nothing being older'}"
    )
