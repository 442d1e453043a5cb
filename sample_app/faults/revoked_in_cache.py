"""A blacklist in the cache is quicker than one in the database."""


def apply() -> None:
    """Keep the ids of revoked tokens in the cache, whose server forgets them when it dies."""
    from django.core.cache import cache
    from rest_framework_simplejwt.exceptions import TokenError

    from dispatch.accounts.tokens import RefreshToken

    def revoke(self: RefreshToken) -> None:
        if not cache.add(f"revoked-{self['jti']}", 1, 7 * 24 * 3600):
            raise TokenError("Token is blacklisted")

    def check_blacklist(self: RefreshToken) -> None:
        if cache.get(f"revoked-{self['jti']}"):
            raise TokenError("Token is blacklisted")

    RefreshToken.revoke = revoke
    RefreshToken.check_blacklist = check_blacklist
