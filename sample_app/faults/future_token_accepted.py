"""The clocks of two machines differed, and the check went instead of the difference."""

from faults.decoding import decode_without


def apply() -> None:
    """Do not verify nbf."""
    decode_without(verify_nbf=False)
