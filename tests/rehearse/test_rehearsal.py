"""A team's upgrade rehearsed: what changes, what breaks, who is to blame; and nothing of the project is touched."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.rehearse.workshop import PARTS, processes_of

pytestmark = pytest.mark.slow


def options_of(workshop, tmp_path):
    check = "jwt/rotation::refresh_answers_a_new_refresh_token"
    judged = ["--only", "jwt.rotation", "--suite", check, "--workers", "0"]
    return ["--project", workshop.project, "--base", workshop.document, *judged, "--output", tmp_path / "out"]


def test_a_seeded_culprit_among_fifteen_packages_is_named(workshop, rehearse, tmp_path):
    """Alone, with what was seen before and after, in at most log2(15) + 2 runs; the patches apply."""
    shop = workshop(rules=[{"needs": ["part-07"], "fault": "same-refresh"}])
    before = shop.state()
    ran = rehearse("--latest", *options_of(shop, tmp_path), env=shop.env)
    result = json.loads((tmp_path / "out" / "rehearsal.json").read_text())

    assert ran.code == result["exit_code"] == 1
    assert {one["name"] for one in result["packages"]} == set(PARTS)
    assert result["newly_violated"] == ["jwt.rotation"]
    assert [one["changes"] for one in result["culprits"]] == [["part-07"]]
    assert result["culprits"][0]["steady"]
    assert result["runs"] <= 6
    assert result["symptoms"][0]["before"] == "satisfied"
    assert result["symptoms"][0]["after"] == "violated"
    assert "the culprit: part-07 1.0 -> 2.0" in ran.out
    assert shop.state() == before
    assert processes_of(shop.password) == []
    document = (tmp_path / "out" / "specification.md").read_text()
    assert document.count("| 2.0.x | `>=1,<3` |") == 0
    assert document.count("| 2.x | `>=1,<3` |") == 15
    for name, folder in (("lock.patch", shop.project), ("specification.patch", shop.document.parent)):
        subprocess.run(["git", "apply", "--check", tmp_path / "out" / name], cwd=folder, check=True)
    assert "## The culprit: part-07 1.0 -> 2.0" in (tmp_path / "out" / "rehearsal.md").read_text().replace("\\", "")
    assert "newly violated" in (tmp_path / "out" / "comparison.md").read_text()
    assert json.loads((tmp_path / "out" / "comparison.json").read_text())["exit_code"] == 1


def test_two_packages_that_only_break_together(workshop, rehearse, tmp_path):
    """Both are named, as one culprit."""
    shop = workshop(rules=[{"needs": ["part-02", "part-11"], "fault": "same-refresh"}])
    ran = rehearse("--latest", *options_of(shop, tmp_path), env=shop.env)
    result = json.loads((tmp_path / "out" / "rehearsal.json").read_text())

    assert ran.code == 1
    assert [one["changes"] for one in result["culprits"]] == [["part-02", "part-11"]]
    assert result["culprits"][0]["smallest"]


def test_a_culprit_that_cannot_come_alone(workshop, rehearse, tmp_path):
    """Its second version needs another one's: named with it, and no set that does not resolve was run."""
    shop = workshop(rules=[{"needs": ["part-03"], "fault": "same-refresh"}], needs={"part-03": ["part-09>=2"]})
    ran = rehearse("--latest", *options_of(shop, tmp_path), env=shop.env)
    (culprit,) = json.loads((tmp_path / "out" / "rehearsal.json").read_text())["culprits"]

    assert ran.code == 1
    assert "part-03" in culprit["changes"]
    assert {*culprit["changes"], *culprit["companions"]} == {"part-03", "part-09"}


def test_a_service_that_no_longer_starts(workshop, rehearse, tmp_path):
    """Its own words are shown, and the package that stops it is named."""
    shop = workshop(rules=[{"needs": ["part-14"], "fault": "dies"}])
    ran = rehearse("--latest", *options_of(shop, tmp_path), env=shop.env)
    result = json.loads((tmp_path / "out" / "rehearsal.json").read_text())

    assert ran.code == 1
    assert "the parts do not go together" in result["trouble"]
    assert [one["changes"] for one in result["culprits"]] == [["part-14"]]
    assert result["runs"] <= 6


def test_an_upgrade_that_breaks_nothing(workshop, rehearse, tmp_path):
    """Exit 0; only the one row and the one package differ."""
    shop = workshop()
    ran = rehearse("--set", "part-05=2", *options_of(shop, tmp_path), env=shop.env)
    result = json.loads((tmp_path / "out" / "rehearsal.json").read_text())

    assert (ran.code, result["outcome"]) == (0, "nothing got worse")
    assert result["packages"] == [{"name": "part-05", "before": "1.0", "after": "2.0"}]
    changed = [one for one in (tmp_path / "out" / "specification.patch").read_text().splitlines() if one[:1] in "+-"]
    assert [one for one in changed if not one.startswith(("---", "+++"))] == [
        "-| part-05 | 1.x | `>=1,<2` | |",
        "+| part-05 | 2.x | `>=2,<3` | |",
    ]


