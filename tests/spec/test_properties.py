"""What holds for every document, tried with documents that nobody would write."""

from __future__ import annotations

import contextlib
import json
import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from stackproof.errors import UsageError
from stackproof.spec import Specification, read
from stackproof.spec.bullets.bullet import Topic, topic_of
from stackproof.spec.diff import ChangeKind, diff
from stackproof.spec.jsonable import describe, requirement_to_json
from stackproof.spec.lint import lint
from stackproof.spec.quantities import bound, day, day_in, duration, flag
from stackproof.spec.text import clean, slug, split_label, stable_slug

REFERENCE = (Path(__file__).parents[2] / "spec" / "tech-stack.md").read_text(encoding="utf-8")
QUICK = settings(max_examples=25, deadline=None)
PIECES = [
    "| a | `>=1` |",
    "|---|---|",
    "| Component | Constraint |",
    "- Rotation: Enabled",
    "```",
    "└── Django 5.2.x",
    "> note",
]
PIECES += [
    "## JWT",
    "### Redis 7.2.x",
    "## Compatibility",
    "- `sslmode=prefer`",
    "  - x: 5%",
    "1. rollback",
    "<b>",
    "<!--",
    "~~",
]
PIECES += [
    "- Memory policy: `allkeys-lru` for cache",
    "# T",
    "    - deep",
    "\x1b[1m",
    "\u202e",
    "(((",
    "[[[",
    "Support Until",
]


def read_text(text: str, *, judge: bool = False) -> Specification | None:
    """The specification that a text is, and a look at its lint if asked for; None where it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.md"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        with contextlib.suppress(UsageError):
            found = read(path)
            if judge:
                lint(path)
            return found
    return None


def blocks(text: str) -> tuple[list[str], list[list[int]]]:
    """The lines, and runs of lines that are rows of one table or flat bullets of one list."""
    lines, runs = text.split("\n"), []
    nested = [after.startswith("  ") for after in [*lines[1:], ""]]
    marks = [one[0] if one.startswith(("| ", "- ")) and not nested[index] else "" for index, one in enumerate(lines)]
    header = [line.startswith("| Component") for line in lines]
    run: list[int] = []
    for index, mark in enumerate([*marks, ""]):
        same = mark and run and marks[run[-1]] == mark and not header[index]
        if not same:
            if len(run) > 1:
                runs.append(run)
            run = []
        if mark and not header[index]:
            run.append(index)
    return lines, runs


LINES, RUNS = blocks(REFERENCE)
OURS = read_text(REFERENCE)


@QUICK
@given(st.randoms(use_true_random=False))
def test_ids_do_not_depend_on_order(shuffle: random.Random) -> None:
    """Rows and bullets may be shuffled: ids, values and chapters stay."""
    lines = list(LINES)
    for run in RUNS:
        order = list(run)
        shuffle.shuffle(order)
        for place, source in zip(run, order, strict=True):
            lines[place] = LINES[source]
    found = read_text("\n".join(lines))

    assert OURS is not None
    assert found is not None
    assert diff(OURS, found) == []


@QUICK
@given(st.data())
def test_ids_do_not_depend_on_neighbours(data: st.DataObject) -> None:
    """Rows and flat bullets may go: the requirements that are left keep their ids and values."""
    gone = data.draw(st.sets(st.sampled_from([index for run in RUNS for index in run])))
    found = read_text("\n".join(line for index, line in enumerate(LINES) if index not in gone))

    assert OURS is not None
    assert found is not None
    assert {one.kind for one in diff(OURS, found)} <= {ChangeKind.REMOVED}


@QUICK
@given(
    minutes=st.integers(1, 10_000),
    unit=st.sampled_from(["minutes", "min", "hours", "days", "s"]),
    rotation=st.booleans(),
)
def test_ids_do_not_depend_on_values(minutes: int, unit: str, rotation: bool) -> None:
    """Whatever a known clause says, its id is the same."""
    text = REFERENCE.replace("lifetime: 15 minutes", f"lifetime: {minutes} {unit}")
    text = text.replace("- Rotation: Enabled", f"- Rotation: {'On' if rotation else 'Off'}")
    found = read_text(text)

    assert OURS is not None
    assert found is not None
    assert [one.id for one in found.requirements] == [one.id for one in OURS.requirements]
    assert all(one.understood for one in found.requirements)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), max_size=25).map("\n".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the parser or the lint fail in any other way than by a usage error."""
    found = read_text(text, judge=True)
    if found is not None:
        assert len({one.id for one in found.requirements}) == len(found.requirements)
        assert all(one.understood or one.note for one in found.requirements)
        assert all(one.text.isprintable() and one.id.isprintable() for one in found.requirements)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_mutation_is_read_or_refused(data: st.DataObject) -> None:
    """Our own edition with passages cut, doubled or replaced is read or refused."""
    text = REFERENCE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 80)))
        text = (
            text[:start] + data.draw(st.one_of(st.just(""), st.text(max_size=8), st.sampled_from(PIECES))) + text[end:]
        )
    found = read_text(text, judge=True)
    if found is not None:
        shown = json.loads(json.dumps([requirement_to_json(one) for one in found.requirements]))
        assert [one["id"] for one in shown] == [one.id for one in found.requirements]
        assert all(describe(one.value) or not one.value for one in found.requirements)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("0123456789 .,:;-+<>=%()/hmsdw")), max_size=60))
def test_helpers_take_any_words(words: str) -> None:
    """Reading a value never fails: what cannot be read is None."""
    for reader in (duration, day, day_in, flag, bound):
        reader(words)
    label, value = split_label(words)
    assert (not label) or value in words
    assert clean(words).isprintable()
    assert stable_slug(words)
    assert slug(slug(words)) == slug(words)
    assert topic_of(words) in {None, *Topic}


@QUICK
@given(st.integers(1, 2_000_000))
def test_durations_come_back(seconds: int) -> None:
    """What is described for people is read as the same duration."""
    from datetime import timedelta

    assert duration(describe(timedelta(seconds=seconds))) == timedelta(seconds=seconds)
