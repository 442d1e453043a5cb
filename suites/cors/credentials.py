"""CORS: cookies travel for allowed origins alone."""

from stackproof import View, hostile_origin, not_assessed, verifies

REMEDY = "django-cors-headers: CORS_ALLOW_CREDENTIALS = True only beside CORS_ALLOWED_ORIGINS, never with ALLOW_ALL"


@verifies("cors.credentials-guarded", needs=[View.HTTP], remedy=REMEDY)
def credentials_are_for_allowed_origins_alone(cross_origin, expect):
    """No answer allows credentials to every origin, to a foreign one or to "null"."""
    asked = [
        *cross_origin.everywhere(hostile_origin),
        *cross_origin.readings(hostile_origin, cookie=True),
        *cross_origin.readings("null", cookie=True),
    ]
    for one in asked:
        expect.holds(
            not (one.credentials and (one.named or one.wildcard)),
            expected="credentials to be allowed to allowed origins alone",
            seen=one.described,
        )
    if not any(one.was_read for one in asked) and not cross_origin.turned_away(asked):
        not_assessed(f"control failed: no resource was read ({asked[0].described}); name one in cors.paths")
    for origin in cross_origin.allowed[:1]:
        for one in cross_origin.everywhere(origin) if cross_origin.described.credentials is False else ():
            expect.holds(
                not (one.credentials and (one.named or one.wildcard)),
                expected="no credentials at all, since cors.credentials = false",
                seen=one.described,
            )
    expect.conclude(f"{len(asked)} answers allow no credentials to {hostile_origin} or null")
