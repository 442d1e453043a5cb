"""What the service's first password hasher really makes; of the hash only the algorithm and its parameters are told."""

import json
import secrets

import django

django.setup()

from django.contrib.auth.hashers import get_hashers  # noqa: E402

hasher, trouble = get_hashers()[0], ""
try:
    encoded = hasher.encode(secrets.token_urlsafe(12), hasher.salt())
except ValueError as error:
    if "Couldn't load" not in str(error):  # Django's words: the hasher's library is not installed
        raise
    encoded, trouble = "", str(error)[:200]
parts = encoded.split("$")
kept = [part for part in parts[:-2] if part] if len(parts) > 3 else parts[: len(parts) > 1]
answer = {
    "class": f"{type(hasher).__module__}.{type(hasher).__qualname__}",
    "algorithm": hasher.algorithm,
    "made": kept,
    "trouble": trouble,
}
print("\n" + json.dumps({"stackproof": answer}))
