"""How the service's views and middleware run under ASGI: coroutines or threads, and what blocks in coroutines.

Arguments: paths of operations whose views are looked at by name. Every coroutine that the URLconf leads to is read for
calls that block: those of the list below, in it and in the project's own functions that it calls.
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
HANDLERS = ("get", "post", "put", "patch", "delete", "head", "options", "dispatch")
DEPTH = 3  # functions of the project that are followed
MOST = 500  # views
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


def blocking_calls(function, seen, depth=0):
    """(where, call) of what blocks in a function of the project."""
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
    where = os.path.relpath(inspect.getsourcefile(function), HOME)
    for call in calls.found:
        called = named(call.func, function.__globals__)
        module, name = getattr(called, "__module__", None), getattr(called, "__name__", "")
        if name in BLOCKING.get(module or "", ()):
            yield f"{where}:{start + call.lineno - 1}", f"{module}.{name}", function.__qualname__
        elif inspect.isfunction(called):
            yield from blocking_calls(called, seen, depth + 1)


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
    for view in views:
        for function in coroutines(view):
            number += own(inspect.unwrap(function))
            blocked += [{"where": where, "call": call, "function": name}
                        for where, call, name in blocking_calls(function, seen)]  # fmt: skip
    return {
        "django": django.get_version(),
        "asgi": bool(getattr(settings, "ASGI_APPLICATION", None)),
        "looked_up": {path: looked_up(path) for path in sys.argv[2:]},
        "middleware": middleware(),
        "views": len(views),
        "coroutines": number,
        "blocking": blocked[:50],
    }


PREFIX = sys.argv[1] if len(sys.argv) > 1 else ""
django.setup()
print("\n" + json.dumps({"stackproof": main()}))
