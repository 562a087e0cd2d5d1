"""An information standard as a table: read out of the spreadsheets their owners publish, and written as one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from interop.errors import DefinitionError
from interop.json_codec import JsonObject
from interop.sources.record import SourceFile
from interop.sources.workbook import Cell, Workbook
from interop.sources.xlsx_writing import write_workbook

COLUMNS = ("Section", "Field", "Level", "Heading codes", "Resource", "FHIRPath", "One is enough", "Source", "Why")
"""What is written. A row without a field is the section itself."""

_NAMES = {
    "section": {"section", "heading", "record heading", "section heading", "group"},
    "field": {"field", "element", "data item", "item", "data element", "information", "name"},
    "level": {"level", "mro", "m/r/o", "conformance", "requirement", "mandatory/required/optional"},
    "cardinality": {"cardinality", "multiplicity", "occurs", "occurrence"},
    "codes": {"heading codes", "heading code", "code", "codes", "section code"},
    "on": {"resource", "on", "fhir resource", "resource type"},
    "expression": {"fhirpath", "expression", "test", "fhir path"},
    "any": {"one is enough", "any"},
    "source": {"source", "reference", "taken from"},
    "why": {"why", "reason", "rationale"},
}
"""The headings understood, whatever their case."""

_LEVELS = {
    **dict.fromkeys(("m", "mandatory", "must"), "mandatory"),
    **dict.fromkeys(("r", "required", "should"), "required"),
    **dict.fromkeys(("o", "optional", "may"), "optional"),
}
_STRICTEST = ("mandatory", "required", "optional")
_SPLIT = re.compile(r"\s*[;|\n]\s*")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row below the heading: its number as a spreadsheet shows it, and its cells by what they mean."""

    number: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]

    def __getitem__(self, meaning: str) -> str:
        return self.cells.get(meaning, "")

    def fault(self, meaning: str, words: str) -> str:
        return f'row {self.number}, column "{self.headings.get(meaning, meaning)}": {words}'


def read_table(name: str, data: bytes) -> JsonObject:
    """A CSV or XLSX table as a standard's data; its id is the file's name.

    Headings are found in the first row that has a section and a field column. A missing level is taken from the
    cardinality (``1..`` mandatory, else optional). Raises DefinitionError ``standard-table`` with every fault by row
    and column, or ContentError where the bytes are no table.
    """
    grid = list(_workbook_rows(name, data) if name.lower().endswith((".xlsx", ".xlsm")) else _text_rows(name, data))
    faults: list[str] = []
    sections: dict[str, JsonObject] = {}
    last = ""
    for row in _rows(name, grid):
        last = row["section"] or last
        if not last:
            faults.append(row.fault("section", "is empty, and no row above names a section"))
            continue
        section = sections.setdefault(last, {"title": last, "codes": [], "fields": []})
        _add(section, row, faults)
    if faults:
        raise DefinitionError(
            "; ".join(faults), code="standard-table", where=name, hint="mend these rows: nothing was taken over"
        )
    title = PurePath(name).stem
    return {"id": title, "title": title, "version": "", "status": "imported", "sections": _settled(sections.values())}


def write_table(data: JsonObject, *, workbook: bool) -> bytes:
    """A standard's data as CSV (UTF-8 with a byte order mark, for Excel) or as XLSX; ``read_table`` reads it back."""
    rows: list[list[str]] = [list(COLUMNS)]
    for section in data["sections"]:
        title, elsewhere = section["title"], section.get("elsewhere") or {}
        codes = "; ".join(section.get("codes") or ())
        head = [title, "", section["level"], codes, elsewhere.get("on", ""), elsewhere.get("expression", ""), ""]
        rows.append([*head, section.get("source") or "", section.get("why") or ""])
        for field in section.get("fields") or ():
            enough = "yes" if field.get("any") else ""
            test = [field.get("on", ""), field.get("expression", "")]
            rows.append([title, field["name"], field["level"], "", *test, enough, "", ""])
    if workbook:
        return write_workbook([("Standard", rows)])
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _add(section: JsonObject, row: _Row, faults: list[str]) -> None:
    level = _level(row, faults)
    if bool(row["expression"]) != bool(row["on"]):
        faults.append(row.fault("expression", "a FHIRPath needs a resource type beside it, and the other way round"))
    test = {"on": row["on"], "expression": row["expression"]} if row["expression"] and row["on"] else {}
    if not row["field"]:
        section["codes"] += [code for code in _SPLIT.split(row["codes"]) if code and code not in section["codes"]]
        section |= {"level": level} | {key: row[key] for key in ("source", "why") if row[key]}
        if test:
            section["elsewhere"] = test
    elif any(field["name"] == row["field"] for field in section["fields"]):
        faults.append(row.fault("field", f"{row['field']!r} stands in {section['title']!r} twice"))
    else:
        enough = {"any": True} if row["any"].casefold() in ("yes", "y", "true", "1", "x") else {}
        section["fields"].append({"name": row["field"], "level": level, **test, **enough})


def _level(row: _Row, faults: list[str]) -> str:
    said = row["level"].casefold()
    if not said and row["cardinality"]:
        return "mandatory" if re.match(r"[1-9]", row["cardinality"]) else "optional"
    if said not in _LEVELS:
        faults.append(row.fault("level", f"{row['level']!r} is none of mandatory, required, optional (M, R, O)"))
    return _LEVELS.get(said, "optional")


def _settled(sections: Iterable[JsonObject]) -> list[JsonObject]:
    """A section without a row of its own is as strict as its strictest field."""
    settled: list[JsonObject] = []
    for section in sections:
        levels = {field["level"] for field in section["fields"]}
        section.setdefault("level", next((level for level in _STRICTEST if level in levels), "optional"))
        settled.append(section)
    return settled


def _rows(name: str, grid: Sequence[tuple[int, Sequence[str]]]) -> Iterator[_Row]:
    lines = iter(grid)
    for _, cells in lines:
        meanings = [_meaning(cell) for cell in cells]
        if {"section", "field"} <= set(meanings):
            break
    else:
        raise DefinitionError(
            "no row has the headings of a standard",
            code="standard-table",
            where=name,
            hint=f"the first row names the columns: {', '.join(COLUMNS)}",
        )
    headings = {m: cell.strip() for m, cell in zip(meanings, cells, strict=True) if m}
    for number, values in lines:
        found = {m: cell.strip() for m, cell in zip(meanings, values, strict=False) if m}
        if any(found.values()):
            yield _Row(number, found, headings)


def _meaning(heading: str) -> str | None:
    plain = " ".join(heading.casefold().split())
    return next((meaning for meaning, names in _NAMES.items() if plain in names), None)


def _text_rows(name: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("windows-1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as fault:
        raise DefinitionError(f"line {reader.line_num}: {fault}", code="standard-table", where=name) from None


def _workbook_rows(name: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The first sheet with the headings of a standard; where none has them, the first."""
    with Workbook.open(SourceFile(name, data)) as book:
        grids = [[(row.number, _cells(row.cells)) for row in book.rows(sheet)] for sheet in book.sheets]
    fitting = (g for g in grids if any({"section", "field"} <= set(map(_meaning, cells)) for _, cells in g))
    yield from next(fitting, grids[0])


def _cells(cells: Sequence[Cell]) -> list[str]:
    placed = {cell.column: cell.text for cell in cells}
    return [placed.get(column, "") for column in range(1, max(placed, default=0) + 1)]
