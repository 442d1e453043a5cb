"""`stackproof run --project FOLDER --suite stack` on the declarations of other people's projects."""

import json

import pytest

GOOD = """\
[project]
name = "depot"
requires-python = ">=3.12,<3.14"
dependencies = ["Django>=5.2,<5.3", "celery[redis]~=5.6", "requests>=2.32,<3.0"]
[dependency-groups]
test = ["pytest>=8.3,<9.0"]
"""


@pytest.fixture
def judged(stackproof, tmp_path):
    """Run on a project of these files; gives the exit code, and each of our checks by requirement."""

    def run(files):
        root = tmp_path / "project"
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        only = "version.django,version.celery,version.python,pinning.*"
        words = ["--project", root, "--suite", "stack", "--only", only, "--workers", "0", "--json", "--quiet"]
        ran = stackproof("run", *words)
        report = json.loads(ran.out)
        checks = {
            one["id"]: check
            for one in report["requirements"]
            for check in one["checks"]
            if check["id"].startswith(("stack/declared::", "stack/pinning::"))
        }
        return ran.code, report, checks

    return run


def test_a_project_that_keeps_to_the_document(judged):
    """Nothing is violated; what is installed was not looked at, so that the rows are not satisfied."""
    code, report, checks = judged({"pyproject.toml": GOOD})

    assert code == 4
    assert {one["verdict"] for one in checks.values()} == {"satisfied"}
    assert len(checks) == 6
    rows = {one["id"]: one["verdict"] for one in report["requirements"]}
    assert rows["version.django"] == "not-assessed"
    assert rows["pinning.production.minor"] == "satisfied"
    assert all(one["evidence"] for one in checks.values())


def test_a_project_that_does_not(judged):
    """A row, the interpreter and each clause on pinning, in three files."""
    code, report, checks = judged(
        {
            "pyproject.toml": GOOD.replace("Django>=5.2,<5.3", "Django>=5").replace(",<3.14", ""),
            "requirements/dev.txt": "-r common.txt\nipdb==0.13.13\n",
            "requirements/common.txt": "celery>=5.3,<6.0\n",
        }
    )

    assert code == 1
    verdicts = {name: one["verdict"] for name, one in checks.items()}
    assert verdicts.pop("version.celery") == "satisfied"  # the project's own line is in force beside the wider one
    assert set(verdicts.values()) == {"violated"}
    assert (
        "pyproject.toml:4 declares Django>=5, which admits 5.3; write django>=5.2,<5.3"
        in checks["version.django"]["seen"]
    )
    assert 'write requires-python = ">=3.12,<3.14"' in checks["version.python"]["seen"]
    assert "names major alone" in checks["pinning.production.minor"]["seen"]
    assert "ipdb==0.13.13 is pinned exactly" in checks["pinning.development.minimum-version"]["seen"]
    rows = {one["id"]: one["verdict"] for one in report["requirements"]}
    assert rows["version.django"] == rows["version.python"] == "violated"


def test_what_cannot_be_read_is_one_line_and_no_verdict(judged):
    """A circle, a missing file, broken TOML, another encoding: not assessed, each with file, line and cure."""
    code, _, checks = judged(
        {
            "pyproject.toml": b"[project\n",
            "requirements.txt": "-r requirements-dev.txt\n-r gone.txt\ndjango>=5.2,<5.3\n",
            "requirements-dev.txt": "-r requirements.txt\n",
            "setup.cfg": b"[options]\nauthor = \xff\n",
        }
    )

    assert code == 4
    assert {one["verdict"] for one in checks.values()} == {"not-assessed"}
    reason = checks["version.django"]["reason"]
    for told in (
        "pyproject.toml: is no TOML",
        "setup.cfg: is no UTF-8 text; save it as UTF-8",
        "requirements.txt:2: names a file that cannot be read: gone.txt",
        "includes requirements",
    ):
        assert told in reason
    assert "\n" not in reason


def test_an_empty_folder_and_none(stackproof, judged, tmp_path):
    """A folder that declares nothing is not assessed, and what is no folder is a usage error."""
    _, _, checks = judged({"README.md": "hello\n"})
    assert "nothing there declares requirements" in checks["version.django"]["reason"]

    ran = stackproof("run", "--project", tmp_path / "nowhere", "--suite", "stack")
    assert ran.code == 2
    assert "is no folder" in ran.err
