"""Small services that are not ours, on real sockets, and what looks at them: for the checks of the API and of CORS."""

import contextlib
import json
import threading
import time
from typing import Annotated

import uvicorn
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Request
from fastapi import Response as Answered
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from flask import Flask, Response, jsonify, request
from pydantic import BaseModel
from werkzeug.serving import make_server

from stackproof.api.client import Api
from stackproof.api.crossorigin import CrossOrigin
from stackproof.descriptor.model import Descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.target.http import HttpClient
from stackproof.target.session import Session

TOKEN = "opaque-token-of-the-only-account"
CLIENT = "https://app.shop.example.com"


@contextlib.contextmanager
def served(app):
    """A WSGI application on a free port; gives its base URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def served_async(app):
    """An ASGI application on a free port; gives its base URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


class Views:
    """What checks ask for by name, for one service."""

    def __init__(self, base_url, *, account=True, **tables):
        auth = {"login": {"path": "/login"}, "protected": {"path": "/me"}}
        described = {"target": {"base_url": base_url, "timeout": 5}, **({"auth": auth} if account else {}), **tables}
        self.descriptor = Descriptor.model_validate(described)
        self.redactor = Redactor()
        self.recorder = Recorder(self.redactor)
        self.http = HttpClient(self.descriptor, self.redactor)
        of = (self.descriptor, self.http, self.recorder)
        self.session = Session(*of, self.redactor, base_url) if account else None
        self.api = Api(*of, self.session)
        self.cross_origin = CrossOrigin(*of, self.session)

    def evidence(self):
        """Everything that was recorded, as text."""
        return json.dumps([[one.title, one.detail] for one in self.recorder.records])


class Item(BaseModel):
    """A thing."""

    id: int
    name: str


BEARER = Depends(HTTPBearer(auto_error=False))


def fastapi_shop(*, document_lies=False, opened=False, debug=False, cors=None):  # noqa: C901 - a whole service
    """A FastAPI service with an OpenAPI 3.1 document and bearer tokens.

    Args:
        document_lies: an item's name comes as null.
        opened: a protected operation asks nobody for a token.
        cors: arguments of Starlette's middleware.
    """
    app = FastAPI(title="shop", debug=debug)
    if cors is not None:
        app.add_middleware(CORSMiddleware, **cors)

    def account(given=BEARER):
        if not opened and (given is None or given.credentials != TOKEN):
            raise HTTPException(401, "no token")

    def member(given=BEARER):
        if given is None or given.credentials != TOKEN:
            raise HTTPException(401, "no token")

    @app.post("/login", responses={401: {}})
    async def login(request: Request):
        try:
            body = await request.json()
            good = isinstance(body, dict) and body["password"] == "correct horse"
        except (ValueError, KeyError, RecursionError):
            good = False
        if not good:
            raise HTTPException(401, "wrong")
        return {"access": TOKEN}

    @app.get("/me", dependencies=[Depends(member)])
    def me() -> Item:
        return Item(id=1, name="rider")

    @app.get("/items", dependencies=[Depends(account)], response_model=None, responses={200: {"model": list[Item]}})
    def items(limit: int = 10):
        return [{"id": 1, "name": None if document_lies else "bell"}]

    @app.get("/items/{item}", dependencies=[Depends(account)])
    def item(item: int) -> Item:
        raise HTTPException(404, "no such item")

    return app


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "shop", "version": "1"},
    "paths": {
        "/me": {
            "get": {
                "security": [{"token": []}],
                "responses": {
                    "200": {
                        "description": "the account",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["id"],
                                    "properties": {"id": {"type": "integer"}},
                                }
                            }
                        },
                    }
                },
            }
        }
    },
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
}


def add_single_notes(app, notes, detail, **kept):
    """A view of one note, with `detail` for its id; none where that is None."""

    def one(item: int):
        if item not in notes:
            raise HTTPException(404, "no such note")
        return JSONResponse({**notes[item].model_dump(), "id": detail})

    if detail is not None:
        app.add_api_route("/notes/{item}", one, response_model=Item, **kept)


def notes_in_cookies(notes, *, detail=None):
    """A FastAPI service whose token travels in a cookie; what writes takes the login's proof in a header beside it.

    Args:
        detail: what a single note answers for its id, where single ones can be read; it should be a number.
    """
    app = FastAPI(title="notes")

    def account(access: Annotated[str, Cookie()] = ""):
        if access != TOKEN:
            raise HTTPException(401, "no token")

    def proven(proof: Annotated[str, Cookie()] = "", x_proof: Annotated[str, Header()] = ""):
        if not proof or proof != x_proof:
            raise HTTPException(403, "no proof")

    @app.post("/login")
    async def login(response: Answered):
        response.set_cookie("access", TOKEN)
        response.set_cookie("proof", "a-proof-of-twenty-ch")
        return {}

    @app.get("/me", dependencies=[Depends(account)])
    def me():
        return {"name": "rider"}

    cookie = {"openapi_extra": {"security": [{"APIKeyCookie": []}]}}

    @app.get("/notes", dependencies=[Depends(account)], **cookie)
    def every() -> list[Item]:
        return list(notes.values())

    @app.post("/notes", status_code=201, dependencies=[Depends(account), Depends(proven)], **cookie)
    def add(item: Item) -> Item:
        notes[item.id] = item
        return item

    @app.delete("/notes/{item}", status_code=204, dependencies=[Depends(account), Depends(proven)], **cookie)
    def remove(item: int):
        notes.pop(item, None)

    add_single_notes(app, notes, detail, dependencies=[Depends(account)], **cookie)
    return app


def flask_shop(*, prefix="", document=None, where="/openapi.json", kind="application/json", status=None, bodies=None):
    """A Flask service: `/login`, `/me`, and a document where one is given.

    Args:
        document: bytes.
        status: every answer has this one, with an empty object.
        bodies: (status, text) of an error page in place of Flask's own.
    """
    app = Flask("shop")

    @app.before_request
    def always():
        return (jsonify(access=TOKEN, id=1), status) if status else None

    @app.errorhandler(Exception)
    def broken(error):
        code = getattr(error, "code", 500)
        return Response(bodies, code, mimetype="text/html") if bodies else (jsonify(detail=str(code)), code)

    @app.post(f"{prefix}/login")
    def login():
        body = request.get_json()
        good = isinstance(body, dict) and body.get("password") == "correct horse"
        return jsonify(access=TOKEN) if good else (jsonify(detail="wrong"), 403)

    @app.get(f"{prefix}/me")
    def me():
        good = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        return jsonify(id=1) if good else (jsonify(detail="who?"), 403)

    if document is not None:

        @app.get(f"{prefix}{where}")
        def described():
            return Response(document, mimetype=kind)

    return app
