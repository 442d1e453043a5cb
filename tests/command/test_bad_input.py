"""Bad input to the command: one clear message, its exit code, and nothing started."""

import json
import socket
import subprocess
import sys

import pytest

AUTH = """
[auth.login]
path = "/login"
[auth.protected]
path = "/me"
"""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[target\n", "is not TOML"),
        (b"", ":1: target: is missing"),
        (b'[target]\nbase_url = "service.example"\n', "write a whole URL"),
        (b'[target]\nbase_url = "https://u:p@service.example"\n', "carries credentials"),
        (b'[target]\nbase_url = "https://x.example"\nbase_urll = "y"\n', "target.base_urll: unknown key"),
        (b'[target]\nbase_url = "https://x.example"\ntimeout = -1\n', "target.timeout"),
        (b'[target]\nbase_url = "https://x.example"\n[auth.login]\npath = "login"\n', "begin it with '/'"),
        (
            b'[target]\nbase_url = "https://x.example"\n[[waivers]]\nrequirement = "a"\nowner = "o"\nreason = "r"\n'
            b'expires = "soon"\n',
            "waivers.0.expires",
        ),
    ],
)
def test_a_broken_descriptor_is_a_usage_error(stackproof, tmp_path, content, words):
    """The message names the file and the key, and the exit code is 2."""
    path = tmp_path / "stackproof.toml"
    if content is not None:
        path.write_bytes(content)

    ran = stackproof("run", "--target", path)

    assert ran.code == 2
    assert words in ran.err
    assert str(path) in ran.err
    assert "cure:" in ran.err


def test_every_fault_of_a_descriptor_is_listed(stackproof, tmp_path):
    """Two faults are told at once."""
    path = tmp_path / "stackproof.toml"
    path.write_text('[target]\nbase_url = "https://x.example"\ntimeout = 0\nwrong = 1\n')

    ran = stackproof("run", "--target", path)

    assert "target.timeout" in ran.err
    assert "target.wrong" in ran.err


def test_an_unknown_requirement_is_a_usage_error(stackproof):
    """`--only` with an id that is none suggests the near ones."""
    ran = stackproof("run", "--only", "jwt.rotatoin")

    assert ran.code == 2
    assert "jwt.rotation" in ran.err


def test_a_missing_specification_is_a_usage_error(stackproof, tmp_path):
    """The file is named."""
    ran = stackproof("run", "--spec", tmp_path / "nowhere.md")

    assert ran.code == 2
    assert "nowhere.md" in ran.err


def test_a_folder_that_cannot_be_made_is_told_before_anything_starts(stackproof, tmp_path):
    """A file where the run folder should be is the harness's own trouble: exit 3."""
    (tmp_path / "taken").write_text("")

    ran = stackproof("run", "--output", tmp_path / "taken" / "run")

    assert ran.code == 3
    assert "--output" in ran.err


def test_a_full_disk_is_told_before_anything_starts(stackproof):
    """A device without space for the report ends the run at once with exit 3."""
    ran = stackproof("run", "--output", "/dev/full/run")

    assert ran.code == 3
    assert "cure:" in ran.err


@pytest.mark.parametrize("command", ["run", "prove"])
def test_containers_without_an_engine_are_told(stackproof, command):
    """Docker asked for and missing is the harness's own trouble: exit 3, and what to do instead."""
    ran = stackproof(command, "--services", "testcontainers", env={"DOCKER_HOST": "unix:///nonexistent/docker.sock"})

    assert ran.code == 3
    assert "no Docker engine answers" in ran.err
    assert "--services embedded" in ran.err


@pytest.mark.parametrize(
    ("suite", "only", "cure"),
    [
        ("tls", "jwt.rotation", "it is judged by: jwt"),
        ("stack,tls", "review.rollback-plan", "no suite does"),
    ],
)
def test_a_suite_and_clauses_that_it_does_not_judge_are_a_usage_error(stackproof, suite, only, cure):
    """With --allow-incomplete such a run would be green and have looked at nothing."""
    ran = stackproof("run", "--suite", suite, "--only", only, "--allow-incomplete")

    assert ran.code == 2
    assert f"--suite {suite} judges nothing of --only {only}" in ran.err
    assert cure in ran.err


def test_external_services_without_addresses_are_a_usage_error(stackproof):
    """The variables are named."""
    ran = stackproof("run", "--services", "external", env={"STACKPROOF_EXTERNAL_CACHE": ""})

    assert ran.code == 2
    assert "STACKPROOF_EXTERNAL_POSTGRES" in ran.err


def test_an_unreachable_target_is_incomplete_and_not_violated(stackproof, tmp_path):
    """Nothing listens: every clause is not assessed with the reason, the report is there, exit 4."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    path = tmp_path / "stackproof.toml"
    path.write_text(f'[target]\nbase_url = "http://127.0.0.1:{port}"\n{AUTH}')

    ran = stackproof("run", "--target", path, "--json", env={"STACKPROOF_USERNAME": "a", "STACKPROOF_PASSWORD": "b"})

    report = json.loads(ran.out)
    assert ran.code == 4
    assert report["level"] == "incomplete"
    assert {"not-assessed"} == {one["verdict"] for one in report["requirements"] if one["id"].startswith("jwt.")}
    assert "cannot be reached" in next(one["reason"] for one in report["requirements"] if one["id"] == "jwt.rotation")


def test_an_account_that_is_not_given_is_named(stackproof, tmp_path):
    """Without the variables the reason names them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        path = tmp_path / "stackproof.toml"
        path.write_text(f'[target]\nbase_url = "http://127.0.0.1:{listener.getsockname()[1]}"\n{AUTH}')

        ran = stackproof("run", "--target", path, "--only", "jwt.*", "--json")

    reason = next(one["reason"] for one in json.loads(ran.out)["requirements"] if one["id"] == "jwt.rotation")
    assert "STACKPROOF_USERNAME" in reason


def test_a_report_that_is_none_is_a_usage_error(stackproof, tmp_path):
    """`render` says which file is no report."""
    (tmp_path / "report.json").write_text('{"schema_version": "0"}')

    ran = stackproof("render", tmp_path / "report.json")

    assert ran.code == 2
    assert "is a report of schema version '0'" in ran.err


def test_help_and_version_are_there():
    """`--help` tells the exit codes; `--version` the version."""
    shown = subprocess.run([sys.executable, "-m", "stackproof", "--help"], capture_output=True, text=True, check=True)

    assert "4 incomplete" in " ".join(shown.stdout.split())
