"""Smallest sets of things that do not go together, found by asking whether others do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import combinations

type Fits[Item] = Callable[[Sequence[Item]], bool]

MOST_CONFLICTS = 12
MOST_STEPS = 80  # of the search for further conflicts


def minimal[Item](items: Sequence[Item], fits: Fits[Item], suspects: Collection[Item] = ()) -> tuple[Item, ...]:
    """A set that does not go together, although it does without any one of its items (QuickXplain).

    Args:
        items: do not go together.
        fits: whether some of them do; what is asked twice should be remembered there.
        suspects: items that are probably to blame; tried first, since with few items few questions are needed.

    Returns:
        In the order of `items`; empty if not even nothing "goes together".
    """
    near = [one for one in items if one in suspects]
    pool = near if near and len(near) < len(items) and not fits(near) else list(items)
    if not fits([]):
        return ()
    found = set(_explain([], False, pool, fits))
    return tuple(one for one in items if one in found)


def _explain[Item](kept: list[Item], grew: bool, items: list[Item], fits: Fits[Item]) -> list[Item]:
    if grew and not fits(kept):
        return []
    if len(items) == 1:
        return items
    middle = len(items) // 2
    first, second = items[:middle], items[middle:]
    of_second = _explain([*kept, *first], True, second, fits)
    of_first = _explain([*kept, *of_second], bool(of_second), first, fits)
    return [*of_first, *of_second]


def every_minimal[Item](
    items: Sequence[Item], fits: Fits[Item], explain: Callable[[Sequence[Item]], tuple[Item, ...]]
) -> tuple[list[tuple[Item, ...]], bool]:
    """All the smallest sets that do not go together, by leaving out one item of each that was found (Reiter's tree).

    Args:
        explain: one such set of items that do not go together.

    Returns:
        The sets, and whether these are all; a search that grows too long is cut.
    """
    found: list[tuple[Item, ...]] = []
    mended: list[frozenset[Item]] = []
    waiting, seen, steps = [frozenset[Item]()], {frozenset[Item]()}, 0
    while waiting:
        without = waiting.pop(0)
        if any(one <= without for one in mended):
            continue
        conflict = next((one for one in found if not without & set(one)), None)
        if conflict is None:
            if steps >= MOST_STEPS or len(found) >= MOST_CONFLICTS:
                return found, False
            steps += 1
            left = [one for one in items if one not in without]
            if fits(left):
                mended.append(without)
                continue
            conflict = explain(left)
            if not conflict:
                return found, True
            found.append(conflict)
        for one in conflict:
            further = without | {one}
            if further not in seen:
                seen.add(further)
                waiting.append(further)
    return found, True


def hitting[Item](conflicts: Sequence[Collection[Item]], size: int) -> list[tuple[Item, ...]]:
    """Sets of so many items of which each conflict has at least one."""
    items = list(dict.fromkeys(one for conflict in conflicts for one in conflict))
    return [
        chosen for chosen in combinations(items, size) if all(set(chosen) & set(conflict) for conflict in conflicts)
    ]


def groups[Item](conflicts: Sequence[tuple[Item, ...]]) -> list[list[tuple[Item, ...]]]:
    """Conflicts that share an item, directly or through others, in one group each."""
    found: list[tuple[set[Item], list[tuple[Item, ...]]]] = []
    for conflict in conflicts:
        touching = [one for one in found if one[0] & set(conflict)]
        items = set(conflict).union(*(one[0] for one in touching))
        members = [member for one in touching for member in one[1]] + [conflict]
        found = [one for one in found if one not in touching] + [(items, members)]
    return [members for _, members in found]
