"""Records in the OSV format: which releases they speak of, and what is no such record."""

import datetime
import json
import zipfile

import pytest
from packaging.version import Version

from stackproof.advisories.model import Known, Release, merged
from stackproof.advisories.osv import Affected, fixes_of, is_affected, known_of, record_of
from stackproof.advisories.reading import read_records
from stackproof.check import NotAssessed

NAMES = {"django", "sqlparse"}


def record(name="django", **changes):
    """A record about one package; ranges by (kind, version) pairs."""
    events = [{kind: version} for kind, version in changes.pop("events", [("introduced", "5.2"), ("fixed", "5.2.8")])]
    affected = {
        "package": {"ecosystem": changes.pop("ecosystem", "PyPI"), "name": name},
        "ranges": [{"type": changes.pop("type", "ECOSYSTEM"), "events": events}],
        "versions": changes.pop("versions", []),
    }
    return {"id": "PYSEC-2025-1", "modified": "2025-11-05T00:00:00Z", "affected": [affected], **changes}


def affected(**changes):
    """What a record says of its package."""
    return record_of(record(**changes)).affected[0]


@pytest.mark.parametrize(
    ("version", "events", "is_there"),
    [
        ("5.2.7", [("introduced", "5.2"), ("fixed", "5.2.8")], True),
        ("5.2.8", [("introduced", "5.2"), ("fixed", "5.2.8")], False),
        ("5.1.9", [("introduced", "5.2"), ("fixed", "5.2.8")], False),
        ("5.2", [("introduced", "5.2"), ("fixed", "5.2.8")], True),
        ("5.2rc1", [("introduced", "5.2"), ("fixed", "5.2.8")], False),
        ("0.1", [("introduced", "0"), ("fixed", "0.5.0")], True),
        ("1.0", [("introduced", "0"), ("last_affected", "1.0")], True),
        ("1.0.1", [("introduced", "0"), ("last_affected", "1.0")], False),
        ("99", [("introduced", "0")], True),
        ("4.2.20", [("introduced", "5.1"), ("fixed", "5.1.3"), ("introduced", "4.2"), ("fixed", "4.2.17")], False),
        ("5.1.1", [("introduced", "5.1"), ("fixed", "5.1.3"), ("introduced", "4.2"), ("fixed", "4.2.17")], True),
        ("4.2.1", [("fixed", "4.2.17"), ("introduced", "4.2")], True),
        ("5.2.7+local", [("introduced", "5.2"), ("fixed", "5.2.7")], False),
    ],
)
def test_the_events_of_a_range(version, events, is_there):
    """They are taken in the order of their versions, whatever their order in the record."""
    assert is_affected(Version(version), affected(events=events)) is is_there


def test_listed_versions_count_beside_the_ranges():
    """Also where a range cannot be ordered; equal versions are equal however they are written."""
    listed = affected(versions=["1.0", "not a version"], events=[("introduced", "what"), ("fixed", "5.2.8")])

    assert is_affected(Version("1.0.0"), listed)
    assert not is_affected(Version("5.2.7"), listed)


def test_commits_are_no_versions():
    """A range of Git commits says nothing about releases."""
    assert not is_affected(Version("5.2.7"), affected(type="GIT"))


def test_the_fixes_of_the_branch_that_holds_a_version():
    """A fix below the version is none."""
    both = [("introduced", "4.2"), ("fixed", "4.2.17"), ("introduced", "5.1"), ("fixed", "5.1.3")]

    assert fixes_of(Version("4.2.1"), affected(events=both)) == ("4.2.17", "5.1.3")
    assert fixes_of(Version("5.1.1"), affected(events=both)) == ("5.1.3",)
    assert fixes_of(Version("1.0"), affected(events=[("introduced", "0")])) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"withdrawn": "2026-01-01T00:00:00Z"},
        {"ecosystem": "npm"},
        {"ecosystem": "TuxCare:PyPI"},
        {"affected": []},
        {"affected": [{"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}]},
    ],
)
def test_records_that_are_about_nothing_here(changes):
    """Withdrawn, of another ecosystem, of packages that somebody else rebuilt, or of none."""
    assert record_of(record(**changes)) is None


def test_names_are_normalised():
    """A record may write a package as it likes."""
    named = record_of(record(name="Djangorestframework_SimpleJWT"))
    release = Release("djangorestframework-simplejwt", "5.2.1", "uv.lock:1")

    assert [one.ids for one in known_of(release, [named])] == [("PYSEC-2025-1",)]


def test_records_that_share_a_name_are_one_vulnerability():
    """PYSEC and GHSA tell of the same CVE, and a third record joins two."""
    release = Release("django", "5.2.7", "uv.lock:1")
    told = [
        Known(release, ("PYSEC-1", "CVE-1"), ("5.2.8",)),
        Known(release, ("GHSA-9",), ("6.0",)),
        Known(release, ("GHSA-1", "CVE-1", "GHSA-9"), ("5.2.10",)),
        Known(release, ("CVE-2",)),
    ]

    assert [(one.ids, one.fixed) for one in merged(told)] == [
        (("CVE-1", "GHSA-1", "GHSA-9", "PYSEC-1"), ("5.2.8", "5.2.10", "6.0")),
        (("CVE-2",), ()),
    ]
    assert merged(told)[0].name == "CVE-1"


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one], lambda one: {"vulns": [one]}])
def test_a_file_in_each_of_its_forms(tmp_path, wrap):
    """One record, a list of them, and an answer of OSV's service."""
    path = tmp_path / "osv.json"
    path.write_text(json.dumps(wrap(record())))

    assert [one.ids for one in read_records(path, NAMES)] == [("PYSEC-2025-1",)]


