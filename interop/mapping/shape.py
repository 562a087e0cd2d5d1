"""What the source looks like, as far as the mapping declares it: reads paths and knows their tables and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from interop.json_codec import Json
from interop.mapping import blocks
from interop.mapping.blocks import place_of, read_block
from interop.mapping.dates import NAMED, is_format
from interop.mapping.faults import Faults, Place
from interop.mapping.paths import PathError, SourceExpression, Where, read_hl7_path, read_source_path
from interop.mapping.source_block import FORMATS, read_source
from interop.mapping.transform import ArgumentError
from interop.mapping.transforms import date_formats
from interop.mapping.yaml_tree import Item
from interop.sources import Format, SourceSpec


@dataclass(frozen=True, slots=True)
class Row:
    """What a rule's relative paths start at: the record, or the rows of ``rows``."""

    rows: SourceExpression | None = None
    split: str | None = None

    @property
    def hl7_level(self) -> str:
        if self.rows is None:
            return "record"
        return "segment" if len(self.rows.steps) == 1 and isinstance(self.rows.steps[0], str) else "repetition"

    @property
    def table(self) -> str | None:
        """The table its rows are of; None for the record, "" for rows that are not a table's."""
        if self.rows is None:
            return None
        steps = self.rows.steps
        return steps[0] if len(steps) == 1 and isinstance(steps[0], str) and self.split is None else ""


RECORD = Row()


@dataclass(frozen=True, slots=True)
class Shape:
    """The declared source. ``spec`` is None when the source block is unusable (its faults are told already)."""

    spec: SourceSpec | None
    zone: ZoneInfo | None
    faults: Faults
    dates: Mapping[str, Json] = field(default_factory=dict)  # date formats by the names rules use

    def path(self, text: str, place: Place, row: Row = RECORD, *, loop: bool = False) -> SourceExpression | None:
        """The parsed path, checked against the declared tables and columns; None with a fault when it is wrong."""
        try:
            if self.spec is not None and self.spec.format is Format.HL7V2:
                return read_hl7_path(text, row.hl7_level, loop=loop)
            found = read_source_path(text)
        except PathError as error:
            self.faults.add(place, str(error))
            return None
        if self.spec is not None and self.spec.tables:
            self._check_table(found, place, row, loop=loop)
        return found

    def dropped(self, text: str, place: Place) -> SourceExpression | None:
        """A path in ``drop:``: a table, a column of all its rows, a segment or a field; named from the record."""
        try:
            if self.spec is None or self.spec.format is not Format.HL7V2:
                return read_source_path(text)
            try:
                return read_hl7_path(text, loop=True)
            except PathError:
                return read_hl7_path(text)
        except PathError as error:
            self.faults.add(place, str(error))
            return None

    def named(self, reasons: Mapping[str, tuple[str, Place]]) -> Iterator[SourceExpression]:
        """The fields of ``drop:`` or ``respelled:``."""
        paths = (self.dropped(text, place) for text, (_, place) in reasons.items())
        return (path for path in paths if path is not None)

    def written(self, constants: Mapping[str, tuple[str, Place]]) -> Iterator[tuple[SourceExpression, str]]:
        """The fields of ``backwards:``, each with its constant."""
        paths = ((self.path(text, place), value) for text, (value, place) in constants.items())
        return ((path, value) for path, value in paths if path is not None)

    def _check_table(self, found: SourceExpression, place: Place, row: Row, *, loop: bool) -> None:
        if found.variable or (row.split is not None and not found.absolute):
            return
        inside = row.rows is not None and not found.absolute
        steps = (*row.rows.steps, 0, *found.steps) if inside and row.rows else found.steps
        tables = {table.name: table for table in self.spec.tables} if self.spec else {}
        if not steps or not isinstance(steps[0], str):
            return
        if self.spec is not None and steps[0] in self.spec.names.get(".", {}):
            return  # lifted to the top by `names:`, so it is no table of its own
        table = tables.get(steps[0])
        if table is None:
            self.faults.unknown(place, "the source has no table", steps[0], tables)
            return
        rest = steps[1:]
        if not rest:
            if not loop:
                self.faults.add(place, f"{found.text!r} is a whole table, wanted a column of it")
            return
        if not table.one and isinstance(rest[0], str):
            self.faults.add(
                place,
                f"{table.name!r} has many rows for one record, and {found.text!r} does not say which",
                f"use `for: {table.name}`, or {table.name}[Column=value]",
            )
            return
        columns = [step for step in rest[:2] if not isinstance(step, int)]
        names = [step.path[0] if isinstance(step, Where) else step for step in columns]
        for name in names:
            if (
                table.columns
                and table.format in ("csv", "xlsx")
                and isinstance(name, str)
                and name not in table.columns
            ):
                self.faults.unknown(place, f"table {table.name!r} has no column", name, table.columns)


def read_shape(item: Item | None, place: Place, faults: Faults) -> Shape:
    """The ``source:`` block as a spec for the sources room."""
    if item is None:
        faults.add(place, "the mapping says no `source:`", f"add at least `source: {{format: {' | '.join(FORMATS)}}}`")
        return Shape(None, None, faults)
    found = read_block(item, blocks.SOURCE, "source", faults)
    zone = _zone(found.get("zone"), place_of(item, "zone"), faults)
    spec = read_source(item, found, faults)
    if spec is None:
        return Shape(None, zone, faults)
    return Shape(spec, zone, faults, _dates(found.get("dates"), faults))


def _dates(item: Item | None, faults: Faults) -> dict[str, Json]:
    """``dates: {day: dd/MM/yyyy}``: the source's own date formats by the names that rules use."""
    named: dict[str, Json] = {}
    for name, child in item.members().items() if item is not None else ():
        if name in NAMED or is_format(name):
            faults.add(child.place, f"{name!r} is a date format itself, so it cannot name one")
            continue
        try:
            date_formats(child.plain)
        except ArgumentError as error:
            faults.add(child.place, f"dates: {error}")
            continue
        named[name] = child.plain
    return named


def _zone(name: str | None, place: Place, faults: Faults) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        faults.add(place, f"no time zone {name!r}", "as in Europe/London")
        return None
