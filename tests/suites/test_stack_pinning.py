"""The checks of the pinning strategy, on the forms that people write, both ways."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, Violation
from stackproof.descriptor.model import Project
from stackproof.evidence import Recorder, Redactor
from stackproof.project.pins import forms_of
from stackproof.project.view import ProjectFiles

COMPATIBLE = ("stack/pinning::production_requirements_are_compatible_releases", "pinning.production.compatible-release")
MINOR = ("stack/pinning::production_requirements_name_a_minor_version", "pinning.production.minor")
MINIMUM = ("stack/pinning::development_requirements_have_a_minimum", "pinning.development.minimum-version")


@pytest.fixture
def judge(check, tmp_path):
    """Call a check of a clause on a project of these requirements."""

    def run(which, *requirements, development=(), specification=None, **files):
        texts = {"requirements.txt": "\n".join(requirements), "requirements-dev.txt": "\n".join(development), **files}
        for name, text in texts.items():
            if text:
                (tmp_path / name).write_text(text, encoding="utf-8")
        view = ProjectFiles(SimpleNamespace(project=Project(path=tmp_path)), Recorder(Redactor()))
        return check(*which, files=view, **({"specification": specification} if specification else {}))

    return run


@pytest.mark.parametrize(
    "written",
    [
        "requests>=2.32,<3.0",
        "requests>=2.32,<3",
        "requests~=2.32",
        "requests~=2.32.1",
        "requests==2.32.*",
        "requests>=2.32,<2.33",
        "requests>2.31,<3.0,!=2.32.2",
        "requests[socks]>=2.32.3,<3.0; os_name == 'posix'",
        "pytz>=2025.1,<2026.0",
        "packaging~=24.2",
        "opentelemetry-api>=0.48b0,<1.0",
        "odd>=1!2.0,<1!3.0",
        "young>=0.28,<0.29",
        "young>=0.28,<1.0",
        "Django>=5.2,<5.3",
        "./libs/own",
        "argon2-cffi>=23.1",
        "argon2-cffi>=23.1,<99.0",
    ],
)
def test_a_compatible_release_in_any_words_is_satisfied(judge, written):
    """The clause's two forms, what means the same, and a tighter cap; and what the package's row lacks itself."""
    assert judge(COMPATIBLE, "celery>=5.6,<6.0", written)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("requests==2.32.3", "is pinned exactly; write requests>=2.32,<3.0"),
        ("requests===2.32.3", "is pinned exactly"),
        ("requests>=2.32,<=2.32", "is pinned exactly"),
        ("torch==2.5.0+cu121", "is pinned exactly; write torch>=2.5,<3.0"),
        ("requests>=2.32", "has no upper bound; write requests>=2.32,<3.0"),
        ("requests!=2.31", "has no lower bound and has no upper bound; write requests>=X.Y,<X+1.0"),
        ("requests", "has no lower bound and has no upper bound"),
        ("requests<3.0", "has no lower bound; write requests>=X.Y,<X+1.0"),
        ("requests>=2.32,<4.0", "has an upper bound beyond the next release that may break; write requests>=2.32,<3.0"),
        ("requests>=2.32,<=3.0", "has an upper bound beyond"),
        ("pytz>=2024.1,<2026.0", "beyond the next release that may break; write pytz>=2024.1,<2025.0"),
        ("odd>=1!2.0", "write odd>=1!2.0,<1!3.0"),
        ("requests>=3.0,<2.0", "admits nothing at all"),
        ("shop @ git+https://git.example.com/shop.git@v1.0", "is not taken from an index"),
        ("shop @ https://files.example.com/shop-1.0-py3-none-any.whl", "is not taken from an index"),
        ("git+https://git.example.com/shop.git#egg=shop", "is not taken from an index"),
        ("django==5.2.4", "is pinned exactly; write django>=5.2,<5.3"),
        ("argon2-cffi==23.1.0", "is pinned exactly; write argon2-cffi>=23.1"),
        ("argon2-cffi", "has no lower bound"),
        ("celery[redis]>=5.6; os_name == 'nt'", 'write celery[redis]>=5.6,<6.0; os_name == "nt"'),
    ],
)
def test_another_form_is_violated(judge, written, told):
    """Each with its line, what it lacks, and a line in the form of the clause or of the package's row."""
    with pytest.raises(Violation, match=r"requirements\.txt:2: ") as caught:
        judge(COMPATIBLE, "kombu>=5.6,<6.0", written)
    assert told in caught.value.seen


