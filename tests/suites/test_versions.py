"""The checks of the version matrix and of the tree, both ways."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from stackproof.check import NotApplicable, NotAssessed, Violation
from stackproof.harness import reference_specification
from stackproof.target.project import Distribution

PACKAGES = "stack/packages::installed_version_is_inside_the_constraint"
TREE = "stack/tree::installed_child_admits_the_installed_parent"


def project(installed=(), *, python="3.12.4", unused=(), answer=None, shadowed=()):
    """A view on a project with these packages: (name, version, requires, further copies in the same folder)."""
    found = {}
    for name, version, *more in installed:
        requires, twice = (*more, (), ())[:2]
        found[name] = Distribution(name, version, tuple(requires), ">=3.9", "/site", tuple(twice), tuple(shadowed))
    return SimpleNamespace(
        installed=lambda: found,
        python_version=lambda: python,
        markers=lambda: {"python_version": python.rpartition(".")[0], "sys_platform": "linux"},
        unused=unused,
        ask=lambda *_: answer or {},
    )


@pytest.mark.parametrize("version", ["4.2.16", "5.3", "6.0a1", "5.1.999"])
def test_a_version_outside_is_violated(check, version):
    """Older, newer and pre-releases of the next line are outside."""
    with pytest.raises(Violation, match="inside"):
        check(PACKAGES, "version.django", project=project([("django", version)]))


@pytest.mark.parametrize("version", ["5.2", "5.2.19", "5.2.1+local.2"])
def test_a_version_inside_is_satisfied(check, version):
    """The first and the last release of the line, and a local build of one."""
    assert version in check(PACKAGES, "version.django", project=project([("django", version)]))


def test_a_version_past_the_column_is_satisfied_and_said(check):
    """The constraint decides; that the tested line is an older one is told."""
    seen = check(PACKAGES, "version.psycopg", project=project([("psycopg", "3.3.1")]))

    assert "past the tested line" in seen


def test_what_is_not_installed_is_not_assessed(check):
    """Neither fine nor broken: the descriptor can say that it is not used."""
    with pytest.raises(NotAssessed, match=r"project\.unused"):
        check(PACKAGES, "version.celery", project=project([("django", "5.2")]))


def test_an_environment_without_any_package_of_the_document_is_probably_the_wrong_one(check):
    """The reason says so, instead of calling row after row absent."""
    with pytest.raises(NotAssessed, match="wrong interpreter"):
        check(PACKAGES, "version.celery", project=project([("pip", "24")]))


def test_what_the_descriptor_rules_out_is_not_applicable(check):
    """`project.unused` names the requirement."""
    with pytest.raises(NotApplicable):
        check(PACKAGES, "version.celery", project=project([("django", "5.2")], unused=("version.celery",)))


@pytest.mark.parametrize(("version", "good"), [("4.2", False), ("5.2.3", True)])
def test_what_is_installed_is_judged_although_it_is_listed_as_unused(check, version, good):
    """The list cannot hide a component that is there."""
    view = project([("celery", "5.6.1"), ("django", version)], unused=("version.django",))
    if good:
        assert version in check(PACKAGES, "version.django", project=view)
    else:
        with pytest.raises(Violation):
            check(PACKAGES, "version.django", project=view)


def test_two_copies_in_one_folder_are_not_assessed(check):
    """Which of the two the files belong to cannot be told."""
    with pytest.raises(NotAssessed, match="more than once"):
        check(PACKAGES, "version.django", project=project([("django", "5.2", (), ("4.2",))]))


def test_a_copy_later_on_the_path_is_said_and_does_not_decide(check):
    """What is imported is the first copy; an older one of the machine's is not."""
    assert "4.2" in check(PACKAGES, "version.django", project=project([("django", "5.2")], shadowed=("4.2",)))
    with pytest.raises(Violation):
        check(PACKAGES, "version.django", project=project([("django", "4.2")], shadowed=("5.2",)))


def test_metadata_that_cannot_be_read_is_not_assessed(check):
    """What an interrupted installation left: the package may be there, and nobody knows which one."""
    with pytest.raises(NotAssessed, match=r"metadata of django in /site cannot be read"):
        check(PACKAGES, "version.django", project=project([("django", "")]))


def test_a_version_that_is_none_is_not_assessed(check):
    """A broken dist-info has no order."""
    with pytest.raises(NotAssessed, match="PEP 440"):
        check(PACKAGES, "version.django", project=project([("django", "unknown")]))