def test_an_edited_document_is_told_from_its_packages(workshop, rehearse, tmp_path):
    """It demands another lifetime, which nobody meets: no package is blamed for that, and one is for what it broke."""
    shop = workshop(rules=[{"needs": ["part-07"], "fault": "same-refresh"}])
    edited = tmp_path / "edited.md"
    text = shop.document.read_text().replace("Access token lifetime: 15 minutes", "Access token lifetime: 10 minutes")
    for name in ("part-06", "part-07", "part-08"):
        text = text.replace(f"| {name} | 1.x | `>=1,<2` |", f"| {name} | 2.x | `>=2,<3` |")
    edited.write_text(text)
    options = options_of(shop, tmp_path)
    options[options.index("jwt.rotation")] += ",jwt.access-token-lifetime"
    options[options.index("--suite") + 1] += ",jwt/lifetime::access_token_of_a_login_claims_the_lifetime"
    ran = rehearse("--spec", edited, *options, env=shop.env)
    result = json.loads((tmp_path / "out" / "rehearsal.json").read_text())

    assert ran.code == 1
    assert {one["name"] for one in result["packages"]} == {"part-06", "part-07", "part-08"}
    assert set(result["newly_violated"]) == {"jwt.rotation", "jwt.access-token-lifetime"}
    assert [one.partition(" ")[0] for one in result["by_document"]] == ["jwt.access-token-lifetime"]
    assert [one["changes"] for one in result["culprits"]] == [["part-07"]]
    assert result["culprits"][0]["symptoms"][0].startswith("jwt.rotation ")
    assert result["unexplained"] == []
    assert (tmp_path / "out" / "specification.md").read_text() == text


def test_rows_that_do_not_go_together(workshop, rehearse, tmp_path):
    """No run, no traceback: the rows and the resolver's words, exit 1."""
    shop = workshop(needs={"part-01": ["part-02<2"]})
    ran = rehearse("--set", "part-01=2", "--set", "part-02=2", *options_of(shop, tmp_path), env=shop.env)

    assert ran.code == 1
    assert "it does not resolve" in ran.out
    assert "part-01 (line" in ran.out
    assert "part-02 (line" in ran.out
    assert "part-03 (line" not in ran.out
    assert not (tmp_path / "out" / "before").exists()


def test_a_project_of_pip_tools(workshop, rehearse, tmp_path):
    """requirements.in and requirements.txt in place of uv.lock: the same rehearsal, and their patch."""
    shop = workshop(rules=[{"needs": ["part-07"], "fault": "same-refresh"}])
    (shop.project / "uv.lock").unlink()
    (shop.project / "pyproject.toml").unlink()
    (shop.project / "uv.toml").write_text('no-index = true\nfind-links = ["./wheels"]\n')
    (shop.project / "requirements.in").write_text("".join(f"{name}>=1,<2  # ours\n" for name in PARTS))
    (shop.project / "requirements.txt").write_text("".join(f"{name}==1.0\n" for name in PARTS))
    before = shop.state()
    ran = rehearse("--set", "part-06=2", "--set", "part-07=2", *options_of(shop, tmp_path), env=shop.env)
    result = json.loads((tmp_path / "out" / "rehearsal.json").read_text())

    assert ran.code == 1
    assert [one["changes"] for one in result["culprits"]] == [["part-07"]]
    assert shop.state() == before
    patch = (tmp_path / "out" / "lock.patch").read_text()
    assert "+part-07>=2,<3  # ours" in patch
    assert "+part-07==2.0" in patch
    subprocess.run(["git", "apply", "--check", tmp_path / "out" / "lock.patch"], cwd=shop.project, check=True)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_ended_rehearsal_is_gone_on_with(sign, workshop, rehearse, tmp_path, temporary):
    """Nothing is left running, a clear line says how to go on, and what was done is not done again."""
    shop = workshop(rules=[{"needs": ["part-07"], "fault": "same-refresh"}])
    process = subprocess.Popen(
        [sys.executable, "-m", "stackproof", "rehearse", "--latest", *map(str, options_of(shop, tmp_path))],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary), **shop.env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    seen = 0
    for line in process.stderr:
        seen += "a run with" in line
        if seen == 2:
            break
    time.sleep(0.3)
    process.send_signal(sign)
    errors = process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and (processes_of(shop.password) or list(temporary.glob("stackproof-*"))):
        time.sleep(0.1)
    assert processes_of(shop.password) == []
    assert list(temporary.glob("stackproof-*")) == []
    if sign != signal.SIGKILL:
        assert process.returncode == 4
        assert f"interrupted; go on with: stackproof rehearse --resume {tmp_path / 'out'}" in errors
        assert "Traceback" not in errors
    report = (tmp_path / "out" / "after" / "report.json").stat().st_mtime_ns

    ran = rehearse("--resume", tmp_path / "out", env=shop.env)
    result = json.loads((tmp_path / "out" / "rehearsal.json").read_text())
    assert ran.code == 1
    assert [one["changes"] for one in result["culprits"]] == [["part-07"]]
    assert (tmp_path / "out" / "after" / "report.json").stat().st_mtime_ns == report
    assert "the service as it is today" not in ran.err
    assert ran.err.count("a run with") < result["runs"]
