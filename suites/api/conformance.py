"""API: the service keeps to its own document."""

from stackproof import View, not_assessed, remove_what_was_made, try_document, verifies

SHOWN = 3  # deviations that the reason names
REMEDY = (
    "correct the document or the service; with drf-spectacular: @extend_schema(responses={200: …, 409: …}), "
    "and serializers that declare what they answer (allow_null, required)"
)


def judge(expect, api, result):
    """No answer that the document does not foresee, over enough answers that say something."""
    expect.measured(
        f"{result.requests} requests of {len(result.statuses)} operations",
        statuses={name: dict(sorted(seen.items())) for name, seen in result.statuses.items()},
        unusable=result.unusable,
        cut_short=result.cut_short,
    )
    found = list(result.deviations.values())
    expect.holds(
        not found,
        expected="every answer to fit the OpenAPI document",
        seen=f"{len(found)} deviations: {'; '.join(one.described for one in found[:SHOWN])}"
        if found
        else f"{result.requests} answers fit the document",
        deviations=[one.described for one in found[:20]],
    )
    if len(result.statuses) * 2 < result.chosen:
        ended = ", the time was up" if result.cut_short else ""
        not_assessed(f"only {len(result.statuses)} of {result.chosen} operations were answered{ended}")
    seen = {status for statuses in result.statuses.values() for status in statuses}
    if seen <= {401, 403}:
        not_assessed("everything was answered 401 or 403, which proves nothing: give an account that may use the API")
    if not result.served:
        not_assessed(f"no operation answered with a success, only {', '.join(map(str, sorted(seen)))}")
    silent = len(result.unusable) + len(set(result.mute) - set(result.statuses))
    rest = f"; {silent} operations could not be used" if silent else ""
    expect.conclude(
        f"{result.requests} answers of {len(result.statuses)} operations fit the document, "
        f"{len(result.served)} of them with a success{rest}"
    )


@verifies("api.keeps-to-document", needs=[View.HTTP], lengthy=True, remedy=REMEDY)
def reading_keeps_to_the_document(api, expect, http):
    """Operations that read answer as the OpenAPI document says, whatever it allows to ask."""
    chosen = [one for one in api.operations if one.safe and api.may_be_used(one)]
    if not chosen:
        not_assessed("the document has no operation that reads and is not excluded")
    judge(expect, api, try_document(api, chosen, http.remaining()))


@verifies("api.keeps-to-document", needs=[View.HTTP], writes=True, supplementary=True, lengthy=True, remedy=REMEDY)
def writing_keeps_to_the_document(api, expect, http):
    """Operations that write answer as the OpenAPI document says, whatever it allows to send."""
    chosen = [one for one in api.operations if not one.safe and api.may_be_used(one)]
    if not chosen:
        not_assessed("the document has no operation that writes and is not excluded or about the account itself")
    result = try_document(api, [*chosen, *reading_what(chosen, api)], http.remaining())
    left = remove_what_was_made(api, result.made)
    if left:
        expect.note(f"{left} created resources could not be removed: neither [record] nor the document tells how")
    judge(expect, api, result)


def reading_what(chosen, api):
    """Operations that read one of what the chosen ones make: it is there for a moment."""
    made = {one.template.rstrip("/") for one in chosen if one.method == "POST"}
    return [
        one
        for one in api.operations
        if one.method == "GET"
        and api.may_be_used(one)
        and one.template.partition("/{")[0] in made
        and one.template.count("{") == 1
    ]
