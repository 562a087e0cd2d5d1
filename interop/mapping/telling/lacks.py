"""Where an element that is not there was looked for: the empty cells, lists and tables it is told at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from interop.definitions import Definitions
from interop.errors import DefinitionError
from interop.json_codec import JsonObject
from interop.location import SourcePath, SourcePointer
from interop.mapping.paths import follow
from interop.mapping.run import Mark, Run, point
from interop.mapping.telling.rules import same_word
from interop.mapping.trace import Origins, ResourcePath, Trace
from interop.outcome import Issue

LACKING = frozenset({"missing-element", "cardinality"})
"""Codes of findings that too little is there. ``cardinality`` may also mean too much."""

_SAID = re.compile(r"(?P<path>[A-Z][\w.:\[\]/-]*)\.(?P<name>\w+)(?:\[x\])?(?::(?P<slice>[\w/-]+))?: found (?P<count>\d+), wanted (?P<least>\d+|at least 1)")  # fmt: skip  # noqa: E501
_DEEPEST = 3
"""Groups that refer to groups that refer to groups: further than that nobody looks."""


@dataclass(frozen=True, slots=True)
class Lack:
    """An element of which there is too little.

    name   ``birthDate``, ``value`` of a choice; ``slice`` the slice's name, or empty
    count  how many there are, ``least`` how many there must be
    """

    name: str
    slice: str
    count: int
    least: int

    @classmethod
    def of(cls, issue: Issue) -> Lack | None:
        """What a finding misses; None for a finding of another kind."""
        said = _SAID.match(issue.text) if issue.code in LACKING else None
        if said is None:
            return None
        least = 1 if said["least"].startswith("at") else int(said["least"])
        lack = cls(said["name"], said["slice"] or "", int(said["count"]), least)
        return lack if lack.count < lack.least else None


@dataclass(frozen=True, slots=True)
class Cell:
    """A place that was looked at: the path in the record, the rule, and what its value is for."""

    path: SourcePath
    rule: str
    element: str = ""


def looked_in(lack: Lack, issue: Issue, trace: Trace, definitions: Definitions) -> list[Cell]:
    """The places that would have filled the element, nearest first."""
    found = trace.part(issue.expression)
    if found is None:
        return []
    resource, inner, origins, run = found
    cells = list(_own(lack, inner, origins, run, trace))
    if not cells and resource.get("resourceType") == "Composition" and lack.name == "section":
        cells = list(of_section(_codes(resource, lack, definitions), trace, run))
    return cells


def _own(lack: Lack, inner: ResourcePath, origins: Origins, run: Run, trace: Trace) -> Iterator[Cell]:
    """Rules of the resource itself that found nothing for the element, and what groups they refer to."""
    wanted = ".".join((*(step for step in inner if isinstance(step, str)), lack.name))
    rows = {mark.at for at, mark in origins.values.items() if at[: len(inner)] == inner} if inner else {origins.at}
    marks = [mark for mark in run.missed if _within(mark.element, wanted)]
    marks = [mark for mark in marks if mark.at in rows] or [mark for mark in marks if not inner]
    labelled = [mark for mark in marks if lack.slice and same_word(_label(mark, lack.name), lack.slice)]
    for mark in sorted(labelled or marks, key=lambda mark: not mark.leaf.required):
        if mark.path is not None:
            yield Cell(mark.path, run.rule(mark.leaf), f"{run.create}.{mark.leaf.target}")
        for group in mark.leaf.groups:
            yield from _of_group(group, trace, run)


def _within(element: str, wanted: str) -> bool:
    """Whether an element is the one wanted or a part of it; ``value`` stands for ``valueQuantity`` too."""
    if not element.startswith(wanted):
        return False
    rest = element[len(wanted) :]
    return not rest or rest[0] == "." or rest[0].isupper()


def _label(mark: Mark, name: str) -> str:
    found = re.search(rf"{name}\w*\[([^\]]*)\]", mark.leaf.target)
    return found[1] if found else ""


def _of_group(group: str, trace: Trace, run: Run, depth: int = 0) -> Iterator[Cell]:
    """Why a group made nothing: what its rules looked at, its table without rows, or its condition."""
    rule = f"{run.mapping}#{group}"
    tried = trace.making.attempt(group)
    if tried is None:
        table = trace.making.table(group)
        if table is not None and not follow(run.record.tree, table):
            yield Cell(table, rule)
        return
    yield from (Cell(path, rule) for path in trace.making.conditions(group))
    again = tried[0]
    for mark in sorted(again.missed, key=lambda mark: not mark.leaf.required):
        if mark.path is not None:
            yield Cell(mark.path, again.rule(mark.leaf), f"{again.create}.{mark.leaf.target}")
        for other in mark.leaf.groups if depth < _DEEPEST else ():
            yield from _of_group(other, trace, run, depth + 1)


def of_section(codes: frozenset[str], trace: Trace, run: Run) -> Iterator[Cell]:
    """What would have filled a section of the document."""
    texts, groups = trace.making.section(codes) or ((), ())
    rule = f"{run.mapping}#composition section"
    yield from (Cell(path, rule) for path in texts)
    for group in groups:
        yield from _of_group(group, trace, run)


def _codes(composition: JsonObject, lack: Lack, definitions: Definitions) -> frozenset[str]:
    """The codes by which the document's profiles know a section."""
    wanted = f"Composition.section:{lack.slice}.code"
    found: set[str] = set()
    for profile in (composition.get("meta") or {}).get("profile", ()):
        try:
            structure = definitions.structure(str(profile))
        except DefinitionError:
            continue
        for element in structure.elements if structure is not None else ():
            if element.id.startswith(wanted):
                for _, value in filter(None, (element.pattern, element.fixed)):
                    found |= set(_code_values(value))
    return frozenset(found)


def _code_values(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        codings = value.get("coding", [value])
        yield from (str(coding["code"]) for coding in codings if isinstance(coding, dict) and "code" in coding)


def unlinked(issue: Issue, trace: Trace) -> list[SourcePointer]:
    """Where what should have led to a resource comes from: cells of groups that refer to its group and made nothing."""
    found = trace.part(issue.expression)
    if found is None:
        return []
    _, _, _, run = found
    referrers = trace.making.referrers(run.group)
    return [point(run.record, cell.path) for group in referrers for cell in _of_group(group, trace, run)]
