"""Reports are read back for ever, and what is none is told in one line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stackproof.commands.schema import What, document_of
from stackproof.errors import UsageError
from stackproof.evidence import Redactor
from stackproof.report.files import as_json, load, save
from stackproof.report.formats import FORMATS, text_of
from stackproof.report.model import SCHEMA_VERSION
from stackproof.verdict import Verdict
from tests.reports import made

OLD = sorted((Path(__file__).parent / "old").glob("*.json"))
# What a report of version 1 has to have. A field that comes later has a default, or it is another version.
REQUIRED_OF_1 = {
    "stackproof_version", "run_id", "started", "seconds", "level", "exit_code", "profile", "specification", "target",
    "counts", "requirements",
}  # fmt: skip


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_a_report_of_an_old_version_loads_for_ever(path):
    """Files that earlier versions wrote are kept here as they were, and every format shows them."""
    report = load(path)

    assert json.loads(path.read_text())["counts"] == report.counts
    for one in FORMATS:
        assert text_of(report, one.name)


def test_version_1_asks_for_nothing_more():
    """A new field without a default would make every report of version 1 unreadable."""
    schema = document_of(What.REPORT)

    assert set(schema["required"]) == REQUIRED_OF_1
    assert SCHEMA_VERSION == "1"


def cut(text):
    """In the middle."""
    return text[: len(text) // 2]


def changed(**changes):
    """The report with other fields."""
    return lambda text: json.dumps({**json.loads(text), **changes})


BAD = {
    "newer": (changed(schema_version="2"), "is a report of schema version '2', and this stackproof reads version 1"),
    "newer and other": (lambda _: '{"schema_version": "9", "all": "new"}', "schema version '9'"),
    "cut off": (cut, "is cut off, or no JSON"),
    "empty": (lambda _: "", "is cut off, or no JSON"),
    "no report": (lambda _: "[]", "is no report of schema version 1: the file"),
    "another verdict": (changed(level="perfect"), "level: Input should be"),
    "a field too many": (changed(surprise=1), "surprise: Extra inputs are not permitted"),
    "hostile": (changed(**{"\x1b[31m\u202ex" * 50: 1}), "is no report of schema version 1"),
    "surrogate": (lambda text: text.replace('"full"', '"\\ud800"', 1), "is cut off, or no JSON"),
    "deep": (lambda _: "[" * 200_000, "is cut off, or no JSON"),
    "infinite": (lambda text: text.replace('"seconds": ', '"seconds": Infinity, "x": ', 1), "finite number"),
    "before time": (changed(seconds=-1), "greater than or equal to 0"),
    "totals": (
        lambda text: text.replace('"violated": 5', '"violated": 4', 1),
        "its totals do not add up: it counts 4 violated",
    ),
    "binary": (lambda _: "\x00\x01\x02", "is cut off, or no JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_report_is_told_in_one_line(name, tmp_path):
    """File and cause on one line, a cure on the next, and nothing in it acts on a terminal."""
    change, told = BAD[name]
    path = tmp_path / "report.json"
    path.write_text(change(made.EXAMPLE.read_text()))

    with pytest.raises(UsageError) as caught:
        load(path)
    assert told in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 600


def test_the_level_decides_the_exit_code(tmp_path):
    """A report in which somebody wrote another one does not turn a pipeline green."""
    path = tmp_path / "report.json"
    path.write_text(changed(exit_code=0)(made.EXAMPLE.read_text()))
    words = [sys.executable, "-m", "stackproof", "render", path, "-f", "badge"]

    assert subprocess.run(words, capture_output=True, check=False).returncode == 1


def test_a_requirement_stands_once(tmp_path):
    """Which of the two would hold nobody could say."""
    path = tmp_path / "report.json"
    one = made.requirement("own.a", Verdict.SATISFIED)
    path.write_text(as_json(made.report([one, one])))

    with pytest.raises(UsageError, match=r"has own\.a twice"):
        load(path)


@pytest.mark.parametrize(
    "words", [["render"], ["replay", "x"], ["report", "merge"], ["sign", "--key", "k"], ["render", "-f", "sarif"]]
)
def test_every_command_leaves_with_2(words, tmp_path):
    """Whatever reads a report says the same of one that is cut off."""
    path = tmp_path / "report.json"
    path.write_text(cut(made.EXAMPLE.read_text()))
    (tmp_path / "k").write_text(
        subprocess.run(
            ["openssl", "genpkey", "-algorithm", "ed25519"], capture_output=True, text=True, check=True
        ).stdout
    )
    at = 2 if words[0] == "report" else 1
    done = subprocess.run(
        [sys.executable, "-m", "stackproof", *words[:at], path, *words[at:]],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr.startswith(f"stackproof: {path}: is cut off")
    assert done.stderr.count("\n") == 2


def test_a_target_that_sends_half_a_character_leaves_a_report(tmp_path):
    """JSON of a target may hold a lone surrogate: a file cannot, and the run must not end without a report."""
    hostile = json.loads('"\\ud800 and \\udfff"')
    report = made.of_every_verdict(hostile)

    path = save(report, tmp_path)[0]

    assert load(path).counts == report.counts
    assert Redactor().text(hostile) == "\ufffd and \ufffd"
    json.loads(as_json(report))


def test_rendering_to_a_file_is_whole_or_not_at_all(tmp_path):
    """A folder takes the format's usual name; a place that cannot be written is told."""
    run = [sys.executable, "-m", "stackproof", "render", made.EXAMPLE, "--format", "badge", "--output"]
    assert subprocess.run([*run, tmp_path], check=False).returncode == 1
    assert (tmp_path / "badge.svg").read_text() == text_of(made.example(), "badge")

    done = subprocess.run([*run, tmp_path / "none" / "x"], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["badge.svg"]
