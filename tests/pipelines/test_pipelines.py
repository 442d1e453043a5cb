"""The files for pipelines, as far as no hosted service is needed: their own shell lines, on the wheel of this tree."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stackproof.resolve import find_uv

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path):
    """A project under git whose lock is not there, so that a clause is violated."""
    folder = tmp_path / "project"
    folder.mkdir()
    text = (
        '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.12,<3.14"\ndependencies = ["django>=4.2,<5"]\n'
    )
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def shell(project):
    """Run lines of a pipeline in the project with these variables; uv is on PATH as it is there."""

    def run(lines, **variables):
        path = os.pathsep.join([str(Path(shutil.which(find_uv()[0]) or find_uv()[0]).parent), os.environ["PATH"]])
        environment = {**os.environ, "PATH": path, "SOURCE": str(ROOT), "UV_PYTHON": sys.executable, **variables}
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", lines],
            cwd=project, env=environment, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip

    return run


def test_the_action_judges_annotates_and_leaves_with_the_verdict(shell, project, tmp_path):
    """Its step writes annotations, the summary, the outputs and SARIF, and fails for a violation."""
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    step = next(one for one in action["runs"]["steps"] if one.get("id") == "run")
    inputs = {name: one.get("default", "") for name, one in action["inputs"].items()}
    inputs |= {"project": ".", "arguments": "--suite stack --only version.django", "source": str(ROOT)}
    variables = {
        name: inputs[re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", value)[1]] for name, value in step["env"].items()
    }
    summary, outputs = tmp_path / "summary.md", tmp_path / "outputs"

    done = shell(step["run"], **variables, GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(outputs))

    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^::error file=\S+,line=\d+,title=version.django", done.stdout, re.MULTILINE)
    assert outputs.read_text() == "level=non-conformant\n"
    assert "version.django" in summary.read_text()
    assert json.loads((project / "stackproof-run" / "stackproof.sarif").read_text())["version"] == "2.1.0"
    assert (project / "stackproof-run" / "report.html").is_file()


def test_the_component_of_gitlab_leaves_what_gitlab_reads(shell, project):
    """Its script leaves JUnit and Code Quality where the artefacts say, and fails for a violation."""
    _, jobs = yaml.safe_load_all((ROOT / "templates" / "conformance.yml").read_text(encoding="utf-8"))
    job = jobs["conformance"]
    variables = {"TARGET": "", "PROJECT": ".", "ARGUMENTS": "--suite stack --only version.django"}

    done = shell("\n".join(job["script"]), **variables)

    assert done.returncode == 1, done.stdout + done.stderr
    for name in job["artifacts"]["reports"].values():
        assert (project / name).is_file(), name
    quality = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text())
    assert [one["check_name"] for one in quality if one["severity"] == "critical"] == ["version.django"]


def test_the_steps_of_jenkins_leave_a_report(shell, project):
    """Its shell step runs in plain sh and names what it archives."""
    text = (ROOT / "pipelines" / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
    lines = re.search(r"sh '''(.*?)'''", text, re.DOTALL)[1]
    (project / "stackproof.toml").write_text('[target]\nname = "shop"\n[project]\npath = "."\n', encoding="utf-8")

    done = shell(f"sh <<'EOF'\n{lines}\nEOF", ACCOUNT_USR="u", ACCOUNT_PSW="p", STACKPROOF_SOURCE=str(ROOT))

    assert done.returncode == 1, done.stdout + done.stderr
    assert (project / "stackproof-run" / "junit.xml").is_file()
    assert "stackproof-run/junit.xml" in text


def test_the_hooks_of_pre_commit_work_in_another_repository(project, tmp_path):
    """pre-commit installs this tree and runs the hook: a violation stops the commit, what was not seen does not."""
    repository = tmp_path / "stackproof"
    ignore = shutil.ignore_patterns(".*", "tests", "stackproof-runs", "__pycache__")
    shutil.copytree(ROOT, repository, ignore=ignore)
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", repository)
    for folder in (repository, project):
        for words in (
            ["init", "-q"],
            ["add", "-A"],
            ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "x"],
        ):
            subprocess.run(["git", "-C", str(folder), *words], check=True, timeout=60, capture_output=True)
    program = str(Path(shutil.which("pre-commit") or Path(sys.executable).with_name("pre-commit")))
    words = [program, "try-repo", str(repository), "stackproof-stack", "--all-files", "--verbose"]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "home")}

    done = subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True, timeout=600, check=False)

    assert "exit code: 1" in done.stdout, done.stdout + done.stderr
    assert "version.django" in done.stdout
