"""What the probe `asynchronous` tells of views, middleware and blocking calls of a project that a test makes up."""

import pytest

URLS = """
import asyncio, subprocess, time
from time import sleep as nap
from asgiref.sync import sync_to_async
from django.http import HttpResponse
from django.urls import include, path
from django.views import View


async def good(request):
    await asyncio.sleep(0)
    await sync_to_async(time.sleep)(0)
    await asyncio.to_thread(lambda: time.sleep(0))
    return HttpResponse()


async def direct(request):
    nap(0)
    return HttpResponse()


def helper():
    def never_called():
        time.sleep(1)
    return subprocess.run(["true"])


async def by_a_helper(request):
    helper()
    return HttpResponse()


def plain(request):
    time.sleep(0)
    return HttpResponse()


class ByClass(View):
    async def get(self, request):
        return HttpResponse()


class ByPlainClass(View):
    def get(self, request):
        return HttpResponse()


inner = [path("direct/", direct), path("helper/<int:n>/", by_a_helper), path("class/", ByClass.as_view())]
urlpatterns = [path("good/", good), path("plain/", plain), path("plain-class/", ByPlainClass.as_view()),
               path("in/", include(inner))]
"""
SOCKETS = """
import asyncio, functools, time
from asgiref.sync import sync_to_async
from channels.consumer import AsyncConsumer
from channels.db import database_sync_to_async
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.http import HttpResponse
from django.urls import path
from django.views import View


def in_a_thread(function):
    @functools.wraps(function)
    async def inner(*arguments):
        return await sync_to_async(function)(*arguments)
    return inner


@in_a_thread
def fetch(request=None):
    time.sleep(1)


class ByMethod(View):
    async def get(self, request):
        await fetch()
        self.count()
        return HttpResponse()

    def count(self):
        time.sleep(2)


class Feed(AsyncConsumer):
    async def websocket_connect(self, event):
        await self.look_up()
        await sync_to_async(self.wait)()
        await self.greet()

    async def greet(self):
        self.wait()

    @database_sync_to_async
    def look_up(self):
        time.sleep(3)

    def wait(self):
        time.sleep(4)


class Quiet(AsyncConsumer):
    async def websocket_connect(self, event):
        await asyncio.sleep(0)


def outer(application):
    async def call(scope, receive, send):
        return await application(scope, receive, send)
    call.inner = application
    return call


urlpatterns = [path("fetch/", fetch), path("class/", ByMethod.as_view())]
deep = URLRouter([path("in/", URLRouter([path("feed/", Feed.as_asgi())])), path("quiet/", Quiet.as_asgi())])
application = ProtocolTypeRouter({"websocket": outer(OriginValidator(deep, ["*"]))})
"""
MIDDLEWARE = """
from django.core.exceptions import MiddlewareNotUsed
class Old:
    def __init__(self, get_response):
        self.get_response = get_response
    def __call__(self, request):
        return self.get_response(request)
class Unused(Old):
    def __init__(self, get_response):
        raise MiddlewareNotUsed
"""


WAITERS = """
import time
from asgiref.sync import markcoroutinefunction, sync_to_async
from celery import Celery, shared_task
from django.core.cache import cache
from django.core.mail import send_mail
from django.http import HttpResponse
from django.urls import path
queue = Celery("x", broker="memory://")


@shared_task
def letter():
    time.sleep(1)


class Log:
    sync_capable = async_capable = True
    def __init__(self, get_response):
        markcoroutinefunction(self)
    async def __call__(self, request):
        cache.get("seen")


class Gate:
    def __init__(self, inner):
        self.inner = inner
    async def __call__(self, scope, receive, send):
        letter.delay()
        queue.send_task("x")
        return await self.inner(scope, receive, send)


async def fine(request):
    await cache.aget("x")
    await sync_to_async(cache.get)("x")
    await sync_to_async(letter.delay)()
    cache.make_key("x")
    letter.s()
    return HttpResponse()


async def mails(request):
    send_mail("a", "b", "c", ["d"])


urlpatterns = [path("fine/", fine), path("mails/", mails)]
application = Gate(None)
"""


