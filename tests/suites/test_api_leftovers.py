"""What the API checks made is deleted again, and never anything else."""

import json
from types import SimpleNamespace

import httpx
import pytest

from stackproof.api.leftovers import remove_what_was_made
from stackproof.descriptor.record import Record
from stackproof.target.http import Answer, Request

ROOT = "https://shop.example/v1"


def answer(status, request, body=b"", headers=None):
    """What came back."""
    return Answer(request, status, httpx.Headers(headers or {}), body, False, {}, 0.1, 0.0, None)


def api(template, record=None):
    """An API that deletes by one operation, and remembers what it was asked."""
    asked = []

    def send(method, url, message, *, purpose):
        asked.append(f"{method} {url}")
        return answer(204, Request(method, url))

    single = SimpleNamespace(method="DELETE", template=template)
    given = {"operations": [single], "root": ROOT, "base_url": ROOT, "carried": {}, "record": record, "send": send}
    return SimpleNamespace(**given, asked=asked, proof=lambda method: {})


def made(body, location=""):
    """An answer to a creation."""
    headers = {"location": location} if location else {}
    return [("POST /parcels", answer(201, Request("POST", f"{ROOT}/parcels"), json.dumps(body).encode(), headers))]


@pytest.mark.parametrize(
    ("template", "body", "location", "url"),
    [
        ("/parcels/{id}", {"id": 7}, "", "/parcels/7"),
        ("/parcels/{id}/", {"uuid": "a b"}, "", "/parcels/a%20b/"),
        ("/parcels/{number}", {"number": "x1"}, "", "/parcels/x1"),
        ("/parcels/{number}", {"parcel": {"number": "x1"}, "weighing": {"id": 3}}, "", "/parcels/x1"),
        ("/parcels/{id}", {"data": {"id": 7}}, "", "/parcels/7"),
        ("/parcels/{id}", {}, "/v1/parcels/9", "/parcels/9"),
        ("/parcels/{id}", {"id": 7}, "https://shop.example/v1/parcels/9/", "/parcels/9"),
    ],
)
def test_what_was_made_is_found(template, body, location, url):
    """By the parameter's name, by a usual one, in an envelope, by Location."""
    shop = api(template)

    assert remove_what_was_made(shop, made(body, location)) == 0
    assert shop.asked == [f"DELETE {ROOT}{url}"]


@pytest.mark.parametrize(
    "body",
    [{"customer": {"id": 7}}, {"order": {"number": 7}}, {"id": True}, {"id": None}, {"id": ""}, [{"id": 7}], "7"],
)
@pytest.mark.parametrize(
    "location",
    ["", "/v1/customers/7", "/v1/parcels/", "/v1/parcels/7/weights/1", "https://other.example/v1/parcels/7", "//["],
)
def test_a_neighbour_is_never_deleted(body, location):
    """What the answer says of something else names nothing that was made."""
    shop = api("/parcels/{id}")

    assert remove_what_was_made(shop, made(body, location)) == 1
    assert shop.asked == []


def test_the_record_of_the_descriptor_comes_first():
    """It says where the id stands, and how a record is deleted."""
    record = Record.model_validate(
        {
            "id": "made.key",
            "create": {"path": "/parcels"},
            "read": {"path": "/parcels/{id}"},
            "delete": {"path": "/bin/{id}", "method": "POST"},
        }
    )
    shop = api("/parcels/{id}", record)

    assert remove_what_was_made(shop, made({"id": 1, "made": {"key": "k"}})) == 0
    assert shop.asked == [f"POST {ROOT}/bin/k"]
