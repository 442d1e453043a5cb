"""What pyproject.toml declares, in each of the ways in which teams write it."""

import re

import pytest

from stackproof.check import NotAssessed
from stackproof.project.model import Use

PEP_621 = """\
[project]
name = "Shop_Front"
requires-python = ">=3.12,<3.14"
dependencies = [
  "Django_Redis>=5.4,<6.0",
  "celery[Redis,msgpack]>=5.6,<6.0; python_version >= '3.12'",  # a remark
]
dynamic = ["version"]
classifiers = ["Programming Language :: Python :: 3.12", "Framework :: Django"]

[project.optional-dependencies]
dev = ["pytest>=8.3"]
postgres = ["psycopg>=3.2,<4.0"]
everything = ["shop-front[postgres]"]
"""


def seen(found):
    """(name, use, group, line) of what was read."""
    return [(one.name, one.use.value, one.group, one.place.line) for one in found]


def test_pep_621(declared):
    """Dependencies and extras with their lines; names are normalised, and the project does not depend on itself."""
    found = declared({"pyproject.toml": PEP_621})

    assert seen(found) == [
        ("django-redis", "production", "", 5),
        ("celery", "production", "", 6),
        ("pytest", "development", "dev", 12),
        ("psycopg", "optional", "postgres", 13),
    ]
    celery = found.of("celery")[0]
    assert celery.extras == ("msgpack", "redis")
    assert celery.marker == 'python_version >= "3.12"'
    assert [(one.key, str(one.place)) for one in found.pythons] == [("requires-python", "pyproject.toml:3")]
    assert found.classifiers == ("Programming Language :: Python :: 3.12",)
    assert not found.unread


def test_dependency_groups_alone(declared):
    """PEP 735: groups are for development, unless their names say otherwise; what is included is there once."""
    found = declared(
        {
            "pyproject.toml": """\
[dependency-groups]
prod = ["django>=5.2,<5.3"]
Test = ["pytest>=8.3", {include-group = "typing"}]
typing = ["mypy>=1.14"]
"""
        }
    )

    assert seen(found) == [
        ("django", "production", "prod", 2),
        ("pytest", "development", "Test", 3),
        ("mypy", "development", "typing", 4),
    ]


def test_the_descriptor_names_what_a_groups_name_does_not_tell(declared):
    """A group of production, an extra for development, and a file."""
    files = {
        "pyproject.toml": '[project]\nname = "x"\noptional-dependencies = {extra = ["flake8>=7.0"]}\n'
        '[dependency-groups]\nworker = ["celery>=5.6,<6.0"]\n',
        "requirements-worker.txt": "kombu>=5.6,<6.0\n",
    }
    found = declared(files, production=["Worker"], development=["extra", "requirements-worker.txt"])

    assert [(one.name, one.use) for one in found] == [
        ("flake8", Use.DEVELOPMENT),
        ("celery", Use.PRODUCTION),
        ("kombu", Use.DEVELOPMENT),
    ]


def test_sources_of_uv(declared):
    """What comes from a repository, a URL, a folder or the workspace has no range, whatever stands beside its name."""
    found = declared(
        {
            "pyproject.toml": """\
[project]
name = "shop"
dependencies = ["django>=5.2,<5.3", "a>=1.0", "b", "c", "d", "e>=1.0,<2.0", "f>=1.0", "g>=1.0"]
[tool.uv]
dev-dependencies = ["ruff>=0.9"]
constraint-dependencies = ["e<1.5"]
override-dependencies = ["django>=5.1,<5.2"]
[tool.uv.sources]
A = { git = "https://git.example.com/a.git", tag = "v1" }
b = { url = "https://files.example.com/b-1.0-py3-none-any.whl" }
c = { path = "../c", editable = true }
d = { workspace = true }
e = { index = "company" }
f = [{ git = "https://git.example.com/f.git", marker = "sys_platform == 'darwin'" }]
[tool.poetry.dependencies]
g = { git = "https://git.example.com/g.git" }
"""
        }
    )

    assert [(one.name, one.source, str(one.specifier)) for one in found if one.name in "abcdfg"] == [
        ("a", "vcs", ""),
        ("b", "url", ""),
        ("c", "path", ""),
        ("d", "path", ""),
        ("f", "index", ">=1.0"),
        ("g", "vcs", ""),
    ]
    assert str(found.of("django")[0].specifier) == "<5.2,>=5.1"
    assert found.of("django")[0].place.line == 7
    assert found.of("ruff")[0].use is Use.DEVELOPMENT
    assert set(map(str, found.in_force(found.of("e")[0]))) == {">=1.0", "<2.0", "<1.5"}


