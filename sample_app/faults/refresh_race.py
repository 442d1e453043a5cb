"""Rotation as simplejwt ships it: check, then act."""


def apply() -> None:
    """Blacklist the used token without asking who was first."""
    from dispatch.accounts.tokens import RefreshToken

    def revoke(self: RefreshToken) -> None:
        self.blacklist()

    RefreshToken.revoke = revoke
