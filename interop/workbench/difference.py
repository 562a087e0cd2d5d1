"""What a change of a mapping would have changed: the same samples through both, compared value by value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from interop.bundle import Entry
from interop.json_codec import Json, JsonObject
from interop.location import SourcePath
from interop.mapping import Mapped
from interop.mapping import Mapping as RecordMapping
from interop.mapping.paths import follow
from interop.outcome import Issue
from interop.sources import SourceRecord
from interop.workbench.alignment import align, pairs
from interop.workbench.fields import every_value
from interop.workbench.lineage import entries_of, spelled

EXAMPLES = 3


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in one record. ``path``: ``Patient.name.family``, or a finding's code; ``number``: from 1."""

    record: str
    path: str
    kind: Kind
    before: str = ""
    after: str = ""
    number: int = 0

    def named(self, *, values: bool) -> str:
        """The record by its key; by its number where no value may be shown, as a key may be an NHS number."""
        return self.record if values else f"record {self.number}"


@dataclass(slots=True)
class PathChanges:
    """All changes of one path. ``records``: how many records they touch."""

    path: str
    counts: Counter[Kind] = field(default_factory=Counter)
    touched: set[str] = field(default_factory=set)
    examples: list[Change] = field(default_factory=list)

    @property
    def records(self) -> int:
        return len(self.touched)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def as_json(self, *, values: bool) -> JsonObject:
        shown = [
            {
                "record": change.named(values=values),
                "kind": str(change.kind),
                **({"before": change.before, "after": change.after} if values else {}),
            }
            for change in self.examples
        ]
        counts = {str(kind): self.counts[kind] for kind in Kind if self.counts[kind]}
        return {"path": self.path, "records": self.records, **counts, "examples": shown}


@dataclass(frozen=True, slots=True)
class Difference:
    """Two mappings over the same samples; what touches the most records first."""

    before: str
    after: str
    records: int
    same: int
    values: tuple[PathChanges, ...]
    findings: tuple[PathChanges, ...]
    only: Mapping[str, tuple[str, ...]]  # keys that only one of the two reads

    @property
    def differs(self) -> bool:
        return bool(self.values or self.findings or any(self.only.values()))

    def as_json(self, *, values: bool = True) -> JsonObject:
        return {
            "before": self.before,
            "after": self.after,
            "records": self.records,
            "unchangedRecords": self.same,
            "values": [change.as_json(values=values) for change in self.values],
            "findings": [change.as_json(values=values) for change in self.findings],
            "recordsOnlyIn": {name: list(keys) if values else len(keys) for name, keys in self.only.items()},
        }


Read = Iterable[SourceRecord]


def difference(
    first: tuple[RecordMapping, Read], second: tuple[RecordMapping, Read], *, now: datetime, names: tuple[str, str]
) -> Difference:
    """Both mappings over their own reading of the same files; records answer to each other by key."""
    (before, before_records), (after, after_records) = first, second
    others: dict[str, list[SourceRecord]] = {}
    for record in after_records:
        others.setdefault(record.key, []).append(record)
    values: dict[str, PathChanges] = {}
    findings: dict[str, PathChanges] = {}
    alone: list[str] = []
    count = same = 0
    for record in before_records:
        waiting = others.get(record.key)
        if not waiting:
            alone.append(record.key)
            continue
        count += 1
        one, two = before.apply(record, now=now), after.apply(waiting.pop(0), now=now)
        changed = list(_values(record.key, one, two, same_name=before.name == after.name))
        told = list(_findings(record.key, one.issues, two.issues))
        same += not changed and not told
        _tally(values, changed, count)
        _tally(findings, told, count)
    new = tuple(key for key, left in others.items() for _ in left)
    only = {names[0]: tuple(alone), names[1]: new}
    return Difference(*names, count, same, _ranked(values), _ranked(findings), only)


def _tally(into: dict[str, PathChanges], changes: Iterable[Change], number: int) -> None:
    for change in changes:
        known = into.setdefault(change.path, PathChanges(change.path))
        known.counts[change.kind] += 1
        known.touched.add(change.record)
        if len(known.examples) < EXAMPLES:
            known.examples.append(replace(change, number=number))


def _ranked(changes: dict[str, PathChanges]) -> tuple[PathChanges, ...]:
    return tuple(sorted(changes.values(), key=lambda c: (-c.records, -c.total, c.path)))


def _findings(key: str, one: Iterable[Issue], two: Iterable[Issue]) -> Iterator[Change]:
    before, after = (Counter(_finding(issue) for issue in issues) for issues in (one, two))
    for (code, severity, where), number in (before - after).items():
        for _ in range(number):
            yield Change(key, f"{severity} {code}", Kind.REMOVED, before=where)
    for (code, severity, where), number in (after - before).items():
        for _ in range(number):
            yield Change(key, f"{severity} {code}", Kind.ADDED, after=where)


