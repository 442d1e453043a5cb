"""The comparison of durations: right on what is clear, and wide where it cannot know."""

import importlib.util
import random

import pytest

from stackproof.accounts.timing import auc, auc_interval, compare
from stackproof.harness import harness_root


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


@pytest.fixture(scope="module")
def enumeration():
    """The suite's module."""
    path = harness_root() / "suites" / "password" / "enumeration.py"
    spec = importlib.util.spec_from_file_location("enumeration_of_the_suites", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("slower", "early"), [(1.0, 20), (0.5, 0), (2.2, 0), (40.0, 0)])
def test_only_what_is_clearly_alike_is_measured_no_longer(enumeration, slower, early):
    """After 16 rounds most good services are let go, and none that tells its accounts apart by half or more."""
    generator = random.Random(11)
    let_go = 0
    for _ in range(20):
        known = sample(0.088, 16, 0.1, generator)
        unknown, other = (sample(0.088 / slower, size, 0.1, generator) for size in (16, 8))
        control, found = enumeration._compared({"known": known, "unknown": unknown, "other": other})
        let_go += enumeration._clearly_alike(control, found, 2.0)
    assert (let_go >= 0.7 * early) if early else let_go == 0


def test_a_measurement_ends_where_it_is_enough(enumeration):
    """It is asked once, after 16 rounds that count; a "no" costs the whole measurement."""

    class Known:
        username = "ann@example.com"

        def try_wrong_login(self, _name="", *, quiet=False):
            return type("Answer", (), {"status": 401, "seconds": 0.1})()

        def try_login(self):
            return "token"

        def access_in(self, answer):
            return answer if answer == "token" else ""

    for answer, rounds in ((True, 16), (False, 30)):
        asked = []

        def enough(times, answer=answer, asked=asked):
            asked.append(len(times["known"]))
            return answer

        times = enumeration._measure(Known(), lambda: "bob@example.com", enough)
        assert asked == [16]
        assert [len(times[kind]) for kind in ("known", "unknown", "other")] == [rounds, rounds, rounds // 2]


NOISE = {"unknown": [0.015, 0.020, 0.030, 0.012] * 8, "other": [0.011, 0.009, 0.010, 0.012] * 4}


@pytest.mark.parametrize(
    ("known", "drowned"),
    [([0.8, 0.9, 1.1, 0.85] * 8, False), ([0.02, 0.018, 0.022, 0.019] * 8, True), ([0.015, 0.011, 0.03] * 10, True)],
    ids=["50 times", "twice", "alike"],
)
def test_noise_drowns_what_is_not_far_above_it(enumeration, known, drowned):
    """A few milliseconds of noise are much of a refusal without a hash, and nothing of one with it."""
    control, found = enumeration._compared({"known": known, **NOISE})

    assert enumeration._noisy(control)
    assert enumeration._drowned(control, found) is drowned


def test_a_busy_machine_alone_accuses_nobody(enumeration):
    """Where known and unknown accounts are refused alike, whatever noise there is, it is never called a difference."""
    generator = random.Random(5)
    for _ in range(60):
        spread = generator.choice((0.3, 0.8, 1.5))
        times = {kind: sample(0.01, size, spread, generator) for kind, size in (("known", 30), ("unknown", 30))}
        control, found = enumeration._compared({**times, "other": sample(0.01, 15, spread, generator)})
        assert enumeration._drowned(control, found) or not enumeration._clear(found, 2.0)
