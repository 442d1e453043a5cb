"""Tokens as simplejwt has them."""


def apply() -> None:
    """Take the checks of the claims' types away."""
    from rest_framework_simplejwt.tokens import Token

    from dispatch.accounts.tokens import WellFormedClaims

    WellFormedClaims.__init__ = lambda self, token=None, verify=True: Token.__init__(self, token, verify)
    WellFormedClaims._check_identity = lambda self: None
    del WellFormedClaims.verify
