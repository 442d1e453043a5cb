"""The token's own word is enough; its rows in the database know no account."""

from typing import Any


def apply() -> None:
    """Ask for no account, neither here nor where the successor is recorded."""
    from dispatch.accounts import tokens

    def nothing(*_: Any) -> None:
        return None

    tokens.require_active_account = nothing
    tokens.RefreshToken.outstand = nothing
    tokens.RefreshToken.revoke = nothing
