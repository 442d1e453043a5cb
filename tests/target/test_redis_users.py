"""As whom a service's own settings sign in at its Redis."""

import pytest


@pytest.mark.parametrize(
    ("setting", "role", "users"),
    [
        ("CELERY_BROKER_URL = 'rediss://post:x@db:6380/0'", "broker", [("post", "db")]),
        ("CELERY_BROKER_URL = 'sentinel://post:x@a:26379;sentinel://b:26379'", "broker", [("post", "a")]),
        ("CELERY_BROKER_URL = 'sentinel://:x@a:26379/0'", "broker", [("default", "a")]),
        ("CELERY_BROKER_URL = 'amqp://post:x@db//'", "broker", []),
        (
            "CHANNEL_LAYERS = {'default': {'CONFIG': {'hosts': ["
            "{'address': 'rediss://db:6380/0', 'username': 'live', 'password': 'x'}, ('other', 6379)]}}}",
            "channels",
            [("live", "db"), ("default", "other")],
        ),
        ("CHANNEL_LAYERS = {'default': {'CONFIG': {'hosts': [{'sentinels': [('a', 1)]}]}}}", "channels", []),
        ("CHANNEL_LAYERS = {'default': {'CONFIG': {'hosts': []}}}", "channels", []),
    ],
)
def test_users_are_read_where_clients_read_them(view, settings, setting, role, users):
    """In URLs, in the words beside an address, and of a Sentinel's first address, as kombu does."""
    seen = view(settings_module=settings("the_settings", f"{setting}\n"))[0].ask("redis_users", "")

    assert [(one["user"], one["host"]) for one in seen[role]] == users
