"""A FastAPI service that logs in words of its own, well or badly, and what looks at it."""

import json
import logging
import secrets
import time
import uuid
from urllib.parse import unquote

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.observability.planting import Planting
from stackproof.observability.view import LogsView
from stackproof.target.http import HttpClient
from stackproof.target.session import Session

USERNAME, PASSWORD = "rider@example.com", "correct horse / battery"
NAMES = {"time": "ts", "level": "severity", "event": "message", "request_id": "trace.id", "user_id": "account"}
HEADER = "X-Correlation-ID"


def write(path, text):
    """Append a line, at once."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def notes(log, *, flaw=""):  # noqa: C901 - a branch for each flaw
    """The service: opaque tokens, one account, a line of JSON for each request."""
    app, good = FastAPI(), {}
    logging.getLogger("uvicorn").handlers.clear()

    @app.middleware("http")
    async def each(request: Request, call_next):
        given = request.headers.get(HEADER, "")
        request_id = given if 8 <= len(given) <= 64 and given.isascii() else str(uuid.uuid4())
        request_id = "always-the-same" if flaw == "one id" else request_id
        body = (await request.body()).decode("utf-8", "replace") if flaw == "body" else ""
        answer = await call_next(request)
        line = {"ts": time.time(), "severity": "INFO", "message": f"{request.method} {request.url.path}"}
        line |= {} if flaw == "no id" else {"trace": {"id": request_id}}
        account = good.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        line |= {"account": account} if account and flaw != "no user" else {}
        line |= {"account": "42"} if flaw == "user stays" else {}
        line |= {"body": body} if body else {}
        line |= {"query": str(request.url.query)} if flaw == "query" else {}
        line |= {"cookies": dict(request.cookies)} if flaw == "cookies" else {}
        line |= {"ts": "2026-11-02 10:00:00"} if flaw == "no zone" else {}
        line |= {"severity": ""} if flaw == "no level" else {}
        if flaw == "by hand":
            agent = request.headers.get("User-Agent", "")
            write(log, f'{{"ts": {time.time()}, "severity": "INFO", "message": "seen", "agent": "{agent}"}}')
        elif flaw == "plain":
            write(log, f"INFO {request.method} {request.url.path} {request_id}")
        elif flaw != "silent":
            write(log, json.dumps(line))
        if flaw != "not answered":
            answer.headers[HEADER] = request_id
        return answer

    @app.post("/login")
    async def login(request: Request):
        try:
            sent = await request.json()
        except ValueError:
            raise HTTPException(400, "no JSON") from None
        if sent.get("username") != USERNAME or sent.get("password") != PASSWORD:
            raise HTTPException(401, "wrong")
        token = secrets.token_urlsafe(24)
        good[token] = "42"
        if flaw == "token":
            write(log, json.dumps({"ts": time.time(), "severity": "DEBUG", "message": "made", "made": token}))
        answer = JSONResponse({"access": token})
        answer.set_cookie("sid", secrets.token_urlsafe(24))
        return answer

    @app.get("/me")
    async def me(request: Request):
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in good:
            raise HTTPException(401, "who?")
        return {"id": 42}

    return app


def behind_a_proxy(app, prefix, firewall=""):
    """The service below a prefix; all else is answered in front of it, and so is whatever holds the firewall's word."""

    async def proxy(scope, receive, send):
        sent = b" ".join([scope["path"].encode(), scope["query_string"], *(value for _, value in scope["headers"])])
        if firewall and firewall in unquote(sent.decode("latin-1")):
            await PlainTextResponse("blocked", 403)(scope, receive, send)
        elif not scope["path"].startswith(f"{prefix}/"):
            await PlainTextResponse("nothing here", 404)(scope, receive, send)
        else:
            await app({**scope, "path": scope["path"].removeprefix(prefix)}, receive, send)

    return proxy


class Views:
    """What the checks of logs ask for by name."""

    def __init__(self, base_url, log, postgres=None, prefix="", project=None, **logs):
        tables = {"auth": {"login": {"path": f"{prefix}/login"}, "protected": {"path": f"{prefix}/me"}}}
        tables |= {"logs": {"files": [str(log)], "request_id_header": HEADER, **NAMES, **logs}}
        tables |= {} if postgres is None else {"postgres": postgres}
        tables |= {} if project is None else {"project": project}
        self.descriptor = Descriptor.model_validate({"target": {"base_url": base_url, "timeout": 5}, **tables})
        self.redactor = Redactor()
        self.recorder = Recorder(self.redactor)
        self.http = HttpClient(self.descriptor, self.redactor)
        of = (self.descriptor, self.http, self.recorder, self.redactor)
        self.session = Session(*of, base_url)
        self.logs = LogsView(*of)
        self.planting = Planting(*of, self.session)

    def given(self):
        """By name."""
        names = ("descriptor", "http", "session", "logs", "planting")
        return {name: getattr(self, name) for name in names}

    def evidence(self):
        """Everything that was recorded, as text."""
        return json.dumps([[one.title, one.detail] for one in self.recorder.records])
