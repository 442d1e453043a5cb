"""The checks of plain HTTP, HSTS and cookies, on small web servers over real sockets."""

import socket
import sys
import time
from pathlib import Path

import pytest

from stackproof.check import NotAssessed, Violation, not_assessed
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Redactor
from stackproof.target.http import Answer, HttpClient, Request
from stackproof.target.replies import Tokens

sys.path.insert(0, str(Path(__file__).parents[1] / "tls"))

from tls_servers import authority, reset, serve, server_context

__all__ = ["authority", "serve"]

REDIRECT = ("tls/redirect::plain_http_leads_to_https", "tls.http-redirect")
SAME_PORT = ("tls/redirect::port_of_https_serves_no_plain_http", "tls.plain-http-refused")
HSTS = ("tls/hsts::answers_ask_for_https_from_now_on", "tls.hsts")
SECURE = ("tls/cookies::every_cookie_is_secure", "tls.cookies-secure")
SESSION = ("tls/cookies::session_cookies_are_out_of_reach", "tls.session-cookies")
YEAR = "Strict-Transport-Security: max-age=31536000; includeSubDomains"
AUTH = {"login": {"path": "/login"}, "protected": {"path": "/me"}}


def answering(*answers, **by_path):
    """Talk HTTP: the status and headers of a path ("me"), or the given ones."""

    def talk(connection):
        seen = b""
        while b"\r\n\r\n" not in seen:
            if not (data := connection.recv(4096)):
                return
            seen += data
        path = seen.split()[1].decode().strip("/").split("?")[0]
        status, *headers = by_path.get(path, answers)
        lines = [f"HTTP/1.1 {status} X", "Content-Length: 2", "Connection: close", *headers, "", "{}"]
        connection.sendall("\r\n".join(lines).encode("latin-1"))

    return talk


@pytest.fixture
def https(serve, authority):
    """Start a web server over TLS; gives its base URL. `plain` talks to those who do not begin with a handshake."""

    def start(talk, plain=None):
        context = server_context(authority, "1.2", "1.3", ("localhost",))

        def choose(connection):
            if plain and connection.recv(1, socket.MSG_PEEK) != b"\x16":
                plain(connection)
                return
            with context.wrap_socket(connection, server_side=True) as tls:
                talk(tls)

        return f"https://localhost:{serve(choose)}"

    return start


@pytest.fixture
def judge(check, authority):
    """A check on a target, with a sign-in that sets these cookies, or none that works."""

    def run(what, base_url, *, signed_in=None, auth=AUTH, more=None, login=None, read=(), **about):
        target = {"base_url": base_url, "ca": authority.file, "timeout": 2, **about}
        data = {"target": target, **({"auth": auth} if auth else {}), **(more or {})}
        descriptor = parse_descriptor(data, Path(__file__))
        client = HttpClient(descriptor, Redactor())

        def sign_in():
            if signed_in is None:
                not_assessed("no account")
            import httpx

            headers = httpx.Headers([tuple(line.split(": ", 1)) for line in signed_in])
            url = login or f"{base_url}/login"
            answer = Answer(Request("POST", url), 200, headers, b"", False, {}, 0.1, time.time(), None)
            return Tokens("access-token", "refresh-token", answer)

        try:
            views = {"sign_in": sign_in, "signed_in_answers": lambda: [sign_in().answer, *read]}
            return check(*what, descriptor=descriptor, http=client, **views)
        finally:
            client.close()

    return run


# Plain HTTP


