"""What is not there cannot have passed, somebody thought."""


def apply() -> None:
    """Look at exp only where there is one."""
    from rest_framework_simplejwt.tokens import AccessToken as StockAccessToken

    from dispatch.accounts.tokens import AccessToken

    def verify(self: AccessToken) -> None:
        if "exp" in self.payload:
            StockAccessToken.verify(self)

    AccessToken.verify = verify
