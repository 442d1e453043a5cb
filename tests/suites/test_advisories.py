"""What is known against the releases that a project has chosen, by its lock and by its interpreter."""

import datetime
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from stackproof.advisories.view import Advisories
from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.reading import parse_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.harness import harness_root
from stackproof.project.view import ProjectFiles

SUITE = "stack/advisories"
LOCKED = f"{SUITE}::locked_releases_have_no_known_vulnerability"
INSTALLED = f"{SUITE}::installed_releases_have_no_known_vulnerability"
YANKED = f"{SUITE}::locked_releases_are_not_yanked"
NOW = datetime.date(2026, 11, 25)
LOCK = """version = 1
requires-python = ">=3.12"

[[package]]
name = "ours"
source = { virtual = "." }
dependencies = [{ name = "django" }, { name = "inner" }]

[package.dev-dependencies]
dev = [{ name = "sqlparse" }]

[[package]]
name = "django"
version = "5.2.19"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.example/django-5.2.19.tar.gz", hash = "sha256:00" }

[[package]]
name = "inner"
version = "1.0"
source = { registry = "https://packages.example/simple" }
sdist = { url = "https://files.example/inner-1.0.tar.gz", hash = "sha256:00" }

[[package]]
name = "sqlparse"
version = "0.5.3"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.example/sqlparse-0.5.3.tar.gz", hash = "sha256:00" }
"""


def record(name, fixed, day="2026-09-09"):
    """A record that every version of a package before one is affected."""
    affected = {"package": {"ecosystem": "PyPI", "name": name}}
    affected["ranges"] = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    return {"id": f"CVE-2026-{len(name)}", "modified": f"{day}T00:00:00Z", "affected": [affected]}


@pytest.fixture
def views(tmp_path):
    """The views of a project with this lock, these records and these answers of an index."""

    def make(lock=LOCK, records=(), pages=(), day=NOW):
        (tmp_path / "pyproject.toml").write_text('[project]\nname = "ours"\nversion = "1"\n')
        (tmp_path / "uv.lock").write_text(lock)
        given = {}
        for name, content in (("advisories", records), ("releases", pages)):
            if content:
                (tmp_path / f"{name}.json").write_text(json.dumps(list(content)))
                given[name] = f"{name}.json"
        data = {"target": {}, "project": {"path": ".", "audit": given}}
        descriptor = parse_descriptor(data, tmp_path / "stackproof.toml")
        recorder = Recorder(Redactor())
        return {"files": ProjectFiles(descriptor, recorder), "advisories": Advisories(descriptor, recorder, day)}

    return make


def test_nothing_is_known_against_the_lock(check, views):
    """The sentence says by what, on how much, and of which day."""
    said = check(LOCKED, "advisories.locked-releases", **views(records=[record("django", "5.2.17")]))

    assert said == (
        "nothing is known against 3 of 3 releases (1 records of advisories.json on 1 of the packages, the newest of "
        "2026-09-09)"
    )


@pytest.mark.parametrize(
    ("fixed", "told"),
    [
        (
            "5.2.20",
            r"django 5.2.19 \(uv.lock:14\): CVE-2026-6; the fix 5.2.20 is inside the row version.django \(line 14",
        ),
        (
            "6.0.1",
            r"the fix 6.0.1 is outside the row version.django \(line 14, >=5.2,<5.3\), which has to change first",
        ),
    ],
)
def test_a_known_vulnerability_names_its_row(check, views, fixed, told):
    """Whether the row admits the fix decides what has to be done first."""
    with pytest.raises(Violation, match=told):
        check(LOCKED, "advisories.locked-releases", **views(records=[record("django", fixed)]))


def test_a_package_without_a_row(check, views):
    """What comes in through others is judged like the rest."""
    with pytest.raises(Violation, match=r"inner 1.0 .*fixed in 2.0, and the document has no row for it"):
        check(LOCKED, "advisories.locked-releases", **views(records=[record("inner", "2.0"), record("django", "1")]))


def test_tools_of_development_are_no_part_of_the_service(check, views):
    """What is known against them is a note."""
    given = views(records=[record("sqlparse", "0.5.4")])

    assert "against 2 of 3 releases" in check(LOCKED, "advisories.locked-releases", **given)


