"""CORS: the web client of an allowed origin can use the service."""

from stackproof import View, hostile_origin, not_assessed, unsafe_methods, verifies

NAMES = (
    "django-cors-headers: CORS_ALLOWED_ORIGINS names the web client's origin, CORS_ALLOW_METHODS and CORS_ALLOW_HEADERS"
)
REMEDY = f"{NAMES} what it sends; CorsMiddleware stands before whatever can answer"


def an_allowed_origin(cross_origin):
    """The first origin that the descriptor names."""
    if not cross_origin.allowed:
        not_assessed("the descriptor names no allowed origin: give one in [cors] allowed_origins")
    return cross_origin.allowed[0]


def shortcoming(cross_origin, asked, method):
    """What a browser would miss in the answer to a preflight, or "" (Fetch, section 4.8)."""
    if not asked.answer.ok:
        return f"status {asked.answer.status}"
    if not (asked.named or asked.wildcard):
        return "the origin is not allowed"
    if cross_origin.described.credentials and not (asked.named and asked.credentials):
        return "credentials are not allowed"
    methods = asked.listed("access-control-allow-methods")
    any_goes = not asked.credentials
    if unsafe_methods([method]) and method.lower() not in methods and not ("*" in methods and any_goes):
        return f"the method {method} is not allowed"
    headers = asked.listed("access-control-allow-headers")
    missing = {
        one
        for one in cross_origin.client_headers - headers
        if not ("*" in headers and any_goes and one != "authorization")  # "*" never stands for Authorization
    }
    return f"the header {min(missing)} is not allowed" if missing else ""


@verifies("cors.preflight-answered", needs=[View.HTTP], remedy=REMEDY)
def preflights_of_an_allowed_origin_are_answered(cross_origin, expect):
    """What the web client has to ask for before a request is allowed to it."""
    origin = an_allowed_origin(cross_origin)
    count = 0
    for endpoint in cross_origin.operations():
        for asked in cross_origin.preflight(origin, endpoint):
            missing = shortcoming(cross_origin, asked, endpoint.method)
            judge(expect, asked, missing, endpoint.method)
            count += 1
    if not count:
        not_assessed("no preflight was answered at all")
    count += further_methods(cross_origin, expect, origin)
    expect.conclude(f"{count} preflights of {origin} are answered with what the web client needs")


def judge(expect, asked, missing, method):
    """A useful answer; what a service answers while it is in trouble says nothing."""
    if asked.answer.status >= 500 or asked.answer.status == 429:
        not_assessed(f"{asked.described}: the service was not able to answer")
    expect.holds(
        not missing,
        expected=f"a preflight for {method} to be answered 2xx and to allow what the web client sends",
        seen=f"{asked.described}; {missing or 'everything is allowed'}",
    )


def further_methods(cross_origin, expect, origin):
    """Methods beside those of the described operations: one operation has to allow each that the descriptor names."""
    count = 0
    for method in unsafe_methods(cross_origin.described.methods):
        found = [
            (asked, shortcoming(cross_origin, asked, method))
            for endpoint in cross_origin.operations()
            for asked in cross_origin.preflight(origin, endpoint, method)
        ]
        useful = [asked for asked, missing in found if not missing]
        if not useful and found and "methods" in cross_origin.described.model_fields_set:
            asked, missing = found[0]
            judge(expect, asked, missing, method)
        elif not useful:
            expect.note(f"no described operation allows {method}; cors.methods does not ask for it")
        count += len(useful)
    return count


@verifies("cors.answers-readable", needs=[View.HTTP], remedy=REMEDY)
def answers_to_an_allowed_origin_can_be_read(cross_origin, expect):
    """The answers themselves, refusals included, allow the web client to read them."""
    origin = an_allowed_origin(cross_origin)
    asked = cross_origin.readings(origin)
    if not any(one.answer.ok for one in asked):
        not_assessed("control failed: no resource was read; name one in cors.paths")
    for one in asked:
        if one.answer.status >= 500 or 300 <= one.answer.status < 400:
            expect.note(f"not judged: {one.described}")
            continue
        readable = one.named or (one.wildcard and not cross_origin.described.credentials)
        expect.holds(readable, expected=f"{origin} to be allowed to read the answer", seen=one.described)


@verifies(
    "cors.vary-origin",
    needs=[View.HTTP],
    remedy="send Vary: Origin with every answer that names an origin; no proxy may strip it",
)
def answers_that_name_an_origin_vary_by_it(cross_origin, expect):
    """An answer whose Access-Control-Allow-Origin depends on the request says so to caches."""
    origins = [*cross_origin.allowed[:2], hostile_origin]
    by_origin = {one: cross_origin.readings(one) for one in [*origins, ""]}
    answers = [one for asked in by_origin.values() for one in asked]
    if not any(one.answer.ok for one in answers):
        not_assessed("control failed: no resource was read; name one in cors.paths")
    if len({one.allowed_origin for one in answers}) == 1:
        if not answers[0].allowed_origin and not cross_origin.allowed:
            not_assessed("no answer names an origin: give one that is allowed in [cors] allowed_origins")
        if not answers[0].allowed_origin:
            not_assessed(f"control failed: {origins[0]}, which [cors] names as allowed, is not let in")
        expect.holds(True, expected="", seen="the answers do not depend on the origin of the request")
        return
    judged = 0
    for one in answers:
        if not one.named or "no-store" in one.listed("cache-control") or not one.answer.ok:
            continue
        judged += 1
        expect.holds(
            bool({"origin", "*"} & one.vary),
            expected="Vary: Origin, because the answer depends on the origin of its request",
            seen=f"{one.described}, Vary: {', '.join(sorted(one.vary)) or 'absent'}{otherwise(one, answers)}",
        )
    seen = (
        f"{judged} answers that name an origin vary by it" if judged else "no answer that names an origin may be kept"
    )
    expect.holds(True, expected="", seen=seen)


def otherwise(one, answers):
    """What another origin gets in its place: that shows that the answer depends on it."""
    other = next((a for a in answers if a.what == one.what and a.allowed_origin != one.allowed_origin), None)
    return f"; {other.origin or 'no origin'} gets {other.allowed_origin or 'none'}" if other else ""
