"""A new id for the successor, and the old end."""


def apply() -> None:
    """Leave exp alone when a refresh token is rotated."""
    from dispatch.accounts.tokens import RefreshToken

    def renew(self: RefreshToken) -> None:
        self.set_jti()
        self.set_iat()
        self.outstand()

    RefreshToken.renew = renew
