"""Makes, changes and deletes accounts through Django's user model: a JSON object a line in, one a line out.

Passwords come through standard input alone. Of a stored password the algorithm and its parameters are told, never the
salt or the digest. At the end of the input every account that was made here is deleted.
"""

import datetime
import hashlib
import json
import secrets
import sys
import uuid

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.hashers import get_hashers  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402
from django.db import connections, models, router, transaction  # noqa: E402

User = get_user_model()
made = {}  # name: primary key
orphans = set()  # rows of simplejwt that outlive their account


class Trouble(Exception):
    """What the harness is told in place of an answer."""


def outstanding():
    """simplejwt's table of refresh tokens, or None where it is not installed."""
    from django.apps import apps

    try:
        return apps.get_model("token_blacklist", "OutstandingToken")._default_manager
    except LookupError:
        return None


def found(name):
    """The account of that name, which was made here."""
    if name not in made:
        raise Trouble("this account was not made here, so it is left alone")
    user = User._default_manager.filter(pk=made[name]).first() or User._base_manager.filter(pk=made[name]).first()
    if user is None:
        raise Trouble("the account is not there any more")
    return user


def filler(field, name):
    """A value for a field without which no account can be made; the best that can be guessed."""
    if field.choices:
        return next(value for value, _ in field.flatchoices if value not in ("", None))
    if isinstance(field, models.ForeignKey):
        value = field.remote_field.model._default_manager.first()
        if value is None:
            raise Trouble(f"the user model wants a {field.name}, and there is none to point at")
        return value
    text = name if field.unique else "Stackproof"
    number = secrets.randbelow(9_999) if field.unique else 1
    made_up = (
        (models.EmailField, name if "@" in name else f"{name}@example.com"),
        (models.BooleanField, False),
        (models.DateTimeField, datetime.datetime.now(datetime.UTC)),
        (models.DateField, datetime.date(2000, 1, 1)),
        (models.UUIDField, uuid.uuid4()),
        ((models.IntegerField, models.DecimalField, models.FloatField), number),
        ((models.CharField, models.TextField), text[: field.max_length or 150]),
    )
    for kinds, value in made_up:
        if isinstance(field, kinds):
            return value
    raise Trouble(f"the user model wants a {field.name} ({type(field).__name__}), which the harness cannot make up")


def meant(field, value):
    """What a value that logins send stands for in a field: itself, or the row that bears it; None where neither is."""
    if not isinstance(field, models.ForeignKey):
        return value if isinstance(value, str | int | float) else None
    rows = field.remote_field.model
    texts = [one for one in rows._meta.concrete_fields if one.primary_key or isinstance(one, models.CharField)]
    for one in texts:
        try:
            row = rows._default_manager.filter(**{one.name: value}).first()
        except (TypeError, ValueError, ValidationError):  # a number or a UUID is wanted there
            continue
        if row is not None:
            return row
    return None


def wanted(name, sent):
    """Fields beside the name and the password: what logins send, REQUIRED_FIELDS, and others that may not be empty."""
    fields = {}
    for field in User._meta.concrete_fields:
        given = field.name in (User.USERNAME_FIELD, "password") or field.primary_key
        if not given and field.name in sent and (value := meant(field, sent[field.name])) is not None:
            fields[field.name] = value
            continue
        required = field.name in User.REQUIRED_FIELDS
        empty = not field.null and not field.blank and not field.has_default() and field.editable
        empty = empty and not getattr(field, "auto_now", False) and not getattr(field, "auto_now_add", False)
        by_database = getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED
        if not given and (required or (empty and not by_database)):
            fields[field.name] = filler(field, name)
    return fields


def new_user(fields, password):
    """By the manager that the service's own code uses, else by hand."""
    maker = getattr(User._default_manager, "create_user", None)
    try:
        if maker is not None:
            return maker(**fields, password=password)
    except TypeError:  # arguments of its own
        pass
    user = User(**fields)
    user.set_password(password)
    user.save()
    return user


