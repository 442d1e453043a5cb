"""How the service's views and middleware run under ASGI: coroutines or threads, and what blocks in coroutines.

Arguments: paths of operations whose views are looked at by name. Every coroutine that the URLconf leads to, or that a
consumer of Channels, a middleware or a part of the ASGI application has, is read for calls that block: those of the
lists below, in it and in the project's own functions that it calls.
"""

import ast
import builtins
import inspect
import json
import os
import sys
import textwrap
from urllib.parse import urlsplit

import django
from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS, BaseCache, cache, caches
from django.core.exceptions import MiddlewareNotUsed
from django.urls import get_resolver, resolve
from django.utils.module_loading import import_string

BLOCKING = {
    "time": {"sleep"},
    "subprocess": {"run", "call", "check_call", "check_output", "getoutput", "getstatusoutput"},
    "os": {"system", "wait", "waitpid"},
    "posix": {"system", "wait", "waitpid"},
    "urllib.request": {"urlopen", "urlretrieve"},
    "socket": {"create_connection", "getaddrinfo", "gethostbyname"},
    "requests.api": {"get", "post", "put", "patch", "delete", "head", "options", "request"},
    "httpx": {"get", "post", "put", "patch", "delete", "head", "options", "request", "stream"},
    "httpx._api": {"get", "post", "put", "patch", "delete", "head", "options", "request", "stream"},
}
HTTP = {"get", "post", "put", "patch", "delete", "head", "options", "request"}
OF_OBJECTS = {  # calls of an object that stands in a module; those of Django's cache are added
    "celery.app.task.Task": {"delay", "apply_async", "apply", "retry"},
    "celery.app.base.Celery": {"send_task"},
    "dramatiq.actor.Actor": {"send", "send_with_options"},
    "requests.sessions.Session": HTTP,
    "httpx.Client": {*HTTP, "stream", "send"},
    "httpx._client.Client": {*HTTP, "stream", "send"},
}
MAIL = {"send_mail", "send_mass_mail", "mail_admins", "mail_managers"}
LOCAL = ("locmem", "dummy", "console")  # backends of Django's cache and mail that wait for nobody
HANDLERS = ("get", "post", "put", "patch", "delete", "head", "options", "dispatch")
DEPTH = 3  # functions of the project that are followed
MOST = 500  # views, consumers
DEEPEST = 12  # applications around a consumer
HOME = os.path.realpath(".")


def own(function):
    """Whether a function's code stands in the project, and not in a library of its environment."""
    try:
        path = os.path.realpath(inspect.getsourcefile(function) or "")
    except TypeError:
        return False
    return path.startswith(HOME + os.sep) and "site-packages" not in path


def named(node, scope):
    """The object that a name or a dotted name stands for in a module, or None."""
    if isinstance(node, ast.Name):
        return scope.get(node.id, getattr(builtins, node.id, None))
    if isinstance(node, ast.Attribute):
        value = named(node.value, scope)
        return getattr(value, node.attr, None) if inspect.ismodule(value) else None
    return None


def of_an_object(call, scope):
    """ "Task.delay", where a call asks an object of the module for what waits for another machine; else ""."""
    func = call.func
    value = named(func.value, scope) if isinstance(func, ast.Attribute) else None
    if value is None or inspect.ismodule(value):
        return ""
    if value is cache or isinstance(value, BaseCache):
        backend = type(caches[DEFAULT_CACHE_ALIAS] if value is cache else value).__module__
        twin = hasattr(BaseCache, f"a{func.attr}")
        return f"cache.{func.attr}" if twin and not backend.endswith(LOCAL) else ""
    kinds = {f"{one.__module__}.{one.__qualname__}" for one in getattr(value.__class__, "__mro__", ())}
    found = [one for one in OF_OBJECTS if one in kinds and func.attr in OF_OBJECTS[one]]
    return f"{found[0].rpartition('.')[2]}.{func.attr}" if found else ""


class Calls(ast.NodeVisitor):
    """The calls of one function's own body; what it defines inside runs elsewhere."""

    def __init__(self):
        self.found = []

    def visit_Call(self, node):
        self.found.append(node)
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        """Not entered."""

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef  # noqa: N815 - names of the standard library


def elsewhere(function):
    """Whether a decorator makes a coroutine of a plain function, which then runs in a thread."""
    inner = inspect.unwrap(function)
    return iscoroutinefunction(function) and not (iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner))


def called_in(call, function, owner):
    """What a call calls: a name of the function's module, or a method of its own class."""
    func, first = call.func, next(iter(inspect.signature(function).parameters), "")
    of_itself = isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == first
    if owner and of_itself:
        return inspect.getattr_static(owner, func.attr, None)
    return named(func, function.__globals__)


