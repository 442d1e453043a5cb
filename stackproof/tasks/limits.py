"""How long a task may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def longest_task(task: Mapping[str, Any], facts: Mapping[str, Any]) -> float | None:
    """Seconds until a task is ended: its own limit, else the application's; the hard one first. None for no limit."""
    hard = task["time_limit"] or facts["task_time_limit"]
    soft = task["soft_time_limit"] or facts["task_soft_time_limit"]
    limit = hard or soft
    return float(limit) if limit else None
