"""The shards of a run make the run: nothing is lost, nothing counts twice, and what contradicts is told."""

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackproof.errors import UsageError
from stackproof.report.build import ANOTHER_SHARD, NOT_ASKED_FOR
from stackproof.report.files import as_json
from stackproof.report.merge import merge
from stackproof.verdict import Level, Verdict
from tests.reports import made

ELSEWHERE = ANOTHER_SHARD


def shards_of(report, count, where):
    """The report as `count` shards: shard `where(check id)` has the check, the others have not run it."""

    def part(one, shard):
        checks = tuple(
            check
            if where(check.id) == shard
            else check.model_copy(
                update={"ran": False, "verdict": Verdict.NOT_ASSESSED, "reason": ELSEWHERE, "evidence": (), "seen": ""}
            )
            for check in one.checks
        )
        alone = all(where(check.id) == shard for check in one.checks)
        changes = {} if alone else {"verdict": Verdict.NOT_ASSESSED, "reason": ELSEWHERE, "waiver": None}
        return one.model_copy(update={"checks": checks, **changes})

    for shard in range(count):
        own, derived = (tuple(part(one, shard) for one in group) for group in (report.requirements, report.derived))
        yield (
            report.model_copy(
                update={
                    "run_id": f"{report.run_id}-{shard}",
                    "requirements": own,
                    "derived": derived,
                    "counts": made.counts(own),
                    "derived_counts": made.counts(derived),
                    "partial": True,
                    "partial_reason": f"only shard {shard + 1} of {count} was asked for",
                }
            ),
            f"shard-{shard}",
        )


def verdicts_of(report):
    """{id: verdict} of everything."""
    return {one.id: one.verdict for one in (*report.requirements, *report.derived)}


@settings(max_examples=12, deadline=None)
@given(count=st.integers(1, 7), seed=st.integers(0, 1000))
def test_the_shards_of_a_run_make_the_run(count, seed):
    """However its checks are dealt out, each requirement has its verdict, and the totals are those of the run."""
    whole = made.example()
    told = []

    merged = merge(shards_of(whole, count, lambda check: (len(check) * 31 + seed) % count), told.append)

    assert verdicts_of(merged) == verdicts_of(whole)
    assert (merged.counts, merged.derived_counts) == (whole.counts, whole.derived_counts)
    assert [one.id for one in merged.requirements] == [one.id for one in whole.requirements]
    assert (merged.level, merged.exit_code) == (whole.level, whole.exit_code)
    assert told == []


def two(first, second, **changes):
    """Two reports of one requirement each, of two runs."""
    return [
        (made.report([first]), "a"),
        (made.report([second], run_id="other", **changes), "b"),
    ]


def test_what_contradicts_is_told_and_the_heavier_stands():
    """Satisfied here and violated there is violated, with a sentence that names both reports."""
    told = []
    pair = two(made.requirement("own.a", Verdict.SATISFIED), made.requirement("own.a", Verdict.VIOLATED))

    merged = merge(pair, told.append)

    assert merged.requirements[0].verdict is Verdict.VIOLATED
    assert merged.level is Level.NON_CONFORMANT
    assert told[0] == "own.a: a/b::own.a is satisfied in a and violated in b: violated stands"
    assert "1 of them differed" in told[1]


def test_what_overlaps_counts_once():
    """The same check in two shards is one check, and that it stood twice is told."""
    told = []
    merged = merge(two(*[made.requirement("own.a", Verdict.SATISFIED)] * 2), told.append)

    assert len(merged.requirements[0].checks) == 1
    assert merged.counts["satisfied"] == 1
    assert told == ["1 verdicts of checks stood in more than one report, 0 of them differed"]


def test_a_report_that_is_given_twice_counts_once():
    """The same run under two names."""
    told = []
    one = made.report([made.requirement("own.a", Verdict.SATISFIED)])
    merged = merge([(one, "a"), (one, "b")], told.append)

    assert merged.counts["satisfied"] == 1
    assert told == ["b: is the same run as a, and counts once"]


def test_the_order_does_not_matter():
    """Whichever shard comes first."""
    parts = list(shards_of(made.example(), 3, lambda check: len(check) % 3))

    assert verdicts_of(merge(parts, print)) == verdicts_of(merge(parts[::-1], print))
    assert merge(parts, print).run_id == merge(parts[::-1], print).run_id


def test_a_waiver_of_one_shard_is_needed_by_the_whole():
    """Needless where a shard saw nothing, and needed where another one saw the violation."""
    satisfied = made.requirement("own.a", Verdict.SATISFIED, checks=[])
    waived = made.requirement("own.a", Verdict.WAIVED)
    fault = "the waiver of own.a (us) is needless: the verdict is satisfied"
    merged = merge([(made.report([satisfied], faults=(fault,)), "a"), *two(waived, waived)[1:]], print)

    assert merged.requirements[0].verdict is Verdict.WAIVED
    assert merged.requirements[0].waiver
    assert merged.faults == ()
    assert merged.level is Level.CONFORMANT_WITH_WAIVERS