def test_poetry(declared):
    """Caret, tilde, star and bare versions in the words of PEP 440; optional ones belong to their extras."""
    found = declared(
        {
            "pyproject.toml": """\
[tool.poetry]
name = "shop"
[tool.poetry.dependencies]
python = "^3.12"
Django = "~5.2"
celery = { version = "^5.6", extras = ["redis"] }
drf-spectacular = "^0.28"
redis = "5.2.1"
structlog = "*"
psycopg = { version = ">=3.2 <4.0", optional = true }
inner = { git = "https://git.example.com/inner.git" }
httpx = [
  { version = "^0.28", python = ">=3.12" },
  { version = "^0.27", python = "<3.12" },
]
[tool.poetry.extras]
postgres = ["psycopg"]
[tool.poetry.group.dev.dependencies]
black = ">=24.10"
[tool.poetry.dev-dependencies]
mypy = "1.*"
"""
        }
    )

    assert [(one.name, str(one.specifier), one.use.value, one.group) for one in found] == [
        ("django", "<5.3,>=5.2", "production", ""),
        ("celery", "<6.0,>=5.6", "production", ""),
        ("drf-spectacular", "<0.29,>=0.28", "production", ""),
        ("redis", "==5.2.1", "production", ""),
        ("structlog", "", "production", ""),
        ("psycopg", "<4.0,>=3.2", "optional", "postgres"),
        ("inner", "", "production", ""),
        ("httpx", "<0.29,>=0.28", "production", ""),
        ("httpx", "<0.28,>=0.27", "production", ""),
        ("mypy", "==1.*", "development", "dev"),
        ("black", ">=24.10", "development", "dev"),
    ]
    assert str(found.pythons[0].specifier) == "<4.0,>=3.12"
    assert found.of("inner")[0].source == "vcs"
    assert found.of("httpx")[1].marker == 'python_full_version < "3.12"'
    assert found.of("django")[0].place.line == 5


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("^1.2.3", ">=1.2.3,<2.0"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1.0"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2.0"),
        ("~=1.2", "~=1.2"),
        ("1.2.*", "==1.2.*"),
        (">=1.2,<2.0,!=1.5", ">=1.2,<2.0,!=1.5"),
        (">= 1.2, < 2.0", ">=1.2,<2.0"),
        ("==1.2", "==1.2"),
        ("*", ""),
    ],
)
def test_the_words_of_poetry(written, meant):
    """Each as Poetry's documentation explains it."""
    from packaging.specifiers import SpecifierSet

    from stackproof.project.poetry import specifiers_of

    assert specifiers_of(written) == SpecifierSet(meant)


