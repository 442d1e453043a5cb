"""What of the target may be broken for a while, and how it is mended."""

from __future__ import annotations

from pydantic import Field

from stackproof.descriptor.places import Table


class Part(Table):
    """One part of the target. Both commands are lists of words, run without a shell, and end when it is done."""

    stop: tuple[str, ...] = Field(min_length=1, description="Breaks the part, at once and without asking it.")
    start: tuple[str, ...] = Field(min_length=1, description="Mends it; harmless where nothing is broken.")
    within: float = Field(60.0, gt=0, le=600, description="Seconds that a command, or the recovery after it, may take.")


class Web(Part):
    """One of the service's web processes."""

    settle: float = Field(
        5.0, ge=0, le=120, description="Seconds in which requests may fail until the others have taken over."
    )


class Drill(Table):
    """Parts that `--drill` may break; a part that is not given is left alone."""

    postgres: Part | None = Field(None, description="The database's server goes away.")
    cache: Part | None = Field(None, description="The Redis of the cache goes away.")
    broker: Part | None = Field(None, description="The Redis of the broker goes away.")
    worker: Part | None = Field(None, description="The Celery worker is killed (SIGKILL), its children too.")
    web: Web | None = Field(None, description="One of the service's web processes is killed, another one stays.")
    connections: Part | None = Field(None, description="The service gets no more connections from its database.")
    broker_disk: Part | None = Field(None, description="The disk of the broker's append-only file is full.")
    certificate: Part | None = Field(None, description="stop: serve another good certificate; start: the first again.")


PARTS = tuple(Drill.model_fields)
