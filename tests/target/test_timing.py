"""The comparison of durations: right on what is clear, and wide where it cannot know."""

import random

import pytest

from stackproof.accounts.timing import auc, auc_interval, compare


def sample(centre, size, spread, generator):
    """Durations around a centre, skewed as those of requests are."""
    return [centre * generator.lognormvariate(0, spread) for _ in range(size)]


def test_the_auc_counts_pairs():
    """Every pair counts once, a tie a half."""
    assert auc([2, 3], [1, 2]) == pytest.approx(3.5 / 4)
    assert auc([1, 2], [1, 2]) == pytest.approx(0.5)


def test_the_slower_sample_is_named_whichever_comes_first():
    """The ratio is that of the slower to the faster, and the AUC follows it."""
    slow, fast = [0.2, 0.21, 0.22, 0.23], [0.1, 0.11, 0.12, 0.13]

    for found, first_slower in ((compare(slow, fast), True), (compare(fast, slow), False)):
        assert found.first_slower is first_slower
        assert found.ratio.value == pytest.approx(0.215 / 0.115)
        assert found.auc.value == 1


def test_intervals_hold_what_they_promise():
    """The interval of the AUC holds the true value in about 99 of 100 samples, near its ends too."""
    generator = random.Random(7)
    for shift in (0.0, 0.1, 0.4):
        low, high = sample(1, 600, 0.15, generator), sample(1 + shift, 600, 0.15, generator)
        true, missed = auc(high, low), 0
        for _ in range(100):
            found = auc_interval(generator.sample(high, 30), generator.sample(low, 45))
            missed += not found.low <= true <= found.high
        assert missed <= 5, shift


def test_a_missing_dummy_hash_and_a_good_service_are_told_apart():
    """Also with a tenth of the requests delayed by half a second."""
    generator = random.Random(3)
    for _ in range(5):
        delays = [0.5 * (generator.random() < 0.1) for _ in range(75)]
        known = [one + delay for one, delay in zip(sample(0.088, 30, 0.2, generator), delays, strict=False)]
        quick = [one + delay for one, delay in zip(sample(0.002, 45, 0.5, generator), delays[30:], strict=True)]
        same = [one + delay for one, delay in zip(sample(0.088, 45, 0.2, generator), delays[30:], strict=True)]

        found = compare(known, quick)
        assert found.ratio.low > 1.5
        assert found.auc.low > 0.6
        found = compare(known, same)
        assert found.ratio.high < 2
        assert found.auc.value < 0.9


@pytest.mark.parametrize(("first", "second"), [([1.0], [1.0, 2.0]), ([], []), ([0.0, 1.0], [1.0, 1.0])])
def test_what_cannot_be_compared_is_said(first, second):
    """Rather than a division by nothing."""
    with pytest.raises(ValueError, match="duration"):
        compare(first, second)
