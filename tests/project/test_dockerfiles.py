"""Dockerfiles as data: stages, arguments, here-documents, and text that is none."""

import time
from contextlib import suppress

import pytest

from stackproof.project.dockerfile import DockerfileTrouble, read_dockerfile

WHOLE = r"""# syntax=docker/dockerfile:1
ARG RELEASE=3.12
ARG TAG=${RELEASE}-slim-bookworm
FROM --platform=$BUILDPLATFORM node:20-alpine AS Front
RUN <<EOF
FROM not:this
EOF
FROM python:${TAG} AS base
ARG RELEASE
ENV SERVER=daphne PATH="/opt/venv/bin:$PATH"
RUN apt-get update \
   # a comment inside

   && apt-get install -y x
COPY --from=front /a /b
COPY --from=0 /c /d
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/
RUN --mount=type=bind,from=front,target=/x true
CMD ["not", "this"]
FROM base
ENTRYPOINT ["/start.sh"]
CMD exec ${SERVER} app
"""


def test_a_file_with_everything():
    """Stages by name and number, arguments in arguments, a here-document that looks like a stage."""
    read = read_dockerfile(WHOLE)

    assert [(one.name, one.base) for one in read.stages] == [
        ("front", "node:20-alpine"),
        ("base", "python:3.12-slim-bookworm"),
        ("", "base"),
    ]
    last = read.stages[-1]
    assert [one.line for one in read.below(last)] == [20, 8]
    assert last.variables["SERVER"] == "daphne"
    assert last.variables["RELEASE"] == "3.12"
    assert [(copy.source, source.name) for copy, source in read.taken_from(last)] == [
        ("front", "front"), ("0", "front"), ("front", "front")
    ]  # fmt: skip
    entrypoint, command = read.start(last)
    assert entrypoint.words == ("/start.sh",)
    assert (command.words, command.for_shell, command.line) == (("exec ${SERVER} app",), True, 22)


def test_arguments_of_the_build_win_over_defaults():
    """`--build-arg`, before the first FROM and inside of a stage."""
    text = "ARG TAG=3.11\nFROM python:${TAG}\nARG SERVER=uvicorn\nCMD $SERVER\n"
    read = read_dockerfile(text, {"TAG": "3.12", "SERVER": "daphne"})

    assert read.stages[0].base == "python:3.12"
    assert read.stages[0].variables["SERVER"] == "daphne"


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("FROM ${X:-python:3}", "python:3"),
        ("ARG X=\nFROM ${X:-a}${X:+b}", "a"),
        ('ARG X="3.12"\nFROM python:$X', "python:3.12"),
        ("ARG X='3.12' Y=b\nFROM python:${X}-${Y}", "python:3.12-b"),
        ("from python:3 as Base", "python:3"),
        ("FROM \\\n  python:3", "python:3"),
        ("# escape=`\nFROM `\n  python:3", "python:3"),
        ("\n\n# a comment\nFROM scratch\r\nRUN x\r\n", "scratch"),
        ("FROM localhost:5000/python:3.12", "localhost:5000/python:3.12"),
    ],
)
def test_what_a_stage_stands_on(text, base):
    """Defaults, quotes, continuation lines, the escape directive, line ends of Windows."""
    assert read_dockerfile(text).stages[-1].base == base


@pytest.mark.parametrize("text", ["FROM python:$TAG", "ARG TAG\nFROM python:$TAG", "FROM ${X:?no}", "FROM ${X%y}"])
def test_a_base_that_cannot_be_told_says_which_variable(text):
    """Without a default nobody knows what a build is given."""
    stage = read_dockerfile(text).stages[0]
    assert stage.base == ""
    assert any(name in stage.trouble for name in ("TAG", "X"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no FROM"),
        ("RUN x", "line 1: RUN stands before"),
        ("FROM", "line 1: FROM names no image"),
        ("FROM a b", "line 1"),
        ("FROM a\n{% if x %}", "line 2"),
        ("FROM a\nRUN <<E\nx", "line 2: the here-document E has no end"),
        ("\x00\x01", "line 1"),
        ("FROM a\n" * 201, "more than 200 stages"),
        ("FROM a\n" + "#" * 2_000_000, "KiB"),
    ],
    ids=lambda value: value[:20],
)
def test_text_that_is_no_dockerfile_is_named_by_its_line(text, message):
    """One sentence; nothing else is raised."""
    with pytest.raises(DockerfileTrouble, match=message):
        read_dockerfile(text)


@pytest.mark.parametrize(
    "text",
    [
        "ENV " + "a=\\" * 100_000,
        "RUN " + "--mount=" * 100_000,
        "RUN x \\\n" * 100_000,
        "CMD " + "[" * 500_000,
        "ENV " + "a" * 900_000,
        "RUN " + "<<" * 400_000,
        "COPY " + "${" * 10_000,
    ],
    ids=["env", "mount", "continued", "json", "name", "heredoc", "variables"],
)
def test_hostile_text_takes_no_time(text):
    """Growth is no worse than linear: a file of nearly a megabyte is read, or refused, at once."""
    began = time.process_time()
    with suppress(DockerfileTrouble):
        read_dockerfile("FROM a\n" + text)
    assert time.process_time() - began < 5


def test_stages_of_one_name_and_of_their_own_name():
    """A stage may be called like the image that it stands on; it does not stand on itself."""
    read = read_dockerfile("FROM python AS python\nFROM python AS python\nFROM python")
    assert [one.line for one in read.below(read.stages[-1])] == [3, 2, 1]
