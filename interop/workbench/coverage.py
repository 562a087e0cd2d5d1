"""The fate of every source field: mapped, carried as text, dropped with a reason, unused, unknown, never filled.

Codes that no ConceptMap knows are counted beside it, the most frequent first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from interop.json_codec import JsonObject
from interop.location import SourcePointer
from interop.mapping import Mapping
from interop.mapping.paths import PathError, SourceExpression, read_hl7_path, read_source_path
from interop.mapping.report import Pattern, Reads
from interop.outcome import Issue
from interop.sources import SourceRecord
from interop.workbench.fields import every_value, field_name, is_empty, pattern_of
from interop.workbench.rulebook import Rulebook
from interop.workbench.uses import How, Use, Uses, uses_of


class Fate(StrEnum):
    """What becomes of a field."""

    MAPPED = "mapped"
    TEXT = "carried as text"
    DECIDES = "decides"  # read by conditions, keys or identities only: it shapes the result without being in it
    DROPPED = "dropped"
    UNUSED = "unused"  # the mapping lists the column, and no rule reads it
    UNKNOWN = "unknown"  # in the samples, and the mapping says nothing of it


class Complaint(StrEnum):
    """What ``--fail-on`` may name."""

    UNUSED = "unused"
    UNKNOWN = "unknown"
    UNMAPPED_CODES = "unmapped-codes"
    NEVER_FILLED = "never-filled"


@dataclass(frozen=True, slots=True)
class FieldFate:
    """One field.

    targets  where its value goes; for ``decides`` what it decides
    filled   values found in the samples; ``records``: the records that have one
    first    where the first of them stands
    """

    name: str
    fate: Fate
    targets: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    reason: str | None = None
    filled: int = 0
    records: int = 0
    first: SourcePointer | None = None

    @property
    def is_read(self) -> bool:
        return self.fate in (Fate.MAPPED, Fate.TEXT, Fate.DECIDES)


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A word that no code table knows: how often, and where first."""

    table: str
    value: str
    count: int
    first: SourcePointer | None
    rule: str | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a mapping does with every field, and with these samples."""

    mapping: str
    fields: tuple[FieldFate, ...]
    codes: tuple[UnmappedCode, ...] = ()
    untaken: tuple[tuple[str, int], ...] = ()  # rows no group took: (table, how many)
    records: int = 0
    issues: tuple[Issue, ...] = ()  # about the sample files themselves

    @property
    def never_filled(self) -> tuple[FieldFate, ...]:
        """Fields the mapping reads that no sample fills; none where there are no samples."""
        return tuple(f for f in self.fields if f.is_read and not f.filled) if self.records else ()

    def complaints(self) -> dict[Complaint, int]:
        """How many findings of each kind there are."""
        fates = [f.fate for f in self.fields]
        return {
            Complaint.UNUSED: fates.count(Fate.UNUSED),
            Complaint.UNKNOWN: fates.count(Fate.UNKNOWN),
            Complaint.UNMAPPED_CODES: len(self.codes),
            Complaint.NEVER_FILLED: len(self.never_filled),
        }

    def as_json(self, *, values: bool = True) -> JsonObject:
        """``values`` False leaves out the words that stood in the samples."""
        never = {f.name for f in self.never_filled}
        return {
            "mapping": self.mapping,
            "records": self.records,
            "fields": [_field_json(f, f.name in never) for f in self.fields],
            "unmappedCodes": [
                {
                    "table": code.table,
                    **({"value": code.value} if values else {}),
                    "count": code.count,
                    "first": str(code.first) if code.first else None,
                    "rule": code.rule,
                }
                for code in self.codes
            ],
            "rowsNotTaken": dict(self.untaken),
            "summary": {str(kind): count for kind, count in self.complaints().items()},
            "issues": [_issue_json(issue, values=values) for issue in self.issues],
        }


def _issue_json(issue: Issue, *, values: bool) -> JsonObject:
    told = issue.as_json()
    return told if values else {key: told[key] for key in ("severity", "code", "source") if key in told}


def _field_json(f: FieldFate, never: bool) -> JsonObject:
    return {
        "field": f.name,
        "fate": str(f.fate),
        "targets": list(f.targets),
        "rules": list(f.rules),
        **({"reason": f.reason} if f.reason else {}),
        "filled": f.filled,
        "records": f.records,
        **({"neverFilled": True} if never else {}),
        **({"first": str(f.first)} if f.first else {}),
    }


@dataclass(slots=True)
class _Seen:
    """One field in the samples."""

    filled: int = 0
    records: int = 0
    last: int = -1
    first: SourcePointer | None = None


@dataclass(slots=True)
class _Tally:
    """What the samples hold, counted while they stream by."""

    hl7: bool
    fields: dict[Pattern, _Seen] = field(default_factory=dict)
    codes: dict[tuple[str, str], UnmappedCode] = field(default_factory=dict)
    untaken: dict[str, int] = field(default_factory=dict)
    records: int = 0

    def add(self, record: SourceRecord, issues: Iterable[Issue]) -> None:
        for path, value in every_value(record.tree):
            seen = self.fields.setdefault(pattern_of(path, hl7=self.hl7), _Seen())
            if is_empty(value):
                continue
            seen.filled += 1
            if seen.last != self.records:
                seen.records, seen.last = seen.records + 1, self.records
            if seen.first is None:
                seen.first = record.pointer(path)
        self.records += 1
        for issue in issues:
            self._note(issue)

    def _note(self, issue: Issue) -> None:
        if issue.code == "code-unmapped":
            table = issue.text.rpartition(" in ")[2] or "?"
            key = table, issue.value or ""
            known = self.codes.get(key)
            count, first = (known.count, known.first) if known else (0, issue.source)
            self.codes[key] = UnmappedCode(*key, count + 1, first, issue.rule)
        elif issue.code == "source-row-unused" and issue.source is not None:
            at = issue.source.file if issue.source.row is not None else str(issue.source)
            self.untaken[at] = self.untaken.get(at, 0) + 1


def coverage(mapping: Mapping, book: Rulebook, samples: Iterable[SourceRecord], *, now: datetime) -> Coverage:
    """The fate of every field the mapping names or the samples hold. The samples are gone through once."""
    uses = uses_of(mapping)
    tally = _Tally(uses.hl7)
    for record in samples:
        tally.add(record, mapping.apply(record, now=now).issues)
    declared = [(table.name, column) for table in mapping.spec.tables for column in table.columns]
    drops = _drops(book, hl7=uses.hl7)
    named = (*declared, *(use.pattern for use in uses.uses), *drops)
    patterns = _in_order(dict.fromkeys((*named, *tally.fields)), tally.fields)
    fates = (_fate(pattern, uses, drops, frozenset(declared), tally.fields) for pattern in patterns)
    return Coverage(
        mapping.name,
        tuple(fate for fate in fates if fate is not None),
        tuple(sorted(tally.codes.values(), key=lambda code: (-code.count, code.table, code.value))),
        tuple(sorted(tally.untaken.items(), key=lambda item: (-item[1], item[0]))),
        tally.records,
    )


def _in_order(patterns: Iterable[Pattern], seen: dict[Pattern, _Seen]) -> list[Pattern]:
    """By table or segment as first met; wholes whose parts are listed themselves are left out."""
    listed = list(patterns)
    wholes = {pattern[:length] for pattern in listed for length in range(1, len(pattern))}
    tables = {pattern[0]: number for number, pattern in reversed(list(enumerate(listed))) if pattern}
    kept = [p for p in listed if p and (p not in wholes or (p in seen and seen[p].filled))]
    return sorted(kept, key=lambda pattern: tables[pattern[0]])


def _fate(
    pattern: Pattern,
    uses: Uses,
    drops: dict[Pattern, str],
    declared: frozenset[Pattern],
    seen: dict[Pattern, _Seen],
) -> FieldFate | None:
    found = uses.of(pattern)
    values = [use for use in found if use.how in (How.VALUE, How.SECTION, How.BUNDLE)]
    reason = next((drops[pattern[:n]] for n in range(len(pattern), 0, -1) if pattern[:n] in drops), None)
    counted = [one for other, one in seen.items() if other[: len(pattern)] == pattern]
    if values:
        fate = Fate.TEXT if all(use.as_text for use in values) else Fate.MAPPED
    elif reason is not None:
        fate = Fate.DROPPED
    elif found:
        fate = Fate.DECIDES
    elif pattern in declared:
        fate = Fate.UNUSED
    else:
        fate = Fate.UNKNOWN
        if not any(one.filled for one in counted) and uses.hl7:
            return None  # HL7 v2 writes empty fields only to count; they are no columns anybody chose
    return FieldFate(
        field_name(pattern, hl7=uses.hl7),
        fate,
        tuple(dict.fromkeys(_purpose(use) for use in (values or found))),
        tuple(dict.fromkeys(f"{use.place.file}:{use.place.line}" for use in found if use.place)),
        reason if fate is Fate.DROPPED else None,
        sum(one.filled for one in counted),
        max((one.records for one in counted), default=0),
        next((one.first for one in counted if one.first), None),
    )


def _purpose(use: Use) -> str:
    if use.target:
        return use.target
    return f"{use.how} of {use.group}" if use.group else str(use.how)


def _drops(book: Rulebook, *, hl7: bool) -> dict[Pattern, str]:
    """The reason of every drop by the field it names."""
    found: dict[Pattern, str] = {}
    for text, (reason, _) in book.drops.items():
        reads = Reads(hl7)
        reads.add(_dropped(text) if hl7 else read_source_path(text), ())
        found |= dict.fromkeys(reads.patterns, reason)
    return found


def _dropped(text: str) -> SourceExpression:
    """A segment, a field or a component of it, as ``drop:`` may name them."""
    try:
        return read_hl7_path(text, loop=True)
    except PathError:
        return read_hl7_path(text)
