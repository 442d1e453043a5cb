"""A blacklist that was to be moved to the database once there is more than one process."""


def apply() -> None:
    """Keep the ids of revoked tokens in a set of this process."""
    from threading import Lock

    from rest_framework_simplejwt.exceptions import TokenError

    from dispatch.accounts.tokens import RefreshToken

    lock, revoked = Lock(), set()

    def revoke(self: RefreshToken) -> None:
        with lock:
            if self["jti"] in revoked:
                raise TokenError("Token is blacklisted")
            revoked.add(self["jti"])

    def check_blacklist(self: RefreshToken) -> None:
        if self["jti"] in revoked:
            raise TokenError("Token is blacklisted")

    RefreshToken.revoke = revoke
    RefreshToken.check_blacklist = check_blacklist
