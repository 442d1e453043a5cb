"""The client filters, somebody thought."""


def apply() -> None:
    """One group for all."""
    from dispatch.jobs import changes
    from dispatch.live import consumers

    changes.group_of = consumers.group_of = lambda user_id: "jobs.all"