def test_a_star_of_poetry_is_no_version(judge):
    """The suggestion speaks Poetry's words."""
    project = '[tool.poetry.dependencies]\nrequests = "*"\nrich = "^13.9"\nstructlog = "24.4.0"\n'
    with pytest.raises(Violation) as caught:
        judge(COMPATIBLE, **{"pyproject.toml": project})
    assert 'requests = "*" has no lower bound' in caught.value.seen
    assert 'write structlog = ">=24.4,<25.0"' in caught.value.seen
    assert "rich" not in caught.value.seen


def test_at_most_ten_offenders_are_listed(judge):
    """And how many there are of how many."""
    with pytest.raises(Violation) as caught:
        judge(COMPATIBLE, "celery>=5.6,<6.0", *(f"part{number}==1.0" for number in range(12)))
    assert caught.value.seen.startswith("12 of 13: ")
    assert caught.value.seen.endswith("; and 2 more")
    assert caught.value.seen.count("is pinned exactly") == 10


def test_what_a_row_lacks_is_said(judge):
    """A row without an upper bound wins over the strategy, and not without a word."""
    assert "argon2-cffi>=23.1 has no upper bound, as its row says: >=23.1" in judge(COMPATIBLE, "argon2-cffi>=23.1")


def test_a_repaired_row_no_longer_excuses(judge, edition):
    """The exemption comes from the document at hand."""
    own = edition(("`>=23.1`", "`>=23.1,<24.0`"))
    with pytest.raises(Violation, match=r"has no upper bound; write argon2-cffi>=23\.1,<24\.0"):
        judge(COMPATIBLE, "argon2-cffi>=23.1", specification=own)


def test_bounds_may_stand_in_a_constraints_file(judge):
    """What is in force counts."""
    assert judge(COMPATIBLE, "-c limits.txt", "requests", **{"limits.txt": "requests>=2.32,<3.0\n"})


def test_development_is_not_production(judge):
    """Each clause speaks of its own requirements."""
    assert judge(COMPATIBLE, "requests>=2.32,<3.0", development=["ruff>=0.9", "ipdb==0.13.13"])
    assert judge(MINIMUM, "requests==2.32.3", development=["ruff>=0.9"])


@pytest.mark.parametrize("written", ["requests~=2.32", "requests>=2.32,<3", "requests>=2.32.1", "requests==2.32.3"])
def test_a_minor_version_is_named(judge, written):
    """Two numbers, or more."""
    assert judge(MINOR, written)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("requests>=2,<3", "names major alone; write requests>=2.0,<3.0"),
        ("requests==2.*", "names major alone"),
        ("requests<3.0", "names no version; write requests>=X.Y,<X+1.0"),
        ("requests", "names no version"),
        ("django>=5", "names major alone; write django>=5.2,<5.3"),
    ],
)
def test_without_a_minor_version_is_violated(judge, written, told):
    """A major version alone lets everything up to the next one move."""
    with pytest.raises(Violation) as caught:
        judge(MINOR, "celery>=5.6,<6.0", written)
    assert told in caught.value.seen


@pytest.mark.parametrize(
    "written", ["ruff>=0.9", "ipdb>=0.13,<1.0", "ipdb~=0.13", "pytest>=8.3,<9.0", "ipdb>0.13", "-e ./tools/own"]
)
def test_a_minimum_is_enough_for_development(judge, written):
    """An upper bound besides is told, and no violation: the document's own rows have some."""
    assert judge(MINIMUM, development=["mypy>=1.14", written])


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("ipdb", "has no lower bound; write ipdb>=X.Y"),
        ("ipdb<1.0", "has no lower bound"),
        ("ipdb==0.13.13", "is pinned exactly; write ipdb>=0.13"),
        ("ruff==0.9.1", "is pinned exactly; write ruff>=0.9"),
        ("git+ssh://git@git.example.com/tool.git", "is not taken from an index"),
    ],
)
def test_development_without_a_minimum_is_violated(judge, written, told):
    """Tools may move ahead, from where they were tried."""
    with pytest.raises(Violation, match=r"requirements-dev\.txt:2: ") as caught:
        judge(MINIMUM, development=["mypy>=1.14", written])
    assert told in caught.value.seen


