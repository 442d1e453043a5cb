"""Applies the part of a fault that is code."""

from importlib import import_module
from pathlib import Path

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """Breaks the service once everything else is ready."""

    name = "faults"

    def ready(self) -> None:
        """Run the fault's `apply()` where it has one."""
        from django.conf import settings

        if (Path(__file__).parent / f"{settings.FAULT}.py").exists():
            getattr(import_module(f"faults.{settings.FAULT}"), "apply", lambda: None)()
