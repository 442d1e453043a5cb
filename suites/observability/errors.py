"""Errors that nobody handles: reported where that is configured, without secrets, and nowhere else."""

from stackproof import View, not_assessed, verifies

NEEDS = [View.PROJECT]


@verifies(
    "observability.errors-reported",
    needs=NEEDS,
    serial="raised",
    remedy="sentry_sdk.init(dsn=…) while settings load, with the DSN of the environment, and no filter in front of it",
)
def unhandled_error_is_reported(raising, expect):
    """An error that a view of the service raises arrives at the server that the DSN names."""
    raising.needs_reporting()
    raised = raising.with_dsn()
    if not raised.reported:
        undecided(raised)
    expect.holds(
        raised.reported,
        expected="an event with the exception to arrive at the server of the DSN",
        seen="it arrived"
        if raised.reported
        else f"{len(raised.received)} envelopes arrived, and none is about it; {state(raised)}",
    )


@verifies(
    "observability.errors-scrubbed",
    needs=NEEDS,
    serial="raised",
    remedy="send_default_pii=False, the EventScrubber left on, max_request_body_size='never', "
    "include_local_variables=False, and a before_send that drops request.query_string",
)
def report_of_an_error_holds_no_secret(raising, expect):
    """The request whose error is reported carried secrets; none of them stands in the report."""
    raising.needs_reporting()
    raised = raising.with_dsn()
    if not raised.reported:
        undecided(raised)
        not_assessed("no report arrived, so that nothing is known of what stands in one")
    texts = {f"the report ({number})": one.text for number, one in enumerate(raised.received, 1)}
    found = raising.leaked(raised, texts)
    expect.holds(
        not found,
        expected="no secret of the request to stand in the report",
        seen=f"in the report stand {'; '.join(str(one) for one in found)}"
        if found
        else f"{len(raised.secrets)} secrets were in the request, and none is in {len(texts)} envelopes",
    )
    personal = raised.sdk.get("send_default_pii")
    expect.holds(
        not personal,
        expected="send_default_pii to be off",
        seen=f"send_default_pii is {personal}",
    )
    expect.conclude(f"an error was reported, and none of {len(raised.secrets)} secrets of its request went with it")


@verifies(
    "observability.errors-stay-inside",
    needs=NEEDS,
    serial="raised",
    remedy="no DSN in the code: call sentry_sdk.init only where the environment holds one",
)
def nothing_leaves_without_a_dsn(raising, expect):
    """With the DSN's variable taken out an error opens no connection beyond what the settings name."""
    raising.needs_reporting()
    raised = raising.without_dsn()
    sends = bool(raised.sdk.get("sends"))
    expect.holds(
        not sends,
        expected="Sentry's SDK to send nothing where its variable is not set",
        seen=f"the SDK sends to {raised.sdk.get('host') or 'some server'}"
        if sends
        else "the SDK has nowhere to send to",
    )
    expect.holds(
        not raised.strange,
        expected="no connection but to what the settings name",
        seen=f"the process tried to reach {', '.join(raised.strange[:3])}, which no setting names"
        if raised.strange
        else "no other connection was tried",
    )
    expect.conclude("without a DSN the SDK sends nothing, and an error opened no connection beyond the settings' own")


@verifies(
    "observability.no-passwords-in-logs",
    needs=NEEDS,
    supplementary=True,
    serial="raised",
    remedy="log the exception's type and its stack, no request bodies, no headers and no local variables",
)
def unhandled_error_is_logged_without_secrets(raising, expect, requirement):
    """What the service logs, every level on, of a failed sign-in and of an unhandled error holds no password."""
    judge_output(raising, expect, requirement)


@verifies(
    "observability.no-tokens-in-logs",
    "observability.no-cookies-in-logs",
    needs=NEEDS,
    supplementary=True,
    serial="raised",
    remedy="log the exception's type and its stack, no headers, no query strings and no representation of the request",
)
def unhandled_error_is_logged_without_tokens_and_cookies(raising, expect, requirement):
    """What the service logs, every level on, of an unhandled error holds no token and no cookie of the request."""
    judge_output(raising, expect, requirement)


def judge_output(raising, expect, requirement):
    """Search what the service wrote, of an error that was raised in it, for the secrets that the clause is about."""
    kind = next(word for word in ("password", "token", "cookie") if word in requirement.id)
    raised = raising.without_dsn()
    if not raised.output.strip():
        not_assessed("the service wrote nothing to its standard streams when an error was raised")
    leaked = raising.leaked(raised, {"the output of the service's own process": raised.output})
    found = [one for one in leaked if kind in one.what]
    expect.holds(
        not found,
        expected=f"no {kind} of the requests to be logged",
        seen=f"with every level on, it logs {'; '.join(str(one) for one in found)}"
        if found
        else f"no {kind} of the requests is in {len(raised.output.splitlines())} lines of all levels",
    )


def undecided(raised):
    """End the check where the report may be missing for a reason that is none of the clause's."""
    trouble = next((one.trouble for one in raised.received if one.trouble), "")
    if trouble:
        not_assessed(f"an envelope arrived, and {trouble}")
    rate = raised.sdk.get("sample_rate")
    if isinstance(rate, int | float) and rate < 1:
        not_assessed(f"sample_rate is {rate}: that an error is not reported says nothing")


def state(raised):
    """What the SDK says of itself."""
    if not raised.sdk:
        return "nothing has imported the SDK"
    return "the SDK was started without that DSN" if not raised.sdk.get("sends") else "the SDK was started with it"
