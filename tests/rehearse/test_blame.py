"""Several symptoms, several culprits: each is named with what it does, and what nobody explains is said."""

import json

import pytest

from stackproof.rehearse.blame import blame, from_data, to_data
from stackproof.rehearse.search import Outcome

CHANGES = [f"package-{one}" for one in range(15)]


class Imagined:
    """Runs of a service in which sets of changes cause symptoms."""

    def __init__(self, causes):
        self.causes = causes
        self.count = 0

    def conflict(self, _parts):
        return None

    def show(self, parts, symptoms):
        self.count += 1
        shown = {one for one, causes in self.causes.items() if one in symptoms and any(set(c) <= parts for c in causes)}
        return (Outcome.FAILS if shown else Outcome.HOLDS), frozenset(shown)


def straight(_name, make):
    return make()


def test_one_culprit_explains_all_that_it_does():
    """Two symptoms of one change take one search."""
    runs = Imagined({"a": [["package-7"]], "b": [["package-7"]]})
    blamed = blame(CHANGES, ["a", "b"], runs, straight)

    assert [one.found.culprit for one in blamed.blames] == [("package-7",)]
    assert blamed.blames[0].symptoms == ("a", "b")
    assert blamed.unexplained == ()
    assert blamed.runs == runs.count <= 6


def test_two_culprits_are_told_apart():
    """Each is named with its own symptom."""
    runs = Imagined({"a": [["package-2"]], "b": [["package-11"]]})
    blamed = blame(CHANGES, ["a", "b"], runs, straight)

    assert {one.found.culprit: one.symptoms for one in blamed.blames} == {
        ("package-2",): ("a",),
        ("package-11",): ("b",),
    }
    assert blamed.unexplained == ()


def test_a_pair_and_a_single_one():
    """One symptom needs two changes together."""
    runs = Imagined({"a": [["package-2", "package-9"]], "b": [["package-4"]]})
    blamed = blame(CHANGES, ["a", "b"], runs, straight)

    assert {frozenset(one.found.culprit): one.symptoms for one in blamed.blames} == {
        frozenset({"package-2", "package-9"}): ("a",),
        frozenset({"package-4"}): ("b",),
    }


def test_what_nobody_explains_is_said():
    """A symptom that came once and never again has no culprit."""
    blamed = blame(CHANGES, ["a", "b"], Imagined({"a": [["package-3"]], "b": []}), straight)

    assert blamed.blames[0].found.culprit == ("package-3",)
    assert blamed.unexplained == ("b",)


@pytest.mark.parametrize("ended", range(1, 8))
def test_an_interrupted_search_goes_on_where_it_was(ended):
    """Whatever the moment: no run is made twice, and the result is the same."""
    causes = {"a": [["package-2"]], "b": [["package-11"]]}
    whole = Imagined(causes)
    expected = blame(CHANGES, ["a", "b"], whole, straight)
    kept, runs = {}, Imagined(causes)

    def remember(name, make):
        if name not in kept:
            if runs.count == ended and not kept.get("ended"):
                kept["ended"] = True
                raise KeyboardInterrupt
            kept[name] = make()
        return kept[name]

    with pytest.raises(KeyboardInterrupt):
        blame(CHANGES, ["a", "b"], runs, remember)
    again = blame(CHANGES, ["a", "b"], runs, remember)

    assert again == expected
    assert runs.count == whole.count


def test_blame_travels_as_data():
    """What is written down is what is read back."""
    blamed = blame(CHANGES, ["a"], Imagined({"a": [["package-2", "package-9"]]}), straight)

    assert from_data(json.loads(json.dumps(to_data(blamed)))) == blamed
