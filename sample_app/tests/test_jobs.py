"""Jobs: whose they are, how they are found, what is told of them."""

import pytest

from tests.conftest import client_of
from tests.factories import DispatcherFactory, JobFactory, UserFactory

pytestmark = pytest.mark.django_db


def fresh(made):
    made.refresh_from_db()
    return made


def test_nobody_reads_jobs_without_signing_in(api):
    """401 with the scheme that is asked for."""
    answer = api.get("/api/jobs/")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_others_jobs_do_not_exist(signed_in):
    """A job of somebody else is 404, and in no list."""
    job = fresh(JobFactory(owner=fresh(UserFactory())))

    assert signed_in.get(f"/api/jobs/{job.pk}/").status_code == 404
    assert signed_in.delete(f"/api/jobs/{job.pk}/").status_code == 404
    assert signed_in.get("/api/jobs/").json()["results"] == []


def test_a_dispatcher_sees_every_job():
    """Staff see the jobs of everyone."""
    job = fresh(JobFactory(owner=fresh(UserFactory())))

    assert client_of(fresh(DispatcherFactory())).get(f"/api/jobs/{job.pk}/").status_code == 200


def test_whoever_creates_a_job_owns_it(signed_in, user):
    """The owner is not the client's to choose."""
    answer = signed_in.post("/api/jobs/", {"title": "Replace the meter", "owner": "nobody"}, format="json")

    assert answer.status_code == 201
    assert answer.json()["owner"] == str(user.pk)


def test_an_assignee_completes_a_job_and_cannot_delete_it(user, signed_in):
    """Doing a job is not owning it."""
    job = fresh(JobFactory(owner=fresh(UserFactory()), assignee=user))

    assert signed_in.post(f"/api/jobs/{job.pk}/complete/").json()["status"] == "done"
    assert signed_in.delete(f"/api/jobs/{job.pk}/").status_code == 403


def test_search_forgives_typing_errors(signed_in, user):
    """pg_trgm finds what is alike."""
    JobFactory(owner=user, title="Replace the transformer", site="Harbour")
    JobFactory(owner=user, title="Paint the fence", site="School")

    found = signed_in.get("/api/jobs/", {"search": "tranformer"}).json()["results"]

    assert [one["title"] for one in found] == ["Replace the transformer"]


def test_the_summary_is_kept_in_the_cache_and_dropped_on_a_change(signed_in, user, django_capture_on_commit_callbacks):
    """Counts are right again once a job has changed."""
    JobFactory(owner=user)
    assert signed_in.get("/api/jobs/summary/").json()["open"] == 1
    JobFactory(owner=user)
    assert signed_in.get("/api/jobs/summary/").json()["open"] == 1
    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post("/api/jobs/", {"title": "A third"}, format="json")
    assert signed_in.get("/api/jobs/summary/").json()["open"] == 3
