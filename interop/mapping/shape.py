"""What the source looks like, as far as the mapping declares it: reads paths and knows their tables and columns."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from interop.json_codec import Json
from interop.mapping import blocks
from interop.mapping.blocks import place_of, read_block
from interop.mapping.faults import Faults, Place
from interop.mapping.paths import PathError, SourceExpression, Where, read_hl7_path, read_source_path
from interop.mapping.yaml_tree import Item
from interop.sources import Format, SourceSpec, TableSpec


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


RECORD = Row()


@dataclass(frozen=True, slots=True)
class Shape:
    """The declared source. ``spec`` is None when the source block is unusable (its faults are told already)."""

    spec: SourceSpec | None
    zone: ZoneInfo | None
    faults: Faults

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

    def _check_table(self, found: SourceExpression, place: Place, row: Row, *, loop: bool) -> None:
        if found.variable or (row.split is not None and not found.absolute):
            return
        inside = row.rows is not None and not found.absolute
        steps = (*row.rows.steps, 0, *found.steps) if inside and row.rows else found.steps
        tables = {table.name: table for table in self.spec.tables} if self.spec else {}
        if not steps or not isinstance(steps[0], str):
            return
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
            if table.columns and table.format == "csv" and isinstance(name, str) and name not in table.columns:
                self.faults.unknown(place, f"table {table.name!r} has no column", name, table.columns)


def read_shape(item: Item | None, place: Place, faults: Faults) -> Shape:
    """The ``source:`` block as a spec for the sources room."""
    if item is None:
        faults.add(
            place, "the mapping says no `source:`", "add at least `source: {format: tables | json | hl7v2 | xml}`"
        )
        return Shape(None, None, faults)
    found = read_block(item, blocks.SOURCE, "source", faults)
    zone = _zone(found.get("zone"), place_of(item, "zone"), faults)
    name = found.get("format")
    if name not in list(Format):
        faults.unknown(place_of(item, "format"), "no source format", str(name), map(str, Format))
        return Shape(None, zone, faults)
    tables: tuple[TableSpec, ...] = ()
    if "tables" in found:
        blocks_ = found["tables"].members().items()
        tables = tuple(t for key, child in blocks_ if (t := _table(key, child, faults)) is not None)
    fields = {key: found[key] for key in ("file", "at", "key", "encodings") if key in found}
    try:
        spec = SourceSpec(format=Format(name), tables=tables, **fields)
    except ValueError as error:
        faults.add(item.place, str(error))
        return Shape(None, zone, faults)
    return Shape(spec, zone, faults)


def _zone(name: str | None, place: Place, faults: Faults) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        faults.add(place, f"no time zone {name!r}", "as in Europe/London")
        return None


def _table(name: str, item: Item, faults: Faults) -> TableSpec | None:
    found: dict[str, Json] = read_block(item, blocks.TABLE, f"table {name!r}", faults)
    missing = [key for key in ("file", "key") if key not in found]
    if missing:
        faults.add(item.place, f"table {name!r} without {' and '.join(repr(key) for key in missing)}")
        return None
    try:
        return TableSpec(name=name, **{key: value for key, value in found.items() if key != "note"})
    except ValueError as error:
        faults.add(item.place, str(error))
        return None
