"""The client forgets its tokens, the server does not."""


def apply() -> None:
    """Accept the sign-out and do nothing."""
    from dispatch.accounts import tokens

    def revoke(raw: str) -> None:
        tokens.RefreshToken(raw)

    tokens.revoke = revoke
