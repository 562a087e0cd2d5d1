"""Which produced values each source cell stands behind, by its path in the record's tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from interop.bundle import Entry
from interop.json_codec import Json, JsonObject, dumps, loads
from interop.location import SourcePath, SourcePointer
from interop.mapping import Mapped, Mapping
from interop.mapping.paths import SourceExpression, follow, locate
from interop.mapping.plan import Leaf
from interop.mapping.run import told
from interop.sources import SourceRecord


@dataclass(frozen=True, slots=True)
class Made:
    """One produced value: of which resource, where in it, from which cell by which rule."""

    entry: Entry
    path: str
    value: Json
    pointer: SourcePointer
    raw: str | None
    rule: str


def made_by(mapped: Mapped) -> Iterator[Made]:
    """Every value of every resource a record became, the Composition first."""
    for entry in entries_of(mapped):
        for path, value, (pointer, raw, rule) in mapped.trace.values(entry.full_url):
            yield Made(entry, path, value, pointer, raw, rule)


def entries_of(mapped: Mapped) -> tuple[Entry, ...]:
    if mapped.composition is None:
        return mapped.resources
    return (Entry(f"urn:uuid:{mapped.composition['id']}", mapped.composition), *mapped.resources)


def addressed(tree: JsonObject, key: str) -> SourceRecord:
    """A record whose pointers are the paths of its own tree: see ``address``."""
    return SourceRecord(tree, (), key, lambda path: SourcePointer("", path=dumps(list(path)).decode()))


def address(pointer: SourcePointer) -> SourcePath:
    """The path in the tree that a pointer of an ``addressed`` record names."""
    return tuple(loads((pointer.path or "[]").encode()))


def cells_of(tree: Json, leaf: Leaf, first: SourcePath) -> tuple[SourcePath, ...]:
    """Every filled cell a rule of several sources read, given the one its lineage names."""
    if len(leaf.sources) < 2:
        return (first,)
    for length in range(len(first) + 1):
        row = first[:length]
        cells = [_cell(tree, row, source) for source in leaf.sources]
        if first in cells:
            filled = (cell for cell in cells if told(follow(tree, cell)).strip())
            return tuple(dict.fromkeys((first, *filled)))
    return (first,)


def _cell(tree: Json, row: SourcePath, source: SourceExpression) -> SourcePath:
    base = () if source.absolute else row
    return (*base, *locate(follow(tree, base), source.steps))


Produced = dict[SourcePath, frozenset[tuple[str, str, str]]]
"""Path of a cell -> (resource type, element without indexes, value) of everything made from it."""


def produced(mapping: Mapping, tree: JsonObject, key: str, now: datetime) -> Produced:
    """What each cell of a tree becomes."""
    found: dict[SourcePath, set[tuple[str, str, str]]] = {}
    mapped = mapping.apply(addressed(tree, key), now=now)
    mapped.bundle()
    for made in made_by(mapped):
        if made.raw is not None:
            values = found.setdefault(address(made.pointer), set())
            values.add((made.entry.type, unindexed(made.path), spelled(made.value)))
    return {path: frozenset(values) for path, values in found.items()}


def unindexed(path: str) -> str:
    """``name[0].given[1]`` as ``name.given``."""
    return "".join(part.partition("]")[2] if number else part for number, part in enumerate(path.split("[")))


def spelled(value: Json) -> str:
    """A value as one line of text."""
    return value if isinstance(value, str) else dumps(value).decode()
