"""The service's certificate is replaced, as every renewal does."""

from stackproof import View, not_assessed, presented, recovery, verifies, watched

PART = "certificate"


@verifies(
    "resilience.certificate-renewal",
    needs=[View.HTTP, View.ACCOUNTS],
    drill=PART,
    remedy="a deploy hook that has every process load the renewed certificate; sessions outlive the process",
)
def renewed_certificate_is_served(drills, session, descriptor, expect):
    """A renewed certificate is presented once it is in place, without an outage and without ending a session."""
    urls = [url for url in (descriptor.target.base_url, *descriptor.target.also) if url.startswith("https:")]
    if not urls:
        not_assessed("target.base_url is plain HTTP, so that no certificate is presented there")
    before = {url: presented(descriptor, url) for url in urls}
    broken = [f"{url}: {one.trouble}" for url, one in before.items() if one.trouble]
    if broken:
        not_assessed(f"control failed: before the renewal {'; '.join(broken)}")
    tokens = session.login()
    within = drills.part(PART).within
    quiet = session.quietly().on_new_connections()
    with watched(lambda: quiet.protected(tokens.access).accepted) as downtime, drills.without(PART):
        renewed = recovery(lambda: all(is_other(descriptor, url, before[url]) for url in urls), within)
        after = {url: presented(descriptor, url) for url in urls}
        kept = recovery(lambda: session.on_new_connections().protected(tokens.access).accepted, within) is not None
        if not kept and not session.protected(session.login().access).accepted:
            not_assessed("control failed: after the renewal a new sign-in does not work, either")
        last = session.on_new_connections().protected(tokens.access)
    for url in urls:
        old = after[url].sha256 == before[url].sha256
        expect.holds(
            not old,
            expected=f"{url} to present the renewed certificate within {within:g} s",
            seen=f"{url} presents {'the one from before' if old else 'another one'}",
            before=before[url].sha256,
            after=after[url].sha256,
        )
    untrusted = [f"{url}: {one.trouble}" for url, one in after.items() if one.trouble]
    if untrusted or renewed is None:
        not_assessed(f"the certificate that [drill.{PART}] brings is not one that clients take: {'; '.join(untrusted)}")
    expect.holds(
        kept,
        expected="an access token from before the renewal to be accepted after it",
        seen=f"{last.described}{'' if kept else ', while a new sign-in works'}",
    )
    expect.measured(
        "a client that asked all the time",
        requests=downtime.asked,
        failed=downtime.failed,
        longest_seconds_without_an_answer=round(downtime.longest, 1),
    )
    expect.conclude(
        f"the renewed certificate is presented, and sessions go on; a client that asked all the time was without an "
        f"answer for {downtime.longest:.1f} s at most"
    )


def is_other(descriptor, url, before):
    """Whether a good handshake shows another certificate than before."""
    now = presented(descriptor, url)
    return bool(now.sha256) and now.sha256 != before.sha256
