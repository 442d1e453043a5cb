"""What each of the service's password hashers makes of a made-up password; no salt and no digest is told."""

import base64
import hashlib
import json
import secrets

import django

django.setup()

from django.contrib.auth.hashers import get_hashers  # noqa: E402

PASSWORD = secrets.token_urlsafe(12)
FAST = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def readable(encoded):
    """Whether the password stands in the text: as it is, backwards, or in a code that anybody undoes."""
    raw = PASSWORD.encode()
    forms = {PASSWORD, PASSWORD[::-1], base64.b64encode(raw).decode().rstrip("="), raw.hex(), raw.hex().upper()}
    return any(form in encoded for form in forms)


def digest(encoded, salt):
    """The single digest that the text ends in, or ""."""
    last = encoded.rpartition("$")[2].lower()
    salted = (PASSWORD, salt + PASSWORD, PASSWORD + salt)
    found = (name for name in FAST for text in salted if hashlib.new(name, text.encode()).hexdigest() == last)
    return next(found, "")


def seen(hasher):
    """One hasher's behaviour, with a new salt each time, as the service would."""
    about = {"class": f"{type(hasher).__module__}.{type(hasher).__qualname__}", "algorithm": hasher.algorithm}
    try:
        salts = hasher.salt(), hasher.salt()
        one, other = (hasher.encode(PASSWORD, salt) for salt in salts)
    except Exception as error:
        return {**about, "trouble": f"{type(error).__name__}: {str(error)[:200]}"}
    return {**about, "salted": one != other, "readable": readable(one), "digest": digest(one, salts[0])}


print("\n" + json.dumps({"stackproof": {"hashers": [seen(one) for one in get_hashers()]}}))
