"""The reference run against its floor, as a ratio in one run.

The floor is what no harness could do without: services ready, migrate, application ready, and the time in which the
checks wait for the target: exchanges over HTTP and deliberate sleeps of the worker that waits the longest, and the
whole time of the checks that run alone, after the others (bursts; drills, in which a part is away and comes back).
Rival and subject run one after the other on the same machine; the smallest of each counts.

    python benchmarks/reference_run.py [--services embedded] [--rounds 3]

The budget is a ratio of 1.5.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stackproof.progress import Progress
from stackproof.reference import Bench
from stackproof.registry import load_checks

SLOWEST = 12  # checks that are listed


def floor(kind: str) -> float:
    """Seconds to bring services and application up and down again, with nothing judged."""
    started = time.monotonic()
    with Bench(kind, Progress(quiet=True).say) as bench, bench.service():
        pass
    return time.monotonic() - started


def whole(kind: str) -> tuple[float, float, list[tuple[float, str]]]:
    """(seconds of `stackproof run`, seconds of it in which its busiest worker waited, the slowest checks)."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as waits:
        hooks = str(Path(__file__).parent / "waits")
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "stackproof", "run", "--services", kind, "--quiet", "--output", folder],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": hooks, "STACKPROOF_BENCHMARK_WAITS": waits},
        )
        seconds = time.monotonic() - started
        if done.returncode not in {0, 1, 4}:
            sys.exit(done.stderr)
        report = json.loads((Path(folder) / "report.json").read_text())
        waiting = max(float(one.read_text()) for one in Path(waits).iterdir())
    checks = [check for one in [*report["requirements"], *report["derived"]] for check in one["checks"]]
    alone = {one.id for one in load_checks() if one.check.alone}
    waiting += sum({(one["id"], one["seconds"]): one["seconds"] for one in checks if one["id"] in alone}.values())
    return seconds, waiting, sorted(((one["seconds"], one["id"]) for one in checks), reverse=True)[:SLOWEST]


def main() -> None:
    """Print the ratio."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--services", default="embedded", choices=["embedded", "testcontainers"])
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    floor(given.services)  # the first time builds environments and templates, which no round should pay for
    floors, runs = [], []
    for number in range(1, given.rounds + 1):
        floors.append(floor(given.services))
        runs.append(whole(given.services))
        print(f"round {number}: floor {floors[-1]:.1f} s, run {runs[-1][0]:.1f} s, of it waiting {runs[-1][1]:.1f} s")
    seconds, waiting, slowest = min(runs)
    base = min(floors) + waiting
    print(f"run {seconds:.1f} s / (services and application {min(floors):.1f} s + waiting {waiting:.1f} s)")
    for took, check in slowest:
        print(f"{took:6.1f} s  {check}")
    print(f"ratio {seconds / base:.2f} (budget 1.5)")


if __name__ == "__main__":
    main()
