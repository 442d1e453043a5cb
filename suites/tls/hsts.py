"""TLS: browsers are told to come back over HTTPS alone."""

import re
from functools import cache

from stackproof import NoAnswer, NotAssessed, Request, View, http_places, not_assessed, verifies

HEADER = "strict-transport-security"
REMEDY = (
    "SECURE_HSTS_SECONDS = 31536000 (Django, with SECURE_PROXY_SSL_HEADER behind a proxy), or "
    'add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always; where TLS ends (nginx)'
)


@verifies("tls.hsts", needs=[View.HTTP], serial="accounts", remedy=REMEDY)
def answers_ask_for_https_from_now_on(descriptor, http, recorder, expect, requirement, signed_in_answers):
    """Answers over HTTPS carry Strict-Transport-Security, with a max-age of the bound or more.

    A policy counts for the whole host, so one answer with it is enough. A proxy may add it to successful answers
    alone: where no such answer was seen, its absence from the others tells nothing.
    """
    places = [one for one in http_places(descriptor) if one.encrypted and one.urls]
    if not places:
        not_assessed("the service is not reached over TLS; tls.minimum-version judges that")
    least = requirement.value.number
    wrong, unseen, told = [], [], []
    own = cache(signed_in_answers)
    for place in places:
        answers, trouble = answers_of(place, http, own)
        for one in answers:
            policy = one.headers.get(HEADER, "")
            recorder.add("exchange", f"{one.describe()} at {place.label}", policy=policy or "none")
        verdict, said = judged(answers, least)
        {"wrong": wrong, "unseen": unseen, "told": told}[verdict].append(f"{place.label}: {said or trouble}")
    expect.holds(
        not wrong,
        expected=f"Strict-Transport-Security with a max-age of at least {least:.0f} s",
        seen="; ".join(wrong or told) or "no answer that could have shown it",
    )
    if unseen:
        not_assessed("; ".join(unseen))


def answers_of(place, http, signed_in_answers):
    """(answers over HTTPS, why there are no more), with those to an account's own where nothing else succeeded."""
    answers, trouble = [], ""
    for url in place.urls:
        try:
            answers.append(http.send(Request("GET", url)))
        except NoAnswer as error:
            trouble = str(error)
    decided = any(one.headers.get(HEADER) or one.status < 400 for one in answers)
    if not decided:
        try:
            answers += [one for one in signed_in_answers() if place.has(one.request.url)]
        except (NotAssessed, NoAnswer) as error:
            trouble = str(error)
    return answers, trouble


def judged(answers, least):
    """("wrong" | "unseen" | "told", what was seen; "" where there was no answer)."""
    policies = {one.describe(): age_of(one.headers.get_list(HEADER)[0]) for one in answers if HEADER in one.headers}
    short = {what: age for what, age in policies.items() if age is None or age < least}
    if short:
        what, age = next(iter(short.items()))
        return "wrong", f"{what} with {'a policy that cannot be read' if age is None else f'a max-age of {age} s'}"
    if policies:
        bare = [one.describe() for one in answers if HEADER not in one.headers and one.status < 400]
        note = f"; {bare[0]} without it" if bare else ""
        return "told", f"{next(iter(policies))} with a max-age of {next(iter(policies.values()))} s{note}"
    succeeded = [one.describe() for one in answers if one.status < 400]
    if succeeded:
        return "wrong", f"{succeeded[0]} without it, and no other answer carries it"
    if answers:
        return "unseen", (
            f"no answer carries it, but none succeeded either ({answers[0].describe()}); an account that can sign in "
            "would show one"
        )
    return "unseen", ""


def age_of(policy):
    """Seconds of max-age (RFC 6797, section 6.1.1), None where it is missing or no number."""
    for directive in policy.split(";"):
        name, _, value = directive.partition("=")
        if name.strip().lower() == "max-age":
            value = value.strip().strip('"')
            return int(value[:12]) if re.fullmatch(r"[0-9]+", value) else None
    return None
