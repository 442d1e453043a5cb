"""The service's own users of a Redis role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackproof.check import not_assessed
from stackproof.descriptor.model import Descriptor
from stackproof.descriptor.redis import RedisRole

if TYPE_CHECKING:
    from stackproof.target.project import ProjectView


def users_of(descriptor: Descriptor, role: str, project: ProjectView | None) -> tuple[str, ...]:
    """The user that the descriptor names, else those in the running settings; of a channel layer that lives there, too.

    Raises:
        NotAssessed: neither tells.
    """
    given: RedisRole | None = getattr(descriptor.redis, role)
    if given is not None and given.user:
        return (given.user,)
    cure = f'redis.{role}.user = "…" in stackproof.toml names the one that the service signs in as'
    if project is None:
        not_assessed(f"which user of the {role} is the service's own is not known: {cure}")
    app = descriptor.celery.app if descriptor.celery else ""
    settings = project.ask("redis_users", app)
    own = settings.get(role) or []
    places = {(one["host"], one["port"]) for one in own}
    layers = [one for one in settings.get("channels") or [] if (one["host"], one["port"]) in places]
    users = tuple(dict.fromkeys(str(one["user"]) for one in (*own, *layers)))
    if not users:
        not_assessed(f"the running settings name no Redis as the {role}: {cure}")
    return users