def blocking_calls(function, seen, depth=0, owner=None):
    """(where, call) of what blocks in a function of the project, a method of `owner` if one is given."""
    if elsewhere(function):
        return
    function = inspect.unwrap(function)
    if not inspect.isfunction(function) or function in seen or depth > DEPTH or not own(function):
        return
    seen.add(function)
    try:
        lines, start = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
    except (OSError, SyntaxError, IndexError):
        return
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    calls = Calls()
    for statement in tree.body:
        calls.visit(statement)
    where = os.path.relpath(os.path.realpath(inspect.getsourcefile(function)), HOME)
    for call in calls.found:
        called = called_in(call, function, owner)
        module, name = getattr(called, "__module__", None), getattr(called, "__name__", "")
        if name in BLOCKING.get(module or "", ()):
            yield f"{where}:{start + call.lineno - 1}", f"{module}.{name}", function.__qualname__
        elif asked := of_an_object(call, function.__globals__):
            yield f"{where}:{start + call.lineno - 1}", asked, function.__qualname__
        elif inspect.isfunction(called):
            method = called.__qualname__.rpartition(".")[0]
            yield from blocking_calls(called, seen, depth + 1, owner if method else None)


def callbacks(resolver, found):
    """Every view of the URLconf."""
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            callbacks(pattern, found)
        elif len(found) < MOST:
            found.append(pattern.callback)
    return found


def class_of(view):
    """The class of a class-based view, or None."""
    return getattr(view, "view_class", None) or getattr(view, "cls", None)


def coroutines(view):
    """The coroutine functions that serve a view."""
    kind = class_of(view)
    if kind is None:
        return [view] if iscoroutinefunction(view) else []
    handlers = [getattr(kind, name, None) for name in HANDLERS]
    return [one for one in handlers if one is not None and inspect.iscoroutinefunction(inspect.unwrap(one))]


def consumers(application, found, depth=0):
    """The classes of Channels' consumers that an ASGI application leads to, and of what stands around them."""
    kind = getattr(application, "consumer_class", None)
    found.append(kind if inspect.isclass(kind) else type(application))
    inner = [one for name in ("application", "inner", "app") if (one := getattr(application, name, None)) is not None]
    mapping, routes = getattr(application, "application_mapping", None), getattr(application, "routes", None)
    inner += mapping.values() if isinstance(mapping, dict) else ()
    inner += [getattr(one, "callback", None) for one in routes] if isinstance(routes, list) else ()
    for one in inner if depth < DEEPEST and len(found) < MOST else ():
        consumers(one, found, depth + 1)
    return found


def sockets():
    """(consumers of the settings' application, why it could not be loaded)."""
    name = getattr(settings, "ASGI_APPLICATION", None)
    try:
        return list(dict.fromkeys(consumers(import_string(name), []))) if name else [], ""
    except Exception as error:
        return [], f"{name}: {type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"


def methods(kind):
    """The coroutine functions of a class that stand in the project."""
    every = [one for base in kind.__mro__ for one in vars(base).values() if inspect.isfunction(one)]
    return [one for one in every if inspect.iscoroutinefunction(inspect.unwrap(one)) and own(inspect.unwrap(one))]


def looked_up(path):
    """What serves a path: a base URL's own path may stand before it, in the URLconf or in what a server cuts off."""
    for candidate in (path, PREFIX + path, path.removeprefix(PREFIX)):
        try:
            view = resolve(urlsplit(candidate).path).func
        except Exception:  # noqa: S112 - whatever a project's converters raise, this is not the path
            continue
        kind = class_of(view)
        get = getattr(kind, "get", None) if kind else view
        name = f"{kind.__module__}.{kind.__qualname__}" if kind else f"{view.__module__}.{view.__qualname__}"
        handler = bool(get) and (iscoroutinefunction(get) or inspect.iscoroutinefunction(inspect.unwrap(get)))
        return {"view": name, "coroutine": bool(iscoroutinefunction(view) and handler)}
    return None


def middleware():
    """Those of the settings that are used, and whether they can run in a coroutine."""
    found = []
    for name in settings.MIDDLEWARE:
        kind = import_string(name)
        capable = bool(getattr(kind, "async_capable", False))
        if not capable:
            try:
                kind(lambda request: None)
            except MiddlewareNotUsed:
                continue
            except Exception as error:
                found.append({"name": name, "async_capable": False, "raised": type(error).__name__})
                continue
        found.append(
            {"name": name, "async_capable": capable, "sync_capable": bool(getattr(kind, "sync_capable", True))}
        )
    return found


def main():
    views = callbacks(get_resolver(), [])
    seen, blocked, number = set(), [], 0
    every = [(function, class_of(view)) for view in views for function in coroutines(view)]
    served, trouble = sockets()
    served += [kind for name in settings.MIDDLEWARE if inspect.isclass(kind := import_string(name))]
    every += [(function, kind) for kind in dict.fromkeys(served) for function in methods(kind)]
    for function, owner in every:
        number += own(inspect.unwrap(function)) and not elsewhere(function)
        blocked += [{"where": where, "call": call, "function": name}
                    for where, call, name in blocking_calls(function, seen, owner=owner)]  # fmt: skip
    return {
        "django": django.get_version(),
        "asgi": bool(getattr(settings, "ASGI_APPLICATION", None)),
        "looked_up": {path: looked_up(path) for path in sys.argv[2:]},
        "middleware": middleware(),
        "views": len(views),
        "coroutines": number,
        "blocking": blocked[:50],
        "unread": trouble,
    }


PREFIX = sys.argv[1] if len(sys.argv) > 1 else ""
django.setup()
if settings.EMAIL_BACKEND.rpartition(".")[0].endswith(LOCAL):
    MAIL = set()
BLOCKING["django.core.mail"] = MAIL
print("\n" + json.dumps({"stackproof": main()}))
