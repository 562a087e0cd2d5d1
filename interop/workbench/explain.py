"""One record explained: every value it became, from which cell, by which rule, through which steps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from interop.errors import ContentError
from interop.json_codec import Json, JsonObject
from interop.location import SourcePointer
from interop.mapping import Mapping
from interop.mapping.paths import follow
from interop.mapping.plan import Leaf
from interop.mapping.run import point, told
from interop.outcome import Issue
from interop.sources import SourceRecord
from interop.workbench.lineage import Made, address, addressed, cells_of, entries_of, made_by, spelled
from interop.workbench.rulebook import Rulebook

_RULE = re.compile(r"^(?P<mapping>[^#]*)#(?P<group>\S+) (?P<path>.*) \((?P<file>[^()]*):(?P<line>\d+)\)$")

HIDDEN = "•••"
"""What stands for a value that is not to be shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One produced value.

    source    the cell, None for a constant or a reference; ``others``: further cells a rule of several sources read
    rule      ``care-home/red-bag.yaml:96``
    steps     what the rule does on the way: ``date dd/MM/yyyy``, ``table codes/sex``
    resource  number of the resource in the Bundle, from 0; ``target`` its type and path in it
    """

    source: SourcePointer | None
    raw: str | None
    rule: str
    group: str
    steps: tuple[str, ...]
    resource: int
    target: str
    value: Json
    note: str | None = None
    others: tuple[tuple[SourcePointer, str], ...] = ()

    @property
    def cells(self) -> tuple[tuple[SourcePointer, str], ...]:
        """Every cell with what stands in it."""
        return () if self.source is None else ((self.source, self.raw or ""), *self.others)

    @property
    def firing(self) -> tuple[str, str, int]:
        """The rule at work on one resource."""
        return self.rule, self.group, self.resource

    def as_json(self, *, values: bool = True) -> JsonObject:
        return {
            "source": str(self.source) if self.source else None,
            **({"raw": self.raw, "value": self.value} if values else {}),
            **({"otherSources": [str(pointer) for pointer, _ in self.others]} if self.others else {}),
            "rule": self.rule,
            "group": self.group,
            "steps": list(self.steps),
            "target": f"Bundle.entry[{self.resource}].resource.{self.target.partition('.')[2]}",
            "element": self.target,
            **({"note": self.note} if self.note else {}),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """One record. ``constants``: lines without a source are among the lines."""

    mapping: str
    title: str
    key: str
    lines: tuple[Line, ...]
    resources: tuple[str, ...]
    issues: tuple[Issue, ...]

    @property
    def sourced(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.source is not None)

    def as_json(self, *, values: bool = True) -> JsonObject:
        issues = [issue.as_json() for issue in self.issues]
        if not values:
            for issue in issues:
                issue.pop("value", None)
                issue.pop("text", None)
        return {
            "mapping": self.mapping,
            **({"record": self.key} if values else {}),  # a key may be an NHS number
            "resources": list(self.resources),
            "values": [line.as_json(values=values) for line in self.lines],
            "issues": issues,
        }


def choose(records: Iterable[SourceRecord], wanted: str) -> SourceRecord:
    """The record with this key, or else the record of this number (from 1). Raises ContentError when there is none."""
    by_number: SourceRecord | None = None
    keys: list[str] = []
    for number, record in enumerate(records, 1):
        if record.key == wanted:
            return record
        if wanted.isdigit() and int(wanted) == number:
            by_number = record
        keys.append(record.key)
    if by_number is not None:
        return by_number
    few = f"the keys are {', '.join(keys[:10])}" if keys else "the files hold no record"
    text = f"there is no record {wanted!r} among {len(keys)}"
    raise ContentError(text, hint=few + (", …" if len(keys) > 10 else ""))


def explain(mapping: Mapping, book: Rulebook, record: SourceRecord, *, now: datetime) -> Explanation:
    """Every value the record became, in the order of the Bundle."""
    mapped = mapping.apply(record, now=now)
    # The same again with paths for pointers: from the path of one cell the others of its rule are found.
    again = mapping.apply(addressed(record.tree, record.key), now=now)
    again.bundle()
    entries = entries_of(again)
    teller = _Teller(record, book, {entry.full_url: number for number, entry in enumerate(entries)}, _leaves(mapping))
    lines = tuple(teller.line(made) for made in made_by(again))
    types = tuple(entry.type for entry in entries)
    return Explanation(mapping.name, mapping.title, record.key, lines, types, mapped.issues)


Leaves = dict[tuple[str, int, str], Leaf]


def _leaves(mapping: Mapping) -> Leaves:
    """The compiled rules of several sources, by file, line and target."""
    plan = mapping.plan
    groups = (*plan.groups.values(), *((plan.composition,) if plan.composition else ()))
    leaves = (leaf for group in groups for leaf in group.root.leaves() if len(leaf.sources) > 1)
    return {(leaf.place.file, leaf.place.line, leaf.path): leaf for leaf in leaves}


@dataclass(frozen=True, slots=True)
class _Teller:
    """Turns the lineage of one record into lines."""

    record: SourceRecord
    book: Rulebook
    numbers: dict[str, int]
    leaves: Leaves

    def line(self, made: Made) -> Line:
        found = _RULE.match(made.rule)
        parts = found.groupdict() if found else {"group": "", "path": "", "file": made.rule, "line": "0"}
        spot = parts["file"], int(parts["line"]), parts["path"]
        rule = self.book.written_at(*spot)
        cells = self._cells(made, self.leaves.get(spot)) if made.raw is not None else ()
        return Line(
            cells[0][0] if cells else None,
            made.raw,
            f"{parts['file']}:{parts['line']}",
            parts["group"],
            self.book.steps(rule),
            self.numbers[made.entry.full_url],
            f"{made.entry.type}.{made.path}",
            made.value,
            (rule.note or None) if rule is not None else None,
            cells[1:],
        )

    def _cells(self, made: Made, leaf: Leaf | None) -> tuple[tuple[SourcePointer, str], ...]:
        first = address(made.pointer)
        paths = cells_of(self.record.tree, leaf, first) if leaf is not None else (first,)
        return tuple((point(self.record, path), told(follow(self.record.tree, path))) for path in paths)


def shown(value: Json, *, values: bool) -> str:
    """A value as one line, codes and quantities as people say them; what stands for it where none is to be shown."""
    if value is None:
        return ""
    return " ".join(_said(value).split()) if values else HIDDEN


def _said(value: Json) -> str:
    if isinstance(value, dict) and "coding" in value:
        codes = [str(coding.get("code", "")) for coding in value["coding"]]
        words = value.get("text") or next((c["display"] for c in value["coding"] if c.get("display")), "")
        return f"{words} [{', '.join(codes)}]"
    if isinstance(value, dict) and "code" in value and "system" in value and "value" not in value:
        return f"{value.get('display', '')} [{value['code']}]"
    if isinstance(value, dict) and set(value) <= {"text"}:
        return str(value.get("text", ""))
    if isinstance(value, dict) and "value" in value and "unit" in value:
        return f"{value['value']} {value['unit']}"
    return spelled(value)


def of_groups(explanation: Explanation, groups: Sequence[str]) -> Explanation:
    """Only the lines of these groups; all when none are named. Raises ContentError for a group that made nothing."""
    if not groups:
        return explanation
    made = dict.fromkeys(line.group for line in explanation.lines)
    for group in groups:
        if group not in made:
            raise ContentError(f"no group {group!r} made anything of this record", hint=f"there are {', '.join(made)}")
    return replace(explanation, lines=tuple(line for line in explanation.lines if line.group in groups))
