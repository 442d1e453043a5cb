"""Raise an error inside a request of the service, as one of its own views might, and say what left the process then.

python raised_error.py PLAN

PLAN is JSON: host, secrets (local, header, cookie, body, query), requests to make before, reachable (host, port),
verbose (log everything). Connections to places that neither the settings nor PLAN name are noted and refused.
"""

import errno
import importlib
import json
import logging
import os
import re
import socket
import sys
import tempfile
import types

PLAN = json.loads(sys.argv.pop())  # Sentry's SDK reports what is left there
PATH = "/stackproof-probe/raises/"
OUTPUT_CAP = 2_000_000
PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671, "https": 443, "http": 80, "postgres": 5432}
PORTS |= {"postgresql": 5432, "mysql": 3306, "smtp": 25}
URL = re.compile(
    r"([a-z][a-z0-9+.-]*)://(?:[^\s/@]*@)?(\[[0-9a-f:]+\]|[^\s/:?#@\[\]]+)(?::(\d+))?([^\s?#]*)", re.IGNORECASE
)
REPORTING = re.compile(r"(?i)sentry|dsn|glitchtip")

places, refused = [], []
guarded = None


class StackproofProbeError(RuntimeError):
    """What the view raises."""


def complain(*error):
    """Say what ended this process where it is heard."""
    sys.stderr.flush()
    os.dup2(complaining, 2)
    sys.__excepthook__(*error)


def watch(event, arguments):
    """Note where connections go; once the settings are known, refuse those that they do not name."""
    if event == "socket.getaddrinfo":
        host, port = arguments[0], arguments[1]
        host = host.decode() if isinstance(host, bytes) else str(host or "")
        consider(host, port)
    elif event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and len(address) >= 2:
            consider(str(address[0]), address[1])


def consider(host, port):
    place = (host.strip("[]"), int(port) if str(port or "").isdigit() else 0)
    if place[1] == 53 or not place[0]:
        return
    places.append(place)
    if guarded is not None and not is_known(place):
        refused.append(place)
        raise OSError(errno.ECONNREFUSED, "stackproof keeps this process inside")


def is_known(place):
    host, port = place
    return (host, port) in guarded or (port == 0 and any(one[0] == host for one in guarded))


def known_places():  # noqa: C901 - one walk with its helper
    """(host, port) pairs that settings name, with their addresses; whatever reports errors is left out."""
    from django.conf import settings

    found = set()

    def add(host, port):
        host, port = host.strip("[]"), int(port or 0)
        found.update((one, port) for one in (host, *addresses(host)))

    def walk(name, value, depth):  # noqa: C901 - a branch for each type that settings have
        if depth > 8 or REPORTING.search(name):
            return
        if isinstance(value, dict):
            host = value.get("HOST") or value.get("host")
            if isinstance(host, str):
                add(host, value.get("PORT") or value.get("port") or 0)
            for key, one in value.items():
                walk(str(key), one, depth + 1)
        elif isinstance(value, list | tuple | set | frozenset):
            several = list(value)
            if len(several) == 2 and isinstance(several[0], str) and isinstance(several[1], int):
                add(*several)
            for one in several:
                walk("", one, depth + 1)
        elif isinstance(value, str):
            for scheme, host, port, path in URL.findall(value):
                if not (scheme in {"http", "https"} and "@" in value and re.fullmatch(r"(/\S*)?/\d+/?", path)):
                    add(host, port or PORTS.get(scheme.partition("+")[0].lower(), 0))
            simple = re.fullmatch(r"([\w.-]+):(\d{2,5})", value)
            if simple:
                add(*simple.groups())

    for name in dir(settings):
        if name.isupper():
            walk(name, getattr(settings, name), 0)
    email = (getattr(settings, "EMAIL_HOST", ""), getattr(settings, "EMAIL_PORT", 25))
    if email[0]:
        add(*email)
    return found


def addresses(host):
    try:
        return {str(one[4][0]) for one in socket.getaddrinfo(host, None)} if host else set()
    except (OSError, UnicodeError):
        return set()


def overlay(settings):
    """The service's own URLs, and one whose view raises."""
    from django.urls import clear_url_caches, path, re_path
    from django.views.decorators.csrf import csrf_exempt

    own = (
        importlib.import_module(settings.ROOT_URLCONF)
        if isinstance(settings.ROOT_URLCONF, str)
        else settings.ROOT_URLCONF
    )
    module = types.ModuleType("stackproof_probe_urls")

    @csrf_exempt
    def raises(request):
        RESULT["reached"] = True
        password = PLAN["secrets"]["local"]
        raise StackproofProbeError(f"raised on purpose, after {len(password)} characters")

    module.urlpatterns = [
        path(PATH.lstrip("/"), raises),
        re_path(r"stackproof-probe/raises/$", raises),
        *own.urlpatterns,
    ]
    for name in ("handler400", "handler403", "handler404", "handler500"):
        if hasattr(own, name):
            setattr(module, name, getattr(own, name))
    sys.modules[module.__name__] = module
    settings.ROOT_URLCONF = module.__name__
    clear_url_caches()


