"""The sslmode of a service without Django, as its own URL has it; and names where PostgreSQL is not as it should be."""

import sys
from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, View, Violation
from stackproof.descriptor.reading import read_descriptor
from stackproof.evidence import Recorder, Redactor
from stackproof.harness import harness_root
from stackproof.registry import _import, load_checks
from stackproof.target.project import ProjectView, sslmode_of
from stackproof.verdict import CheckResult, Verdict, of_requirement

CHECK = "postgresql/transport::service_without_django_demands_tls_of_postgresql"


@pytest.fixture
def judged(check, tmp_path):
    """Run the check on a service whose variables these are."""

    def run(*lines, service_env="APP_DATABASE_URL", python=True, unused=("version.django",), name=CHECK):
        interpreter = f'python = "{sys.executable}"\n' if python else ""
        (tmp_path / "service.env").write_text("\n".join([*lines, ""]))
        (tmp_path / "stackproof.toml").write_text(
            '[target]\nbase_url = "https://service.example"\n'
            f'[postgres]\nservice_env = "{service_env}"\n'
            f'[project]\npath = "."\n{interpreter}env_file = "service.env"\n'
            f"unused = {list(unused)}\n"
        )
        descriptor = read_descriptor(tmp_path / "stackproof.toml")
        recorder, redactor = Recorder(Redactor()), Redactor()
        project = ProjectView(descriptor, recorder, redactor)
        said = check(name, "tls.postgresql.sslmode", project=project, descriptor=descriptor)
        assert "geheim-5" not in repr(recorder.records)
        return said

    return run


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql+psycopg://app:geheim-5@db/app?sslmode=verify-full&sslrootcert=/ca.pem", "verify-full"),
        ("postgresql+asyncpg://app:geheim-5@db/app?x=1&ssl=require", "require"),
        ("host=db user=app sslmode = 'prefer'", "prefer"),
        ("sslmode=DISABLE host=db", "disable"),
        ("postgresql://app:x@db/app?sslrootcert=/ca.pem", ""),
        ("postgresql://app:sslmode=require@db/app", ""),
        ("", ""),
    ],
)
def test_the_sslmode_of_a_url(url, mode):
    """SQLAlchemy's, asyncpg's and libpq's ways of naming it."""
    assert sslmode_of(url) == mode


def test_a_service_in_another_language_has_no_interpreter(judged):
    """Its URL alone is read, and the view that this needs is the files' and not the project's."""
    url = "APP_DATABASE_URL=postgres://app:geheim-5@db/app?sslmode="

    assert "verify-full" in judged(f"{url}verify-full", python=False)
    with pytest.raises(Violation, match="disable"):
        judged(f"{url}disable", python=False)
    assert {one.check.needs for one in load_checks() if one.id == CHECK} == {frozenset({View.FILES})}


@pytest.mark.parametrize("django", [True, False])
def test_no_kind_of_service_is_not_applicable_for_being_the_other_kind(check, django):
    """What one of the two checks could not tell must not be covered by the other one's "not my kind"."""
    view = SimpleNamespace(unused=() if django else ("version.django",), ask=None)
    other = CHECK if django else CHECK.replace("service_without_django_demands", "service_demands")
    with pytest.raises(NotAssessed) as trouble:
        check(other, "tls.postgresql.sslmode", project=view)
    said = [
        CheckResult(name, "tls.postgresql.sslmode", Verdict.NOT_ASSESSED, reason, one_of="own")
        for name, reason in ((other, str(trouble.value)), ("the one of its kind", "no answer"))
    ]
    verdict, reason = of_requirement(said, without_checks="")
    assert verdict is Verdict.NOT_ASSESSED
    assert "no answer" in reason


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_a_strong_mode_is_satisfied(judged, mode):
    """The conclusion says where it was read."""
    assert "APP_DATABASE_URL" in judged(f"APP_DATABASE_URL=postgresql+psycopg://app:geheim-5@db/app?sslmode={mode}")


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_a_mode_that_falls_back_to_plain_text_is_violated(judged, mode):
    """In the URL, or in libpq's own variable where the URL names none."""
    with pytest.raises(Violation) as found:
        judged(f"APP_DATABASE_URL=postgresql://app:geheim-5@db/app?sslmode={mode}")
    assert f"it is {mode} in APP_DATABASE_URL" in found.value.seen
    with pytest.raises(Violation) as found:
        judged("APP_DATABASE_URL=postgresql://app:geheim-5@db/app", f"PGSSLMODE={mode}")
    assert "PGSSLMODE" in found.value.seen


@pytest.mark.parametrize(
    ("line", "service_env", "reason"),
    [
        ("APP_DATABASE_URL=postgresql://app:geheim-5@db/app", "APP_DATABASE_URL", "put sslmode=require into the URL"),
        ("APP_DATABASE_URL=postgresql://app:geheim-5@db/app?ssl=true", "APP_DATABASE_URL", "no sslmode that libpq"),
        ("OTHER=x", "APP_DATABASE_URL", "neither project.env_file nor the environment"),
        ("OTHER=x", "", r"postgres\.service_env is not given"),
    ],
)
def test_what_the_url_does_not_tell_is_not_assessed(judged, line, service_env, reason):
    """The reason says what would show it."""
    with pytest.raises(NotAssessed, match=reason):
        judged(line, service_env=service_env)


def test_neither_way_of_looking_says_that_there_is_nothing_to_look_at(judged):
    """Of the settings and the URL one is the wrong place for any service; what the other one sees decides alone.

    Said as not applicable it would hide that nobody could look at the other: no interpreter, or no URL.
    """
    url = "APP_DATABASE_URL=postgres://app:geheim-5@db/app?sslmode=require"
    with pytest.raises(NotAssessed, match="Django's settings tell it"):
        judged(url, python=False, unused=())
    with pytest.raises(NotAssessed, match="service_env names tells it"):
        judged(url, name="postgresql/transport::service_demands_tls_of_postgresql")


def test_a_standby_is_named_where_no_session_is_seen():
    """A service that writes has none there; who has the words of another database looks in the wrong place."""
    transport = _import(harness_root() / "suites" / "postgresql" / "transport.py")

    def standby():
        raise NotAssessed("the DSN leads to a standby")

    view = SimpleNamespace(needs_primary=standby, sees_sessions=lambda: True)
    with pytest.raises(NotAssessed, match="standby"):
        transport.why_no_session(view, "")


def test_an_extension_is_named_as_the_server_names_it(check):
    """pg_trgm has an underscore, and its id has none."""
    view = SimpleNamespace(rows=lambda _: [{"extname": "plpgsql", "extversion": "1.0", "nspname": "pg_catalog"}])
    with pytest.raises(Violation) as found:
        check("postgresql/extensions::extension_is_installed_and_works", "postgresql.extension.pg-trgm", postgres=view)
    assert found.value.expected == "the extension pg_trgm to be installed"
