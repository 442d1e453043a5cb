"""Names of the groups that connections listen to."""

from typing import Final

DISPATCHERS: Final = "jobs.dispatchers"


def group_of(user_id: object) -> str:
    """The group of one account's connections."""
    return f"jobs.{user_id}"
