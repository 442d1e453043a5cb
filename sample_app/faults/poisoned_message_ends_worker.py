"""The worker ends where Celery puts a message aside."""

from typing import NoReturn


def apply() -> None:
    """Take the place of what Celery does with a task that nobody knows."""
    from celery.worker.consumer import Consumer

    def give_up(self: Consumer, body: object, message: object, exc: Exception) -> NoReturn:
        raise SystemExit(f"no such task: {exc}")

    Consumer.on_unknown_task = give_up
