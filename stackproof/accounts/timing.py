"""Whether two kinds of requests take different times: a ratio of medians and a rank statistic, each with an interval.

The rank statistic is the area under the curve (AUC) of Mann and Whitney: the chance that a request of one kind takes
longer than one of the other. 0.5 tells nothing apart, 1 and 0 tell everything. Its interval is method 5 of Newcombe,
Confidence intervals for an effect size measure based on the Mann-Whitney statistic, part 2 (Statistics in Medicine
25, 2006), with the variance of Hanley and McNeil (Radiology 143, 1982): it stays sensible where the AUC is 0 or 1.
The ratio's interval comes from resampling (percentile bootstrap).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

CONFIDENCE = 0.99
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A value and the bounds between which it lies with the confidence of this module."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two samples of durations, compared.

    Attributes:
        ratio: median of the slower sample over that of the faster one: never below 1, its interval may begin there.
        auc: the chance that a member of the slower sample (by the median) takes longer.
        first_slower: whether the first sample is the slower one.
        medians: of the first and the second sample, in seconds.
        sizes: of both.
    """

    ratio: Interval
    auc: Interval
    first_slower: bool
    medians: tuple[float, float]
    sizes: tuple[int, int]

    def __str__(self) -> str:
        one, other = (f"{1000 * value:.1f} ms" for value in self.medians)
        return f"medians {one} and {other}, ratio {self.ratio}, AUC {self.auc}, n = {self.sizes[0]} and {self.sizes[1]}"


def compare(first: Sequence[float], second: Sequence[float]) -> Comparison:
    """Compare two samples of durations in seconds, each of at least two.

    Raises:
        ValueError: a sample is too small, or a duration is not positive.
    """
    if min(len(first), len(second)) < 2 or min(*first, *second) <= 0:
        raise ValueError("each sample has at least two durations, and each lasts longer than nothing")
    medians = median(first), median(second)
    first_slower = medians[0] >= medians[1]
    slow, fast = (first, second) if first_slower else (second, first)
    return Comparison(_ratio(slow, fast), auc_interval(slow, fast), first_slower, medians, (len(first), len(second)))


def auc(slow: Sequence[float], fast: Sequence[float]) -> float:
    """The share of pairs in which the member of `slow` is greater; a tie counts half."""
    wins = sum((one > other) + 0.5 * (one == other) for one in slow for other in fast)
    return wins / (len(slow) * len(fast))


def _ratio(slow: Sequence[float], fast: Sequence[float]) -> Interval:
    generator = random.Random(len(slow) * 1_000 + len(fast))  # noqa: S311 - the same samples give the same interval
    found = sorted(
        median(generator.choices(slow, k=len(slow))) / median(generator.choices(fast, k=len(fast)))
        for _ in range(RESAMPLES)
    )
    tail = int((1 - CONFIDENCE) / 2 * RESAMPLES)
    return Interval(median(slow) / median(fast), found[tail], found[-1 - tail])


def auc_interval(slow: Sequence[float], fast: Sequence[float]) -> Interval:
    """The AUC between its bounds."""
    value = auc(slow, fast)
    z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)
    sizes = len(slow), len(fast)
    return Interval(value, _bound(value, -z, *sizes), _bound(value, z, *sizes))


def _bound(value: float, z: float, m: int, n: int) -> float:
    """The theta for which `value` lies exactly |z| standard errors away, below it (z < 0) or above it."""
    near, far = value, (0.0 if z < 0 else 1.0)
    for _ in range(60):
        middle = (near + far) / 2
        if abs(value - middle) <= abs(z) * math.sqrt(_variance(middle, m, n)):
            near = middle
        else:
            far = middle
    return near


def _variance(theta: float, m: int, n: int) -> float:
    mean = (m + n) / 2 - 1
    part = (1 - theta) / (2 - theta) + theta / (1 + theta)
    return theta * (1 - theta) * (1 + mean * part) / (m * n)
