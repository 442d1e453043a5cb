"""The short lifetime was set where people sign in, and forgotten where they stay signed in."""

from datetime import timedelta


def apply() -> None:
    """Let access tokens that are derived from a refresh token after its rotation live a day."""
    from dispatch.accounts import tokens

    original = tokens.rotate

    def rotate(raw: str) -> dict[str, str]:
        pair = original(raw)
        access = tokens.AccessToken(pair["access"])
        access.set_exp(lifetime=timedelta(days=1))
        return pair | {"access": str(access)}

    tokens.rotate = rotate
