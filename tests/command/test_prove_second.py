"""The second half of the proof, and how a proof is divided."""

import pytest

from stackproof.commands.prove import dealt
from stackproof.faults import read_faults
from stackproof.harness import harness_root
from tests.command.proving import assert_proven


@pytest.mark.slow
def test_the_second_half_of_the_proof_holds():
    """See test_prove.py."""
    assert_proven("2/2")


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_parts_are_the_whole(count):
    """Every fault is in one part, and no part has much more than another."""
    faults = [one.name for one in read_faults(harness_root() / "sample_app")]
    parts = [dealt(tuple(faults), (number, count)) for number in range(1, count + 1)]

    assert sorted(sum(parts, ())) == sorted(faults)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_part_is_listed(stackproof):
    """What a machine would prove, before it does."""
    first, second, every = (
        stackproof("prove", "--list", *shard).out.splitlines() for shard in (("--shard", "1/2"), ("--shard", "2/2"), ())
    )

    assert first != second
    assert sorted(first + second) == sorted(every)


@pytest.mark.parametrize("shard", ["3/2", "0/2", "half", "1/"])
def test_what_is_no_part_is_a_usage_error(stackproof, shard):
    """With the cure."""
    ran = stackproof("prove", "--shard", shard)

    assert ran.code == 2
    assert "such as 2/4" in ran.err


@pytest.mark.parametrize(
    "chosen",
    [("--fault", "rotation_off"), ("--variation", "rs256_signing"), ("--target", "stackproof.toml")],
    ids=lambda chosen: chosen[0],
)
def test_a_few_are_not_divided(stackproof, chosen):
    """Two faults in two parts would leave the conforming service to one of them."""
    ran = stackproof("prove", "--shard", "1/2", *chosen)

    assert ran.code == 2
    assert "--shard divides the whole proof" in ran.err