def create(name, password, sent=None, **_):
    """An ordinary account that may sign in, with what `auth.login.extra` sends beside its name: a tenant."""
    fields = {User.USERNAME_FIELD: name, **wanted(name, sent or {})}
    if User._default_manager.filter(**{User.USERNAME_FIELD: name}).exists():
        raise Trouble("an account of that name is there already")
    with transaction.atomic(using=router.db_for_write(User)):
        user = new_user(fields, password)
        if not user.is_active and "is_active" in {field.name for field in User._meta.concrete_fields}:
            user.is_active = True
            user.save()
    made[name] = user.pk
    return {"username": user.get_username()}


def deactivate(name, **_):
    """Switch the account off."""
    if "is_active" not in {field.name for field in User._meta.concrete_fields}:
        raise Trouble("the user model has no is_active field, so that nobody knows how an account is deactivated")
    user = found(name)
    user.is_active = False
    user.save()
    return {}


def delete(name, **_):
    """Delete the account as the service's own code would."""
    user = found(name)
    tokens = outstanding()
    if tokens is not None:
        orphans.update(tokens.filter(user_id=user.pk).values_list("pk", flat=True))
    user.delete()
    return {}


def remove(name, **_):
    """Delete what is left of an account that was made here."""
    tokens, key = outstanding(), made.get(name)
    if key is None:
        return {}
    if tokens is not None:
        tokens.filter(user_id=key).delete()
        tokens.filter(pk__in=orphans, user_id=None).delete()
    for user in User._base_manager.filter(pk=key):
        user.delete()
    made.pop(name, None)
    return {}


def set_password(name, password, **_):
    """Another password, as the service's own code would set it."""
    user = found(name)
    user.set_password(password)
    user.save()
    return {}


def store(name, password, kind, **_):
    """Write a stored password of a certain kind past the service's code."""
    found(name)
    salt = secrets.token_hex(8)
    User._base_manager.filter(pk=made[name]).update(password=KINDS[kind](password, salt))
    return {}


def weak_argon2(password, salt):
    """Argon2id with hardly any cost, as Django writes it."""
    import argon2

    kind = argon2.low_level.Type.ID
    hashed = argon2.low_level.hash_secret(password.encode(), salt.encode(), 1, 64, 1, 16, kind)
    return "argon2" + hashed.decode()


def pbkdf2(password, salt):
    """PBKDF2 as Django wrote it until a few years ago."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    return PBKDF2PasswordHasher().encode(password, salt, iterations=100_000)


def digest(algorithm):
    """A digest without salt, in hexadecimal."""
    return lambda password, _: hashlib.new(algorithm, password.encode(), usedforsecurity=False).hexdigest()


KINDS = {
    "the first hasher's": lambda password, _: get_hashers()[0].encode(password, get_hashers()[0].salt()),
    "PBKDF2 with 100000 iterations": pbkdf2,
    "Argon2id with m=64,t=1,p=1": weak_argon2,
    "MD5 without salt": digest("md5"),
    "MD5 with an empty salt": lambda password, salt: f"md5$${digest('md5')(password, salt)}",
    "SHA-1 without salt": lambda password, salt: f"sha1$${digest('sha1')(password, salt)}",
    "plain text": lambda password, _: password,
}


def stored(name, **_):
    """Algorithm and parameters of what is stored."""
    encoded = str(User._base_manager.values_list("password", flat=True).get(pk=found(name).pk))
    parts = encoded.split("$")
    kept = [part for part in parts[:-2] if part] if len(parts) > 3 else parts[: len(parts) > 1]
    return {"stored": kept, "print": hashlib.sha256(encoded.encode()).hexdigest()[:16]}


ACTIONS = {
    "create": create,
    "deactivate": deactivate,
    "delete": delete,
    "remove": remove,
    "set_password": set_password,
    "store": store,
    "stored": stored,
}


def answer(question):
    """One action; whatever goes wrong becomes a sentence."""
    try:
        return ACTIONS[question.pop("action")](**question)
    except Trouble as trouble:
        return {"trouble": str(trouble)}
    except Exception as error:
        text = str(error).replace(question.get("password") or "\0", "[redacted]")
        return {"trouble": f"{type(error).__name__}: {' '.join(text.split())[:300]}"}
    finally:
        connections.close_all()  # between two questions the service's database sees nobody here


for line in sys.stdin:
    print("\n" + json.dumps({"stackproof": answer(json.loads(line))}), flush=True)
for left in list(made):
    answer({"action": "remove", "name": left})