def _finding(issue: Issue) -> tuple[str, str, str]:
    return issue.code, str(issue.severity), str(issue.source or issue.expression)


def _values(key: str, one: Mapped, two: Mapped, *, same_name: bool) -> Iterator[Change]:
    first, second = list(entries_of(one)), list(entries_of(two))
    matched = _matched(first, second)
    labels = _labels(first, second, matched)
    frames = (_frame(mapped, same_name=same_name) for mapped in (one, two))
    yield from _compared(key, "Bundle", *frames)
    for number, other in matched:
        yield from _compared(
            key,
            first[number].type,
            _plain(first[number].resource, labels[0]),
            _plain(second[other].resource, labels[1]),
        )
    for number, entry in enumerate(first):
        if number not in {a for a, _ in matched}:
            yield from _whole(key, entry, Kind.REMOVED, labels[0])
    for number, entry in enumerate(second):
        if number not in {b for _, b in matched}:
            yield from _whole(key, entry, Kind.ADDED, labels[1])


def _frame(mapped: Mapped, *, same_name: bool) -> JsonObject:
    frame: JsonObject = {
        "type": mapped.type,
        "kind": mapped.kind,
        "timestamp": mapped.timestamp.isoformat(),
        "event": mapped.event,
        "profile": list(mapped.profiles),
        "person": mapped.person,
    }
    # Another name of the mapping gives another identifier, and nothing else is different.
    return frame | ({"identifier": mapped.identifier["value"]} if same_name else {})


def _matched(first: list[Entry], second: list[Entry]) -> list[tuple[int, int]]:
    """Which resources answer to each other: by fullUrl, then by likeness within their type."""
    urls = {entry.full_url: number for number, entry in enumerate(second)}
    found = [
        (number, urls[entry.full_url])
        for number, entry in enumerate(first)
        if entry.full_url in urls and second[urls[entry.full_url]].type == entry.type
    ]
    left, right = {a for a, _ in found}, {b for _, b in found}
    for kind in dict.fromkeys(entry.type for entry in first):
        ours = [n for n, entry in enumerate(first) if entry.type == kind and n not in left]
        theirs = [n for n, entry in enumerate(second) if entry.type == kind and n not in right]
        likely = pairs([_bare(first[n]) for n in ours], [_bare(second[n]) for n in theirs])
        found += [(ours[a], theirs[b]) for a, b in likely]
    return sorted(found)


def _bare(entry: Entry) -> Json:
    return {name: child for name, child in entry.resource.items() if name not in ("id", "meta")}


Labels = dict[str, str]


def _labels(first: list[Entry], second: list[Entry], matched: list[tuple[int, int]]) -> tuple[Labels, Labels]:
    """What references say instead of generated ids: the same for resources that answer to each other."""
    ours = {entry.full_url: f"{entry.type} {number + 1} (before)" for number, entry in enumerate(first)}
    theirs = {entry.full_url: f"{entry.type} {number + 1} (after)" for number, entry in enumerate(second)}
    for number, other in matched:
        name = f"{first[number].type} {number + 1}"
        ours[first[number].full_url] = theirs[second[other].full_url] = name
    return ours, theirs


def _plain(node: Json, labels: Labels, *, top: bool = True) -> Json:
    """A resource with names in place of generated ids."""
    if isinstance(node, dict):
        return {k: _plain(v, labels, top=False) for k, v in node.items() if not (top and k == "id")}
    if isinstance(node, list):
        return [_plain(item, labels, top=False) for item in node]
    return labels.get(node, node) if isinstance(node, str) else node


def _compared(key: str, kind: str, one: Json, two: Json) -> Iterator[Change]:
    twins = align(one, two)
    for path, value in every_value(one):
        if value is None:
            continue
        after = follow(two, twins[path]) if path in twins else None
        if after is None:
            yield Change(key, _path(kind, path), Kind.REMOVED, before=spelled(value))
        elif after != value:
            yield Change(key, _path(kind, path), Kind.CHANGED, spelled(value), spelled(after))
    met = {twins[path] for path, value in every_value(one) if path in twins and value is not None}
    for path, value in every_value(two):
        if path not in met and value is not None:
            yield Change(key, _path(kind, path), Kind.ADDED, after=spelled(value))


def _whole(key: str, entry: Entry, kind: Kind, labels: Labels) -> Iterator[Change]:
    """A resource only one of the two makes: told as one change, so that it does not drown the others."""
    name = labels[entry.full_url].partition(" (")[0]
    words = next((spelled(v) for p, v in every_value(entry.resource) if p[-1] in ("text", "display", "family")), "")
    said = f"{name}: {words}" if words else name
    yield Change(key, f"{entry.type} (whole)", kind, *((said, "") if kind is Kind.REMOVED else ("", said)))


def _path(kind: str, path: SourcePath) -> str:
    return ".".join([kind, *(step for step in path if isinstance(step, str))])
