"""Records back into the files their owner's system reads: CSV sets, workbooks, JSON, NDJSON, XML, HL7 v2."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from fnmatch import translate
from io import StringIO

from interop import json_codec
from interop.json_codec import Json, JsonObject
from interop.sources import hl7v2
from interop.sources.json_path import set_at
from interop.sources.naming import Names
from interop.sources.spec import AUTO, Format, SourceSpec, TableSpec


def write(spec: SourceSpec, trees: Sequence[JsonObject]) -> dict[str, bytes]:
    """The files that, read by the same spec, give these trees again.

    Tables become one file each (CSV: UTF-8, CR LF as RFC 4180 asks; the sheets of one workbook one .xlsx, all cells
    text, so that no digit is lost), columns in the order the spec names them, then as they turn up. FHIR is written as
    JSON. Raises ValueError for FHIR of several versions and XML without ``root``, which have no single way back.
    """
    if not spec.writable:
        wanted = "tables, json, ndjson, hl7v2, fhir of one version, or xml with `root:`"
        raise ValueError(f"{spec.format} records cannot be written back: the mapping's source must be {wanted}")
    if spec.names:
        trees = [Names(spec.names).back(tree) for tree in trees]
    if spec.format is Format.TABLES:
        return _write_tables(spec, trees)
    if spec.format is Format.JSON:
        return {_file_name(spec.file, "json"): _write_json(spec.at, trees)}
    if spec.format is Format.NDJSON:
        return {_file_name(spec.file, "ndjson"): _write_ndjson(trees)}
    if spec.format is Format.FHIR:
        from interop.sources.fhir_writing import write_fhir

        name = _file_name(spec.file, "json")
        return {_numbered(name, number): write_fhir(tree, spec.versions[0]) for number, tree in enumerate(trees, 1)}
    if spec.format is Format.XML:
        from interop.sources.xml_writing import write_xml

        return {_file_name(spec.file, "xml"): write_xml(spec.root or "", spec.at, trees)}
    return {_file_name(spec.file, "hl7"): "".join(map(hl7v2.write, trees)).encode()}


def _file_name(pattern: str, ending: str) -> str:
    plain = translate(pattern) == translate(pattern.replace("*", "").replace("?", ""))
    return pattern if plain else f"{pattern.split('*')[0].rstrip('-_.') or 'records'}.{ending}"


def _numbered(name: str, number: int) -> str:
    """FHIR has one record a file: the second and later ones get a number."""
    stem, dot, ending = name.rpartition(".")
    return name if number == 1 else f"{stem}-{number}{dot}{ending}"


def _write_tables(spec: SourceSpec, trees: Sequence[JsonObject]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    books: dict[str, list[tuple[str, list[list[str]]]]] = {}
    for table in spec.tables:
        name = _file_name(table.file, table.format)
        rows = [row for tree in trees for row in _rows(tree.get(table.name), one=table.one)]
        if table.format == "json":
            files[name] = _write_json(table.at, rows, always_list=True)
        elif table.format == "ndjson":
            files[name] = _write_ndjson(rows)
        elif table.format == "xlsx":
            books.setdefault(name, []).append((table.sheet or table.name, _grid(table, rows)))
        else:
            files[name] = _write_csv(table, rows)
    if books:
        from interop.sources.xlsx_writing import write_workbook

        files |= {name: write_workbook(sheets) for name, sheets in books.items()}
    return files


def _grid(table: TableSpec, rows: Sequence[JsonObject]) -> list[list[str]]:
    """The header and the rows as text. Every column the reader asks for is there, filled or not."""
    known = table.columns or (table.key, *table.required)
    columns = dict.fromkeys((*known, *table.required)) | dict.fromkeys(name for row in rows for name in row)
    return [list(columns), *([_cell(row.get(name)) for name in columns] for row in rows)]


def _write_csv(table: TableSpec, rows: Sequence[JsonObject]) -> bytes:
    out = StringIO(newline="")
    delimiter = "," if table.delimiter == AUTO else table.delimiter
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(_grid(table, rows))
    text = out.getvalue()
    for encoding in table.encodings:
        try:
            return text.encode(encoding)
        except UnicodeEncodeError:
            continue
    return text.encode("utf-8-sig")  # its mark says what it is, and the reader believes the mark


def _rows(value: Json, *, one: bool) -> list[JsonObject]:
    if value is None:
        return []
    return [value] if one else list(value)


def _cell(value: Json) -> str:
    if value is None:
        return ""
    return json_codec.dumps(value).decode() if isinstance(value, dict | list | bool) else str(value)


def _write_json(at: str | None, trees: Sequence[JsonObject], *, always_list: bool = False) -> bytes:
    content: Json = trees[0] if len(trees) == 1 and not always_list else list(trees)
    return json_codec.dumps(set_at(at, content), indent=True)


def _write_ndjson(trees: Sequence[JsonObject]) -> bytes:
    return b"".join(json_codec.dumps(tree) + b"\n" for tree in trees)