def test_the_interpreter(check):
    """Python 3.11 is outside, 3.12 and 3.13 are inside."""
    name = "stack/interpreter::python_is_inside_the_constraint"
    with pytest.raises(Violation):
        check(name, "version.python", project=project(python="3.11.9"))
    with pytest.raises(Violation):
        check(name, "version.python", project=project(python="3.14.0rc1"))
    assert "3.13.0" in check(name, "version.python", project=project(python="3.13.0"))


def test_postgresql(check):
    """15 and 18 are outside, 16 and 17 are inside."""
    name = "stack/servers::postgresql_is_inside_the_constraint"
    for version in ("15.8", "18.0"):
        with pytest.raises(Violation):
            check(name, "version.postgresql", postgres=SimpleNamespace(version=version))
    assert check(name, "version.postgresql", postgres=SimpleNamespace(version="16.4"))


def server(product, version, compatible="7.2.4"):
    return SimpleNamespace(product=product, version=version, compatible_with=compatible, role="cache")


@pytest.mark.parametrize("role", ["cache", "broker"])
def test_redis(check, role):
    """Redis 6 and 8 are outside, 7.2 is inside, Valkey is something else whatever it answers."""
    name = f"stack/servers::redis_of_the_{role}_is_inside_the_constraint"
    for version in ("6.2.14", "8.0.1"):
        with pytest.raises(Violation):
            check(name, "version.redis", **{f"redis_{role}": server("Redis", version)})
    with pytest.raises(NotAssessed, match=r"Valkey 8\.0\.1"):
        check(name, "version.redis", **{f"redis_{role}": server("Valkey", "8.0.1")})
    assert "7.2.5" in check(name, "version.redis", **{f"redis_{role}": server("Redis", "7.2.5")})


@pytest.mark.parametrize(
    ("name", "role"),
    [("valkey_is_inside_the_constraint", "cache"), ("valkey_of_the_broker_is_inside_the_constraint", "broker")],
)
def test_an_edition_with_a_row_for_valkey(check, edition, name, role):
    """The row is judged on Valkey in either role; a Redis has a row of its own, or a person says what it is."""
    line = next(
        one for one in reference_specification().read_text(encoding="utf-8").splitlines() if one.startswith("| Redis |")
    )
    row = "| Valkey | 8.0.x | `>=8.0,<9.0` | - | BSD licensed |"
    both, alone = edition((line, f"{row}\n{line}")), edition((line, row))

    def judge(product, version, own=alone):
        return check(f"stack/servers::{name}", "version.valkey", specification=own,
                     **{f"redis_{role}": server(product, version)})  # fmt: skip

    with pytest.raises(Violation):
        judge("Valkey", "9.1.2")
    with pytest.raises(NotAssessed, match="about Valkey"):
        judge("Redis", "7.2.4")
    with pytest.raises(NotApplicable, match="own row"):
        judge("Redis", "7.2.4", both)
    assert f"the {role} is Valkey 8.0.3" in judge("Valkey", "8.0.3")


BEAT_ON_CELERY = "compatibility.django-celery-beat.celery"


def test_a_child_that_refuses_its_parent_is_violated(check):
    """The child's own metadata decides, although both versions are inside their rows."""
    installed = [("django-celery-beat", "2.8.0", ("celery<5.6.2,>=5.2.3",)), ("celery", "5.6.3")]
    with pytest.raises(Violation, match=r"demands .*5\.6\.2"):
        check(TREE, BEAT_ON_CELERY, project=project(installed))

    installed = [("django-celery-beat", "2.8.0", ("celery<5.6.2,>=5.2.3",)), ("celery", "5.6.1")]
    assert "5.6.1" in check(TREE, BEAT_ON_CELERY, project=project(installed))


@pytest.mark.parametrize(
    ("child", "parent", "outside"),
    [("2.8.0", "5.4.0", "Celery"), ("2.8.0", "6.0", "Celery"), ("2.6.0", "5.6.1", "django-celery-beat")],
)
def test_an_end_outside_its_line_and_its_row_is_violated(check, child, parent, outside):
    """The edge pairs two lines; metadata that admits any pair does not make another pair the document's."""
    installed = [("django-celery-beat", child, ()), ("celery", parent)]
    with pytest.raises(Violation, match=f"expected {outside} inside"):
        check(TREE, BEAT_ON_CELERY, project=project(installed))


