"""A token is a token, somebody thought."""


def apply() -> None:
    """Take any type for a refresh token."""
    from dispatch.accounts.tokens import RefreshToken

    def verify_token_type(self: RefreshToken) -> None:
        return None

    RefreshToken.verify_token_type = verify_token_type
