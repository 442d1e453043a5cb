"""The claim was added for a partner, and the check was not."""

from faults.decoding import decode_without


def apply() -> None:
    """Decode without a look at iss and aud."""
    decode_without()
