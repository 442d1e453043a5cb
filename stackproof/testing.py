"""For tests of a team's own checks: what they find on a target that is described as data."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stackproof.harness import reference_specification
from stackproof.redescribed import as_toml
from stackproof.run import Suites, run_suites
from stackproof.verdict import CheckResult


def results_on(
    target: Mapping[str, Any],
    *,
    folder: Path,
    requirement: str,
    specification: Path | None = None,
    allow_writes: bool = False,
    checks: Iterable[str] = ("own/*",),
) -> list[CheckResult]:
    """Run the checks of a folder on a target, in this process.

    Args:
        target: what its stackproof.toml would hold, {"target": {"base_url": "http://127.0.0.1:8000"}}.
        folder: holds the checks.
        requirement: the id that they judge.
        specification: the document; the reference one where it is None.
        checks: patterns of check ids.

    Raises:
        UsageError: the description has a fault, or a check cannot be collected.
    """
    with tempfile.TemporaryDirectory(prefix="stackproof-testing-") as name:
        descriptor = Path(name) / "stackproof.toml"
        described = {**target, "suites": {"folders": [folder.resolve()]}}
        descriptor.write_text(as_toml(described), encoding="utf-8")
        suites = Suites(
            descriptor=descriptor,
            specification=specification or reference_specification(),
            only=(requirement,),
            checks=tuple(checks),
            allow_writes=allow_writes,
            workers=0,
        )
        return list(run_suites(suites).results)
