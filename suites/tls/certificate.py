"""TLS: the certificate of each endpoint is in date, trusted, and for the endpoint's name."""

import datetime

from stackproof import View, http_places, is_loopback, not_assessed, postgres_places, redis_places, survey_of, verifies

NEAR = datetime.timedelta(days=14)  # before its end a certificate is noted
REMEDY = (
    "serve a certificate that is in date, with the intermediate certificates after it, whose alternative names hold "
    "the name that clients ask for; renew it by a program"
)


@verifies("tls.certificate.http", needs=[View.HTTP], remedy=REMEDY)
def certificates_of_the_service_stand(descriptor, recorder, expect):
    """Every HTTPS endpoint shows a certificate that is in date, trusted and its own."""
    places = [one for one in http_places(descriptor) if one.encrypted]
    if not places:
        not_assessed("the service is not reached over TLS; tls.minimum-version judges that")
    advice = "" if descriptor.target.ca else "if an authority of your own signs it, target.ca names its certificate"
    judge(places, recorder, expect, no_anchors=advice)


@verifies("tls.certificate.postgresql", needs=[View.POSTGRES], remedy=REMEDY)
def certificate_of_postgresql_stands(descriptor, recorder, expect):
    """PostgreSQL shows a certificate that is in date, of the authority that its DSN names, and for its host."""
    places = postgres_places(descriptor)
    judge(places, recorder, expect, private=True, no_anchors="the DSN names no authority: sslrootcert does")


@verifies("tls.certificate.redis", needs=[View.REDIS], remedy=REMEDY)
def certificates_of_redis_stand(descriptor, recorder, expect):
    """Every Redis that is reached over TLS shows a certificate that is in date, trusted and its own."""
    places = [one for one in redis_places(descriptor) if one.encrypted]
    if not places:
        not_assessed("neither cache nor broker is reached over TLS; tls.redis judges that")
    judge(places, recorder, expect, private=True, no_anchors="the URL names no authority: ssl_ca_certs does")


def judge(places, recorder, expect, *, no_anchors, private=False):
    """What is wrong at any endpoint counts before what could not be seen at another.

    Args:
        private: a server inside, whose authority is rarely a public one, and which may be reached through a tunnel.
        no_anchors: what would name the authority.
    """
    faults, unseen, told = [], [], []
    for place in places:
        survey = survey_of(place)
        recorder.add("handshake", f"the certificate of {place.label}", **survey.as_evidence())
        if survey.certificate is None or survey.trust is None:
            unseen.append(f"{place.label} showed no certificate: {why(survey, place)}")
            continue
        wrong, unknown = faults_of(survey, place, private, no_anchors)
        faults += wrong
        unseen += unknown
        days = (survey.certificate.not_after - now()).days
        if not wrong and survey.certificate.not_after - now() < NEAR:
            expect.note(
                f"the certificate of {place.label} ends in {days} days, on {survey.certificate.not_after:%d %b %Y}"
            )
        told.append(f"{place.label} ({days} days left)")
    expect.holds(
        not faults,
        expected="a certificate that is in date, trusted and for the endpoint's name",
        seen="; ".join(faults)
        if faults
        else f"nothing is wrong with the certificate of {' and '.join(told) or 'none'}",
    )
    if unseen:
        not_assessed("; ".join(unseen))


def faults_of(survey, place, private, no_anchors):
    """(what is wrong, what could not be told) of one certificate."""
    certificate, trust = survey.certificate, survey.trust
    wrong, unknown = [], []
    at = f"the certificate of {place.label}"
    dated = certificate.valid_at(now())
    if certificate.not_after < now():
        wrong.append(f"{at} has expired, on {certificate.not_after:%d %b %Y %H:%M} UTC")
    elif not dated:
        wrong.append(f"{at} is not valid before {certificate.not_before:%d %b %Y %H:%M} UTC")
    if trust.name_matches is False:
        if private and (is_loopback(place.host) or place.ca_file is None):
            unknown.append(f"{at} is for other names than {trust.name}, which may be the near end of a tunnel")
        else:
            names = ", ".join(certificate.names[:5]) or "no name at all"
            wrong.append(f"{at} is not for {trust.name}: it is for {names}")
    elif trust.name_matches and not private and not any(one.startswith(("DNS:", "IP:")) for one in certificate.names):
        wrong.append(
            f"{at} has {trust.name} in its subject alone, where browsers no longer look: it has no alternative name"
        )
    said = "; ".join(trust.problems) or "it could not be told"
    stranger = trust.unknown_issuer or certificate.self_signed
    if trust.chain is False and (dated or stranger):  # else it fails for the date alone, as far as anybody can tell
        of_ours = private or not certificate.self_signed
        if stranger and of_ours and place.ca_file is None and not certificate.logged:
            unknown.append(f"{at} leads to no authority that this machine knows ({said}); {no_anchors}")
        elif stranger:
            wrong.append(f"{at} leads to no authority of {anchors(trust)}: {said}")
        else:
            wrong.append(f"{at} does not stand before {anchors(trust)}: {said}")
    if trust.chain is None or trust.name_matches is None:
        unknown.append(f"{at}: {said}")
    return wrong, unknown


def anchors(trust):
    """The trust anchors by a name."""
    return "this machine" if trust.anchors == "system" else trust.anchors


def why(survey, place):
    """Why no certificate was seen."""
    if survey.speaks_tls is False:
        return "it answers without TLS"
    if survey.offered and place.identity is None:
        return (
            f"{survey.outcome(survey.offered[-1]).reason}; if it asks for a client's certificate, "
            "target.client_certificate (sslcert, ssl_certfile) names one"
        )
    return survey.outcomes[-1].reason if survey.outcomes else "no connection"


def now():
    """The present, UTC."""
    return datetime.datetime.now(datetime.UTC)
