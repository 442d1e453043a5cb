"""The jobs application."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs of field teams."""

    name = "dispatch.jobs"
    label = "jobs"
