"""The id was thought to be for the blacklist alone."""


def apply() -> None:
    """Let an access token go without an id."""
    from dispatch.accounts.tokens import AccessToken

    original = AccessToken.verify

    def verify(self: AccessToken) -> None:
        self.payload.setdefault("jti", "none")
        original(self)

    AccessToken.verify = verify
