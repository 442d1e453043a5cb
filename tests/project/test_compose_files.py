"""Compose files as data: variables, extends, includes, and text that is none."""

import pytest

from stackproof.check import NotAssessed
from stackproof.project.compose import read_compose
from stackproof.yaml_text import read_yaml


@pytest.fixture
def read(tmp_path):
    """Services by their names, of a project of files."""

    def make(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_y", ".y")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return {one.name: one for one in read_compose(tmp_path, "compose.yaml")}

    return make


def test_variables_come_from_the_file_beside_and_from_defaults(read, tmp_path):
    """`.env` wins over the default, an empty value does not where a colon stands, `$$` is a dollar."""
    (tmp_path / ".env").write_text("# a comment\nexport TAG='16.4'  \nEMPTY=\nOTHER=a # why\n")
    text = """
services:
  a: {image: "postgres:${TAG:-17}-bookworm"}
  b: {image: "redis:${EMPTY:-7.2}-${OTHER}"}
  c: {image: "redis:${NOWHERE:-${ALSO_NOT:-7.2}}"}
  d: {image: "redis:${NOWHERE}"}
  e: {image: "x$$y"}
"""
    services = read(compose_yaml=text)
    assert [services[one].image for one in "abc"] == ["postgres:16.4-bookworm", "redis:7.2-a", "redis:7.2"]
    assert services["d"].image == ""
    assert services["d"].trouble == "NOWHERE has no value in the project"
    assert services["e"].image == "x$y"


def test_a_service_extends_another_and_merges_an_anchor(read):
    """Own keys win; the other file's service may extend again; places are those of the texts."""
    services = read(
        compose_yaml="""
x-base: &base
  image: redis:7.2-bookworm
services:
  cache:
    <<: *base
  web:
    extends: {file: common/base.yaml, service: web}
    command: daphne x
""",
        common__base_yaml="""
services:
  web: {build: {context: .., dockerfile: docker/Dockerfile, args: {A: "1"}}, extends: other}
  other: {image: nothing, command: [a]}
""",
    )
    assert services["cache"].image == "redis:7.2-bookworm"
    assert services["cache"].image_line == 3
    assert services["web"].command.words == ("daphne", "x")
    assert services["web"].build.arguments == {"A": "1"}


def test_what_one_file_takes_back_from_another(read):
    """`!reset` leaves nothing, `!override` the value itself; a service that is taken back is none of this file."""
    services = read(
        compose_yaml="""
services:
  web:
    extends: {file: base.yaml, service: web}
    build: !reset null
    image: python:3.12-slim-bookworm
    command: !override ["daphne", "x"]
    ports: !reset []
  db: !reset null
""",
        base_yaml="services: {web: {build: ., command: [gunicorn, y]}, db: {image: postgres}}\n",
    )
    assert list(services) == ["web"]
    assert services["web"].build is None
    assert services["web"].image == "python:3.12-slim-bookworm"
    assert (services["web"].command.words, services["web"].command.line) == (("daphne", "x"), 7)
    written = read_yaml('a: !override "12"\nb: !override 12\nc: !override {<<: {d: e}}\n', composing=True)
    assert written == {"a": "12", "b": 12, "c": {"d": "e"}}


def test_what_is_extended_stands_where_it_was_written(read):
    """Places are those of the file that says it, and a build's folder is seen from there."""
    services = read(
        compose_yaml="""
services:
  api:
    extends: {file: deploy/base.yaml, service: app}
    build: {target: production}
  db:
    extends: {file: deploy/base.yaml, service: db}
  own:
    extends: {file: deploy/base.yaml, service: app}
    command: [gunicorn, x]
    build: api
""",
        deploy__base_yaml="""
services:
  app:


    build: {context: .., dockerfile: deploy/api.Dockerfile}
    command: [daphne, x]
  db:
    image: postgres:16-bookworm
""",
    )
    api, db, own = services["api"], services["db"], services["own"]
    assert (api.build.dockerfile, api.build.target) == ("deploy/api.Dockerfile", "production")
    assert str(api.place_of("command", api.command.line)) == "deploy/base.yaml:7"
    assert str(db.place_of("image", db.image_line)) == "deploy/base.yaml:9"
    assert own.build.dockerfile == "api/deploy/api.Dockerfile"
    assert str(own.place_of("command", own.command.line)) == "compose.yaml:10"


def test_builds_name_their_dockerfile_target_and_arguments(read):
    """From the folder of the compose file; a list of arguments, and one that the environment would give."""
    text = """
services:
  web:
    build:
      context: ./app
      dockerfile: docker/web.Dockerfile
      target: production
      args: [A=1, B]
  inline: {build: {dockerfile_inline: "FROM python:3"}}
  far: {build: "https://git.example/x.git"}
"""
    services = read(compose_yaml=text)
    build = services["web"].build
    assert (build.dockerfile, build.target, build.arguments) == (
        "app/docker/web.Dockerfile",
        "production",
        {"A": "1"},
    )
    assert services["inline"].build.inline == "FROM python:3"
    assert "not fetched" in services["far"].build.trouble


def test_included_files_are_read_once(read):
    """A ring of includes ends."""
    services = read(
        compose_yaml="include: [other.yaml]\nservices: {a: {image: x}}\n",
        other_yaml="include: [{path: [compose.yaml]}]\nservices: {b: {image: y}}\n",
    )
    assert set(services) == {"a", "b"}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("services:\n  a: {extends: b}\n  b: {extends: a}\n", "extends itself"),
        ("services:\n  a: {extends: {file: ../../x.yaml, service: a}}\n", "out of the project|no such file"),
        ("services:\n  a: {extends: nobody}\n", "no service nobody"),
        ("services:\n  a:\n    extends: [1]\n", "extends names no service"),
        ("services: [a]\n", "no mapping of services"),
        ("a: b: c\n", "line 1"),
        ("- a\n", "no compose file"),
        (BOMB, "aliases"),
        ("[" * 5_000, "nested too deeply"),
        ("services: &a {x: *a}", "leads back to itself"),
        ("services: !!python/object:os.system x", "constructor"),
        ("#" * (3 * 1024 * 1024), "MiB"),
        ("", "no compose file"),
        ('services: {a: {extends: {file: "a\\0b", service: x}}}', "is no name of a file"),
    ],
    ids=lambda value: value[:20],
)
def test_what_cannot_be_read_is_one_sentence_with_the_file(read, text, message):
    """Rings, bombs, others' types, other files: told, never raised otherwise."""
    with pytest.raises(NotAssessed, match=message) as told:
        read(compose_yaml=text)
    assert str(told.value).startswith("compose.yaml:") or "x.yaml" in str(told.value) or "no name of a file" in message


def test_a_file_that_is_no_text(tmp_path):
    """Bytes that are no UTF-8."""
    (tmp_path / "compose.yaml").write_bytes(b"services: \xff\xfe")
    with pytest.raises(NotAssessed, match="UTF-8"):
        read_compose(tmp_path, "compose.yaml")
