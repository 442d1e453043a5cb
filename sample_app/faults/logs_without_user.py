"""Accounts are personal data, and so they were left out."""


def apply() -> None:
    """Bind nothing once somebody is signed in."""
    from dispatch.accounts import authentication

    authentication.remember = lambda signed_in: signed_in
