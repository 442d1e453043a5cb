"""JWT configuration: the key that verifies tokens is the service's own, and a strong one."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from stackproof import (
    AccessGate,
    Outcome,
    View,
    expect_refused,
    forgeries,
    guessing,
    key_listener,
    not_applicable,
    not_assessed,
    public_keys,
    record,
    verifies,
)

ALLOW = (
    "name the one algorithm of your tokens when decoding (algorithms=['RS256']), so that the public key is never\n"
    "taken for the secret of an HMAC"
)
OWN = (
    "take the key from your own configuration; a kid may only choose among keys that you have there, and jku, x5u,\n"
    "jwk and x5c of a token are not to be followed or used"
)
STRONG = "make a new secret of 32 random bytes or more (python -c 'import secrets; print(secrets.token_urlsafe(48))')"


def own_tokens(session):
    """A fresh login's tokens and the parts of the access token, which is seen to be accepted."""
    gate = AccessGate(session)
    gate.needs_garbage_refused()
    return gate, forgeries.jwt_parts(gate.tokens.access)


@verifies("jwt.algorithm-confusion-refused", needs=[View.HTTP, View.ACCOUNTS], remedy=ALLOW)
def public_key_is_not_taken_for_a_secret(session, expect, requirement):
    """A token under an HMAC with the service's public key for its secret is refused."""
    gate, parts = own_tokens(session)
    if not public_keys.is_asymmetric(parts.algorithm()):
        not_applicable(
            f"the service signs with {parts.algorithm()[:20]}: there is no public key to be taken for a secret"
        )
    key = public_keys.verifying_key(session, gate.tokens.access)
    expect.note(f"the public key that verifies the service's tokens was found at {key.origin}")
    encodings = key.encodings()
    what = "tokens under an HMAC with the public key"
    expect_refused(
        gate, expect, lambda tokens: forgeries.with_public_key_as_secret(tokens.access, encodings), what=what
    )


@verifies("jwt.key-not-from-token", needs=[View.HTTP, View.ACCOUNTS], remedy=OWN)
def key_of_a_token_is_not_used(session, expect, requirement):
    """A token that brings its key along, or whose key id leads to a key that anybody knows, is refused."""
    gate, _ = own_tokens(session)

    def make(tokens):
        return [*forgeries.with_own_keys_inside(tokens.access), *forgeries.with_key_ids(tokens.access)]

    expect_refused(gate, expect, make, what="tokens that bring or name a key of ours")


@verifies("jwt.key-not-from-token", needs=[View.HTTP, View.ACCOUNTS], supplementary=True, remedy=OWN)
def address_in_a_token_is_not_visited(session, expect, requirement):
    """The service fetches nothing from an address that a token names, and accepts no key from there."""
    if not on_this_machine(session.base_url):
        not_assessed(
            "target.base_url names no loopback address: the service may be on another machine, from which a listener "
            "of ours on 127.0.0.1 cannot be reached"
        )
    gate, _ = own_tokens(session)
    with key_listener(forgeries.own_jwk("RS256"), forgeries.own_certificate()) as listener:
        looks = gate.show_all(lambda tokens: forgeries.with_key_address(tokens.access, listener.url))
        asked = list(listener.asked)
    record(expect, looks)
    accepted = [one.name for one in looks if one.outcome is Outcome.ACCEPTED]
    expect.holds(
        not asked and not accepted,
        expected="the service to fetch nothing from where a token says that its key is",
        seen=f"our listener was asked {len(asked)} times ({', '.join(asked[:3]) or 'nothing'}); "
        f"accepted: {', '.join(accepted) or 'none'}",
    )