def test_what_no_shard_was_asked_for_leaves_the_whole_partial():
    """Two suites of ten are no whole run."""
    left = made.requirement("own.b", Verdict.NOT_ASSESSED, NOT_ASKED_FOR, checks=[])
    reports = [
        (made.report([made.requirement("own.a", Verdict.SATISFIED), left], run_id=str(number)), str(number))
        for number in range(2)
    ]
    merged = merge(reports, lambda told: None)

    assert merged.partial
    assert "1 of the requirements" in merged.partial_reason
    assert merged.level is Level.INCOMPLETE


def test_an_interrupted_shard_leaves_the_whole_partial():
    """What was cut short stays cut short."""
    one = made.requirement("own.a", Verdict.SATISFIED)
    cut = {"partial": True, "partial_reason": "the run was interrupted"}

    merged = merge(two(one, one, interrupted=True, **cut), lambda told: None)
    assert (merged.partial_reason, merged.interrupted) == ("the run was interrupted", True)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"specification": {"path": "x.md", "sha256": "b" * 64}}, "another specification"),
        ({"target": {"name": "x", "base_url": "https://other.example", "kind": "described"}}, "another target"),
        ({"profile": "remote"}, "another profile"),
        ({"strict": True}, "another --strict"),
        ({"options": {"ignore_waivers": True}}, "another --ignore-waivers"),
    ],
)
def test_shards_of_another_run_are_refused(changes, told):
    """One line that names both files, and what differs."""
    one = made.requirement("own.a", Verdict.SATISFIED)

    with pytest.raises(UsageError, match=f"^b: {told} than a") as caught:
        merge(two(one, one, **changes), print)
    assert "\n" not in caught.value.message


def test_shards_with_other_requirements_are_refused():
    """Another version of the harness derives others."""
    with pytest.raises(UsageError, match="has not the requirements of a: own"):
        merge(two(made.requirement("own.a", Verdict.SATISFIED), made.requirement("own.b", Verdict.SATISFIED)), print)


def test_shards_of_another_lock_are_refused():
    """Two sets of packages are two targets."""
    one = made.requirement("own.a", Verdict.SATISFIED)
    locks = [{"inputs": [{"name": "lock", "path": "uv.lock", "sha256": digest * 64}]} for digest in "ab"]
    reports = [(made.report([one], run_id=str(n), **lock), str(n)) for n, lock in enumerate(locks)]

    with pytest.raises(UsageError, match="lock is another one"):
        merge(reports, print)


def test_no_report_makes_none():
    """Nothing to merge is a mistake of the caller."""
    with pytest.raises(UsageError, match="no report is given"):
        merge([], print)


def large(folder, shards, checks, shard):
    """A shard of a run of many checks, as a file."""
    own = []
    for number in range(checks // 10):
        one = made.requirement(f"own.{number}", Verdict.SATISFIED, "x" * 40, checks=[])
        base = made.requirement("x", Verdict.SATISFIED, "x" * 40).checks[0]
        ran = number % shards == shard
        changes = {} if ran else {"ran": False, "verdict": Verdict.NOT_ASSESSED, "reason": ELSEWHERE, "evidence": ()}
        rows = tuple(base.model_copy(update={"id": f"a/b::{number}-{n}", **changes}) for n in range(10))
        own.append(one.model_copy(update={"checks": rows}))
    path = folder / f"{shard}.json"
    path.write_text(as_json(made.report(own, run_id=str(shard))))
    return path


MEASURE = """
import resource, sys
from pathlib import Path
from stackproof.report.files import load
from stackproof.report.merge import merge
paths = [Path(one) for one in sys.argv[1:]]
whole = merge(((load(one), one.name) for one in paths), print)
print(whole.counts["satisfied"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_many_reports_merge_in_the_memory_of_a_few(tmp_path):
    """Six times as many shards of 5,000 checks take about as much memory: each is dropped once it was taken."""

    def measured(shards, names):
        paths = [large(tmp_path, shards, 5_000, shard) for shard in names]
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, *map(str, paths)], capture_output=True, text=True, check=True
        )
        satisfied, peak = done.stdout.split()[-2:]
        return int(satisfied), int(peak)

    few, many = measured(5, range(5)), measured(30, range(30))

    assert few[0] == many[0] == 500
    assert many[1] < 1.25 * few[1]


def test_the_command_writes_the_whole(tmp_path):
    """Folders in, a folder out, with the exit code of the whole; what contradicts is told on standard error."""
    paths = []
    for report, name in shards_of(made.example(), 2, lambda check: len(check) % 2):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "report.json").write_text(as_json(report))
        paths.append(folder)
    words = [
        sys.executable,
        "-m",
        "stackproof",
        "report",
        "merge",
        *map(str, paths),
        "--output",
        str(tmp_path / "whole"),
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    data = json.loads((tmp_path / "whole" / "report.json").read_text())
    assert data["counts"] == made.example().counts
    assert (tmp_path / "whole" / "junit.xml").is_file()
