"""JWT configuration: tokens travel where the service says, and nowhere else."""

from stackproof import (
    AccessGate,
    Outcome,
    View,
    carriers,
    clear_or_not_assessed,
    not_applicable,
    not_assessed,
    record,
    verifies,
)

NAMES = ("access_token", "token", "jwt", "auth_token", "access", "auth", "authorization", "bearer", "api_token", "key")
COOKIES = ("access_token", "token", "jwt", "auth_token", "access", "session")
ONE_WAY = "read the token from one place (the Authorization header, or a cookie of your own), and from no other"
COOKIE = (
    "set cookies that carry tokens with httponly=True, secure=True, samesite='Lax' or 'Strict'\n"
    "(dj-rest-auth: JWT_AUTH_HTTPONLY, JWT_AUTH_SECURE, JWT_AUTH_SAMESITE)"
)


def judge(gate, expect, looks, what):
    """Nothing of it was accepted, and a good token still is where it belongs."""
    record(expect, looks)
    accepted = [one for one in looks if one.outcome is Outcome.ACCEPTED]
    if not accepted:
        clear_or_not_assessed(looks)
        if not gate.is_open():
            not_assessed("control failed: a good access token is not accepted any more afterwards")
    expect.holds(
        not accepted,
        expected=f"an access token {what} not to be accepted",
        seen=f"accepted: {'; '.join(one.name for one in accepted)}: {accepted[0].described}"
        if accepted
        else f"refused {what} in {len(looks)} ways",
    )


def look(gate, name, **message):
    """Read the protected resource with a message of our own."""
    return gate.judge(name, gate.session.protected_with(**message))


@verifies("jwt.query-carriage", needs=[View.HTTP, View.ACCOUNTS], remedy=ONE_WAY)
def token_in_the_query_string_is_not_accepted(session, expect, requirement):
    """An access token in the query string does not open the protected resource."""
    gate = AccessGate(session)
    gate.needs_garbage_refused()
    promised = session.auth.query_token
    names = [one for one in NAMES if one != promised]
    looks = [look(gate, f"?{name}=…", query={name: gate.tokens.access}) for name in names]
    if promised:
        expect.note(f"the descriptor promises the query parameter {promised!r} (auth.query_token): it was not tried")
    judge(gate, expect, looks, "in the query string")


@verifies("jwt.foreign-carriage", needs=[View.HTTP, View.ACCOUNTS], remedy=ONE_WAY)
def token_in_a_foreign_place_is_not_accepted(session, expect, requirement):
    """An access token in a form field of a GET, or in a cookie that the service never sets, opens nothing."""
    gate = AccessGate(session)
    gate.needs_garbage_refused()
    own = {session.auth.carrier, *(f"cookie:{name}" for name in carriers.cookie_names(gate.tokens.answer))}
    token = gate.tokens.access
    looks = [look(gate, f"cookie {name}", cookies={name: token}) for name in COOKIES if f"cookie:{name}" not in own]
    if session.auth.protected.method == "GET":
        looks += [
            gate.judge(f"form field {name}", carriers.read_with_form(session, {name: token}))
            for name in NAMES[:3]
            if f"body:{name}" not in own and name not in own
        ]
    else:
        expect.note("the protected resource is no GET: a form field would be allowed there, and was not tried")
    judge(gate, expect, looks, "in a foreign place")


@verifies("jwt.token-demanded", needs=[View.HTTP, View.ACCOUNTS], remedy="refuse a request whose token is empty")
def credentials_without_a_token_are_refused(session, expect, requirement):
    """Credentials that have no token in them open nothing."""
    gate = AccessGate(session)
    looks = [look(gate, name, **message) for name, message in carriers.without_token(session.auth)]
    judge(gate, expect, looks, "left empty")
    for name, message in carriers.odd_headers(session.auth, gate.tokens.access):
        odd = look(gate, name, **message)
        expect.note(f"{name}: {odd.outcome.value}", answer=odd.described)


def cookies_with_tokens(session):
    """The Set-Cookie lines of a login that carry one of its tokens.

    Ends the check where no token travels in a cookie.
    """
    tokens = session.login()
    found = carriers.token_cookies(session.auth, tokens)
    if found:
        return found
    places = (session.auth.carrier, session.auth.login.access, session.auth.login.refresh)
    if any(place.startswith("cookie:") for place in places):
        not_assessed("the descriptor names a cookie for a token, and the login sets none with a token in it")
    return not_applicable("no token travels in a cookie: the login sets none, and the descriptor names none")


@verifies("jwt.cookie-flags", needs=[View.HTTP, View.ACCOUNTS], remedy=COOKIE)
def cookies_with_tokens_are_kept_from_scripts(session, descriptor, expect, requirement):
    """Cookies that carry tokens are HttpOnly and restrict who sends them along."""
    found = cookies_with_tokens(session)
    crossing = [one for one in found if one.same_site == "none"]
    for one in found:
        expect.holds(
            one.http_only and one.same_site in {"lax", "strict", "none"},
            expected=f"the cookie {one.name} to be HttpOnly and to say SameSite",
            seen=f"the cookie {one.name}: {one.described}",
        )
    expect.conclude(all_of(found))
    guarded = session.auth.csrf is not None or descriptor.cors.credentials is True
    if crossing and not guarded:
        not_assessed(
            f"the cookie {crossing[0].name} says SameSite=None, so that other sites' requests carry it; whether that "
            "is meant is told by [auth.csrf] or cors.credentials = true"
        )


@verifies("jwt.cookie-secure", needs=[View.HTTP, View.ACCOUNTS], remedy=COOKIE)
def cookies_with_tokens_travel_over_tls_alone(session, expect, requirement):
    """Cookies that carry tokens are Secure."""
    found = cookies_with_tokens(session)
    bare = [one for one in found if not one.secure]
    if bare and session.base_url.startswith("http://"):
        not_assessed(
            f"the cookie {bare[0].name} is not Secure, and was set over plain HTTP, where it could not be: judge the "
            "service behind its TLS"
        )
    for one in found:
        expect.holds(
            one.secure, expected=f"the cookie {one.name} to be Secure", seen=f"the cookie {one.name}: {one.described}"
        )
    expect.conclude(all_of(found))


def all_of(found):
    """Every cookie that was looked at."""
    return "; ".join(f"the cookie {one.name}: {one.described}" for one in found)
