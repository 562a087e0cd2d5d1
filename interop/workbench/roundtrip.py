"""Local → FHIR → local: what came back as it was, what came back spelled otherwise, and what did not come back.

A value that came back with another spelling is *normalised* when both spellings become the same FHIR values, and
*changed* when they do not. A loss that the mapping declares (a drop with its reason, a one-way rule) is accepted; any
other fails, unless a baseline file has accepted it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from interop.errors import ContentError
from interop.json_codec import Json, JsonObject, loads
from interop.location import SourcePath, SourcePointer
from interop.mapping import Mapping
from interop.mapping.faults import Place
from interop.mapping.paths import follow
from interop.mapping.report import Pattern
from interop.outcome import Severity
from interop.sources import SourceRecord
from interop.workbench.alignment import align
from interop.workbench.fields import every_value, field_name, is_empty, pattern_of
from interop.workbench.lineage import Produced, produced
from interop.workbench.rulebook import Rulebook
from interop.workbench.uses import How, Uses, uses_of


class Result(StrEnum):
    """What became of one value on its way there and back."""

    KEPT = "kept"
    NORMALISED = "normalised"
    CHANGED = "changed"
    DROPPED = "dropped"
    INVENTED = "invented"


LOSSES = (Result.CHANGED, Result.DROPPED, Result.INVENTED)
UNREAD = "no rule reads it"
REFUSED = "refused on the way there"
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}-")
EXAMPLES = 3
"""How many examples of a result are kept for each field."""


@dataclass(frozen=True, slots=True)
class Example:
    """One value there and back."""

    source: SourcePointer | None
    before: str
    after: str


@dataclass(slots=True)
class FieldTrip:
    """One field over all samples. ``reasons``: why values of it were lost, as far as the mapping says so."""

    name: str
    counts: dict[Result, int] = field(default_factory=dict)
    reasons: dict[Result, dict[str, int]] = field(default_factory=dict)
    declared: dict[Result, int] = field(default_factory=dict)
    examples: dict[Result, list[Example]] = field(default_factory=dict)

    def add(self, result: Result, example: Example, reason: str = "", *, declared: bool = False) -> None:
        self.counts[result] = self.counts.get(result, 0) + 1
        if reason:
            told = self.reasons.setdefault(result, {})
            told[reason] = told.get(reason, 0) + 1
        if declared:
            self.declared[result] = self.declared.get(result, 0) + 1
        shown = self.examples.setdefault(result, [])
        if len(shown) < EXAMPLES:
            shown.append(example)

    def losses(self) -> Iterator[Result]:
        """The kinds of loss that the mapping does not declare."""
        for result in LOSSES:
            if self.counts.get(result, 0) > self.declared.get(result, 0):
                yield result


@dataclass(frozen=True, slots=True)
class Roundtrip:
    """Every field there and back. ``accepted``: losses the baseline knows; ``stale``: those that no longer happen."""

    mapping: str
    records: int
    fields: tuple[FieldTrip, ...]
    accepted: frozenset[tuple[str, str]] = frozenset()

    @property
    def losses(self) -> frozenset[tuple[str, str]]:
        return frozenset((trip.name, str(result)) for trip in self.fields for result in trip.losses())

    @property
    def new_losses(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(loss for loss in self.losses if not any(_covers(one, loss) for one in self.accepted)))

    @property
    def stale(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(one for one in self.accepted if not any(_covers(one, loss) for loss in self.losses)))

    def totals(self) -> dict[Result, int]:
        return {result: sum(trip.counts.get(result, 0) for trip in self.fields) for result in Result}

    def baseline(self) -> JsonObject:
        """The losses of this run, as a file that accepts them. It holds no value of any record.

        A table or segment of which no rule reads anything is one line: ``ACC-*``.
        """
        unread = {trip.name for trip in self.fields if set(trip.reasons.get(Result.DROPPED, ())) == {UNREAD}}
        whole = {_whole(trip.name) for trip in self.fields} - {
            _whole(t.name) for t in self.fields if t.name not in unread
        }
        found: dict[str, list[str]] = {}
        for name, result in sorted(self.losses):
            results = found.setdefault(_whole(name) if _whole(name) in whole else name, [])
            if result not in results:
                results.append(result)
        return {"mapping": self.mapping, "acceptedLosses": found}

    def as_json(self, *, values: bool = True) -> JsonObject:
        return {
            "mapping": self.mapping,
            "records": self.records,
            "totals": {str(result): count for result, count in self.totals().items()},
            "fields": [_trip_json(trip, values=values) for trip in self.fields],
            "newLosses": [{"field": name, "result": result} for name, result in self.new_losses],
            "staleInBaseline": [{"field": name, "result": result} for name, result in self.stale],
        }


def _whole(name: str) -> str:
    """The segment (``ACC-*``) or table (``visits.*``) a field is part of."""
    sign = "-" if _SEGMENT.match(name) else "."
    head, found, _ = name.partition(sign)
    return f"{head}{sign}*" if found else name


def _covers(accepted: tuple[str, str], loss: tuple[str, str]) -> bool:
    return accepted[1] == loss[1] and (accepted[0] == loss[0] or fnmatchcase(loss[0], accepted[0]))


def _trip_json(trip: FieldTrip, *, values: bool) -> JsonObject:
    made: JsonObject = {"field": trip.name, **{str(result): count for result, count in trip.counts.items()}}
    if trip.reasons:
        made["reasons"] = {str(result): reasons for result, reasons in trip.reasons.items()}
    if trip.declared:
        made["declared"] = {str(result): count for result, count in trip.declared.items()}
    shown = {str(r): [_example_json(e, values=values) for e in found] for r, found in trip.examples.items()}
    shown.pop(Result.KEPT, None)
    return {**made, **({"examples": shown} if shown else {})}


def _example_json(example: Example, *, values: bool) -> JsonObject:
    told = {"before": example.before, "after": example.after} if values else {}
    return {**({"source": str(example.source)} if example.source else {}), **told}


def read_baseline(data: bytes, name: str) -> frozenset[tuple[str, str]]:
    """The losses a file accepts. Raises ContentError for a file that is none."""
    found = loads(data, file=name)
    listed = found.get("acceptedLosses") if isinstance(found, dict) else None
    if not isinstance(listed, dict) or not all(isinstance(item, list) for item in listed.values()):
        hint = "make it with --write-baseline"
        raise ContentError('a baseline is {"acceptedLosses": {field: [results]}}', where=name, hint=hint)
    return frozenset((field, str(result)) for field, results in listed.items() for result in results)


def roundtrip(
    mapping: Mapping,
    book: Rulebook,
    samples: Iterable[SourceRecord],
    *,
    now: datetime,
    accepted: frozenset[tuple[str, str]] = frozenset(),
) -> Roundtrip:
    """Every sample there and back. The samples are gone through once."""
    judge = _Judge(mapping, uses_of(mapping), book)
    count = 0
    for record in samples:
        judge.trip(record, now)
        count += 1
    fields = tuple(trip for _, trip in sorted(judge.fields.items(), key=lambda item: judge.rank(item[0])))
    return Roundtrip(mapping.name, count, fields, accepted)


@dataclass(slots=True)
class _Judge:
    """Compares records with what came back."""

    mapping: Mapping
    uses: Uses
    book: Rulebook
    fields: dict[Pattern, FieldTrip] = field(default_factory=dict)
    tables: dict[str | int, int] = field(default_factory=dict)

    def rank(self, pattern: Pattern) -> tuple[int, int]:
        return self.tables.setdefault(pattern[0] if pattern else "", len(self.tables)), list(self.fields).index(pattern)

    def trip(self, record: SourceRecord, now: datetime) -> None:
        mapped = self.mapping.apply(record, now=now)
        back = self.mapping.reverse(mapped.bundle()).tree
        tree = record.tree if isinstance(record.tree, dict) else {"": record.tree}
        twins = align(tree, back, hl7=self.uses.hl7)
        refused = {str(issue.source): issue.code for issue in mapped.issues if issue.severity in _REFUSED}
        first, second = (_Lazy(self.mapping, one, record.key, now) for one in (tree, back))
        for path, value in every_value(tree):
            if is_empty(value) or self._written_by_the_format(path):
                continue
            other = twins.get(path)
            after = None if other is None else follow(back, other)
            self._compare(record, path, value, (other, after), (first, second), refused)
        met = {twins[path] for path, value in every_value(tree) if path in twins and not is_empty(value)}
        for path, value in every_value(back):
            if not is_empty(value) and path not in met and not self._written_by_the_format(path):
                self._invented(path, value)

    def _compare(
        self,
        record: SourceRecord,
        path: SourcePath,
        value: Json,
        back: tuple[SourcePath | None, Json],
        made: tuple[_Lazy, _Lazy],
        refused: dict[str, str],
    ) -> None:
        other, after = back
        trip = self._trip(path)
        pointer = record.pointer(path)
        if is_empty(after) or other is None:
            if made[1].holds(made[0].of(path)):
                trip.add(Result.NORMALISED, Example(pointer, _text(value), ""))  # other fields say it all the same
                return
            reason, declared = self._why(path, refused.get(str(pointer)))
            trip.add(Result.DROPPED, Example(pointer, _text(value), ""), reason, declared=declared)
            return
        example = Example(pointer, _text(value), _text(after))
        if _text(value).strip() == _text(after).strip():
            trip.add(Result.KEPT, example)
        elif _folded(value) == _folded(after) or made[0].of(path) == made[1].of(other) != frozenset():
            trip.add(Result.NORMALISED, example)
        else:
            reason, declared = self._why(path, refused.get(str(pointer)))
            trip.add(Result.CHANGED, example, reason, declared=declared)

    def _invented(self, path: SourcePath, value: Json) -> None:
        pattern = pattern_of(path, hl7=self.uses.hl7)
        backwards = {pattern_of(tuple(s for s in source.steps if isinstance(s, str | int)), hl7=self.uses.hl7)
                     for source, _ in self.mapping.plan.backwards}  # fmt: skip
        respelled = self._said_of(self.book.respelled, pattern)
        declared = pattern in backwards or respelled is not None
        reason = respelled or ("a constant under `backwards:`" if declared else "the samples have nothing there")
        self._trip(path).add(Result.INVENTED, Example(None, "", _text(value)), reason, declared=declared)

    def _trip(self, path: SourcePath) -> FieldTrip:
        pattern = pattern_of(path, hl7=self.uses.hl7)
        if pattern not in self.fields:
            self.fields[pattern] = FieldTrip(field_name(pattern, hl7=self.uses.hl7))
        return self.fields[pattern]

    def _written_by_the_format(self, path: SourcePath) -> bool:
        """The order of segments and the delimiters of HL7 v2 are no fields of anybody's."""
        return self.uses.hl7 and (path[0] == "segments" or (path[0] == "MSH" and path[2] in ("1", "2")))

    def _why(self, path: SourcePath, refusal: str | None) -> tuple[str, bool]:
        """Why a value is lost, and whether the mapping says so itself."""
        pattern = pattern_of(path, hl7=self.uses.hl7)
        uses = self.uses.of(pattern)
        values = [use for use in uses if use.how in (How.VALUE, How.SECTION)]
        if refusal is not None:
            return f"{REFUSED}: {refusal}", True
        respelled = self._said_of(self.book.respelled, pattern)
        if respelled is not None:
            return respelled, True
        if not values:
            reason = self._said_of(self.book.drops, pattern)
            if reason is not None:
                return reason, True
            return ("read only to decide" if uses else UNREAD), False
        if all(use.one_way for use in values):
            return "its rules run forwards only", True
        return "it has a rule that runs backwards", False

    def _said_of(self, reasons: dict[str, tuple[str, Place]], pattern: Pattern) -> str | None:
        """The reason a mapping gives for a field or what it is part of."""
        names = {field_name(pattern[:n], hl7=self.uses.hl7) for n in range(1, len(pattern) + 1)}
        return next((reason for text, (reason, _) in reasons.items() if text in names), None)


_REFUSED = (Severity.ERROR, Severity.FATAL, Severity.WARNING)


@dataclass(slots=True)
class _Lazy:
    """What the cells of a tree become; found out when first asked, as most records come back as they were."""

    mapping: Mapping
    tree: JsonObject
    key: str
    now: datetime
    known: Produced | None = None

    def of(self, path: SourcePath) -> frozenset[tuple[str, str, str]]:
        """What a cell becomes; of a value that is copied with what is around it, what that becomes."""
        known = self._known()
        return next((known[path[:n]] for n in range(len(path), 0, -1) if path[:n] in known), frozenset())

    def holds(self, made: frozenset[tuple[str, str, str]]) -> bool:
        """Whether the tree becomes all these values, whatever its cells are."""
        return made != frozenset() and made <= frozenset().union(*self._known().values())

    def _known(self) -> Produced:
        if self.known is None:
            self.known = produced(self.mapping, self.tree, self.key, self.now)
        return self.known


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _folded(value: Json) -> str:
    return " ".join(_text(value).split()).casefold()