def test_records_about_other_packages_prove_nothing(check, views):
    """Nor do records that are more than a year old; but what they know stands."""
    with pytest.raises(NotAssessed, match="no record about any of the 3 releases"):
        check(LOCKED, "advisories.locked-releases", **views(records=[record("flask", "1.0")]))
    old = [record("django", "5.2.17", day="2025-11-24")]
    with pytest.raises(NotAssessed, match="of 2025-11-24, more than a year before the run: fetch newer records"):
        check(LOCKED, "advisories.locked-releases", **views(records=old))
    with pytest.raises(Violation):
        check(LOCKED, "advisories.locked-releases", **views(records=[record("django", "5.2.20", day="2020-01-01")]))


def test_without_a_source_nothing_is_looked_up(check, views):
    """Nobody is asked whom the descriptor does not name."""
    with pytest.raises(NotAssessed, match=r"\[project.audit\] has neither"):
        check(LOCKED, "advisories.locked-releases", **views())
    with pytest.raises(NotAssessed, match=r"\[project.audit\] has neither"):
        check(YANKED, "advisories.no-yanked-release", **views())


def test_what_comes_from_a_repository_cannot_be_looked_up(check, views):
    """An index knows nothing of a commit."""
    lock = LOCK.replace(
        'source = { registry = "https://packages.example/simple" }\nsdist',
        'source = { git = "https://git.example/inner?rev=1#0123456789012345678901234567890123456789" }\n#',
    )
    with pytest.raises(NotAssessed, match=r"not looked up were inner \(they come from no index\)"):
        check(LOCKED, "advisories.locked-releases", **views(lock, records=[record("django", "5.2.17")]))


def test_a_project_without_a_lock(check, views, tmp_path):
    """Nobody can tell which releases it takes."""
    given = views(records=[record("django", "5.2.17")])
    (tmp_path / "uv.lock").unlink()

    with pytest.raises(NotAssessed, match="no lock"):
        check(LOCKED, "advisories.locked-releases", **given)


def test_what_is_installed_is_judged_by_itself(check, views):
    """Another release than the lock's."""
    given = views(records=[record("django", "5.2.17")])
    for version, is_fine in (("5.2.17", True), ("5.2.16", False)):
        found = {"django": SimpleNamespace(name="django", version=version)}
        project = SimpleNamespace(installed=lambda found=found: found)
        if is_fine:
            assert check(INSTALLED, "advisories.installed-releases", project=project, **given)
            continue
        with pytest.raises(Violation, match=r"django 5.2.16 \(the service's interpreter\)"):
            check(INSTALLED, "advisories.installed-releases", project=project, **given)


def pages(yanked):
    """An index's answers about all three packages."""
    named = {"django": "5.2.19", "inner": "1.0", "sqlparse": "0.5.3"}
    return [
        {"name": name, "files": [{"filename": f"{name}-{version}.tar.gz", "yanked": name in yanked and "by mistake"}]}
        for name, version in named.items()
    ]


def test_yanked_releases(check, views):
    """Tools of development are locked as well; what the index does not tell of is not fine."""
    assert "none of 3 locked releases" in check(YANKED, "advisories.no-yanked-release", **views(pages=pages(())))
    with pytest.raises(Violation, match=r"sqlparse 0.5.3 \(uv.lock:26\) was yanked: by mistake"):
        check(YANKED, "advisories.no-yanked-release", **views(pages=pages({"sqlparse"})))
    with pytest.raises(
        NotAssessed, match=r"none of 2 locked releases was yanked, but releases\.json tells nothing of inner 1.0"
    ):
        check(
            YANKED, "advisories.no-yanked-release", **views(pages=[one for one in pages(()) if one["name"] != "inner"])
        )


def test_the_answers_that_are_saved_for_the_reference_service(check, views, tmp_path):
    """They speak of every release of its lock, so that a run without a network looks at all of them."""
    app = harness_root() / "sample_app"
    for name in ("pyproject.toml", "uv.lock", "requirements.txt"):
        shutil.copy(app / name, tmp_path / name)
    saved = json.loads(Path(app / "audit" / "releases.json").read_text())
    given = views((app / "uv.lock").read_text(), pages=saved)

    assert "locked releases was yanked" in check(YANKED, "advisories.no-yanked-release", **given)
