"""A counter against endless sessions, set far too low."""

LIMIT = 4


def apply() -> None:
    """Count the rotations of a session in its tokens, and refuse past the limit."""
    from rest_framework_simplejwt.exceptions import TokenError

    from dispatch.accounts.tokens import RefreshToken

    original = RefreshToken.renew

    def renew(self: RefreshToken) -> None:
        self["turns"] = self.get("turns", 0) + 1
        if self["turns"] > LIMIT:
            raise TokenError("Session was refreshed too often")
        original(self)

    RefreshToken.renew = renew
