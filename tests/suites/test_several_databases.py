"""Connections of a service whose settings name several databases on one server."""

from types import SimpleNamespace

import pytest

from stackproof.check import NotAssessed, Violation

CHECK = ("postgresql/connections::connections_suffice_for_every_process", "postgresql.connections-suffice")
REPORTING = {"alias": "reporting", "pool": None, "same_role": True}


@pytest.fixture
def judge(check):
    """The check on two processes of a pool of eight, where the server admits ninety-seven connections."""

    def run(*beside, threads=None, of_role=-1, pool=(1, 8)):
        seen = {
            "vendor": "postgresql",
            "standby": False,
            "pooled": False,
            "pool": list(pool),
            "max_connections": 100,
            "reserved": 3,
            "of_role": of_role,
            "of_database": -1,
            "beside": list(beside),
        }
        described = SimpleNamespace(postgres=SimpleNamespace(processes=2, threads=threads, workers=2))
        return check(*CHECK, project=SimpleNamespace(once=lambda _: seen), descriptor=described)

    return run


def test_one_database_is_counted_alone(judge):
    """As before."""
    assert (
        judge() == "2 processes x 8 and 2 others x 1 are 18, and 97 are admitted (max_connections less those reserved)"
    )
    with pytest.raises(Violation, match="are 202"):
        judge(pool=(1, 100))


def test_other_databases_of_the_server_take_connections_too(judge):
    """Their pools are counted, and those without one by the threads."""
    assert "40 connections, those of reporting" in judge(REPORTING, threads=10)
    assert "36 connections" in judge({**REPORTING, "pool": [1, 8]})


def test_connections_that_may_not_fit_are_no_satisfied_clause(judge):
    """The default database fits; how many of the others the service opens at once nobody knows."""
    with pytest.raises(NotAssessed, match=r"118 would not be with those of reporting"):
        judge({**REPORTING, "pool": [1, 49]})
    with pytest.raises(NotAssessed, match=r"postgres\.threads says"):
        judge(REPORTING)
    with pytest.raises(NotAssessed, match="would not be"):
        judge(REPORTING, threads=10, of_role=20)


def test_another_role_has_its_own_limit(judge):
    """The limit of the service's role is not used up by another one's connections."""
    assert "40 connections" in judge({**REPORTING, "same_role": False}, threads=10, of_role=20)


def test_what_the_default_database_lacks_is_violated_whatever_stands_beside(judge):
    """More databases make nothing better."""
    with pytest.raises(Violation, match="are 18, and 5 are admitted"):
        judge(REPORTING, of_role=5)
