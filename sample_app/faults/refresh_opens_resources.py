"""A token is a token, somebody thought."""


def apply() -> None:
    """Take any type for an access token."""
    from dispatch.accounts.tokens import AccessToken

    def verify_token_type(self: AccessToken) -> None:
        return None

    AccessToken.verify_token_type = verify_token_type
