"""TLS: plain HTTP is led to HTTPS, refused, or not answered."""

from urllib.parse import urlsplit

from stackproof import Ending, NoAnswer, Request, View, get_without_tls, http_places, not_assessed, verifies

OF_A_SERVICE = (401, 405, 422)  # what only a service says that has read the request; a gate may say 403, or 404
ALERT = b"\x15\x03"  # the type of a record that carries one, and the first byte of its version (RFC 8446, section 5.1)
UNCLEAR = (408, 425, 429)  # no refusal: a time-out, too early, a throttle
REMEDY = (
    "redirect every plain request to https:// (SECURE_SSL_REDIRECT, or `return 301 https://$host$request_uri;`), "
    "or close the plain port"
)


@verifies("tls.http-redirect", needs=[View.HTTP], remedy=REMEDY)
def plain_http_leads_to_https(descriptor, http, recorder, expect):
    """Where plain HTTP is answered at all, it is answered by a redirect to HTTPS or by a refusal."""
    places = [one for one in http_places(descriptor) if one.encrypted and one.urls]
    if not any("target.base_url" in one.names for one in places):
        not_assessed("the service is not reached over TLS; tls.minimum-version judges that")
    doors = plain_doors(descriptor, places)
    if not doors:
        not_assessed(
            "where the service might answer plain HTTP is not known: it is on another port than 443; "
            "target.plain_url says where"
        )
    judge(doors, http, recorder, expect)


@verifies("tls.plain-http-refused", needs=[View.HTTP], remedy="serve nothing but TLS on the port of HTTPS")
def port_of_https_serves_no_plain_http(descriptor, http, recorder, expect):
    """Plain HTTP that is spoken to the port of HTTPS is refused, cut off or led to HTTPS."""
    places = [one for one in http_places(descriptor) if one.encrypted and one.urls]
    if not places:
        not_assessed("the service is not reached over TLS; tls.minimum-version judges that")
    judge([(one, one.port) for one in places], http, recorder, expect, same_port=True)


def plain_doors(descriptor, places):
    """(place of HTTPS, port) pairs at which the same service might answer plain HTTP."""
    doors = {}
    for place in places:
        if place.port == 443:
            doors[place.host, 80] = (place, 80)
    base = next(one for one in places if "target.base_url" in one.names)
    named = [descriptor.target.plain_url, *(one for one in descriptor.target.also if one.startswith("http://"))]
    for url in filter(None, named):
        parts = urlsplit(url)
        near = next((one for one in places if one.host == parts.hostname), None)
        if near is None:  # another name of the service, to be asked for what the service is asked for
            near = base.on(parts.hostname, descriptor.target.resolve.get(parts.hostname, ""))
        doors[parts.hostname, parts.port or 80] = (near, parts.port or 80)
    return list(doors.values())


def judge(doors, http, recorder, expect, *, same_port=False):
    """Every door is asked for what the service answers; a violation at one counts before silence at others."""
    wrong, unseen, told = [], [], []
    for place, port in doors:
        verdicts = []
        for url in place.urls:
            path = target_of(url)
            answer = get_without_tls(place, port, path)
            recorder.add("exchange", f"GET {path} at {place.host}:{port} without TLS", **answer.as_evidence())
            here = f"GET {path} at {place.host}:{port} without TLS"
            verdict, said = judged(answer, lambda url=url: secure_status(http, url), same_port)
            verdicts.append((verdict, f"{here} {said}"))
            if answer.ending is not Ending.ANSWERED:
                break  # it does not depend on the path
        by_kind = {
            kind: [said for one, said in verdicts if one == kind] for kind in ("wrong", "unseen", "told", "nothing")
        }
        wrong += by_kind["wrong"]
        told += by_kind["told"]
        unseen += by_kind["unseen"] or ([] if by_kind["told"] or by_kind["wrong"] else by_kind["nothing"])
    expect.holds(
        not wrong,
        expected="plain HTTP to be redirected to HTTPS, refused or not answered",
        seen="; ".join(wrong or told) or "no plain request was answered with content",
    )
    if unseen:
        not_assessed("; ".join(unseen))


def judged(answer, secure, same_port):
    """("wrong" | "unseen" | "told" | "nothing", what was seen) of a plain answer; `secure` asks the same over HTTPS."""
    if answer.ending is Ending.REFUSED:
        return "told", "met a refused connection"
    if answer.ending is Ending.CLOSED and same_port:
        return "told", "was cut off"
    if answer.ending is not Ending.ANSWERED:
        return "unseen", f"was not answered: {answer.problem}"
    if not answer.status:
        alert = answer.said.startswith(ALERT)
        what = "an alert of TLS" if alert else f"something that is not HTTP: {answer.line!r}"
        return ("told" if same_port else "unseen"), f"was answered with {what}"
    return by_status(answer, secure)


def by_status(answer, secure):
    """The same of an HTTP answer."""
    said = f"was answered {answer.status}"
    location = answer.header("location")
    if 300 <= answer.status < 400 and location:
        if location.lower().startswith("https://"):
            return "told", f"{said} and leads to https"
        return "wrong", f"{said} and leads to {location[:100]!r}, which is not https"
    if answer.status in UNCLEAR or answer.status >= 500 or answer.status < 200:
        return "unseen", f"{said}, which is no refusal"
    if answer.status < 300:
        return "wrong", f"{said}, with content and no redirect"
    over_https = secure()
    if over_https is None:
        return "unseen", f"{said}, and over HTTPS the same was not answered"
    if over_https == answer.status and answer.status in OF_A_SERVICE:
        return "wrong", f"{said}, just as over HTTPS: the service itself answers"
    if over_https == answer.status:
        return "nothing", f"{said}, just as over HTTPS, which tells nothing"
    return "told", f"was refused with {answer.status}"


def secure_status(http, url):
    """The status of the same request over HTTPS, None where there was no answer."""
    try:
        return http.send(Request("GET", url)).status
    except NoAnswer:
        return None


def target_of(url):
    """Path and query of a URL."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
