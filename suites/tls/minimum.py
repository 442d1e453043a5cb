"""TLS: no connection speaks a version below the minimum."""

from stackproof import (
    View,
    get_without_tls,
    http_places,
    not_assessed,
    postgres_places,
    redis_places,
    survey_of,
    verifies,
)

REMEDY = (
    "set the clause's version as the minimum where TLS ends: ssl_protocols without any below it (nginx),\n"
    "ssl_context in the configuration of gunicorn (its own workers), ssl_min_protocol_version (PostgreSQL),\n"
    "tls-protocols (Redis)"
)


@verifies("tls.minimum-version", needs=[View.HTTP], remedy=REMEDY)
def service_refuses_versions_below_the_minimum(descriptor, recorder, expect, requirement):
    """Every HTTP and WebSocket endpoint of the service speaks TLS, the minimum version or a later one, and no earlier.

    A plain URL among `target.also` may be there to lead people to HTTPS: it is asked.
    """
    places = http_places(descriptor)
    plain = [one for one in places if not one.encrypted and not leads_to_https(one, recorder)]
    if plain:
        expect.holds(
            False,
            expected=f"the service to speak TLS {requirement.value.options[0]} or later",
            seen=f"its URL is {' and '.join(one.origin for one in plain)}: it speaks no TLS",
        )
    judge([survey_of(one) for one in places if one.encrypted], recorder, expect, requirement)


@verifies("tls.minimum-version", needs=[View.POSTGRES], supplementary=True, remedy=REMEDY)
def postgresql_refuses_versions_below_the_minimum(descriptor, recorder, expect, requirement):
    """PostgreSQL, where it speaks TLS, refuses every version below the minimum."""
    surveys = [survey_of(one) for one in postgres_places(descriptor)]
    if all(one.speaks_tls is False for one in surveys):
        recorder.add("handshake", "PostgreSQL", answer=surveys[0].plain_answer)
        not_assessed("the connection to PostgreSQL is not encrypted; tls.postgresql.sslmode judges that")
    judge([one for one in surveys if one.speaks_tls is not False], recorder, expect, requirement)


@verifies("tls.minimum-version", needs=[View.REDIS], supplementary=True, remedy=REMEDY)
def redis_refuses_versions_below_the_minimum(descriptor, recorder, expect, requirement, specification):
    """The Redis of every role speak TLS, the minimum version or a later one, and refuse every version below.

    A clause that asks for TLS to Redis on a condition alone is the narrower one: what has no TLS is left to it.
    """
    places = redis_places(descriptor)
    plain = [role for one in places if not one.encrypted for role in one.names]
    narrower = specification.find("tls.redis")
    if plain and not (narrower and narrower.strength == "conditional"):
        expect.holds(
            False,
            expected=f"Redis to speak TLS {requirement.value.options[0]} or later in every role",
            seen=f"{' and '.join(plain)}: reached without TLS",
        )
    encrypted = [one for one in places if one.encrypted]
    if encrypted:
        judge([survey_of(one) for one in encrypted], recorder, expect, requirement)
    if plain:
        not_assessed(f"{' and '.join(plain)}: reached without TLS, allowed on a condition; tls.redis judges that")
    if not encrypted:
        not_assessed("neither cache nor broker is reached over a network")


def leads_to_https(place, recorder):
    """Whether a plain URL of `target.also` was seen to do nothing but redirect to HTTPS."""
    if any(not name.startswith("target.also.") for name in place.names):
        return False
    answer = get_without_tls(place, place.port, "/")
    recorder.add("exchange", f"GET / at {place.label} without TLS", **answer.as_evidence())
    return 300 <= answer.status < 400 and answer.header("location").lower().startswith("https://")


def judge(surveys, recorder, expect, requirement):
    """At every endpoint each version below the minimum is seen to be refused, and one from it on is offered.

    What is seen to be wrong at one endpoint counts before what could not be seen at another. The certificate is not
    this clause's matter: what a strict client would say of it is noted.
    """
    minimum = requirement.value.options[0]
    for survey in surveys:
        recorder.add("handshake", f"TLS versions of {place_of(survey)}", **survey.as_evidence())
        if survey.trust is not None and not survey.trust.trusted:
            said = "; ".join(survey.trust.problems) or "it could not be told"
            expect.note(f"the certificate of {place_of(survey)} does not stand before {survey.trust.anchors}: {said}")
    for survey in surveys:
        judge_what_was_seen(survey, minimum, expect)
    unseen = [reason for survey in surveys for reason in what_was_not_seen(survey, minimum)]
    if unseen:
        not_assessed("; ".join(unseen))
    told = [f"{place_of(one)} offers TLS {', '.join(version.value for version in one.offered)}" for one in surveys]
    refused = ", ".join(one.version.value for one in below(surveys[0], minimum))
    expect.conclude(f"{'; '.join(told)} and refuses {refused or 'nothing, nothing being older'}")


def judge_what_was_seen(survey, minimum, expect):
    """An older version that is offered, and an answer without TLS, are violations."""
    offered = ", ".join(one.value for one in survey.offered) or "none"
    expect.holds(
        not [one for one in below(survey, minimum) if one.version in survey.offered],
        expected=f"every TLS version below {minimum} to be refused by {place_of(survey)}",
        seen=f"{place_of(survey)} offers {offered}",
    )
    expect.holds(
        not survey.ssl3_offered,
        expected=f"every TLS version below {minimum} to be refused by {place_of(survey)}",
        seen=f"{place_of(survey)} offers SSL 3.0"
        if survey.ssl3_offered
        else f"{place_of(survey)} did not take up a hello of SSL 3.0, which was written by hand",
    )
    expect.holds(
        survey.speaks_tls is not False,
        expected=f"{place_of(survey)} to speak TLS {minimum} or later",
        seen=f"{place_of(survey)} answers without TLS" if survey.speaks_tls is False else "it was not seen without TLS",
    )


def what_was_not_seen(survey, minimum):
    """Reasons for which the refusals tell nothing: older versions that nobody could ask for, and no control."""
    unknown = [one for one in below(survey, minimum) if not one.refused]
    reasons = [f"TLS {one.version.value} at {place_of(survey)}: {one.reason}" for one in unknown]
    if not reasons and not survey.offered:
        reasons = [f"{place_of(survey)} offered no version at all, so its refusals tell nothing of its minimum"]
    return reasons


def below(survey, minimum):
    """The outcomes of the versions that are older than the minimum."""
    known = [one.version.value for one in survey.outcomes]
    if minimum not in known:
        not_assessed(f"the clause's minimum {minimum} is no TLS version that is known here")
    return survey.outcomes[: known.index(minimum)]


def place_of(survey):
    """host:port of an endpoint."""
    return f"{survey.host}:{survey.port}"
