"""What simplejwt's own views do where the application is missing: they pass over it in silence."""


def apply() -> None:
    """Make revoking and recording do nothing, as simplejwt's `except AttributeError: pass` does."""
    from dispatch.accounts.tokens import RefreshToken

    def nothing(self: RefreshToken) -> None:
        return None

    RefreshToken.revoke = nothing
    RefreshToken.outstand = nothing
