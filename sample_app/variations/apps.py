"""Applies the part of a variation that is code."""

from importlib import import_module
from pathlib import Path

from django.apps import AppConfig


class VariationsConfig(AppConfig):
    """Changes the service once everything else is ready, and before a fault does."""

    name = "variations"

    def ready(self) -> None:
        """Run the variation's `apply()` where it has one."""
        from django.conf import settings

        if (Path(__file__).parent / f"{settings.VARIATION}.py").exists():
            apply = getattr(import_module(f"variations.{settings.VARIATION}"), "apply", None)
            if apply is not None:
                apply()
