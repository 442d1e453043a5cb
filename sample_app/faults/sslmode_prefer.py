"""The option was relaxed for a test database, and stayed so."""


def apply() -> None:
    """Let the connection fall back to plain text."""
    from django.db import connections

    options = connections["default"].settings_dict["OPTIONS"]
    options.pop("sslrootcert", None)
    options["sslmode"] = "prefer"