def test_an_archive_of_records(tmp_path):
    """OSV's all.zip; what is about other packages is left out."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("PYSEC-2025-1.json", json.dumps(record()))
        archive.writestr("GHSA-1.json", json.dumps(record(name="flask", id="GHSA-1")))
        archive.writestr("README.md", "no record")

    assert [one.ids for one in read_records(path, NAMES)] == [("PYSEC-2025-1",)]


def test_a_clone_of_the_advisory_database(tmp_path):
    """A folder for each package, in YAML, where a version such as 1.10 stays a text; other packages are not opened."""
    for name, text in {
        "django/PYSEC-2025-2.yaml": "id: PYSEC-2025-2\nmodified: 2025-01-01T00:00:00Z\naliases:\n- CVE-2025-2\n"
        "affected:\n- package: {ecosystem: PyPI, name: django}\n  ranges:\n  - type: ECOSYSTEM\n    events:\n"
        "    - introduced: 1.10\n    - fixed: 1.11\n",
        "flask/PYSEC-2025-3.yaml": "{{{ broken",
    }.items():
        path = tmp_path / "vulns" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (found,) = read_records(tmp_path, NAMES)

    assert found.ids == ("PYSEC-2025-2", "CVE-2025-2")
    assert found.modified == datetime.date(2025, 1, 1)
    assert is_affected(Version("1.10"), found.affected[0])
    assert not is_affected(Version("1.9"), found.affected[0])


def test_a_folder_of_records(tmp_path):
    """Every JSON and YAML file in it, whatever stands beside them."""
    (tmp_path / "nested").mkdir()
    (tmp_path / "nested" / "one.json").write_text(json.dumps(record()))
    (tmp_path / "notes.txt").write_text("no record")
    (tmp_path / "link.json").symlink_to("/dev/zero")

    assert len(read_records(tmp_path, NAMES)) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1: is no JSON"),
        (b'{"id": "X",\n "affected": [}', "line 2: is no JSON"),
        (b"\xff\xfe\x00", "no UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"9" * 10_000, "nested too deeply, or holds a number"),
        (b"7", "is no record of the OSV format"),
        (b"[null]", r"record 1\): is no record"),
        (b'{"id": 7}', "is no record"),
        (b'{"id": "X", "affected": 7}', "X: is no record"),
        (b'{"id": "X", "affected": ["what"]}', "X: is no record"),
        (
            b'{"id": "X", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "ranges": [7]}]}',
            "X: is no record",
        ),
        (
            b'{"id": "X", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "versions": 7}]}',
            "X: is no record",
        ),
        (
            b'{"id": "X", "aliases": 7, "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}}]}',
            "X: is no record",
        ),
    ],
)
def test_a_broken_file_is_one_clear_line(tmp_path, content, told):
    """It names the file, and where in it something is wrong; nothing is judged by the rest."""
    path = tmp_path / "osv.json"
    path.write_bytes(content)

    with pytest.raises(NotAssessed, match=rf"osv\.json.*{told}") as raised:
        read_records(path, NAMES)
    assert "\n" not in str(raised.value)


def test_broken_archives_and_yaml(tmp_path):
    """A member that is too big is not unpacked, and anchors are not followed."""
    bomb = tmp_path / "all.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.json", b" " * (5 * 1024 * 1024))
    (tmp_path / "y").mkdir()
    (tmp_path / "y" / "a.yaml").write_text("a: &a [x]\nb: *a\n")
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "a.yaml").write_text("a: b\n  c: [\n")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(bomb.read_bytes()[:20] + b"\0" * 40 + bomb.read_bytes()[-60:])

    with pytest.raises(NotAssessed, match=r"big\.json: has more than 4 MiB"):
        read_records(bomb, NAMES)
    with pytest.raises(NotAssessed, match=r"a\.yaml: is no YAML"):
        read_records(tmp_path / "y", NAMES)
    with pytest.raises(NotAssessed, match=r"a\.yaml: line \d: is no YAML"):
        read_records(tmp_path / "z", NAMES)
    with pytest.raises(NotAssessed, match=r"cut\.zip"):
        read_records(cut, NAMES)
    with pytest.raises(NotAssessed, match="is not there"):
        read_records(tmp_path / "none", NAMES)


def test_events_of_a_hostile_record():
    """A range whose bounds are no versions holds nothing, and breaks nothing."""
    for events in ([("fixed", "x")], [("introduced", "0"), ("fixed", "\x00")], [("last_affected", "0")], []):
        found = record_of(record(events=events)).affected[0]
        assert isinstance(found, Affected)
        assert not is_affected(Version("1.0"), found)
