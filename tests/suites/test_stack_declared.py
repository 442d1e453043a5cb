"""The checks of what a project declares, on projects of other people, both ways."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.descriptor.model import Project
from stackproof.evidence import Recorder, Redactor
from stackproof.project.view import ProjectFiles

ROW = "stack/declared::declared_range_is_inside_the_constraint"
PYTHON = "stack/declared::declared_python_is_inside_the_constraint"


@pytest.fixture
def files(tmp_path):
    """A view on a project of these files."""

    def write(texts, **project):
        for name, text in texts.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return ProjectFiles(SimpleNamespace(project=Project(path=tmp_path, **project)), Recorder(Redactor()))

    return write


def of(*requirements, **more):
    """pyproject.toml with these dependencies."""
    listed = ", ".join(f"'''{one}'''" for one in requirements)
    extra = "".join(f"{key} = {value}\n" for key, value in more.items())
    return {"pyproject.toml": f"[project]\nname = 'shop'\ndependencies = [{listed}]\n{extra}"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("django>=4.2,<5.0", "admits nothing inside it; write django>=5.2,<5.3"),
        ("django>=5.2", "admits 5.3; write django>=5.2,<5.3"),
        ("django>=5.2.3", "admits 5.3; write django>=5.2.3,<5.3"),
        ("django~=5.2", "admits 5.3; write django>=5.2,<5.3"),
        ("django<5.3", "admits 5.1; write django>=5.2,<5.3"),
        ("django", "admits 5.3; write django>=5.2,<5.3"),
        ("django==5.1.4", "admits nothing inside it"),
        ("Django[argon2]>=5.1,<5.3; os_name == 'posix'", "admits 5.1; write django[argon2]>=5.2,<5.3; os_name"),
        ("django>=5.2rc1,<5.3", "admits 5.2rc1"),
        ("django>6,<5", "admits nothing at all"),
        ("django===5.2-custom", "admits nothing inside it"),
    ],
)
def test_a_range_that_admits_what_the_row_rules_out_is_violated(check, files, written, told):
    """The violation has the line, what the range admits, and a line that would be right."""
    with pytest.raises(Violation, match=r"pyproject\.toml:3 declares") as caught:
        check(ROW, "version.django", files=files(of(written)))
    assert told in caught.value.seen


@pytest.mark.parametrize(
    "written", ["django>=5.2,<5.3", "Django~=5.2.0", "django==5.2.*", "django==5.2.4", "django>=5.2.1,!=5.2.3,<5.2.9"]
)
def test_a_range_inside_the_row_is_satisfied(check, files, written):
    """As it stands there, or narrower."""
    assert written in check(ROW, "version.django", files=files(of(written)))


@pytest.mark.parametrize(
    ("row", "written"),
    [
        ("version.django-rest-framework", "djangorestframework>=3.16,<4.0"),
        ("version.redis-python", "redis>=5.2,<6.0"),
        ("version.django-channels", "Channels>=4.3,<5.0"),
        ("version.psycopg", "psycopg[binary]>=3.2,<4.0"),
        ("version.argon2-cffi", "argon2_cffi>=23.1"),
    ],
)
def test_names_of_components_and_packages(check, files, row, written):
    """A row's component is its package, however the name is written."""
    assert check(ROW, row, files=files(of(written)))


def test_every_place_counts(check, files):
    """The extra that is right does not make the group of development right."""
    texts = of("django>=5.2,<5.3", **{"optional-dependencies": "{api = ['celery>=5.3']}"})
    texts["requirements-dev.txt"] = "celery>=5.6,<6.0\nblack\n"

    with pytest.raises(Violation, match=r"celery>=5\.3, which admits 6\.0; write celery>=5\.6,<6\.0"):
        check(ROW, "version.celery", files=files(texts))
    with pytest.raises(Violation, match=r"requirements-dev\.txt:2 declares black, .*; write black>=24\.10"):
        check(ROW, "version.black", files=files(texts))


def test_what_is_taken_together_is_judged_together(check, files):
    """A bare name in a group of development is bounded by the project's own line, and by constraints."""
    texts = of("django>=5.2,<5.3")
    texts["requirements-dev.txt"] = "-c limits.txt\ndjango\nmypy\n"
    texts["limits.txt"] = "mypy>=1.14\n"

    assert "requirements-dev.txt:2" in check(ROW, "version.django", files=files(texts))
    assert "requirements-dev.txt:3" in check(ROW, "version.mypy", files=files(texts))


def test_lines_that_no_version_can_keep_are_violated(check, files):
    """Two lines of one list that exclude each other admit nothing."""
    with pytest.raises(Violation, match=r"in force .* which admits nothing at all"):
        check(ROW, "version.django", files=files(of("django>=5.2,<5.3", "django<5.2")))


def test_what_cannot_be_taken_together_is_judged_by_itself(check, files):
    """A file that excludes the project's own line is another environment, with a verdict of its own."""
    texts = of("django>=5.2,<5.3", "black>=99.0")
    texts["requirements-dev.txt"] = "django<5.2\nblack>=24.10,<25.0\n"
    with pytest.raises(Violation, match=r"requirements-dev\.txt:1 declares django<5\.2, which admits nothing inside"):
        check(ROW, "version.django", files=files(texts))
    assert "requirements-dev.txt:2" in check(ROW, "version.black", files=files(texts))