def test_a_lock_without_its_source_declares_nothing(judge):
    """Its exact pins are a tool's, and no form that somebody chose."""
    with pytest.raises(NotAssessed, match=r"requirements\.txt was compiled by a tool"):
        judge(COMPATIBLE, "# This file was autogenerated by uv via the following command:", "django==5.2.4")


def test_where_nothing_is_declared_nothing_is_said(judge):
    """No requirement of that use, or one that could not be read."""
    with pytest.raises(NotAssessed, match=r"list them in project\.development"):
        judge(MINIMUM, "requests>=2.32,<3.0")
    with pytest.raises(NotAssessed, match="names a file that cannot be read"):
        judge(COMPATIBLE, "requests>=2.32,<3.0", "-r gone.txt")
    with pytest.raises(Violation):
        judge(COMPATIBLE, "requests", "-r gone.txt")


@pytest.mark.parametrize(
    ("forms", "good", "bad"),
    [
        ("`~=X.Y.Z`", "requests~=2.32.1", "requests~=2.32"),
        ("`>=X.Y,<X.Y+1`", "requests>=2.32,<2.33", "requests>=2.32,<3.0"),
        ("`==X.Y.Z`", "requests==2.32.3", "requests>=2.32,<3.0"),
        ("`>=X.Y`", "requests>=2.32", "requests<3.0"),
    ],
)
def test_an_edition_with_another_strategy(judge, edition, forms, good, bad):
    """The form comes from the clause."""
    own = edition(("`>=X.Y,<X+1.0` or `~=X.Y`", forms))
    assert judge(COMPATIBLE, good, specification=own)
    with pytest.raises(Violation):
        judge(COMPATIBLE, bad, specification=own)


def test_a_form_that_is_not_known_is_not_assessed(judge, edition):
    """Nobody is called a violator of what was not understood."""
    both = edition(("`>=X.Y,<X+1.0` or `~=X.Y`", "`>=X.Y,<X+1.0` or `>=X.Y,<X+7.5`"))
    with pytest.raises(NotAssessed, match="one form is not known here"):
        judge(COMPATIBLE, "requests>=2.32", specification=both)
    assert judge(COMPATIBLE, "requests>=2.32,<3.0", specification=both)


def test_a_form_with_any_upper_bound(judge, edition):
    """`<Z` says that there is a bound, and not where."""
    company = edition(("`>=X.Y,<X+1.0` or `~=X.Y`", "`>=X.Y,<Z`"))

    assert judge(COMPATIBLE, "requests>=2.32,<9", specification=company)
    with pytest.raises(Violation, match=r"requests>=2\.32 has no upper bound; write"):
        judge(COMPATIBLE, "requests>=2.32", specification=company)
    with pytest.raises(Violation, match="has no lower bound"):
        judge(COMPATIBLE, "requests<9", specification=company)


def test_an_unknown_form_is_told_with_the_known_ones(judge, edition):
    """The keeper of the document reads what could stand there."""
    odd = edition(("`>=X.Y,<X+1.0` or `~=X.Y`", "`>=X.Y,<X+7.5`"))
    with pytest.raises(NotAssessed, match=r"no form that is known here \(>=X\.Y, "):
        judge(COMPATIBLE, "requests>=2.32", specification=odd)


def test_the_forms_that_are_known():
    """As clauses write them."""
    known = forms_of([">=X.Y,<X+1.0", ">=X.Y, <X+1", "~=X.Y", "~=X.Y.Z", ">=X.Y", "==X.Y.Z", "==X.Y.*", "whatever"])

    assert [(one.cap, one.exact) for one in known] == [
        ("major", False),
        ("major", False),
        ("major", False),
        ("minor", False),
        ("", False),
        ("", True),
        ("minor", False),
    ]
