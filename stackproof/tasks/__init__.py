"""Background work: what a Celery application does with harmless tasks of ours, and what it is set to."""
