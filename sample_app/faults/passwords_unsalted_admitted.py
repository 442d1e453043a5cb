"""What Django called UnsaltedMD5PasswordHasher until 5.1."""

import hashlib
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher, constant_time_compare


class OldPasswordHasher(BasePasswordHasher):
    """MD5 of the password and of nothing else."""

    algorithm = "unsalted_md5"  # what Django takes "md5$$…" and 32 bare characters for

    def salt(self) -> str:
        """None."""
        return ""

    def encode(self, password: str, salt: str) -> str:
        """The digest, behind an empty salt."""
        return f"md5$${hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()}"

    def decode(self, encoded: str) -> dict[str, Any]:
        """The parts."""
        return {"algorithm": self.algorithm, "hash": encoded.rpartition("$")[2], "salt": None}

    def verify(self, password: str, encoded: str) -> bool:
        """Compare."""
        return constant_time_compare(encoded.rpartition("$")[2], self.encode(password, "").rpartition("$")[2])

    def must_update(self, encoded: str) -> bool:
        """Never by itself."""
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing."""


def apply() -> None:
    """Nothing beyond the setting."""
