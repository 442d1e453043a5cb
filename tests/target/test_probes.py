"""What the probes tell of a service's passwords, cache, channel layer, database and workers."""

import json

import pytest

from stackproof.check import NotAssessed

ARGON2I = """
PASSWORD_HASHERS = ["argon2i_settings.Old"]
from django.contrib.auth.hashers import Argon2PasswordHasher
class Old(Argon2PasswordHasher):
    memory_cost = 64
    def params(self):
        params = super().params()
        argon2 = self._load_library()
        return argon2.Parameters(**{**{n: getattr(params, n) for n in params.__slots__}, "type": argon2.Type.I})
"""


def test_the_first_hasher_tells_what_it_makes(view, settings):
    """Its algorithm and parameters, and neither salt nor digest; a class called Argon2 may make Argon2i."""
    good = settings("argon2id_settings", "PASSWORD_HASHERS = ['django.contrib.auth.hashers.Argon2PasswordHasher']")
    made = view(settings_module=good)[0].ask("first_hasher")
    assert made["made"] == ["argon2", "argon2id", "v=19", "m=102400,t=2,p=8"]
    assert made["class"] == "django.contrib.auth.hashers.Argon2PasswordHasher"

    made = view(settings_module=settings("argon2i_settings", ARGON2I))[0].ask("first_hasher")
    assert made["made"][:2] == ["argon2", "argon2i"]


def test_a_first_hasher_whose_library_is_missing(view, settings):
    """What it would make is known by its name all the same."""
    missing = (
        "from django.contrib.auth.hashers import BCryptSHA256PasswordHasher\nPASSWORD_HASHERS = ['no_bcrypt.Own']\n"
    )
    missing += "class Own(BCryptSHA256PasswordHasher):\n    library = ('no_such_library', 'no_such_library')\n"
    seen = view(settings_module=settings("no_bcrypt", missing))[0].ask("first_hasher")

    assert (seen["algorithm"], seen["made"]) == ("bcrypt_sha256", [])
    assert seen["trouble"].startswith("Couldn't load")


def test_a_cache_in_the_process_goes_round(view, settings):
    """The backend and what it stands on are told, so that a subclass can be known."""
    own = "CACHES = {'default': {'BACKEND': 'own_cache.Own'}}\n"
    own += "from django.core.cache.backends.locmem import LocMemCache\nclass Own(LocMemCache): pass\n"
    seen = view(settings_module=settings("own_cache", own))[0].ask("cache_round_trip")

    assert (seen["backend"], seen["read_back"], seen["gone_after_delete"]) == ("own_cache.Own", True, True)
    assert "django.core.cache.backends.locmem.LocMemCache" in seen["family"]


def test_a_cache_that_nobody_reached_is_not_assessed(view, settings):
    """Also where the service ignores a cache that is down: the value was not lost, it was never written."""
    down = "CACHES = {'default': {'BACKEND': 'django_redis.cache.RedisCache', 'LOCATION': 'redis://127.0.0.1:1/0',"
    down += " 'OPTIONS': {'IGNORE_EXCEPTIONS': True}}}\n"
    with pytest.raises(NotAssessed, match=r"ConnectionInterrupted|refused"):
        view(settings_module=settings("cache_down", down))[0].ask("cache_round_trip")


def test_channel_layers(view, settings):
    """One in memory delivers to itself; none delivers nothing; one that nobody reached is not assessed."""
    memory = "CHANNEL_LAYERS = {'default': {'BACKEND': 'channels.layers.InMemoryChannelLayer'}}\n"
    seen = view(settings_module=settings("layer_memory", memory))[0].ask("channel_round_trip")
    assert (seen["backend"], seen["received"]) == ("channels.layers.InMemoryChannelLayer", True)

    seen = view(settings_module=settings("layer_none", ""))[0].ask("channel_round_trip")
    assert (seen["backend"], seen["received"]) == ("", False)

    down = "CHANNEL_LAYERS = {'default': {'BACKEND': 'channels_redis.core.RedisChannelLayer',"
    down += " 'CONFIG': {'hosts': ['redis://127.0.0.1:1/0']}}}\n"
    with pytest.raises(NotAssessed, match="ConnectionError"):
        view(settings_module=settings("layer_down", down))[0].ask("channel_round_trip")


def test_another_database_is_named(view, settings):
    """SQLite has no drivers and no sessions to tell of; a PostgreSQL that nobody reached is not assessed."""
    lite = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}\n"
    assert view(settings_module=settings("lite", lite))[0].ask("database_connection") == {"vendor": "sqlite"}

    down = "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'x', 'HOST': '127.0.0.1',"
    down += " 'PORT': '1', 'USER': 'u', 'PASSWORD': 'pass-of-the-database'}}\n"
    with pytest.raises(NotAssessed, match="refused") as caught:
        view(settings_module=settings("postgres_down", down))[0].ask("database_connection")
    assert "pass-of-the-database" not in str(caught.value)


def test_a_broker_that_nobody_reached_is_told_from_absent_workers(view, tmp_path):
    """The trouble is told, without the URL's password."""
    (tmp_path / "shop_app.py").write_text(
        "from celery import Celery\napp = Celery('shop', broker='redis://:pass-of-the-broker@127.0.0.1:1/0')\n",
        encoding="utf-8",
    )
    seen, recorder = view()
    answer = seen.ask("celery_ping", "shop_app")

    assert (answer["broker"], answer["transport"], answer["workers"]) == (False, "redis", [])
    assert "refused" in answer["trouble"]
    (tmp_path / "rabbit_app.py").write_text("from celery import Celery\napp = Celery(broker='amqp://127.0.0.1:1//')\n")
    assert seen.ask("celery_ping", "rabbit_app")["transport"] == "amqp"
    assert "pass-of-the-broker" not in json.dumps([dict(record.detail) for record in recorder.records])
