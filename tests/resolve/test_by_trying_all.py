"""What is found on made-up indexes is what trying every combination finds: conflicts, lower bounds, cures."""

from __future__ import annotations

import random
import re
from itertools import combinations

import pytest
from packaging.specifiers import SpecifierSet

from tests.resolve.documents import table

pytestmark = pytest.mark.slow

NAMES = ("anchor", "barrel", "cable", "derrick", "engine")
VERSIONS = ("1.0", "1.1", "2.0")
LINE = {6 + number: name for number, name in enumerate(NAMES)}
WHOLE = ("constraints-conflict", "versions-conflict")
ALONE = ("package-unsatisfiable", "version-unreleased")


class Harbour:
    """Five packages of three releases each that want this and that of each other."""

    def __init__(self, seed):
        chance = random.Random(seed)
        self.needs = {
            (name, version): [
                (other, chance.choice(["<2", ">=1.1", "!=1.1", "<1.1", ">=2"]))
                for other in chance.sample([one for one in NAMES if one != name], 2)
                if chance.random() < 0.5
            ]
            for name in NAMES
            for version in VERSIONS
        }
        self.tested = {name: chance.choice(VERSIONS) for name in NAMES}
        self.admitted = {name: chance.choice([">=1.0", ">=1.0,<2", "<2", ">=1.1"]) for name in NAMES}

    def fits(self, wanted):
        """Whether some releases meet all wishes, by trying them all; `wanted` is a specifier a name."""
        return self._fits({name: [text] for name, text in wanted.items()}, {})

    def _fits(self, wishes, pins):
        if any(not SpecifierSet(text).contains(pins[name]) for name in pins for text in wishes[name]):
            return False
        name = next((one for one in wishes if one not in pins), None)
        if name is None:
            return True
        for version in VERSIONS:
            further = {one: list(texts) for one, texts in wishes.items()}
            for other, text in self.needs[name, version]:
                further.setdefault(other, []).append(text)
            if self._fits(further, {**pins, name: version}):
                return True
        return False

    def conflicts(self, wanted):
        """The smallest sets of names whose wishes cannot be met."""
        found = []
        for size in range(1, len(wanted) + 1):
            for chosen in map(frozenset, combinations(wanted, size)):
                if not any(one <= chosen for one in found) and not self.fits({one: wanted[one] for one in chosen}):
                    found.append(chosen)
        return set(found)


def told(found):
    """The rows of each conflict that was told, those of Constraints and those of the Version column."""
    by_constraint, by_version = set(), set()
    for one in found.findings:
        if one.code in (*WHOLE, *ALONE):
            constraint = one.code == "constraints-conflict" or re.search(r" Constraint [<>]", one.message)
            (by_constraint if constraint else by_version).add(frozenset(LINE[line] for line in one.lines))
    return by_constraint, by_version


@pytest.mark.parametrize("seed", [3, 6, 11, 13, 16, 22])
def test_it_finds_what_trying_all_finds(surveyed, shelf, seed):
    """Every smallest conflict, every lower bound out of reach, and first cures with which the column goes together."""
    harbour = Harbour(seed)
    for (name, version), needs in harbour.needs.items():
        shelf.put(name, version, *(f"{other}{text}" for other, text in needs))

    found = surveyed(table(*(f"{name} | {harbour.tested[name]}.x | `{harbour.admitted[name]}`" for name in NAMES)))

    by_constraint = harbour.conflicts(harbour.admitted)
    clashing = frozenset().union(*by_constraint)
    rest = [name for name in NAMES if name not in clashing]
    column = {name: f"=={harbour.tested[name]}.*" for name in rest}
    by_version = harbour.conflicts(column)
    assert told(found) == (by_constraint, by_version)

    admitted = {name: harbour.admitted[name] for name in rest}
    floors = {name: match[1] for name in rest if (match := re.match(r">=([\d.]+)", admitted[name]))}
    unreachable = {
        name for name, floor in floors.items() if not harbour.fits({**admitted, name: f"{admitted[name]},=={floor}.*"})
    }
    assert {LINE[one.lines[0]] for one in found.findings if one.code == "floor-unreachable"} == unreachable

    cures = [one.cure for one in found.findings if one.code == "versions-conflict"]
    if all(cure.startswith("write ") and "do not suffice" not in cure for cure in cures):
        for cure in cures:
            for version, name in re.findall(r"Version (\S+)\.x instead of \S+ for (\w+)", cure.split("; or ")[0]):
                column[name] = f"=={version}.*"
        alone = {name for one in by_version if len(one) == 1 for name in one}
        assert harbour.fits({name: text for name, text in column.items() if name not in alone})