def test_dynamic_dependencies_of_setuptools_and_hatch(declared):
    """The requirements files that the build backend reads are the project's dependencies."""
    setuptools = """\
[project]
name = "shop"
dynamic = ["dependencies", "optional-dependencies"]
[tool.setuptools.dynamic]
dependencies = {file = ["requirements.txt"]}
optional-dependencies.test = {file = ["extra/test.txt"]}
"""
    files = {"pyproject.toml": setuptools, "requirements.txt": "django>=5.2,<5.3\n", "extra/test.txt": "pytest>=8.3\n"}
    assert [(one.name, one.use.value, one.group, str(one.place)) for one in declared(files)] == [
        ("django", "production", "", "requirements.txt:1"),
        ("pytest", "development", "test", "extra/test.txt:1"),
    ]
    hatch = """\
[project]
name = "shop"
dynamic = ["dependencies"]
[tool.hatch.metadata.hooks.requirements_txt]
files = ["requirements.txt"]
[tool.hatch.envs.default]
dependencies = ["ruff>=0.9"]
"""
    found = declared({**files, "pyproject.toml": hatch})
    assert [(one.name, one.use.value) for one in found] == [("ruff", "development"), ("django", "production")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[project]\nname = "x"\ndynamic = ["dependencies"]\n', "pyproject.toml:3: the dependencies are computed"),
        ('[project]\ndependencies = "django"\n', "pyproject.toml:2: project.dependencies is no list"),
        ('[project]\ndependencies = ["django", 5]\n', "pyproject.toml:2: is no text"),
        ('[project]\ndependencies = [\n"django",\n"not a requirement !",\n]\n', "pyproject.toml:4: says 'not a requ"),
        ('[project]\nrequires-python = "new"\n', "pyproject.toml:2: requires-python says 'new'"),
        ('[dependency-groups]\na = [{include-group = "b"}]\n', "pyproject.toml:2: includes the group b, which is not"),
        ('[dependency-groups]\na = [{include-group = "a"}]\n', "the group a includes itself"),
        (
            '[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "A"}]\n',
            "the group a includes itself",
        ),
        ('[dependency-groups]\na = [{set = "b"}]\n', "is neither a requirement nor"),
        ('[dependency-groups]\na = "pytest"\n', "is no list"),
        ('[tool.flit.metadata]\nrequires = ["django"]\n', "what flit declares is not read"),
        ('[tool.pixi.dependencies]\npython = "3.12"\n', "what pixi declares is not read"),
        ('[tool.poetry.dependencies]\ndjango = "^4.2 || ^5.2"\n', "django says '^4.2 || ^5.2', several ranges"),
        ("[tool.poetry.dependencies]\ndjango = 5\n", "django has no version that is a text"),
        ('[tool.poetry.dependencies]\ndjango = "^five"\n', "django says '^five', which is no constraint"),
        ('[tool.poetry.dependencies]\ndjango = {version = "^5.2", markers = "nonsense"}\n', "a marker that cannot be"),
        ("[project\n", "pyproject.toml: is no TOML"),
        (b"[project]\nname = '\xff'\n", "pyproject.toml: is no UTF-8 text"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(declared, text, told):
    """With file, line and cure; nothing of it is taken for fine."""
    found = declared({"pyproject.toml": text})

    assert len(found.unread) >= 1
    assert told in found.unread[0]
    assert "\n" not in found.unread[0]


def test_credentials_of_a_url_are_not_shown(declared):
    """A token before the host is hidden; the user of SSH is not."""
    found = declared(
        {
            "pyproject.toml": '[project]\ndependencies = ["a @ https://t0ken@git.example.com/a.whl", '
            '"b @ git+ssh://git@git.example.com/b.git"]\n'
        }
    )

    assert [one.written for one in found] == [
        "a @ https://[redacted]@git.example.com/a.whl",
        "b @ git+ssh://git@git.example.com/b.git",
    ]
    assert [one.source for one in found] == ["url", "vcs"]


def test_a_folder_without_any_such_file_is_not_assessed(declared):
    """The reason says which files would have been read."""
    with pytest.raises(NotAssessed, match=r"no pyproject\.toml, setup\.cfg, Pipfile or requirements"):
        declared({"README.md": "hello"})


def test_what_was_changed_is_read_anew(declared):
    """A file that changes between two looks is not remembered."""
    assert len(declared({"pyproject.toml": '[project]\ndependencies = ["a"]\n'})) == 1
    assert len(declared({"pyproject.toml": '[project]\ndependencies = ["a", "b"]\n'})) == 2


MEMBER = """
[project]
name = "{name}"
requires-python = ">=3.12,<3.14"
dependencies = {dependencies}
[dependency-groups]
dev = ["pytest"]
"""


def test_the_members_of_a_workspace_are_part_of_it(declared):
    """Each is read where it stands, with the sources, constraints and overrides of the whole."""
    root = """
[tool.uv]
override-dependencies = ["celery>=5.6,<6.0"]
[tool.uv.workspace]
members = ["services/*", "libs/common"]
exclude = ["services/old"]
[tool.uv.sources]
common = { workspace = true }
"""
    members = {
        "services/api": MEMBER.format(name="api", dependencies='["common", "django>=4.2", "celery"]'),
        "services/pay": MEMBER.format(name="pay", dependencies='["django>=5.2,<5.3"]'),
        "services/old": MEMBER.format(name="old", dependencies='["flask"]'),
        "libs/common": MEMBER.format(name="common", dependencies="[1]"),
        "libs/other": MEMBER.format(name="other", dependencies='["flask"]'),
    }
    files = {f"{folder}/pyproject.toml": text for folder, text in members.items()}
    found = declared({"pyproject.toml": root, "services/notes.txt": "", "services/none/x": "", **files})

    assert [(str(one.place), one.written) for one in found.of("django")] == [
        ("services/api/pyproject.toml:5", "django>=4.2"),
        ("services/pay/pyproject.toml:5", "django>=5.2,<5.3"),
    ]
    assert str(found.in_force(found.of("django")[0])) == ">=4.2"
    assert found.of("common")[0].source == "path"
    assert found.of("celery")[0].written == "celery>=5.6,<6.0"
    assert {one.use for one in found.of("pytest")} == {Use.DEVELOPMENT}
    assert not found.of("flask")
    assert len(found.pythons) == 3
    assert [one for one in found.unread if one.startswith("libs/common/pyproject.toml:5: is no text")]


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ('["../*"]', r"pyproject\.toml:2: .*'\.\./\*'"),
        ('["/etc"]', r"pyproject\.toml:2: .*'/etc'"),
        ("[3]", r"pyproject\.toml:2"),
        ("3", r"pyproject\.toml:2"),
        ('["**/**/**/*"]', r"pyproject\.toml:2"),
        ('["broken"]', r"broken/pyproject\.toml: is no TOML"),
        ('["away"]', r"away: leads out of the project's folder"),
    ],
)
def test_members_that_lead_anywhere(declared, project, tmp_path_factory, members, told):
    """One sentence with file and line; nothing outside of the folder is read."""
    away = tmp_path_factory.mktemp("away")
    (away / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["flask"]\n', encoding="utf-8")
    (project(**{"broken/pyproject.toml": "[["}) / "away").symlink_to(away)
    found = declared({"pyproject.toml": f"[tool.uv.workspace]\nmembers = {members}\n"})

    assert not len(found)
    assert re.search(told, "\n".join(found.unread)), found.unread
