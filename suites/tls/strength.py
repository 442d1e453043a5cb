"""TLS: what the endpoints' certificates are made of is too strong to be forged."""

from stackproof import View, http_places, not_assessed, postgres_places, redis_places, survey_of, verifies

# NIST SP 800-57 Part 1 Rev. 5, table 2: bits of an RSA or DSA key, and the strength that they give
STEPS = ((15360, 256), (7680, 192), (3072, 128), (2048, 112), (1024, 80))
# Half of the digest, against collisions; what is broken, as table 3 has it
HASHES = {"md5": 18, "sha1": 63, "sha224": 112, "sha256": 128, "sha384": 192, "sha512": 256}
REMEDY = "have the certificate issued anew, for an RSA key of 2048 bits or more or one on P-256, signed with SHA-256"


@verifies("tls.certificate.strength", needs=[View.HTTP], remedy=REMEDY)
def certificates_of_the_service_are_strong(descriptor, recorder, expect, requirement):
    """The key of every HTTPS endpoint's certificate, and the hash that it is signed with, have the strength."""
    judge([one for one in http_places(descriptor) if one.encrypted], recorder, expect, requirement)


@verifies("tls.certificate.strength", needs=[View.POSTGRES], supplementary=True, remedy=REMEDY)
def certificate_of_postgresql_is_strong(descriptor, recorder, expect, requirement):
    """The same of PostgreSQL's certificate."""
    judge(postgres_places(descriptor), recorder, expect, requirement)


@verifies("tls.certificate.strength", needs=[View.REDIS], supplementary=True, remedy=REMEDY)
def certificates_of_redis_are_strong(descriptor, recorder, expect, requirement):
    """The same of every Redis that is reached over TLS."""
    judge([one for one in redis_places(descriptor) if one.encrypted], recorder, expect, requirement)


def judge(places, recorder, expect, requirement):
    """What is weak at any endpoint counts before what could not be seen at another."""
    if not places:
        not_assessed("nothing there is reached over TLS; tls.minimum-version and its neighbours judge that")
    weak, unseen, told = [], [], []
    for place in places:
        survey = survey_of(place)
        recorder.add("handshake", f"the certificate of {place.label}", **survey.as_evidence())
        if survey.certificate is None:
            unseen.append(f"{place.label} showed no certificate; tls.certificate.* says why")
            continue
        for what, bits in parts_of(survey.certificate).items():
            said = f"{what} at {place.label}"
            if bits is None:
                unseen.append(f"the strength of {said} is not known here")
            else:
                (told if bits >= requirement.value.number else weak).append(f"{said}: {bits} bits")
    expect.holds(
        not weak,
        expected=f"a strength of {requirement.value.number:g} bits or more",
        seen="; ".join(weak or told) or "no certificate",
    )
    if unseen:
        not_assessed("; ".join(unseen))


def parts_of(certificate):
    """What a certificate is made of, with the strength of each; None where it is not known.

    Nobody relies on the signature that a certificate gives itself.
    """
    kind, size = certificate.key_type, certificate.key_bits
    parts = {f"its key ({kind}, {size} bits)": strength_of(kind, size)}
    if certificate.signature_hash and not certificate.self_signed:
        parts[f"its signature ({certificate.signature_hash})"] = HASHES.get(certificate.signature_hash)
    return parts


def strength_of(kind, size):
    """The strength of a key."""
    if kind in {"RSA", "DSA"}:
        return next((bits for least, bits in STEPS if size >= least), 0)
    if kind.startswith("EC "):
        return size // 2
    return {"Ed25519": 128, "Ed448": 224}.get(kind)
