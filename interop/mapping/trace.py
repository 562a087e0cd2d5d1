"""Where each value came from: asked by its place in a Bundle, answered with file, row, column and rule.

Nothing is kept per value while mapping. A mapping is a pure function of its record, so the origin of a value is found
by building its resource once more with every value marked; that happens only for resources somebody asks about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Protocol

from interop.json_codec import Json, JsonObject
from interop.location import SourcePath, SourcePointer
from interop.mapping.run import Mark, Run, point, told

Found = tuple[SourcePointer, str | None, str]
"""(where in the sender's record, the raw value there, the rule); the raw value of a whole row is None."""

ResourcePath = tuple[str | int, ...]

_STEP = re.compile(r"\.?(?:([A-Za-z_][A-Za-z0-9_]*)(\(([^)]*)\))?|\[(\d+)\])")


@dataclass(slots=True)
class Origins:
    """The marked values of one resource by path; ``missed`` by element; ``at`` its row."""

    values: dict[ResourcePath, Mark]
    missed: dict[str, Mark]
    at: SourcePath
    rule: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What one resource was made from.

    cells     every cell its rules looked at
    not_made  the groups it refers to without result
    of_row    it was made from a row of a list, not from the record as a whole
    """

    cells: tuple[SourcePointer, ...]
    not_made: frozenset[str]
    of_row: bool


class Making(Protocol):
    """How a record was mapped, done once more with every value marked."""

    def retrace(self, url: str) -> tuple[JsonObject, Run, SourcePath] | None:
        """(the resource built with marks, the run it was built in, its row); None for a resource not ours."""
        ...

    def attempt(self, group: str) -> tuple[Run, SourcePath] | None:
        """The run in which a group made nothing, and the row it was tried with; None where it made something."""
        ...

    def section(self, codes: Set[str]) -> tuple[tuple[SourcePath, ...], tuple[str, ...]] | None:
        """What a section of the document is filled from: (the places of its text, its groups)."""
        ...

    def table(self, group: str) -> SourcePath | None:
        """Where the list stands that a group goes through."""
        ...

    def referrers(self, group: str) -> tuple[str, ...]:
        """The groups that refer to it."""
        ...

    def conditions(self, group: str) -> tuple[SourcePath, ...]:
        """The cells on which it hangs whether a group without rows makes anything."""
        ...


@dataclass
class Trace:
    """The lineage of one mapped record, as seen in one Bundle."""

    making: Making
    bundle: JsonObject | None = None
    _known: dict[str, tuple[Origins, Run] | None] = field(default_factory=dict)

    def within(self, bundle: JsonObject) -> Trace:
        """The same lineage asked by places in another Bundle that holds the resources: a message, a narrated copy."""
        return Trace(self.making, bundle, self._known)

    def find(self, expression: str) -> Found | None:
        """The origin of the value at a FHIRPath location, or of what is nearest to it: in it, else around it.

        For an element that is not there, the cell that a rule looked for it in.
        """
        steps = read_location(expression)
        if self.bundle is None or not steps:
            return None
        resource, inner = _owner(self.bundle, steps)
        known = self.origins(f"urn:uuid:{resource.get('id')}") if resource is not None else None
        if resource is None or known is None:
            return None
        return self._of_section(resource, inner, known) or _nearest(*known, inner)

    def part(self, expression: str) -> tuple[JsonObject, ResourcePath, Origins, Run] | None:
        """The resource at a FHIRPath location, the steps inside it, and its lineage; None for one no rule made."""
        steps = read_location(expression)
        resource, inner = _owner(self.bundle, steps) if self.bundle is not None and steps else (None, ())
        known = self.origins(f"urn:uuid:{resource.get('id')}") if resource is not None else None
        return None if resource is None or known is None else (resource, inner, *known)

    def reach(self, expression: str) -> Reach | None:
        """What the rules of the resource at a FHIRPath location looked at; None for a resource no rule made."""
        found = self.part(expression)
        if found is None:
            return None
        _, _, origins, run = found
        marks = (*origins.values.values(), *run.missed)
        cells = tuple(point(run.record, mark.path) for mark in marks if mark.path is not None)
        not_made = frozenset(group for mark in run.missed for group in mark.leaf.groups)
        return Reach(cells, not_made, bool(origins.at))

    def values(self, url: str) -> Iterator[tuple[str, Json, Found]]:
        """Every value of one resource: (path, value, origin)."""
        origins = self.origins(url)
        if origins is not None:
            for path, mark in origins[0].values.items():
                yield location(path), mark.value, _told(mark, *origins)

    def origins(self, url: str) -> tuple[Origins, Run] | None:
        """The lineage of one resource by its fullUrl."""
        if url not in self._known:
            traced = self.making.retrace(url)
            self._known[url] = None if traced is None else (_collect(*traced), traced[1])
        return self._known[url]

    def _of_section(self, resource: JsonObject, path: ResourcePath, known: tuple[Origins, Run]) -> Found | None:
        """A finding about a section of the document as a whole is told where the rows of its first group stand."""
        if path[:1] != ("section",) or len(path) < 2 or any(at[:2] == path[:2] for at in known[0].values):
            return None
        codes = frozenset(codes_of(_item(resource.get("section"), path[1])))
        _, groups = self.making.section(codes) or ((), ())
        at = next((at for group in groups if (at := self.making.table(group)) is not None), None)
        run = known[1]
        return None if at is None else (point(run.record, at), None, f"{run.mapping}#composition section[{path[1]}]")


def _collect(resource: JsonObject, run: Run, at: SourcePath) -> Origins:
    values: dict[ResourcePath, Mark] = {}

    def walk(node: Json, path: ResourcePath) -> None:
        if isinstance(node, Mark):
            values[path] = node
        elif isinstance(node, dict):
            for key, child in node.items():
                walk(child, (*path, key))
        elif isinstance(node, list):
            for number, child in enumerate(node):
                walk(child, (*path, number))

    walk(resource, ())
    missed: dict[str, Mark] = {}
    for mark in run.missed:
        missed.setdefault(mark.element, mark)
    return Origins(values, missed, at, f"{run.mapping}#{run.group}")


def _nearest(origins: Origins, run: Run, path: ResourcePath) -> Found:
    if not path:
        return point(run.record, origins.at), None, origins.rule
    length = len(path)
    while length:
        here = path[:length]
        if here in origins.values:
            return _told(origins.values[here], origins, run)
        if length == len(path):
            missed = origins.missed.get(".".join(str(step) for step in here if isinstance(step, str)))
            if missed is not None:
                return _told(missed, origins, run)
        inside = [mark for at, mark in origins.values.items() if at[:length] == here]
        best = next((mark for mark in inside if mark.path is not None), None)
        if best is not None:
            return _told(best, origins, run)
        length -= 1
    return point(run.record, origins.at), None, origins.rule


def _told(mark: Mark, origins: Origins, run: Run) -> Found:
    if mark.path is None:
        return point(run.record, origins.at), None, run.rule(mark.leaf)
    return point(run.record, mark.path), told(mark.raw), run.rule(mark.leaf)


def read_location(expression: str) -> ResourcePath:
    """``Bundle.entry[3].resource.value.ofType(Quantity).unit`` as steps after the root type; choices by JSON name."""
    steps: list[str | int] = []
    for match in _STEP.finditer(expression):
        name, call, argument, index = match.groups()
        if index is not None:
            steps.append(int(index))
        elif call is None:
            steps.append(name)
        elif name == "ofType" and steps and isinstance(steps[-1], str):
            steps[-1] = f"{steps[-1]}{argument[:1].upper()}{argument[1:]}"
    return tuple(steps[1:]) if steps and isinstance(steps[0], str) and steps[0][:1].isupper() else tuple(steps)


def codes_of(section: Json) -> Iterator[str]:
    """The codes of a section of a document."""
    concept = section.get("code") if isinstance(section, dict) else None
    for coding in concept.get("coding", ()) if isinstance(concept, dict) else ():
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            yield coding["code"]


def location(path: ResourcePath) -> str:
    """Steps as FHIRPath text: ``name[0].family``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _owner(root: JsonObject, steps: ResourcePath) -> tuple[JsonObject | None, ResourcePath]:
    """The innermost resource the steps lead through, and the steps inside it."""
    node: Json = root
    owner, inner = (root, 0) if root.get("resourceType") != "Bundle" else (None, 0)
    for number, step in enumerate(steps):
        if isinstance(step, str) and isinstance(node, list):
            node = node[0] if len(node) == 1 else None  # FHIRPath leaves [0] unsaid
        node = node.get(step) if isinstance(step, str) and isinstance(node, dict) else _item(node, step)
        if isinstance(node, dict) and "resourceType" in node and node["resourceType"] != "Bundle":
            owner, inner = node, number + 1
        if node is None:
            break
    if owner is None and isinstance(node, dict) and isinstance(node.get("resource"), dict):
        owner, inner = node["resource"], len(steps)  # a finding about the entry is about what it holds
    return owner, steps[inner:]


def _item(node: Json, step: str | int) -> Json:
    return node[step] if isinstance(node, list) and isinstance(step, int) and step < len(node) else None
