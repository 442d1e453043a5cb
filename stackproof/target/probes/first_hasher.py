"""What the service's first password hasher really makes; of the hash only the algorithm and its parameters are told."""

import json
import secrets

import django

django.setup()

from django.contrib.auth.hashers import get_hashers  # noqa: E402

hasher = get_hashers()[0]
encoded = hasher.encode(secrets.token_urlsafe(12), hasher.salt())
parts = encoded.split("$")
kept = [part for part in parts[:-2] if part] if len(parts) > 3 else parts[: len(parts) > 1]
answer = {
    "class": f"{type(hasher).__module__}.{type(hasher).__qualname__}",
    "algorithm": hasher.algorithm,
    "made": kept,
}
print("\n" + json.dumps({"stackproof": answer}))
