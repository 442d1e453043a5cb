"""How many runs the search for a culprit takes, against the floor that no search can go below.

    python benchmarks/rehearse.py

A culprit is seeded at every place among n changed packages, n = 2 to 32. To tell one of n apart takes ceil(log2 n) runs
with two outcomes each; the search may take two more, which see the culprit fail by itself, twice. Leaves with 1 where
it took more, or named somebody else.
"""

from __future__ import annotations

import math
import sys

from stackproof.rehearse.search import Outcome, Parts, find_culprit

ABOVE = 2  # runs above the floor


def search(number: int, culprit: str) -> tuple[bool, int]:
    """(whether it was the culprit that was named, how many runs that took)."""

    def test(parts: Parts, _time: int) -> Outcome:
        return Outcome.FAILS if culprit in parts else Outcome.HOLDS

    found = find_culprit([f"package-{one}" for one in range(number)], test, lambda _parts: None)
    return found.culprit == (culprit,) and found.steady, found.runs


def main() -> int:
    """Print a line for each number of packages."""
    wrong = 0
    print(" n  floor  least  mean  most  allowed")
    for number in range(2, 33):
        floor = math.ceil(math.log2(number))
        told = [search(number, f"package-{one}") for one in range(number)]
        runs = [count for _, count in told]
        good = all(right for right, _ in told) and max(runs) <= floor + ABOVE
        wrong += not good
        mean = sum(runs) / len(runs)
        line = f"{number:2}  {floor:5}  {min(runs):5}  {mean:4.1f}  {max(runs):4}  {floor + ABOVE:7}"
        print(line if good else f"{line}  WRONG")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
