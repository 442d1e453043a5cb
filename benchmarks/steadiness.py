"""Checks that judge by time, again and again on a machine that is kept busy: how often is a verdict wrong?

Each check runs on the conforming reference service, where it must not find a violation, and on the faults that it
must notice, where it must not be satisfied. A verdict of not assessed is honest wherever the noise is too much, and is
counted apart.

    python benchmarks/steadiness.py 'serving/*' 'jwt/concurrency::*' [--rounds 30] [--busy 2] [--faults NAME,…]
        [--faulty-only]

It prints a line for each service and check, and leaves with 1 where a verdict was wrong.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stackproof.check import View
from stackproof.faults import Fault, read_faults
from stackproof.harness import harness_root, reference_specification
from stackproof.patterns import fits
from stackproof.progress import Progress
from stackproof.reference import Bench
from stackproof.registry import RegisteredCheck, load_checks
from stackproof.run import Suites, run_suites
from stackproof.verdict import Verdict


def _spin(parent: int) -> None:
    while os.getppid() == parent:  # however the benchmark ends
        sum(range(10_000))


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep that many cores busy."""
    context = multiprocessing.get_context("fork")
    spinning = [context.Process(target=_spin, args=(os.getpid(),), daemon=True) for _ in range(count)]
    for one in spinning:
        one.start()
    try:
        yield
    finally:
        for one in spinning:
            one.kill()
            one.join()


def rounds_on(
    bench: Bench, fault: Fault | None, checks: Sequence[RegisteredCheck], rounds: int, load: int
) -> dict[str, Counter[Verdict]]:
    """{check: how often it came to which verdict} on one service, which is started once."""
    found: dict[str, Counter[Verdict]] = {one.id: Counter() for one in checks}
    views = {view for one in checks for view in one.check.needs}
    views |= {View.REPLICAS for one in checks if one.check.drill == "web"}  # one is killed, another one stays
    with bench.service(fault, views) as target, busy(load):
        for number in range(1, rounds + 1):
            suites = Suites(
                descriptor=target.descriptor,
                specification=reference_specification(),
                checks=tuple(found),
                allow_writes=True,
                drill=True,
                workers=0,
            )
            for result in run_suites(suites).results:
                found[result.check][result.verdict] += 1
                if result.verdict not in {Verdict.SATISFIED, Verdict.VIOLATED}:
                    print(f"  round {number}: {result.check}: {result.verdict}: {result.reason[:160]}", file=sys.stderr)
    return found


def report(service: str, checks: Sequence[RegisteredCheck], found: dict[str, Counter[Verdict]], wrong: Verdict) -> int:
    """Print a line for each check; gives the number of wrong verdicts."""
    total = 0
    for one in checks:
        counts = found[one.id]
        mistakes = counts[wrong] + counts[Verdict.ERROR]
        total += mistakes
        shown = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
        print(f"{service:32} {one.id:70} wrong {mistakes} of {counts.total()} ({shown})", flush=True)
    return total


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checks", nargs="+", help="check ids, * allowed")
    arguments.add_argument("--rounds", type=int, default=30)
    arguments.add_argument("--busy", type=int, default=os.cpu_count() or 1, help="cores kept busy; default: all")
    arguments.add_argument("--faults", default="", help="names, comma separated; default: all that name the checks")
    arguments.add_argument("--faulty-only", action="store_true", help="leave out the conforming service")
    arguments.add_argument("--services", default="embedded", choices=["embedded", "testcontainers"])
    given = arguments.parse_args()
    chosen = [one for one in load_checks() if fits(one.id, given.checks)]
    if not chosen:
        sys.exit(f"no check is called {' or '.join(given.checks)}; `stackproof list` shows them")
    ids = {one.id for one in chosen}
    named = {one for one in given.faults.split(",") if one}
    faults = [
        one
        for one in read_faults(harness_root() / "sample_app")
        if ids & set(one.notices) and (not named or one.name in named)
    ]
    wrong = 0
    with Bench(given.services, Progress(quiet=True).say) as bench:
        if not given.faulty_only:
            found = rounds_on(bench, None, chosen, given.rounds, given.busy)
            wrong += report("conforming", chosen, found, Verdict.VIOLATED)
        for fault in faults:
            noticing = [one for one in chosen if one.id in fault.notices]
            found = rounds_on(bench, fault, noticing, given.rounds, given.busy)
            wrong += report(fault.name, noticing, found, Verdict.SATISFIED)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
