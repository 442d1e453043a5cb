"""Which resource of a collection is read: the newest that was made, else the first of its list."""

import json

import httpx
import pytest

from stackproof.api.known import Known
from stackproof.target.http import Answer, Request


def answer(status, body):
    """What a service said to a request of no importance here."""
    request, data = Request("GET", "http://127.0.0.1/"), json.dumps(body).encode()
    return Answer(request, status, httpx.Headers(), data, False, {}, 0.0, 0.0, None)


@pytest.mark.parametrize("path", ["/jobs", "/jobs/"])
def test_what_was_made_stays_known_when_a_list_follows(path):
    """With a slash at the end of the collection's path, too."""
    known = Known()
    known.learn("GET", path, answer(200, [{"id": 1}]))
    assert known.place_of("/jobs/{id}/") == "/jobs/1/"
    known.learn("POST", path, answer(201, {"id": 7}))
    known.learn("GET", path, answer(200, [{"id": 1}]))
    assert known.place_of("/jobs/{id}/") == "/jobs/7/"
