"""Two trees of one record laid side by side: which value of the one answers to which of the other.

Objects answer by name. Lists of rows answer by likeness, the best pair first, because a way back may order rows
otherwise; lists of plain values by equality, then in their order.
"""

from __future__ import annotations

from collections.abc import Iterator

from interop.json_codec import Json
from interop.location import SourcePath

REPETITIONS = 3
"""Depth of a field's repetitions in the tree of an HL7 v2 message: segment, its number, field."""

Twins = dict[SourcePath, SourcePath]
"""Path of a plain value in the first tree -> its path in the second."""

ALIGNED_ROWS = 400
"""Longest list whose rows are all compared with each other; longer ones answer in their order."""


def align(first: Json, second: Json, *, hl7: bool = False) -> Twins:
    """The pairs of plain values. What stands in one tree alone is in no pair.

    hl7  trees of HL7 v2: the repetitions of a field answer by likeness, its components by their number
    """
    twins: Twins = {}
    _walk(first, second, ((), ()), twins, hl7=hl7)
    return twins


def _walk(one: Json, two: Json, at: tuple[SourcePath, SourcePath], twins: Twins, *, hl7: bool) -> None:
    here, there = at
    if isinstance(one, dict) and isinstance(two, dict):
        for name, child in one.items():
            if name in two:
                _walk(child, two[name], ((*here, name), (*there, name)), twins, hl7=hl7)
    elif isinstance(one, list) and isinstance(two, list):
        for number, other in pairs(one, two, rows=hl7 and len(here) == REPETITIONS):
            _walk(one[number], two[other], ((*here, number), (*there, other)), twins, hl7=hl7)
    elif isinstance(one, list) and len(one) == 1:
        # a single item where the other writes the value alone
        _walk(one[0], two, ((*here, 0), there), twins, hl7=hl7)
    elif isinstance(two, list) and len(two) == 1 and one is not None:
        _walk(one, two[0], (here, (*there, 0)), twins, hl7=hl7)
    elif not isinstance(one, dict | list) and not isinstance(two, dict | list):
        twins[here] = there


def pairs(one: list[Json], two: list[Json], *, rows: bool = False) -> list[tuple[int, int]]:
    """Which items answer to each other, in the order of the first list. ``rows``: lists are rows too."""
    plain = not any(isinstance(item, dict | list) for item in (*one, *two))
    if (
        max(len(one), len(two)) > ALIGNED_ROWS
        or (not plain and len(one) == len(two) == 1)
        or not (rows or _rows(one, two))
    ):
        return [(number, number) for number in range(min(len(one), len(two)))]
    facts = [_facts(item) for item in two]
    scored = sorted(
        ((-_likeness(_facts(item), facts[other]), abs(number - other), number, other)
         for number, item in enumerate(one) for other in range(len(two))),
    )  # fmt: skip
    taken: dict[int, int] = {}
    used: set[int] = set()
    for _, _, number, other in scored:
        if number not in taken and other not in used:
            taken[number] = other
            used.add(other)
    return sorted(taken.items())


def _rows(one: list[Json], two: list[Json]) -> bool:
    """Lists of objects or of plain values answer by likeness; the parts of an HL7 v2 field have fixed places."""
    return not any(isinstance(item, list) for item in (*one, *two))


def _facts(node: Json) -> frozenset[tuple[str, str]]:
    return frozenset(_told(node, ""))


def _told(node: Json, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _told(child, f"{name}.{key}")
    elif isinstance(node, list):
        for child in node:
            yield from _told(child, name)
    elif node not in (None, ""):
        yield name, " ".join(str(node).split()).casefold()


def _likeness(one: frozenset[tuple[str, str]], two: frozenset[tuple[str, str]]) -> float:
    return len(one & two) / (len(one | two) or 1)