def test_the_line_of_the_tree_admits_what_the_row_leaves_out(check, edition):
    """Where the two disagree (which `spec lint` tells), either of them is enough."""
    own = edition(("`>=5.6,<6.0`", "`>=5.7,<6.0`"))
    installed = [("django-celery-beat", "2.8.0", ()), ("celery", "5.6.1")]

    assert "5.6.1" in check(TREE, BEAT_ON_CELERY, specification=own, project=project(installed))


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ('celery>=99; extra == "x"', False),
        ('celery>=99; python_version < "3.10"', False),
        ('celery>=99; sys_platform == "win32"', False),
        ("celery-types>=99", False),
        ("not a requirement !", False),
        ('Celery>=99; python_version >= "3.12"', True),
        ("celery>=99", True),
    ],
)
def test_only_demands_that_hold_for_the_interpreter_count(check, line, holds):
    """Markers are evaluated for the service's Python; extras and other packages are left aside."""
    view = project([("django-celery-beat", "2.8.0", (line, "celery>=5")), ("celery", "5.6.1")])
    if holds:
        with pytest.raises(Violation, match="99"):
            check(TREE, BEAT_ON_CELERY, project=view)
    else:
        assert "demands >=5" in check(TREE, BEAT_ON_CELERY, project=view)


def test_the_interpreter_under_a_package(check):
    """An interpreter outside of the document's pair, and one that the package refuses."""
    installed = [("django", "5.2.1")]
    with pytest.raises(Violation, match="expected Python inside"):
        check(TREE, "compatibility.django.python", project=project(installed, python="3.11.9"))
    refusing = project(installed)
    refusing.installed()["django"] = replace(refusing.installed()["django"], requires_python=">=3.13")
    with pytest.raises(Violation, match=r"demands >=3\.13"):
        check(TREE, "compatibility.django.python", project=refusing)
    assert "3.12.4" in check(TREE, "compatibility.django.python", project=project(installed))


def test_a_child_without_a_demand_admits_its_parent(check):
    """Metadata that says nothing forbids nothing, and the conclusion says so."""
    installed = [("celery", "5.6.1", ("kombu>=5.6",)), ("django", "5.2")]

    assert "any version" in check(TREE, "compatibility.celery.django", project=project(installed))


def test_an_end_that_is_there_twice_is_not_assessed(check):
    """Whichever of the two stands there, its metadata is not known to be the right one."""
    installed = [("celery", "5.6.1", (), ("5.4.0",)), ("django", "5.2")]
    with pytest.raises(NotAssessed, match="more than once"):
        check(TREE, "compatibility.celery.django", project=project(installed))


@pytest.mark.parametrize("listed", ["version.celery", "compatibility.celery.django"])
def test_an_edge_of_a_component_that_is_not_used_is_not_applicable(check, listed):
    """Its row or the edge itself is listed in `project.unused`."""
    with pytest.raises(NotApplicable, match=listed):
        check(TREE, "compatibility.celery.django", project=project([("django", "5.2")], unused=(listed,)))


def test_what_would_stand_on_a_component_that_is_not_used_is_not_applicable(check):
    """The project says so of the lower end; a child that is there all the same stands on nothing that is used."""
    edge, unused = "compatibility.django-channels.django", ("version.django",)
    with pytest.raises(NotApplicable, match=r"version\.django"):
        check(TREE, edge, project=project([("flask", "3.1")], unused=unused))
    with pytest.raises(NotApplicable):
        check(TREE, edge, project=project([("channels", "4.2")], unused=unused))


def test_an_absent_end_of_an_edge_is_not_assessed(check):
    """Nothing stands on what is not there."""
    with pytest.raises(NotAssessed, match=r"list version\.celery in project\.unused"):
        check(TREE, "compatibility.celery.django", project=project([("django", "5.2")]))
    with pytest.raises(NotAssessed):
        check(TREE, "compatibility.celery.django", project=project([("celery", "5.6")]))


def test_the_driver_of_the_service(check):
    """psycopg2 is another driver; another database is no subject of the clause."""
    name = "stack/tree::service_reaches_postgresql_through_psycopg"
    with pytest.raises(Violation, match="psycopg2"):
        answer = {"vendor": "postgresql", "driver": "psycopg2"}
        check(name, "compatibility.psycopg.postgresql", project=project(answer=answer))
    with pytest.raises(NotAssessed, match="sqlite"):
        check(name, "compatibility.psycopg.postgresql", project=project(answer={"vendor": "sqlite"}))
    for driver, server in (("3.1.20", "16.4"), ("3.2.9", "15.8")):
        answer = {"vendor": "postgresql", "driver": "psycopg", "driver_version": driver, "server_version": server}
        with pytest.raises(Violation, match="inside"):
            check(name, "compatibility.psycopg.postgresql", project=project(answer=answer))
    answer = {"vendor": "postgresql", "driver": "psycopg", "driver_version": "3.2.9", "server_version": "16.4"}
    assert "16.4" in check(name, "compatibility.psycopg.postgresql", project=project(answer=answer))
