"""CORS: origins that are not allowed get nothing."""

from fnmatch import fnmatchcase

from stackproof import View, hostile_origin, look_alikes, not_applicable, not_assessed, verifies

ALLOWED_LOOKED_AT = 2  # of the origins that the descriptor names

EXACT = "name the allowed origins one by one (django-cors-headers: CORS_ALLOWED_ORIGINS)"
REGEX = (
    "anchor and escape each pattern (CORS_ALLOWED_ORIGIN_REGEXES: r'^https://app\\.example\\.com$'), or name origins"
)


def not_public(cross_origin):
    """By design a public service lets every origin read."""
    if cross_origin.described.public:
        not_applicable("cors.public = true: every origin may read the service, by design")


def control(cross_origin, asked):
    """The resource was really read, and the allowed origin is let in where one is named; gives words for the reason."""
    turned_away = ""
    if not any(one.was_read for one in asked):
        turned_away = cross_origin.turned_away(asked)
        if not turned_away:
            not_assessed(f"control failed: no resource was read ({asked[0].described}); name one in cors.paths")
    allowed = cross_origin.allowed
    if not allowed:
        words = "no allowed origin is named in [cors], so that one is let in was not looked at"
    elif any(one.named or one.wildcard for one in cross_origin.everywhere(allowed[0])):
        words = f"{allowed[0]} is let in"
    else:
        not_assessed(f"control failed: {allowed[0]}, which [cors] names as allowed, is not let in either")
    return f"{turned_away}; {words}" if turned_away else words


def judge(cross_origin, expect, asked, expected):
    """No answer lets the origin in; a wildcard breaks the clause where the descriptor says who is allowed."""
    for one in asked:
        expect.holds(not one.named, expected=expected, seen=one.described)
        if one.wildcard and not cross_origin.described.allowed_origins:
            not_assessed(
                f"{one.described}: every origin may read it without cookies; "
                "say in [cors] whether that is meant (public = true) or which allowed_origins are"
            )
        expect.holds(not one.wildcard, expected=expected, seen=one.described)


@verifies("cors.foreign-origin-refused", needs=[View.HTTP], remedy=EXACT)
def foreign_origin_is_not_allowed(cross_origin, expect):
    """An origin that nobody allowed may not read answers, whatever it asks for."""
    not_public(cross_origin)
    asked = [*cross_origin.everywhere(hostile_origin), *cross_origin.readings(hostile_origin, cookie=True)]
    judge(cross_origin, expect, asked, f"{hostile_origin} to be allowed nowhere")
    words = control(cross_origin, asked)
    expect.conclude(f"{len(asked)} answers allow {hostile_origin} nothing; {words}")


@verifies("cors.null-origin-refused", needs=[View.HTTP], remedy=f"{EXACT}, and never 'null'")
def null_origin_is_not_allowed(cross_origin, expect):
    """The origin "null", which any page can send, may not read answers."""
    not_public(cross_origin)
    asked = cross_origin.everywhere("null")
    judge(cross_origin, expect, asked, 'the origin "null" to be allowed nowhere')
    words = control(cross_origin, asked)
    expect.conclude(f'{len(asked)} answers allow the origin "null" nothing; {words}')


@verifies("cors.look-alike-refused", needs=[View.HTTP], remedy=REGEX)
def look_alikes_of_allowed_origins_are_not_allowed(cross_origin, expect):
    """An origin that resembles an allowed one in part may not read answers."""
    not_public(cross_origin)
    described = cross_origin.described.allowed_origins
    origins = cross_origin.allowed[:ALLOWED_LOOKED_AT] or (cross_origin.own_origin,)
    asked = []
    for origin in origins:
        for like, how in look_alikes(origin):
            if any(fnmatchcase(like, pattern) for pattern in (*described, cross_origin.own_origin)):
                continue
            answers = cross_origin.briefly(like)
            judge(cross_origin, expect, answers, f"{like} ({origin}, {how}) to be allowed nowhere")
            asked += answers
    if not asked:
        not_assessed("cors.allowed_origins leaves no look-alike that is not allowed")
    words = control(cross_origin, asked)
    expect.conclude(f"{len({one.origin for one in asked})} look-alikes of {', '.join(origins)} are refused; {words}")
