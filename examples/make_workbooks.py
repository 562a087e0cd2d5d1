"""Writes the example workbooks out of the JSON examples: the same people, as a home that keeps its plans in Excel.

    python examples/make_workbooks.py

The mappings themselves say which sheet holds which table and what each column is called.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from interop.catalogue import Catalogue
from interop.json_codec import Json, JsonObject
from interop.sources import TableSpec
from interop.translator import Translator

EXAMPLES = Path(__file__).parent
WORKBOOKS = {"care-plan": "care-plans.xlsx", "care-team": "webs-of-care.xlsx"}
WRITTEN = datetime.fromisoformat("2026-11-20T15:45")
DAY, MOMENT = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def write_workbook(name: str, translator: Translator, folder: Path) -> Path:
    """The JSON examples of one mapping as one workbook: a sheet for each table, real dates in the date cells."""
    files = {path.name: path.read_bytes() for path in sorted((EXAMPLES / name).glob("*.json"))}
    trees = [record.tree for record in translator.mapping(f"care-home/{name}-json").read(files)]
    spec = translator.mapping(f"care-home/{name}").spec
    book = Workbook()
    book.remove(book.active)
    book.properties.created = book.properties.modified = WRITTEN
    for table in spec.tables:
        _fill(book.create_sheet(str(table.sheet)), table, trees, spec.names.get(table.name, {}))
    path = folder / WORKBOOKS[name]
    book.save(path)
    return path


def _fill(sheet: Worksheet, table: TableSpec, trees: list[JsonObject], names: Mapping[str, str]) -> None:
    rows = [{table.key: tree["resident"]["Resident ID"]} | row for tree in trees for row in _rows(tree.get(table.name))]
    columns = list(dict.fromkeys([table.key, *table.required, *(column for row in rows for column in row)]))
    sheet.append([names.get(column, column) for column in columns])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows, 2):
        for place, column in enumerate(columns, 1):
            _write(sheet, number, place, row.get(column))


def _rows(value: Json) -> list[JsonObject]:
    return value if isinstance(value, list) else [value] if value else []


def _write(sheet: Worksheet, row: int, column: int, value: Json) -> None:
    cell = sheet.cell(row, column, value)
    if isinstance(value, str) and (DAY.fullmatch(value) or MOMENT.fullmatch(value)):
        cell.value = datetime.fromisoformat(value)
        cell.number_format = "dd/mm/yyyy" if DAY.fullmatch(value) else "dd/mm/yyyy hh:mm"
    elif isinstance(value, str) and value.isdigit():
        cell.number_format = "@"  # so that Excel leaves the number's leading zero alone


if __name__ == "__main__":
    shipped = Translator(Catalogue())
    for mapping in WORKBOOKS:
        sys.stdout.write(f"{write_workbook(mapping, shipped, EXAMPLES / mapping).relative_to(EXAMPLES.parent)}\n")
