"""The client that an authorization server knows the harness by (RFC 6749, section 2.3): who asks for tokens."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote_plus

from stackproof.check import not_assessed
from stackproof.descriptor.authentication import Auth
from stackproof.descriptor.model import from_environment
from stackproof.descriptor.places import Endpoint
from stackproof.evidence import Redactor


def with_client(auth: Auth, redactor: Redactor) -> Auth:
    """The same authentication, whose login, refresh and logout say which client asks.

    Raises:
        NotAssessed: the variable of its secret is not set.
    """
    client = auth.client
    if client is None:
        return auth
    secret = from_environment(client.secret_env)
    if client.secret_env and not secret:
        not_assessed(f"the variable {client.secret_env} is not set: auth.client says that the client's secret is there")
    basic = base64.b64encode(f"{quote_plus(client.id)}:{quote_plus(secret)}".encode()).decode()
    redactor.learn(*(one for one in (secret, basic) if secret))
    fields = {"client_id": client.id, **({"client_secret": secret} if secret else {})}

    def known(operation: Endpoint) -> Endpoint:
        changed: dict[str, Any] = {"extra": {**operation.extra, **fields}}
        if client.carried == "basic":
            changed = {"headers": {**operation.headers, "Authorization": f"Basic {basic}"}}
        return operation.model_copy(update=changed)

    operations = {"login": auth.login, "refresh": auth.refresh, "logout": auth.logout}
    return auth.model_copy(update={name: known(one) for name, one in operations.items() if one is not None})