@pytest.mark.parametrize(
    "plain",
    [
        answering(301, "Location: https://localhost/"),
        answering(308, "location: HTTPS://elsewhere.example/"),
        answering(404),
        answering(426, "Upgrade: TLS/1.2"),
        answering(403),
    ],
)
def test_plain_http_that_is_led_to_https_or_refused_is_satisfied(judge, https, serve, plain):
    """A redirect to HTTPS wherever it leads, or a status that is not the service's own."""
    base = https(answering(401))
    assert judge(REDIRECT, base, plain_url=f"http://localhost:{serve(plain)}")


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (answering(200), "with content and no redirect"),
        (answering(401), "the service itself answers"),
        (answering(302, "Location: /login/"), "which is not https"),
        (answering(302, "Location: http://localhost/login/"), "which is not https"),
        (answering(301, "Location: https://localhost/", me=(401,)), "the service itself answers"),
    ],
)
def test_plain_http_that_is_served_is_violated(judge, https, serve, plain, words):
    """With content, with the service's own 401, with a redirect that stays plain; at one path of several too."""
    base = https(answering(401))
    with pytest.raises(Violation, match=words):
        judge(REDIRECT, base, plain_url=f"http://localhost:{serve(plain)}")


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        (answering(503), "no refusal"),
        (answering(429), "no refusal"),
        (answering(403, me=(503,)), "no refusal"),
        (reset, "not answered"),
        (lambda connection: time.sleep(3), "did not answer in time|not answered"),
        (lambda connection: connection.sendall(b"SSH-2.0-x\r\n\r\n"), "not HTTP"),
        (lambda connection: connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28"), "answered with an alert of TLS"),
    ],
)
def test_plain_http_that_is_unclear_is_not_assessed(judge, https, serve, plain, words, monkeypatch):
    """A server that is down, throttles, resets, hangs or speaks something else has neither served nor refused."""
    monkeypatch.setattr("stackproof.target.endpoints.get_without_tls.__defaults__", (1.0,))
    with pytest.raises(NotAssessed, match=words):
        judge(REDIRECT, https(answering(401)), plain_url=f"http://localhost:{serve(plain)}")


def test_a_closed_plain_port_is_satisfied_and_an_unknown_one_not_assessed(judge, https):
    """A refused connection was seen; off port 443 nobody knows where it would be; and without TLS all is moot."""
    base = https(answering(401))
    assert "refused connection" in judge(REDIRECT, base, plain_url="http://localhost:1")
    with pytest.raises(NotAssessed, match=r"target\.plain_url"):
        judge(REDIRECT, base)
    for what in (REDIRECT, SAME_PORT, HSTS, SECURE, SESSION):
        with pytest.raises(NotAssessed, match="not reached over TLS"):
            judge(what, "http://localhost:1")


def test_a_plain_base_url_beside_is_judged_too(judge, https, serve):
    """A plain URL in `target.also` is a door of its own, for the redirect and for the minimum version."""
    base = https(answering(401))
    good, bad = serve(answering(301, "Location: https://localhost/")), serve(answering(200))
    minimum = ("tls/minimum::service_refuses_versions_below_the_minimum", "tls.minimum-version")
    for what in (REDIRECT, minimum):
        assert judge(what, base, also=[f"http://localhost:{good}"])
        with pytest.raises(Violation):
            judge(what, base, also=[f"http://localhost:{bad}"])


def test_plain_http_at_the_port_of_https(judge, https):
    """Cut off, refused or redirected is satisfied; served is violated; silence is not assessed."""
    assert "cut off" in judge(SAME_PORT, https(answering(401)))
    for plain in (answering(400), answering(301, "Location: https://localhost/")):
        assert judge(SAME_PORT, https(answering(401), plain))
    for plain in (answering(401), answering(200)):
        with pytest.raises(Violation):
            judge(SAME_PORT, https(answering(401), plain))
    with pytest.raises(NotAssessed, match="tells nothing"):
        judge(SAME_PORT, https(answering(400), answering(400)))


# HSTS


@pytest.mark.parametrize(
    "answer",
    [
        answering(401, YEAR),
        answering(200, 'strict-transport-security: includeSubDomains; max-age="63072000"'),
        answering(200, me=(401, YEAR)),
    ],
)
def test_hsts_of_a_year_is_satisfied(judge, https, answer):
    """On any answer: the policy counts for the host."""
    assert "max-age" in judge(HSTS, https(answer))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (answering(200), "without it"),
        (answering(302, "Location: /login"), "without it"),
        (answering(401, "Strict-Transport-Security: max-age=3600"), "max-age of 3600 s"),
        (answering(200, "Strict-Transport-Security: max-age=0"), "max-age of 0 s"),
        (answering(200, "Strict-Transport-Security: max-age=always"), "cannot be read"),
        (answering(200, YEAR, me=(401, "Strict-Transport-Security: max-age=60")), "max-age of 60 s"),
    ],
)
def test_hsts_that_is_missing_or_short_is_violated(judge, https, answer, words):
    """Absent from an answer that succeeded, too short, or not to be read."""
    with pytest.raises(Violation, match=words):
        judge(HSTS, https(answer))


def test_hsts_on_successful_answers_alone(judge, https):
    """Where a visitor gets nothing but 401, a sign-in tells; without an account its absence tells nothing."""
    base = https(answering(401))
    assert judge(HSTS, base, signed_in=[YEAR])
    with pytest.raises(Violation, match="POST /login answered 200 without it"):
        judge(HSTS, base, signed_in=[])
    with pytest.raises(NotAssessed, match="none succeeded"):
        judge(HSTS, base)
    with pytest.raises(NotAssessed):
        judge(HSTS, "https://localhost:1")


