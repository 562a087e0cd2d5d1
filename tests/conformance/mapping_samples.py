"""Good samples of shipped mappings, and one other value in a sample: in a cell, a member, a field.

Samples are data in ``tests/cases/mapping-faults/bases.yaml``. Places are written as findings write them:
``residents.csv row 14, column "Allergies"``, ``discharge.json $.patient.birthDate``, ``adt-a01.hl7 PID-5.2``.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from ruamel.yaml import YAML

from interop.translator import Translator

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "mapping-faults"
Files = dict[str, bytes]
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Base:
    """A good sample: its name, what reads it, its format, its files; ``keys``: fields that other rows refer to."""

    name: str
    mapping: str
    kind: str
    files: Files
    keys: tuple[str, ...] = ()


def content(name: str) -> Any:
    """A data file of the cases."""
    return YAML(typ="safe", pure=True).load((CASES / name).read_text(encoding="utf-8"))


@cache
def base(name: str, translator: Translator) -> Base:
    told = content("bases.yaml")[name]
    return Base(name, told["mapping"], told["kind"], _files(told, translator), tuple(told.get("keys", ())))


def base_names() -> list[str]:
    return list(content("bases.yaml"))


def _files(told: Mapping[str, Any], translator: Translator) -> Files:
    if "reverse" in told:
        other = base(told["reverse"], translator)
        made = next(iter(translator.translate(other.mapping, other.files, now=NOW)))
        assert made.bundle is not None
        return translator.back(told["mapping"], made.bundle).files
    listed = told["files"]
    paths = sorted((ROOT / listed).iterdir()) if isinstance(listed, str) else [ROOT / path for path in listed]
    files = {path.name: path.read_bytes() for path in paths}
    if told.get("written"):
        made = next(iter(translator.translate(told["mapping"], files, now=NOW)))
        assert made.bundle is not None
        return translator.back(told["mapping"], made.bundle).files
    return files


# -- one value ----------------------------------------------------------------------------------------------------

_CELL = re.compile(
    r'(?P<file>\S.*?)(?: sheet "?(?P<sheet>.+?)"?)? row (?P<row>\d+), column "(?P<column>.*)"(?: \([A-Z]+\d+\))?'
)
_JSON = re.compile(r"(?P<file>\S+) \$(?P<path>.*)")
HL7 = re.compile(
    r"(?P<file>\S+) (?P<name>[A-Z][A-Z0-9]{2})(?:\[(?P<number>\d+)\])?-(?P<field>\d+)(?:\[(?P<repetition>\d+)\])?"
    r"(?:\.(?P<component>\d+))?(?:\.(?P<sub>\d+))?"
)


def with_value(files: Files, place: str, value: Any) -> Files:
    """The files with another value at one place."""
    if (found := _CELL.fullmatch(place)) is not None:
        edit = _xlsx_cell if found["sheet"] or found["file"].endswith(".xlsx") else _csv_cell
        return {**files, found["file"]: edit(files[found["file"]], found, value)}
    if (found := HL7.fullmatch(place)) is not None:
        return {**files, found["file"]: hl7_value(files[found["file"]], found, str(value))}
    found = _JSON.fullmatch(place)
    assert found is not None, place
    steps = [int(a) if a else b or c for a, b, c in re.findall(r"\[(\d+)\]|\.(\w+)|\['([^']*)'\]", found["path"])]
    return {**files, found["file"]: json_edit(files[found["file"]], steps, {"put": value})}


def value_at(files: Files, place: str) -> str | None:
    """What stands at a place, as text; None where the place is no single value."""
    if (found := _CELL.fullmatch(place)) is not None:
        if found["sheet"] or found["file"].endswith(".xlsx"):
            return _xlsx_text(files[found["file"]], found)
        table = csv_rows(files[found["file"]])
        return table[int(found["row"]) - 1][column_of(table[0], found["column"])]
    if (found := HL7.fullmatch(place)) is not None:
        return _hl7_text(files[found["file"]], found)
    if (found := _JSON.fullmatch(place)) is not None:
        node = json.loads(files[found["file"]], parse_float=str, parse_int=str)
        for number, name, quoted in re.findall(r"\[(\d+)\]|\.(\w+)|\['([^']*)'\]", found["path"]):
            node = node[int(number)] if number else node[name or quoted]
        return None if isinstance(node, dict) else ", ".join(map(_spelt, node if isinstance(node, list) else [node]))
    return None


def _spelt(value: Any) -> str:
    """A JSON value as its file spells it."""
    return value if isinstance(value, str) else json.dumps(value)


def csv_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def csv_bytes(rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8")


def column_of(header: list[str], name: str) -> int:
    return [cell.strip() for cell in header].index(name)


def _csv_cell(data: bytes, found: re.Match[str], value: Any) -> bytes:
    rows = csv_rows(data)
    rows[int(found["row"]) - 1][column_of(rows[0], found["column"])] = str(value)
    return csv_bytes(rows)


def _sheet(data: bytes, found: re.Match[str]) -> tuple[Any, Any, Any]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book[found["sheet"]] if found["sheet"] else book.active
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None and str(cell.value).strip() == found["column"]:
                return book, sheet, sheet.cell(int(found["row"]), cell.column)
    raise AssertionError(f"no column {found['column']!r} in {found[0]}")


def _xlsx_cell(data: bytes, found: re.Match[str], value: Any) -> bytes:
    book, _, cell = _sheet(data, found)
    # A sign no XML may hold is written as Excel writes it (ECMA-376 22.9.2.19, ST_Xstring).
    cell.value = re.sub(r"[\x00-\x08]", _as_excel, value) if isinstance(value, str) else value
    cell.number_format = "General"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _as_excel(sign: re.Match[str]) -> str:
    return f"_x{ord(sign[0]):04X}_"


def _xlsx_text(data: bytes, found: re.Match[str]) -> str:
    sheets = _values(data)
    rows = sheets[found["sheet"] or next(iter(sheets))]
    column = next(row.index(found["column"]) for row in rows if found["column"] in row)
    return rows[int(found["row"]) - 1][column]


@cache
def _values(data: bytes) -> dict[str, list[list[str]]]:
    """Every cell of a workbook as text, by sheet."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return {
        sheet.title: [[_shown(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book
    }


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%dT%H:%M")
    return "" if value is None else str(value).strip()


def json_edit(data: bytes, steps: list[Any], told: Mapping[str, Any]) -> bytes:
    """``put`` a value at the steps, ``remove`` what is there, or ``rename`` the member."""
    document = json.loads(data)
    node = document
    for step in steps[:-1]:
        node = node[step]
    if "put" in told:
        node[steps[-1]] = told["put"]
    else:
        value = node.pop(steps[-1])
        if "rename" in told:
            node[told["rename"]] = value
    return json.dumps(document, ensure_ascii=False, indent=2).encode("utf-8")


def hl7_value(data: bytes, found: re.Match[str], value: str) -> bytes:
    segments = data.decode("utf-8").split("\r")
    places = [n for n, segment in enumerate(segments) if segment.startswith(found["name"])]
    at = places[int(found["number"] or 1) - 1]
    fields = segments[at].split("|")
    number = int(found["field"]) - (1 if found["name"] == "MSH" else 0)
    fields += [""] * (number + 1 - len(fields))
    if found["component"] is None:
        fields[number] = value
    else:
        _nest(fields, number, value, [("~", found["repetition"]), ("^", found["component"]), ("&", found["sub"])])
    segments[at] = "|".join(fields)
    return "\r".join(segments).encode("utf-8")


def _nest(parts: list[str], at: int, value: str, signs: list[tuple[str, str | None]]) -> None:
    """Set one part inside parts: ``~`` first, then ``^``, then ``&``. A sub-component unsaid is the whole component."""
    if not signs or (signs[0][0] == "&" and signs[0][1] is None):
        parts[at] = value
        return
    (sign, number), *rest = signs
    inner = parts[at].split(sign)
    place = int(number or 1) - 1
    inner += [""] * (place + 1 - len(inner))
    _nest(inner, place, value, rest)
    parts[at] = sign.join(inner)


def _hl7_text(data: bytes, found: re.Match[str]) -> str:
    segments = [s for s in re.split(r"\r\n|\r|\n", data.decode("utf-8")) if s.startswith(found["name"])]
    fields = segments[int(found["number"] or 1) - 1].split("|")
    number = int(found["field"]) - (1 if found["name"] == "MSH" else 0)
    text = fields[number] if number < len(fields) else ""
    for sign, name in (("~", "repetition"), ("^", "component"), ("&", "sub")):
        parts = text.split(sign)
        place = int(found[name] or 1) - 1
        text = parts[place] if place < len(parts) else ""
    return text
