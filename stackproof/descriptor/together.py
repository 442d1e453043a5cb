"""What the keys of a descriptor have to mean together, and its lists of URLs, in the raw data."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stackproof.descriptor.locating import KeyPath
from stackproof.descriptor.mistakes import Fault, entries, shown
from stackproof.descriptor.model import Descriptor
from stackproof.descriptor.sense import ENTRY_RULES, TOKEN, at, fault_of_origin, names_no_id, url_path, whole_url
from stackproof.descriptor.socket_sense import faults_of_websocket
from stackproof.project.references import Reference

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "*")
ALGORITHMS = ("HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA").split()
_SIZE = re.compile(r"\s*\d+(?:\.\d+)?\s*[kmgt]?(?:i?b)?\s*", re.IGNORECASE)


def faults_of(data: Any) -> list[Fault]:
    """Every fault of sense; of types and missing keys the model itself speaks."""
    if not isinstance(data, Mapping):
        return []
    found: list[Fault] = []
    for entry in entries(Descriptor, data):
        for rule in ENTRY_RULES:
            found += rule(entry)
    for together in _RULES:
        found += together(data)
    return found


def _base_urls(data: Any) -> Iterator[Fault]:
    target = data.get("target")
    if isinstance(target, Mapping) and "base_url" not in target and "project" not in data:
        yield Fault(("target", "base_url"), "is missing", 'add base_url = "https://service.example"')
    yield from whole_url(("target", "base_url"), at(data, "target", "base_url"), base=True)
    yield from whole_url(("clock", "base_url"), at(data, "clock", "base_url"), base=True)
    also = at(data, "target", "also")
    for number, url in enumerate(also if isinstance(also, list) else ()):
        yield from whole_url(("target", "also", number), url, base=True)
        if url == at(data, "target", "base_url") or url in also[:number]:
            yield Fault(("target", "also", number), "is named twice", "remove it")


def _stand_in(data: Any) -> Iterator[Fault]:
    path = at(data, "auth", "login", "path")
    if at(data, "auth", "login", "stand_in") is True and isinstance(path, str) and path.startswith("/"):
        cure = 'name the program by its whole URL: path = "http://127.0.0.1:9400/login"'
        yield Fault(("auth", "login", "stand_in"), "is true, and the login is the service's own", cure)


def _resolve(data: Any) -> Iterator[Fault]:
    given = at(data, "target", "resolve")
    for name, address in given.items() if isinstance(given, Mapping) else ():
        path = ("target", "resolve", name)
        try:
            ipaddress.ip_address(address if isinstance(address, str) else "")
        except ValueError:
            if isinstance(address, str):
                yield Fault(path, f"is {shown(address)}, which is no IP address", 'write an address such as "10.0.0.7"')
        if "://" in name or "/" in name:
            yield Fault(path, "is no name of a host", "write the name alone, without scheme, port and path")


def _cors(data: Any) -> Iterator[Fault]:
    origins = at(data, "cors", "allowed_origins")
    for number, origin in enumerate(origins if isinstance(origins, list) else ()):
        yield from fault_of_origin(
            ("cors", "allowed_origins", number), origin, "every origin", "write cors.public = true instead"
        )
    if at(data, "cors", "public") is True:
        if origins:
            yield Fault(("cors", "public"), "is true although allowed_origins names some", "remove one of the two")
        if at(data, "cors", "credentials") is True:
            yield Fault(("cors", "credentials"), "is true although cors.public is",
                        "remove one of the two: no browser sends cookies where every origin is admitted")  # fmt: skip
    for name in ("methods", "headers"):
        words = at(data, "cors", name)
        for number, word in enumerate(words if isinstance(words, list) else ()):
            if isinstance(word, str) and not TOKEN.fullmatch(word):
                yield Fault(("cors", name, number), f"is {shown(word)}", "write one word")
    paths = at(data, "cors", "paths")
    for number, one in enumerate(paths if isinstance(paths, list) else ()):
        yield from url_path(("cors", "paths", number), one)


def _tokens(data: Any) -> Iterator[Fault]:
    auth = at(data, "auth")
    if at(auth, "refresh_tokens") is False and at(auth, "refresh") is not None:
        yield Fault(("auth", "refresh_tokens"), "is false although [auth.refresh] is given", "remove one of the two")
    carrier = at(auth, "carrier")
    read = at(auth, "protected")
    if isinstance(carrier, str) and _is_body(carrier) and read is not None and at(read, "method") in {None, "GET"}:
        yield Fault(("auth", "carrier"), "is a body field although [auth.protected] is a GET, which has no body",
                    "write header:NAME or cookie:NAME, or the method of auth.protected")  # fmt: skip
    for name, key in (("refresh", "refresh"), ("verify", "token"), ("logout", "refresh")):
        place = at(auth, name, "token")
        place = key if place is None else place
        if at(auth, name, "method") == "GET" and isinstance(place, str) and place and _is_body(place):
            yield Fault(("auth", name, "method"), "is GET, which has no body to carry the token",
                        f"write the service's method, or auth.{name}.token = cookie:NAME or header:NAME")  # fmt: skip


def _login(data: Any) -> Iterator[Fault]:
    auth, carrier = at(data, "auth"), at(data, "auth", "carrier")
    login = at(auth, "login")
    if at(login, "method") == "GET":
        yield Fault(("auth", "login", "method"), "is GET, which has no body to carry the credentials", 'write "POST"')
    fields = [at(login, "username_field") or "username", at(login, "password_field") or "password"]
    if fields[0] == fields[1]:
        yield Fault(("auth", "login", "password_field"), "is the field of the username, too", "name another field")
    for field in fields:
        if at(login, "extra", str(field)) is not None:
            yield Fault(("auth", "login", "extra", str(field)), "is what the account brings",
                        "remove it; credentials come from the variables of [accounts]")  # fmt: skip
    sent = at(data, "target", "headers")
    own = str(carrier or "header:Authorization").lower()
    for name in sent if isinstance(sent, Mapping) and auth is not None else ():
        if f"header:{name.lower()}" == own:
            yield Fault(("target", "headers", name), "is the header that carries the access token",
                        "remove it, or write how the token travels in auth.carrier")  # fmt: skip


def _is_body(place: str) -> bool:
    return not place.startswith(("header:", "cookie:"))


def _keys(data: Any) -> Iterator[Fault]:
    if at(data, "target", "client_key") is not None and at(data, "target", "client_certificate") is None:
        yield Fault(("target", "client_key"), "is given without client_certificate", "add target.client_certificate")
    key = at(data, "auth", "signing_key")
    algorithm = at(key, "algorithm")
    if isinstance(algorithm, str) and algorithm:
        if algorithm.lower() == "none":
            yield Fault(("auth", "signing_key", "algorithm"), "is none: such tokens have no signature and no key",
                        "write the algorithm of the service's tokens, or remove [auth.signing_key]")  # fmt: skip
        elif algorithm not in ALGORITHMS:
            yield Fault(("auth", "signing_key", "algorithm"), f"is {shown(algorithm)}, which is no signature algorithm",
                        f"write one of {', '.join(ALGORITHMS)}")  # fmt: skip
        elif algorithm.startswith("HS") and at(data, "auth", "public_key") is not None:
            yield Fault(
                ("auth", "public_key"), f"is given although {algorithm} has no public key", "remove one of the two"
            )
    for which in ("", "refresh_"):
        if at(key, f"{which}file") is not None and at(key, f"{which}env") is not None:
            yield Fault(("auth", "signing_key", f"{which}env"), f"is given beside {which}file", "remove one of the two")
    csrf = at(data, "auth", "csrf")
    if at(csrf, "cookie") == "" and at(csrf, "token") is None:
        yield Fault(("auth", "csrf", "cookie"), "is empty, and token does not say where the proof stands",
                    "name the cookie, or write token = body:NAME or header:NAME")  # fmt: skip
    if at(csrf, "refresh_cookie") and at(csrf, "path") is not None:
        yield Fault(("auth", "csrf", "refresh_cookie"), "is of a proof that comes with the tokens, and path fetches it",
                    "remove path or refresh_cookie")  # fmt: skip


def _data(data: Any) -> Iterator[Fault]:
    postgres = at(data, "postgres")
    if at(postgres, "dsn_env") == "" and not at(postgres, "dsn"):
        yield Fault(("postgres", "dsn_env"), "is empty, and there is no dsn", "name the variable that holds the DSN")
    for role in ("cache", "broker"):
        table = at(data, "redis", role)
        if not isinstance(table, Mapping):
            continue
        named = bool(table.get("url") or table.get("url_env"))
        if named and table.get("unused") is True:
            yield Fault(("redis", role, "unused"), "is true, and a URL names the server", "remove unused, or the URL")
        if not named and table.get("unused") is not True:
            yield Fault(("redis", role), "has neither url nor url_env",
                        "name the variable that holds the URL: url_env; unused = true where there is none")  # fmt: skip
    memory = at(data, "host", "database_memory")
    if isinstance(memory, str) and memory and not _SIZE.fullmatch(memory):
        yield Fault(("host", "database_memory"), f"is {shown(memory)}", 'write a size such as "16GiB"')


def _containers(data: Any) -> Iterator[Fault]:
    image = at(data, "project", "image")
    if isinstance(image, str) and image:
        try:
            Reference.parse(image)
        except ValueError:
            yield Fault(("project", "image"), f"is {shown(image)}, which is no image", 'write "registry/name:tag"')
    words = at(data, "host", "docker")
    if isinstance(words, list) and words and (not isinstance(words[0], str) or not words[0] or words[0][0] == "-"):
        yield Fault(("host", "docker"), "does not begin with a program", 'write ["docker"], and options behind it')


def _backup(data: Any) -> Iterator[Fault]:
    here: KeyPath = ("postgres", "backup")
    backup = at(data, *here)
    if at(backup, "newest") and at(backup, "folder") is not None:
        yield Fault((*here, "folder"), "is given beside newest", "remove one of the two")
    restore = at(backup, "restore")
    if isinstance(restore, list) and restore:
        if not any("{time}" in one for one in restore if isinstance(one, str)):
            yield Fault((*here, "restore"), "does not say where the moment stands", "put {time} into one of its words")
        for name, what in (("take", "takes a base backup"), ("remove", "removes the scratch server")):
            if not at(backup, name):
                yield Fault((*here, "restore"), f"is given without {name}", f"add the command that {what}: {name}")


def _accounts(data: Any) -> Iterator[Fault]:
    accounts = at(data, "accounts")
    if not at(accounts, "command"):
        for name in ("username_env", "password_env"):
            if at(accounts, name) == "":
                yield Fault(
                    ("accounts", name), "is empty, and there is no command", "name a variable, or give a command"
                )
    own = at(accounts, "disposable")
    here: KeyPath = ("accounts", "disposable")
    if at(own, "through_project") is True:
        if at(data, "project") is None:
            yield Fault((*here, "through_project"), "is true, and there is no [project] table", "add [project]")
        if at(own, "create"):
            yield Fault((*here, "create"), "is given although through_project is true", "remove one of the two")
    elif at(own, "create") and not at(own, "delete"):
        yield Fault((*here, "create"), "is given without delete", "add the command that removes what it makes: delete")
    pattern = at(own, "username")
    if isinstance(pattern, str) and "{random}" not in pattern:
        yield Fault((*here, "username"), "is the same for every account", "put {random} into it")


def _operations(data: Any) -> Iterator[Fault]:
    for name in ("public", "exclude"):
        listed = at(data, "api", name)
        for number, one in enumerate(listed if isinstance(listed, list) else ()):
            words = one.split() if isinstance(one, str) else None
            if words is not None and not (len(words) == 2 and words[0] in METHODS and words[1].startswith(("/", "*"))):
                yield Fault(("api", name, number), f"is {shown(one)}, which is no operation", 'write "GET /health/*"')
    celery = at(data, "celery")
    status, submit, undo = (at(celery, name) for name in ("status", "submit", "undo"))
    for name in ("status", "undo"):
        yield from names_no_id(data, "celery", name)
    if (status is None) != (submit is None):
        name, other = ("submit", "status") if status is None else ("status", "submit")
        yield Fault(("celery", name), f"is given without celery.{other}", f"add [celery.{other}]")
    if undo is not None and submit is None:
        yield Fault(("celery", "undo"), "is given without celery.submit", "add [celery.submit]")
    if at(celery, "undo_id") and undo is None:
        yield Fault(("celery", "undo_id"), "is given without celery.undo", "add [celery.undo]")


def _logs(data: Any) -> Iterator[Fault]:
    logs = at(data, "logs")
    if isinstance(logs, Mapping) and not logs.get("files") and not logs.get("command"):
        yield Fault(("logs",), "has neither files nor a command", 'write files = ["web.log"], or a command')
    header = at(logs, "request_id_header")
    if isinstance(header, str) and header and not TOKEN.fullmatch(header):
        yield Fault(("logs", "request_id_header"), f"is {shown(header)}, which is no header name",
                    'write a name such as "X-Request-ID", or "" where there is none')  # fmt: skip
    for name in ("time", "level", "event", "request_id"):
        if at(logs, name) == "":
            yield Fault(("logs", name), "is empty", "name the field of a line that holds it")


def _drills(data: Any) -> Iterator[Fault]:
    parts = at(data, "drill")
    for name, part in parts.items() if isinstance(parts, Mapping) else ():
        stop = at(part, "stop")
        if stop and stop == at(part, "start"):
            yield Fault(("drill", name, "start"), "is the command of stop", "write the command that mends the part")
    for name in ("read", "delete"):
        yield from names_no_id(data, "record", name, whose="the record's id")


def _waiting(data: Any) -> Iterator[Fault]:
    for name in ("path", "stream"):
        path = at(data, "waiting", name)
        odd = re.search(r"\{(?!seconds\})[^}]*\}", path) if isinstance(path, str) else None
        if odd:
            yield Fault(("waiting", name), f"has {odd[0]}, which nothing fills in", "write {seconds}, or nothing")
    path = at(data, "waiting", "path")
    if isinstance(path, str) and "{seconds}" in path and at(data, "waiting", "seconds") is not None:
        yield Fault(("waiting", "seconds"), "is given besides {seconds} in the path", "remove one of the two")
    if at(data, "waiting", "in_flight_field") is not None and at(data, "waiting", "in_flight") is None:
        yield Fault(("waiting", "in_flight_field"), "is given without in_flight", "add waiting.in_flight, or remove it")


def _accepted(data: Any) -> Iterator[Fault]:
    for table in ("waivers", "attestations"):
        seen: dict[str, int] = {}
        listed = at(data, table)
        for number, one in enumerate(listed if isinstance(listed, list) else ()):
            name = at(one, "requirement")
            if isinstance(name, str) and name in seen:
                yield Fault(
                    (table, number, "requirement"), f"names {shown(name)} a second time", "remove one of the two"
                )
            seen.setdefault(str(name), number)
            when, expires = at(one, "when"), at(one, "expires")
            if type(when) is type(expires) and when is not None and not isinstance(when, str) and when > expires:
                yield Fault((table, number, "expires"), "is before when", "correct one of the two dates")


def _audit(data: Any) -> Iterator[Fault]:
    """A file or a service, and a service that can be asked."""
    given = at(data, "project", "audit")
    service, index = at(given, "service"), at(given, "index")
    if isinstance(service, str) and service not in {"", "pypi", "osv"}:
        yield from whole_url(("project", "audit", "service"), service, base=True)
    if isinstance(index, str) and index:
        yield from whole_url(("project", "audit", "index"), index, base=True)
    for file, other in (("advisories", "service"), ("releases", "index")):
        if at(given, file) and at(given, other):
            yield Fault(("project", "audit", other), f"is given beside {file}", "remove one of the two")


_RULES: tuple[Callable[[Any], Iterator[Fault]], ...] = (
    _base_urls,
    _stand_in,
    _resolve,
    _cors,
    _tokens,
    _login,
    _keys,
    _data,
    _containers,
    _backup,
    _accounts,
    _operations,
    _logs,
    _audit,
    faults_of_websocket,
    _drills,
    _waiting,
    _accepted,
)