@verifies("jwt.secret-not-guessable", needs=[View.HTTP, View.ACCOUNTS], remedy=STRONG)
def secret_is_not_publicly_known(session, descriptor, expect, requirement):
    """The secret that signs tokens is none that is publicly known."""
    gate, parts = own_tokens(session)
    refresh = [("refresh token", gate.tokens.refresh)] if gate.tokens.refresh else []
    names = [descriptor.target.name, urlsplit(session.base_url).hostname or ""]
    names += [descriptor.project.path.name] if descriptor.project else []
    candidates = [*guessing.well_known(), *guessing.from_names(names)]
    looked = 0
    for what, token in (("access token", gate.tokens.access), *refresh):
        found, tried = guessing.guessed(token, candidates)
        looked += tried
        expect.holds(
            found is None,
            expected=f"the secret of the {what} to be none that is publicly known",
            seen=f"none of {tried} known secrets signs the {what}"
            if found is None
            else f"a known secret signs the {what}: one of {found.family!r}, {found.length} bytes, "
            f"beginning with {found.beginning!r}",
        )
    if not looked:
        not_applicable(f"the service signs with {parts.algorithm()[:20]}, which has no secret to be guessed")


@verifies("jwt.hmac-key-length", needs=[View.HTTP, View.ACCOUNTS], remedy=STRONG)
def secret_is_long_enough(session, expect, requirement, request):
    """The secret that signs tokens is as long as the hash that it is used with."""
    gate, parts = own_tokens(session)
    if public_keys.is_asymmetric(parts.algorithm()):
        not_applicable(f"the service signs with {parts.algorithm()[:20]}, which has no secret")
    forger = request.getfixturevalue("forger")  # only now: a key pair is nothing to ask for
    forger.control(gate.tokens.access)
    length = forger.secret_length(gate.tokens.access)
    others = forger.secret_length(gate.tokens.refresh)
    expect.that("the length of the secret that signs tokens, in bytes", length).at_least(requirement.value.number)
    if others not in {0, length}:
        expect.that("the length of the secret that signs refresh tokens, in bytes", others).at_least(
            requirement.value.number
        )


@verifies(
    "jwt.public-key-length",
    needs=[View.HTTP, View.ACCOUNTS],
    remedy="make a new key: RSA with 3072 bits, or P-256 (ES256), or Ed25519",
)
def public_key_is_long_enough(session, expect, requirement):
    """The key pair that signs tokens is a strong one."""
    gate, parts = own_tokens(session)
    if not public_keys.is_asymmetric(parts.algorithm()):
        not_applicable(f"the service signs with {parts.algorithm()[:20]}: there is no public key")
    key = public_keys.verifying_key(session, gate.tokens.access)
    kind, bits = public_keys.strength(key.key)
    wanted = requirement.value.number if kind == "RSA" else public_keys.CURVE_BITS
    expect.holds(
        bits >= wanted,
        expected=f"a key of at least {wanted:.0f} bits ({kind})",
        seen=f"the {kind} key that verifies the service's tokens ({key.origin}) has {bits} bits",
    )


@verifies(
    "jwt.private-key-unpublished",
    needs=[View.HTTP, View.ACCOUNTS],
    remedy="make new keys at once, since whoever read the old ones can sign tokens; publish the public half alone\n"
    "(Node: createPublicKey(key).export({format: 'jwk'}); jose: key.as_dict(private=False))",
)
def published_keys_are_public(session, expect, requirement):
    """The key set that a service publishes holds neither private keys nor secrets."""
    published = public_keys.published_sets(session)
    if not published:
        _, parts = own_tokens(session)
        if not public_keys.is_asymmetric(parts.algorithm()):
            not_applicable(f"the service signs with {parts.algorithm()[:20]}, and publishes no key set")
        if session.auth.public_key is not None:
            not_applicable(
                "the descriptor names the public key as a file (auth.public_key), and no key set is published"
            )
        not_assessed(
            f"no key set is published at {public_keys.WELL_KNOWN}: auth.jwks says where there is one; where there is "
            "none, auth.public_key names the key itself"
        )
    for place, entries in published.items():
        private = public_keys.private_members(session, entries)
        expect.holds(
            not private,
            expected="a published key set to hold public keys alone",
            seen=f"{place} has {len(entries)} keys" + (f", and of {'; '.join(private)}" if private else ", all public"),
        )


def on_this_machine(url):
    """Whether the service is reached over the loopback interface."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
