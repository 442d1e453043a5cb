"""A folder of a project as a target, and the files in it."""

import os
import sys

import pytest

from stackproof.check import NotAssessed, View
from stackproof.descriptor.reading import read_descriptor
from stackproof.errors import InfrastructureError, UsageError
from stackproof.faults import Fault
from stackproof.project.described import described_folder
from stackproof.project.view import SIZE_CAP, text_of
from stackproof.repository import changed_copy
from stackproof.target.tracked import Tracked
from stackproof.target.views import open_views


def test_a_folder_is_a_target_without_a_service(tmp_path):
    """Its files can be looked at; every other view says why it is closed, and nothing is written into the folder."""
    folder = tmp_path / 'a "quoted" \\ name 😀'
    folder.mkdir()

    with described_folder(folder) as written:
        descriptor = read_descriptor(written)
        views = open_views(descriptor)

    assert descriptor.target.name == folder.name
    assert [view for view, one in views.items() if one.open] == [View.FILES]
    assert "no target.base_url" in views[View.HTTP].reason
    assert "project.python" in views[View.PROJECT].reason
    assert not list(folder.iterdir())


def test_the_interpreter_of_a_virtual_environment_is_found(tmp_path):
    """`.venv` and `venv` are where tools put them."""
    binary = tmp_path / "venv" / "bin"
    binary.mkdir(parents=True)
    (binary / "python").symlink_to(sys.executable)

    with described_folder(tmp_path) as written:
        assert open_views(read_descriptor(written))[View.PROJECT].open


def test_what_is_no_folder_is_refused(tmp_path):
    """A file is no project."""
    file = tmp_path / "pyproject.toml"
    file.touch()
    for wrong in (file, tmp_path / "nothing"):
        with pytest.raises(UsageError, match="is no folder"), described_folder(wrong):
            pass


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "there is no such file"),
        (lambda path: path.mkdir(), "there is no such file"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "is no UTF-8 text"),
        (lambda path: path.symlink_to("/etc/hostname"), "leads out of the project's folder"),
        (lambda path: path.open("wb").truncate(SIZE_CAP + 1), "more than 32 MiB"),
        (os.mkfifo, "is no regular file"),
        (lambda path: path.symlink_to("nowhere"), "is a link that leads nowhere"),
        (lambda path: path.symlink_to("some.txt"), "is a link that leads back to itself"),
    ],
)
def test_a_file_that_cannot_be_read_gives_a_reason(tmp_path, make, reason):
    """Each names the file."""
    make(tmp_path / "some.txt")

    with pytest.raises(NotAssessed, match=reason) as error:
        text_of(tmp_path, "some.txt")
    assert str(error.value).startswith("some.txt: ")


def changed(tmp_path, **files):
    app = tmp_path / "app"
    app.mkdir()
    (app / "kept.txt").write_text("one two", encoding="utf-8")
    (app / "lock.txt").write_text("three", encoding="utf-8")
    fault = Fault(name="some", summary="Something is otherwise.", notices=("a/b::c",), files=files)
    return app, changed_copy(app, tmp_path, fault)


def test_a_fault_changes_a_copy_before_and_after_the_commit(tmp_path, evidence):
    """The reference project itself stays as it is, and Git knows what was there at the commit."""
    app, copy = changed(
        tmp_path,
        **{
            "kept.txt": {"replace": {"two": "2"}, "append": "!"},
            "lock.txt": {"text": "late", "committed": False},
            "new.txt": {"text": "new", "committed": False},
        },
    )

    assert (copy / "kept.txt").read_text() == "one 2!"
    assert (copy / "lock.txt").read_text() == "late"
    assert (app / "kept.txt").read_text() == "one two"
    assert Tracked(copy, evidence).files() == ("kept.txt", "lock.txt")


def test_a_fault_that_changes_nothing_is_a_fault_of_the_harness(tmp_path):
    """A text that is not there would leave the project conforming, and the check blamed."""
    with pytest.raises(InfrastructureError, match="has no 'absent'"):
        changed(tmp_path, **{"kept.txt": {"replace": {"absent": "x"}}})
