"""The id ends at the broker."""


def apply() -> None:
    """Send the message without it."""
    from celery.signals import before_task_publish

    from dispatch.observability.tasks import send_request_id

    before_task_publish.disconnect(send_request_id)