def test_hsts_is_the_host_s_own(judge, https):
    """A login on another host says nothing of the service, whether it has a policy or none."""
    import httpx

    base, elsewhere = https(answering(401)), "https://login.example/token"
    for signed_in in ([YEAR], []):
        with pytest.raises(NotAssessed, match="none succeeded"):
            judge(HSTS, base, signed_in=signed_in, login=elsewhere)
    name, value = YEAR.split(": ", 1)
    for headers, good in ((httpx.Headers({name: value}), True), (httpx.Headers(), False)):
        own = Answer(Request("GET", f"{base}/me"), 200, headers, b"", False, {}, 0.1, time.time(), None)
        if good:
            assert judge(HSTS, base, signed_in=[], login=elsewhere, read=[own])
        else:
            with pytest.raises(Violation, match="GET /me answered 200 without it"):
                judge(HSTS, base, signed_in=[YEAR], login=elsewhere, read=[own])


# Cookies


def test_cookies_without_secure_are_violated(judge, https):
    """Whoever sets them, at whatever answer."""
    base = https(answering(200, "Set-Cookie: csrftoken=abcdef; Path=/; SameSite=Lax"))
    with pytest.raises(Violation, match=r"csrftoken \(SameSite=Lax\) set by GET /me"):
        judge(SECURE, base)
    with pytest.raises(Violation, match=r"lang \(no attribute\) set by POST /login"):
        judge(SECURE, https(answering(401)), signed_in=["Set-Cookie: lang=english"])


def test_cookies_that_are_none_of_this_clauses_matter(judge, https):
    """Removed ones, and those in which tokens travel; nobody signed in and no cookie is no evidence."""
    carried = AUTH | {"login": {"path": "/login", "refresh": "cookie:refresh_token"}}
    ended = [
        "Set-Cookie: old=; Path=/",
        "Set-Cookie: older=x; Max-Age=0",
        "Set-Cookie: oldest=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Set-Cookie: refresh_token=abcdef; HttpOnly",
        "Set-Cookie: second=refresh-token; HttpOnly",
    ]
    base = https(answering(401))
    for what in (SECURE, SESSION):
        assert "none of 4 answers" in judge(what, base, auth=carried, signed_in=ended)
        with pytest.raises(NotAssessed, match="nobody could sign in"):
            judge(what, base)


@pytest.mark.parametrize(
    ("cookie", "good"),
    [
        ("sessionid=x; Secure; HttpOnly; SameSite=Lax", True),
        ("__Host-session=x; secure; httponly; samesite=strict", True),
        ("connect.sid=x; Secure; HttpOnly", False),
        ("JSESSIONID=x; Secure; SameSite=Lax", False),
        ("sessionid=x; Secure; HttpOnly; SameSite=None", False),
        ("assessment=x; Secure", True),
    ],
)
def test_session_cookies(judge, https, cookie, good):
    """HttpOnly and SameSite on what is named as a session's; other names are nobody's session."""
    base = https(answering(401))
    if good:
        assert judge(SESSION, base, signed_in=[f"Set-Cookie: {cookie}"])
    else:
        with pytest.raises(Violation):
            judge(SESSION, base, signed_in=[f"Set-Cookie: {cookie}"])


def test_the_session_that_carries_the_account(judge, https):
    """A session that is the account's token, too, is a session: what scripts may read of it is not left unsaid."""
    carried = AUTH | {"carrier": "cookie:sessionid", "login": {"path": "/login", "access": "cookie:sessionid"}}
    base = https(answering(401))
    good, bare = (f"Set-Cookie: sessionid=x; Secure; {more}SameSite=Lax" for more in ("HttpOnly; ", ""))

    assert "sessionid (Secure, HttpOnly" in judge(SESSION, base, auth=carried, signed_in=[good])
    with pytest.raises(Violation, match="sessionid"):
        judge(SESSION, base, auth=carried, signed_in=[bare])


def test_a_cross_site_session_may_be_meant(judge, https):
    """SameSite=None stands where the descriptor says that other origins send cookies."""
    cookie = ["Set-Cookie: sessionid=x; Secure; HttpOnly; SameSite=None"]
    assert judge(SESSION, https(answering(401)), signed_in=cookie, more={"cors": {"credentials": True}})