def test_a_marker_for_other_pythons_is_left_aside(check, files):
    """What the document does not run on does not decide; what it may run on does."""
    old, new = "django<5; python_version < '3.12'", "django>=5.2,<5.3; python_version >= '3.12'"
    assert new.partition(";")[0] in check(ROW, "version.django", files=files(of(old, new)))
    with pytest.raises(NotAssessed, match="for Pythons alone that the document does not admit"):
        check(ROW, "version.django", files=files(of(old)))
    with pytest.raises(Violation):
        check(ROW, "version.django", files=files(of("django<5; sys_platform == 'win32'")))


@pytest.mark.parametrize(
    "written", ["django @ git+https://git.example.com/django.git", "django @ https://files.example.com/django-5.2.zip"]
)
def test_what_comes_from_elsewhere_is_not_assessed(check, files, written):
    """Which version a repository has, its declaration does not say."""
    with pytest.raises(NotAssessed, match="takes django from elsewhere"):
        check(ROW, "version.django", files=files(of(written)))


def test_what_is_not_declared_is_not_assessed(check, files):
    """It may come with another package; the descriptor can say that it is not used."""
    with pytest.raises(NotAssessed, match="celery is not declared"):
        check(ROW, "version.celery", files=files(of("django>=5.2,<5.3")))
    with pytest.raises(NotApplicable, match=r"project\.unused"):
        check(ROW, "version.celery", files=files(of("django>=5.2,<5.3"), unused=("version.celery",)))
    with pytest.raises(Violation):
        check(ROW, "version.celery", files=files(of("celery"), unused=("version.celery",)))


def test_what_could_not_be_read_is_never_fine(check, files):
    """A violation stands whatever else is there; without one, nothing is known."""
    texts = {**of("django>=5.2,<5.3", "celery"), "requirements-dev.txt": "-r gone.txt\n"}
    with pytest.raises(NotAssessed, match=r"requirements-dev\.txt:1: names a file that cannot be read"):
        check(ROW, "version.django", files=files(texts))
    with pytest.raises(Violation):
        check(ROW, "version.celery", files=files(texts))


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (of(**{"requires-python": "'>=3.12'"}), 'admits 3.14; write requires-python = ">=3.12,<3.14"'),
        (of(**{"requires-python": "'>=3.10,<3.14'"}), "admits 3.10; write requires-python"),
        (of(**{"requires-python": "'~=3.12'"}), "admits 3.14"),
        (of(**{"requires-python": "'<3.12'"}), "admits nothing inside it"),
        ({**of(**{"requires-python": "'>=3.12,<3.14'"}), ".python-version": "3.11\n"}, ".python-version:1"),
        (
            {"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.12"\n'},
            "tool.poetry python ^3.12, which admits 3.14",
        ),
        ({"setup.cfg": "[options]\npython_requires = >=3.12\n"}, "setup.cfg:2 has python_requires >=3.12"),
    ],
)
def test_a_declared_python_outside_the_row_is_violated(check, files, texts, told):
    """Wherever it is declared."""
    with pytest.raises(Violation) as caught:
        check(PYTHON, "version.python", files=files(texts))
    assert told in caught.value.seen


@pytest.mark.parametrize("written", [">=3.12,<3.14", "==3.12.*", ">=3.12.4,<3.13", "~=3.13.0"])
def test_a_declared_python_inside_the_row_is_satisfied(check, files, written):
    """The row's own range, or a narrower one; classifiers decide nothing."""
    more = {"requires-python": f"'{written}'", "classifiers": "['Programming Language :: Python :: 3.8']"}
    assert written in check(PYTHON, "version.python", files=files({**of(**more), ".python-version": "3.13\n"}))


WORKSPACE = """
[project]
name = "shop"
version = "1"
requires-python = "{}"
[tool.uv.workspace]
members = ["api"]
"""
MEMBER = '[project]\nname = "api"\nversion = "1"\nrequires-python = "{}"\n'


@pytest.mark.parametrize(
    ("root", "member"), [(">=3.11", ">=3.12,<3.14"), (">=3.12", "<3.14"), (">=3.12,<3.14", ">=3.9")]
)
def test_a_workspace_is_for_the_pythons_that_all_its_members_admit(check, files, root, member):
    """uv takes what they have in common, so that the widest of them decides nothing."""
    texts = {"pyproject.toml": WORKSPACE.format(root), "api/pyproject.toml": MEMBER.format(member)}
    assert f"{root} and {member}" in check(PYTHON, "version.python", files=files(texts))


def test_a_workspace_that_admits_too_much_together_is_violated(check, files):
    """Both are open upwards."""
    texts = {"pyproject.toml": WORKSPACE.format(">=3.11"), "api/pyproject.toml": MEMBER.format(">=3.12")}
    with pytest.raises(Violation) as caught:
        check(PYTHON, "version.python", files=files(texts))
    assert "requires-python >=3.11 and >=3.12, which admits 3.14" in caught.value.seen


def test_without_a_declared_python_nothing_is_known(check, files):
    """The reason says where it could stand."""
    with pytest.raises(NotAssessed, match=r"project\.requires-python"):
        check(PYTHON, "version.python", files=files({"requirements.txt": "django\n"}))


def test_an_edition_decides_by_its_own_row(check, files, edition):
    """The bounds come from the document."""
    own = edition(("`>=5.2,<5.3`", "`>=6.0,<6.1`"))
    with pytest.raises(Violation, match=r"write django>=6\.0,<6\.1"):
        check(ROW, "version.django", specification=own, files=files(of("django>=5.2,<5.3")))
    assert check(ROW, "version.django", specification=own, files=files(of("django>=6.0,<6.1")))