def application(settings):
    """(kind, the service's own handler): that of its ASGI server where it has one."""
    for kind in ("ASGI", "WSGI"):
        dotted = getattr(settings, f"{kind}_APPLICATION", None)
        if dotted:
            module, _, name = dotted.rpartition(".")
            return kind, getattr(importlib.import_module(module), name)
    from django.core.wsgi import get_wsgi_application

    return "WSGI", get_wsgi_application()


def drive(kind, handler, method, path, query, headers, body):
    """Make a request of the handler; gives the status, or 0 where the exception came out of it."""
    headers = {"host": PLAN["host"], "content-length": str(len(body)), "content-type": "application/json", **headers}
    return (through_asgi if kind == "ASGI" else through_wsgi)(handler, method, path, query, headers, body)


def through_asgi(handler, method, path, query, headers, body):
    import asyncio

    seen = {"status": 0}

    async def run():
        sent = []

        async def receive():
            if not sent:
                sent.append(1)
                return {"type": "http.request", "body": body, "more_body": False}
            await asyncio.sleep(3600)
            return {"type": "http.disconnect"}

        async def send(message):
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]

        scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https"}
        scope |= {"path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": ""}
        scope |= {"headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
        scope |= {"client": ("127.0.0.1", 40000), "server": (PLAN["host"].partition(":")[0], 443)}
        await asyncio.wait_for(handler(scope, receive, send), 20)

    asyncio.run(run())
    return seen["status"]


def through_wsgi(handler, method, path, query, headers, body):
    import io

    seen = {"status": 0}
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_PROTOCOL": "HTTP/1.1"}
    environ |= {"SERVER_NAME": PLAN["host"].partition(":")[0], "SERVER_PORT": "443", "REMOTE_ADDR": "127.0.0.1"}
    environ |= {"CONTENT_TYPE": headers["content-type"], "CONTENT_LENGTH": headers["content-length"]}
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    environ |= {"wsgi.url_scheme": "https", "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr}
    environ |= {"wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False}

    def start_response(status, _headers, _error=None):
        seen["status"] = int(status.partition(" ")[0])

    answer = handler(environ, start_response)
    b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return seen["status"]


def attempt(kind, handler, *request):
    try:
        return drive(kind, handler, *request)
    except Exception as error:
        RESULT["raised"] = type(error).__name__
        return 0


def readable():
    """Let the SDK pack its envelopes with gzip: the receiver has no Brotli."""
    module = sys.modules.get("sentry_sdk")
    client = module.get_client() if hasattr(module, "get_client") else None
    if hasattr(getattr(client, "transport", None), "_compression_algo"):
        client.transport._compression_algo = "gzip"


def sdk():
    """What the SDK says of itself; empty where nothing has imported it."""
    module = sys.modules.get("sentry_sdk")
    if module is None:
        return {}
    module.flush(timeout=8)
    client = module.get_client() if hasattr(module, "get_client") else module.Hub.current.client
    options = getattr(client, "options", None) or {}
    told = {name: options.get(name) for name in ("send_default_pii", "sample_rate", "max_request_body_size")}
    told |= {
        "include_local_variables": options.get("include_local_variables"),
        "sends": bool(getattr(client, "transport", None)),
    }
    host = URL.search(str(options.get("dsn") or ""))
    return {**told, "version": str(module.VERSION), "host": f"{host[2]}:{host[3] or 443}" if host else ""}


RESULT = {"reached": False, "status": 0, "raised": "", "handler": "", "earlier": []}
captured = tempfile.TemporaryFile()  # noqa: SIM115 - it lasts as long as the process
sys.stdout.flush()
answering, complaining = os.dup(1), os.dup(2)
for stream in (1, 2):
    os.dup2(captured.fileno(), stream)
sys.excepthook = complain
sys.addaudithook(watch)

import django  # noqa: E402 - connections of the settings are noted, too

django.setup()
from django.conf import settings  # noqa: E402

started = set(places)
guarded = known_places() | {tuple(one) for one in PLAN["reachable"]}
RESULT["beyond"] = sorted(one for one in started if not is_known(one))
readable()
overlay(settings)
kind, handler = application(settings)
RESULT["handler"] = kind
if PLAN["verbose"]:
    logging.getLogger().setLevel(logging.DEBUG)
    for one in logging.getLogger().handlers:
        one.setLevel(logging.NOTSET)
for request in PLAN["requests"]:
    status = attempt(
        kind, handler, request["method"], request["path"], "", request["headers"], request["body"].encode()
    )
    RESULT["earlier"].append(status)
hidden = PLAN["secrets"]
body = json.dumps({"name": "stackproof", "password": hidden["body"]}).encode()
carried = {"authorization": f"Bearer {hidden['header']}", "cookie": f"sessionid={hidden['cookie']}", **PLAN["headers"]}
RESULT["status"] = attempt(kind, handler, "POST", PATH, f"token={hidden['query']}", carried, body)
RESULT["sdk"] = sdk()
RESULT["refused"] = sorted(set(refused))
sys.stdout.flush()
sys.stderr.flush()
captured.seek(0)
RESULT["output"] = captured.read(OUTPUT_CAP).decode("utf-8", "backslashreplace")
os.dup2(answering, 1)
os.write(1, ("\n" + json.dumps({"stackproof": RESULT}) + "\n").encode())
os._exit(0)
