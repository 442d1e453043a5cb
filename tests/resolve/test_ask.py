"""One question to the resolver: what goes together, what does not and why, and what it could not tell."""

from __future__ import annotations

import pytest

from stackproof.errors import ExitCode, InfrastructureError, UsageError
from stackproof.resolve import Conflict, Resolved, Unanswered, find_uv, resolve


def pins_of(answer):
    """The versions of an answer that must have some."""
    assert isinstance(answer, Resolved), answer
    return dict(answer.pins)


def test_newest_oldest_and_lowest_direct(shelf):
    """Each strategy picks as it says, on what is asked for and on what that needs."""
    for version in ("1.0", "1.5"):
        shelf.put("cargo", version, "crate>=1")
        shelf.put("crate", version)

    assert pins_of(resolve(["cargo"], "3.12")) == {"cargo": "1.5", "crate": "1.5"}
    assert pins_of(resolve(["cargo"], "3.12", strategy="lowest")) == {"cargo": "1.0", "crate": "1.0"}
    assert pins_of(resolve(["cargo"], "3.12", strategy="lowest-direct")) == {"cargo": "1.0", "crate": "1.5"}


def test_it_says_who_asked_for_a_package(shelf):
    """A package that the caller named has no asker, others name theirs."""
    shelf.put("cargo", "1.0", "crate").put("crate", "1.0", "plank").put("plank", "2.0").put("lorry", "1.0", "crate")

    answer = resolve(["cargo", "lorry"], "3.12")

    assert isinstance(answer, Resolved)
    assert answer.via == {"cargo": (), "lorry": (), "crate": ("cargo", "lorry"), "plank": ("crate",)}


def test_a_conflict_is_told_in_the_resolvers_words(shelf):
    """Two that want different releases of a third."""
    shelf.put("cargo", "1.0", "crate<2").put("lorry", "1.0", "crate>=2").put("crate", "1.0").put("crate", "2.0")

    answer = resolve(["cargo", "lorry"], "3.12")

    assert isinstance(answer, Conflict)
    assert "cargo" in answer.said
    assert "lorry" in answer.said
    assert answer.absent == ()
    assert not answer.needs_build


def test_the_python_that_is_asked_about_decides(shelf):
    """A release for 3.13 alone is there on 3.13; no interpreter of either is needed."""
    shelf.put("cargo", "1.0", python="<3.13").put("cargo", "2.0", python=">=3.13")

    assert pins_of(resolve(["cargo"], "3.12")) == {"cargo": "1.0"}
    assert pins_of(resolve(["cargo"], "3.13")) == {"cargo": "2.0"}
    assert isinstance(resolve(["cargo>=2"], "3.12"), Conflict)


def test_a_package_that_is_nowhere_is_named(shelf):
    """The index answered: there is no such package."""
    shelf.put("cargo", "1.0")

    answer = resolve(["cargo", "craet>=1"], "3.12")

    assert isinstance(answer, Conflict)
    assert answer.absent == ("craet",)


def test_what_would_have_to_be_built_is_not_built(shelf):
    """A source distribution is left shut, whatever it holds, and the answer says that it decided."""
    shelf.put("cargo", "1.0", wheel=False).put("lorry", "1.0", tag="cp311-cp311-manylinux_2_17_x86_64")

    for name in ("cargo", "lorry"):
        answer = resolve([name], "3.12", anywhere=True)
        assert isinstance(answer, Conflict), name
        assert answer.needs_build, answer.said


def test_offline_with_an_empty_cache_is_no_conflict(shelf, monkeypatch):
    """What the cache does not have was not seen."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")

    with pytest.raises(Unanswered, match="cache") as raised:
        resolve(["cargo"], "3.12", offline=True)

    assert raised.value.exit_code is ExitCode.INFRASTRUCTURE
    assert "--offline" in raised.value.hint


def test_an_index_that_does_not_answer_is_no_conflict(shelf, monkeypatch):
    """A refused connection, and a name and password in the address, which stay unsaid."""
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://driver:hunter2@127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")

    with pytest.raises(Unanswered) as raised:
        resolve(["cargo"], "3.12")

    assert "127.0.0.1:9" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_time_is_up(shelf):
    """A question has an end."""
    shelf.put("cargo", "1.0")

    with pytest.raises(Unanswered, match="within 0 s"):
        resolve(["cargo"], "3.12", within=0.0)


@pytest.mark.parametrize("text", ["cargo -e", "--index-url=http://x", "cargo\n-r /etc/passwd", "", "c @ file:///tmp/c"])
def test_what_is_no_requirement_never_reaches_uv(text):
    """Neither an option, nor a second line, nor an address."""
    with pytest.raises(UsageError):
        resolve([text], "3.12")


def test_settings_that_would_change_the_question_do_not_count(shelf, monkeypatch, tmp_path):
    """Constraints and strategies of somebody's environment."""
    shelf.put("cargo", "1.0").put("cargo", "2.0")
    (tmp_path / "constraints.txt").write_text("cargo<2")
    monkeypatch.setenv("UV_CONSTRAINT", str(tmp_path / "constraints.txt"))
    monkeypatch.setenv("UV_RESOLUTION", "lowest")

    assert pins_of(resolve(["cargo"], "3.12")) == {"cargo": "2.0"}


def test_without_uv_one_line_and_its_cure(monkeypatch, tmp_path):
    """No uv on PATH, none beside the interpreter, none as a module."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    (tmp_path / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    find_uv.cache_clear()
    try:
        with pytest.raises(InfrastructureError, match="uv is not on this machine") as raised:
            resolve(["cargo"], "3.12")
    finally:
        find_uv.cache_clear()

    assert "pip install uv" in raised.value.hint
    assert raised.value.exit_code is ExitCode.INFRASTRUCTURE


def test_yanked_releases_are_none_and_the_words_say_so(shelf):
    """What its authors took back is not chosen by a range, and the reason is handed on."""
    shelf.put("cargo", "1.0", yanked="loses parcels").put("cargo", "2.0")

    answer = resolve(["cargo==1.*"], "3.12")

    assert isinstance(answer, Conflict)
    assert "loses parcels" in answer.said


def test_offline_from_the_cache_alone(shelf, monkeypatch, tmp_path):
    """What was seen before is answered without an index; a release whose metadata was never seen is not guessed."""
    shelf.put("cargo", "1.0").put("cargo", "2.0").put("lorry", "1.0", "cargo<2")
    assert pins_of(resolve(["lorry", "cargo"], "3.12"))["cargo"] == "1.0"

    assert pins_of(resolve(["lorry", "cargo"], "3.12", offline=True)) == {"lorry": "1.0", "cargo": "1.0"}
    answer = resolve(["lorry", "cargo>=2"], "3.12", offline=True)
    assert isinstance(answer, Conflict)
    with pytest.raises(Unanswered):
        resolve(["crate"], "3.12", offline=True)