@pytest.fixture
def ask(view, settings, tmp_path):
    """The probe's answer on the project above, with this middleware."""
    (tmp_path / "the_urls.py").write_text(URLS)
    (tmp_path / "the_middleware.py").write_text(MIDDLEWARE)

    def run(*arguments, middleware=()):
        text = f"ROOT_URLCONF = 'the_urls'\nMIDDLEWARE = {list(middleware)!r}\nASGI_APPLICATION = 'x.application'\n"
        return view(settings_module=settings("the_settings", text))[0].ask("asynchronous", *arguments)

    return run


def test_views_are_known_by_their_paths(ask):
    """Functions and classes, with a query, below a base URL's own path, or nowhere."""
    paths = ("/good/?x=1", "/in/class/", "/plain/", "/plain-class/", "/base/good/", "/nowhere/")
    seen = ask("/base", *paths)["looked_up"]

    assert [bool(seen[path] and seen[path]["coroutine"]) for path in paths] == [True, True, False, False, True, False]
    assert seen["/nowhere/"] is None
    assert ask("/in", "/class/")["looked_up"]["/class/"]["coroutine"]
    assert seen["/in/class/"]["view"] == "the_urls.ByClass"


def test_blocking_calls_are_told_with_their_place(ask):
    """Under another name and one function deep; in threads and in functions that nobody calls they are none."""
    seen = ask("")
    lines = URLS.splitlines()

    assert seen["coroutines"] == 4
    assert {(one["function"], one["call"]) for one in seen["blocking"]} == {
        ("direct", "time.sleep"),
        ("helper", "subprocess.run"),
    }
    for one in seen["blocking"]:
        file, _, line = one["where"].partition(":")
        assert file == "the_urls.py"
        assert any(word in lines[int(line) - 1] for word in ("nap(0)", "subprocess.run"))


def test_consumers_and_methods_are_read_and_threads_are_not(view, settings, tmp_path):
    """A consumer behind routers and validators; what a decorator moves to a thread is none."""
    (tmp_path / "the_sockets.py").write_text(SOCKETS)
    text = "ROOT_URLCONF = 'the_sockets'\nASGI_APPLICATION = 'the_sockets.application'\n"
    seen = view(settings_module=settings("the_settings", text))[0].ask("asynchronous", "")
    lines = SOCKETS.splitlines()

    assert seen["coroutines"] == 4
    assert {one["function"] for one in seen["blocking"]} == {"ByMethod.count", "Feed.wait"}
    found = {lines[int(one["where"].partition(":")[2]) - 1].strip() for one in seen["blocking"]}
    assert found == {"time.sleep(2)", "time.sleep(4)"}


def test_middleware_that_holds_a_thread_is_told(ask):
    """Django's own can run in a coroutine; what says that it is not used is left out."""
    django, old = "django.middleware.common.CommonMiddleware", "the_middleware.Old"
    seen = ask("", middleware=(django, old, "the_middleware.Unused"))["middleware"]

    assert [(one["name"], one["async_capable"]) for one in seen] == [(django, True), (old, False)]


@pytest.mark.parametrize("local", [False, True])
def test_a_cache_a_queue_and_mail_wait_for_other_machines(view, settings, tmp_path, local):
    """In a view, a middleware and around the consumers; what stays in the process waits for nobody."""
    (tmp_path / "the_waiters.py").write_text(WAITERS)
    cache = "locmem.LocMemCache" if local else "redis.RedisCache"
    text = (
        "ROOT_URLCONF = 'the_waiters'\nASGI_APPLICATION = 'the_waiters.application'\nMIDDLEWARE = ['the_waiters.Log']\n"
        f"CACHES = {{'default': {{'BACKEND': 'django.core.cache.backends.{cache}', 'LOCATION': 'redis://localhost:1'}}}}\n"
        f"EMAIL_BACKEND = 'django.core.mail.backends.{'locmem' if local else 'smtp'}.EmailBackend'\n"
    )
    seen = view(settings_module=settings("the_settings", text))[0].ask("asynchronous", "")

    queued = {("Gate.__call__", "Task.delay"), ("Gate.__call__", "Celery.send_task")}
    others = {("Log.__call__", "cache.get"), ("mails", "django.core.mail.send_mail")}
    assert {(one["function"], one["call"]) for one in seen["blocking"]} == (queued if local else queued | others)
    assert seen["unread"] == ""


def test_an_application_that_cannot_be_loaded_is_told(ask):
    """Its consumers were read by nobody."""
    assert ask("")["unread"] == "x.application: ModuleNotFoundError: No module named 'x'"
