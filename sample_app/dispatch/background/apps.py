"""The background application."""

from django.apps import AppConfig


class BackgroundConfig(AppConfig):
    """Tasks and who asked for them."""

    name = "dispatch.background"
    label = "background"

    def ready(self) -> None:
        """Make the Celery application current, so that shared tasks are published to this service's broker."""
        import dispatch.observability.tasks  # noqa: F401  # connects its receivers
        from dispatch.celery import app

        app.set_default()
