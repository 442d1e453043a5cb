"""Declarations get other constraints; everything beside them stays as the team wrote it."""

import tomllib

import pytest

from stackproof.rehearse.declared import (
    constrained_pyproject,
    default_groups,
    edited_pyproject,
    edited_requirements,
    loosened,
    roots_of,
    with_constraint,
)

PYPROJECT = """\
[project]
name = "shop"
dependencies = [
  # the framework
  "Django>=5.2,<5.3", # LTS
  'celery[redis] >=5.6 ; python_version >= "3.12"',
  "local @ file:///srv/local",
]

[project.optional-dependencies]
docs = ["Sphinx"]

[dependency-groups]
dev = ["pytest>=8,<9", {include-group = "lint"}]
lint = ["ruff"]
"""


def test_only_the_requirement_changes():
    """Comments, quotes of neighbours, extras and markers stay."""
    text, found = edited_pyproject(PYPROJECT, {"django": ">=6.0,<6.1", "celery": ">=5.7", "ruff": "==1.*"})

    assert found == {"django", "celery", "ruff"}
    differing = [(a, b) for a, b in zip(PYPROJECT.splitlines(), text.splitlines(), strict=True) if a != b]
    assert [new for _, new in differing] == [
        '  "Django>=6.0,<6.1", # LTS',
        '  "celery[redis]>=5.7 ; python_version >= \\"3.12\\"",',
        'lint = ["ruff==1.*"]',
    ]


def test_what_names_an_address_has_no_constraint():
    """A package from a file or a repository is not a matter of versions."""
    assert with_constraint("local @ file:///srv/local", {"local": ">=2"}) is None


def test_what_is_not_declared_is_constrained():
    """A package that others bring along gets a constraint of uv's own; an older one of it goes."""
    text = constrained_pyproject(
        PYPROJECT + '[tool.uv]\nconstraint-dependencies = ["kombu<5", "vine"]\n', {"kombu": ">=5.5"}
    )

    assert tomllib.loads(text)["tool"]["uv"]["constraint-dependencies"] == ["vine", "kombu>=5.5"]
    assert tomllib.loads(constrained_pyproject(PYPROJECT, {"kombu": ">=5"}))["tool"]["uv"] == {
        "constraint-dependencies": ["kombu>=5"]
    }
    assert constrained_pyproject(PYPROJECT, {}) == PYPROJECT


def test_the_roots_are_names_without_versions():
    """Groups bring the groups that they include; addresses are left out."""
    data = tomllib.loads(PYPROJECT)

    assert roots_of(data, ["dev"], ["docs"]) == (
        "django",
        'celery[redis] ; python_version >= "3.12"',
        "sphinx",
        "pytest",
        "ruff",
    )
    assert default_groups(data) == ("dev",)
    assert default_groups({"project": {}}) == ()
    assert default_groups({"tool": {"uv": {"dev-dependencies": ["black"]}}}) == ("dev",)
    assert roots_of({"tool": {"uv": {"dev-dependencies": ["black>=24"]}}}, ["dev"], []) == ("black",)
    assert default_groups(data | {"tool": {"uv": {"default-groups": "all"}}}) == ("dev", "lint")


REQUIREMENTS = """\
-r base.txt
--index-url https://pypi.example/simple
django==5.2.8 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via -r requirements.in
celery[redis]==5.6.0 ; python_version >= "3.12"
redis>=5,<6  # bounded
# django==1.0
"""


def test_pins_are_loosened_and_bounds_are_not():
    """Hashes go with the pins that they belong to."""
    assert loosened(REQUIREMENTS).splitlines() == [
        "-r base.txt",
        "--index-url https://pypi.example/simple",
        "django",
        "    # via -r requirements.in",
        'celery[redis] ; python_version >= "3.12"',
        "redis>=5,<6  # bounded",
        "# django==1.0",
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_of_requirements_is_edited_line_by_line(newline):
    """Options, comments, and the manner of ending a line stay."""
    text = "-r base.txt\n# Django>=1\nDjango>=5.2,<5.3  # LTS\nredis\n".replace("\n", newline)

    assert edited_requirements(text, {"django": ">=6.0,<6.1"}) == text.replace(
        "Django>=5.2,<5.3  #", "Django>=6.0,<6.1  #"
    )
