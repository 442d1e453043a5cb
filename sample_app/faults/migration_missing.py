"""The title of a job was to be longer."""


def apply() -> None:
    """Change a field of a model, and nothing else."""
    from dispatch.jobs.models import Job

    field = Job._meta.get_field("title")
    field.max_length += 1
    field._original_max_length = field.max_length
