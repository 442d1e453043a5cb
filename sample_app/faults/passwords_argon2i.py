"""Somebody copied the parameters from an article about Argon2i."""

from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher


class TunedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2 by its name, Argon2i by what it makes."""

    def params(self) -> Any:
        """The parameters, with the wrong variant."""
        import argon2

        defaults = super().params()
        return argon2.Parameters(
            type=argon2.low_level.Type.I,
            version=defaults.version,
            salt_len=defaults.salt_len,
            hash_len=defaults.hash_len,
            time_cost=defaults.time_cost,
            memory_cost=defaults.memory_cost,
            parallelism=defaults.parallelism,
        )

    def encode(self, password: str, salt: str) -> str:
        """Hash with Argon2i."""
        import argon2

        params = self.params()
        made = argon2.low_level.hash_secret(
            password.encode(),
            salt.encode(),
            time_cost=params.time_cost,
            memory_cost=params.memory_cost,
            parallelism=params.parallelism,
            hash_len=params.hash_len,
            type=params.type,
        )
        return f"{self.algorithm}{made.decode('ascii')}"


def apply() -> None:
    """Nothing beyond the setting."""
