"""Reads an OpenAPI document from standard input and prints what is wrong with it."""

from __future__ import annotations

import itertools
import json
import sys
from typing import Any

from stackproof.api.offline.confine import confine

MOST = 50  # faults


def faults_of(data: dict[str, Any]) -> dict[str, Any]:
    """{"faults": […]}, or {"reason": …} where nothing can be said."""
    from openapi_spec_validator.shortcuts import get_validator_cls
    from openapi_spec_validator.validation.exceptions import ValidatorDetectError

    version = str(data.get("openapi", data.get("swagger", "")))[:40]
    try:
        validator: Any = get_validator_cls(data)
    except (ValidatorDetectError, KeyError):
        return {"reason": f"the validator does not know version {version!r} of OpenAPI"}
    try:
        found = [_words(one) for one in itertools.islice(validator.schema_validator.iter_errors(data), MOST)]
        if not found:  # the rules beside the schema stumble over what the schema forbids
            found = [_words(one) for one in itertools.islice(validator(data).iter_errors(), MOST)]
    except RecursionError:
        return {"reason": "the document could not be validated: it leads the validator in circles"}
    except Exception as error:
        kind = type(error).__name__
        if "Unresolvable" in kind or "PointerToNowhere" in kind or "NoSuch" in kind:
            return {"faults": [f"a reference leads nowhere: {str(error)[:200]}"]}
        return {"reason": f"the document could not be validated: {kind}"}
    return {"faults": list(dict.fromkeys(found))}


def _words(error: Any) -> str:
    """Where, and what: the deepest cause, since the outer ones say only "is not valid under any of the schemas"."""
    deepest = error
    while getattr(deepest, "context", None):
        deepest = max(deepest.context, key=lambda one: len(one.absolute_path))
    place = "/".join(str(one) for one in getattr(deepest, "absolute_path", ()))
    message = " ".join(str(getattr(deepest, "message", deepest)).split())
    return f"{place or 'document'}: {message if len(message) <= 200 else message[:200] + '…'}"


if __name__ == "__main__":
    confine()
    given = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(faults_of(given)))
