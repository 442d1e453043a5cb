"""TLS: cookies never travel without it, and those of a session are out of reach of scripts and of other sites."""

from contextlib import suppress

from stackproof import (
    NoAnswer,
    NotAssessed,
    Request,
    View,
    cookies_set_by,
    http_places,
    not_assessed,
    token_cookies,
    verifies,
)


@verifies(
    "tls.cookies-secure",
    needs=[View.HTTP],
    serial="accounts",
    remedy="SESSION_COOKIE_SECURE = True, CSRF_COOKIE_SECURE = True; Secure on every other cookie",
)
def every_cookie_is_secure(descriptor, http, recorder, expect, sign_in):
    """Every cookie that the service sets over HTTPS carries Secure.

    Cookies that the descriptor names as carrying tokens are judged with the tokens.
    """
    cookies, answers, trouble = cookies_of(descriptor, http, recorder, sign_in)
    loose = [f"{one.described()} set by {what}" for one, what in cookies if not one.secure]
    told = ", ".join(sorted({one.name[:60] for one, _ in cookies}))
    if not cookies and trouble:
        not_assessed(f"no answer set a cookie, and nobody could sign in: {trouble}")
    expect.holds(
        not loose,
        expected="every cookie to carry Secure",
        seen="; ".join(loose[:5])
        or (f"Secure on {told}" if told else f"none of {answers} answers sets a cookie, those of tokens left out"),
    )


@verifies(
    "tls.session-cookies",
    needs=[View.HTTP],
    serial="accounts",
    remedy='SESSION_COOKIE_HTTPONLY = True and SESSION_COOKIE_SAMESITE = "Lax" or "Strict"',
)
def session_cookies_are_out_of_reach(descriptor, http, recorder, expect, requirement, sign_in):
    """Cookies that are named as those of a session carry HttpOnly and SameSite.

    The one that carries the account's token is among them where it is named so. SameSite=None is kept where
    `cors.credentials` says that other origins may send cookies, by design.
    """
    cookies, answers, trouble = cookies_of(descriptor, http, recorder, sign_in, tokens_too=True)
    sessions = [(one, what) for one, what in cookies if one.names_a_session]
    allowed = {one.lower() for one in requirement.value.options}
    allowed |= {"none"} if descriptor.cors.credentials else set()
    loose = [
        f"{one.described()} set by {what}"
        for one, what in sessions
        if not one.http_only or one.same_site.lower() not in allowed
    ]
    told = ", ".join(sorted({one.described() for one, _ in sessions}))
    if not sessions and trouble:
        not_assessed(f"no answer set the cookie of a session, and nobody could sign in: {trouble}")
    expect.holds(
        not loose,
        expected=f"session cookies to carry HttpOnly and SameSite={' or '.join(requirement.value.options)}",
        seen="; ".join(loose[:5]) or told or f"none of {answers} answers sets a cookie that is named as a session's",
    )


def cookies_of(descriptor, http, recorder, sign_in, *, tokens_too=False):
    """((cookie, what set it) pairs, number of answers, why nobody could sign in) of a visitor of the service."""
    places = [one for one in http_places(descriptor) if one.encrypted and one.urls]
    if not places:
        not_assessed("the service is not reached over TLS; tls.minimum-version judges that")
    csrf = (descriptor.auth.csrf.path or "") if descriptor.auth and descriptor.auth.csrf else ""
    answers, trouble = [], ""
    for url in [url for place in places for url in place.urls] + ([whole(descriptor, csrf)] if csrf else []):
        with suppress(NoAnswer):
            answers.append(http.send(Request("GET", url)))
    tokens = set()
    try:
        signed_in = sign_in()
        tokens = {signed_in.access, signed_in.refresh} - {""}
        answers.append(signed_in.answer)
    except NotAssessed as error:
        trouble = str(error)
    carriers = token_cookies(descriptor.auth)
    found = [
        (cookie, answer.describe())
        for answer in answers
        for cookie in cookies_set_by(answer)
        if not cookie.removed and (tokens_too or not (cookie.name in carriers or cookie.value in tokens))
    ]
    recorder.add(
        "note", f"{len(answers)} answers looked at", cookies=[f"{what}: {one.described()}" for one, what in found]
    )
    return found, len(answers), trouble


def whole(descriptor, path):
    """A path of the descriptor as a URL."""
    return path if path.startswith("http") else f"{descriptor.target.base_url.rstrip('/')}{path}"
