"""The WebSocket: who may listen, and what is heard."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator

from dispatch.accounts.models import User
from dispatch.accounts.tokens import RefreshToken
from dispatch.asgi import application
from dispatch.live.groups import group_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = (b"origin", b"https://app.example.com")


async def account():
    made = await sync_to_async(UserFactory)()
    return await User.objects.aget(email=made.email)


def socket(token=None, origin=ORIGIN):
    headers = [origin] + ([(b"authorization", f"Bearer {token}".encode())] if token else [])
    return WebsocketCommunicator(application, "/ws/jobs/", headers=headers)


@pytest.mark.parametrize("kind", ["none", "garbage", "refresh"])
async def test_nobody_listens_without_an_access_token(kind):
    """No token, a garbage one and a refresh token are all refused in the handshake."""
    user = await account()
    refresh = await sync_to_async(RefreshToken.for_user)(user)
    token = {"none": None, "garbage": "a.b.c", "refresh": str(refresh)}[kind]

    connected, _ = await socket(token).connect()

    assert not connected


async def test_a_foreign_page_cannot_listen():
    """The browser's Origin has to be one of the service's own."""
    token = (await sync_to_async(RefreshToken.for_user)(await account())).access_token

    connected, _ = await socket(token, origin=(b"origin", b"https://evil.example")).connect()

    assert not connected


async def test_a_change_is_heard_through_redis():
    """A message to the account's group arrives at its socket."""
    user = await account()
    token = (await sync_to_async(RefreshToken.for_user)(user)).access_token
    listener = socket(token)
    connected, _ = await listener.connect()
    assert connected
    assert (await listener.receive_json_from())["type"] == "ready"

    event = {"type": "job.changed", "event": "updated", "job": {"title": "x"}, "change": {"id": "1"}}
    try:
        await get_channel_layer().group_send(group_of(user.pk), event)
        heard = await asyncio.wait_for(listener.receive_json_from(), 3)
    finally:
        await listener.disconnect()
    assert heard


def bearer(token):
    return {"authorization": f"Bearer {token}"}


async def test_waits_and_ticks_are_counted_while_they_last(async_client):
    """A wait is in flight, and no longer after its client has gone; ticks come one by one."""
    token = (await sync_to_async(RefreshToken.for_user)(await account())).access_token

    async def in_flight():
        return (await async_client.get("/api/wait/in-flight/", headers=bearer(token))).json()["in_flight"]

    wait = asyncio.ensure_future(async_client.get("/api/wait/?seconds=20", headers=bearer(token)))
    async with asyncio.timeout(10):
        while await in_flight() != 1:
            await asyncio.sleep(0.01)
    wait.cancel()
    async with asyncio.timeout(10):
        while await in_flight() != 0:
            await asyncio.sleep(0.01)

    ticks = await async_client.get("/api/wait/ticks/?seconds=0.4", headers=bearer(token))
    assert ticks.headers["content-type"] == "application/x-ndjson"
    lines = [line async for line in ticks]
    assert len(lines) >= 2
    assert await in_flight() == 0
    refused = await async_client.get("/api/wait/ticks/?seconds=26", headers=bearer(token))
    assert refused.status_code == 400
