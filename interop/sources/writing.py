"""Records back into the files their owner's system reads: CSV sets, JSON, HL7 v2."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from fnmatch import translate
from io import StringIO

from interop import json_codec
from interop.json_codec import Json, JsonObject
from interop.sources import hl7v2
from interop.sources.json_path import set_at
from interop.sources.spec import Format, SourceSpec, TableSpec


def write(spec: SourceSpec, trees: Sequence[JsonObject]) -> dict[str, bytes]:
    """The files that, read by the same spec, give these trees again.

    Tables become one file each (UTF-8, CR LF as RFC 4180 asks), columns in the order the spec names them, then as
    they turn up. Raises ValueError for XML, which has no single way back.
    """
    if spec.format is Format.TABLES:
        return {_file_name(table.file, table.format): _write_table(table, trees) for table in spec.tables}
    if spec.format is Format.JSON:
        return {_file_name(spec.file, "json"): _write_json(spec.at, trees)}
    if spec.format is Format.HL7V2:
        return {_file_name(spec.file, "hl7"): "".join(map(hl7v2.write, trees)).encode()}
    raise ValueError("XML records cannot be written back: name the target format of the mapping tables, json or hl7v2")


def _file_name(pattern: str, ending: str) -> str:
    plain = translate(pattern) == translate(pattern.replace("*", "").replace("?", ""))
    return pattern if plain else f"{pattern.split('*')[0].rstrip('-_.') or 'records'}.{ending}"


def _write_table(table: TableSpec, trees: Sequence[JsonObject]) -> bytes:
    rows = [row for tree in trees for row in _rows(tree.get(table.name), one=table.one)]
    if table.format == "json":
        return _write_json(table.at, rows, always_list=True)
    columns = dict.fromkeys((*table.columns, *(() if table.columns else (table.key,))))
    columns |= dict.fromkeys(name for row in rows for name in row)
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=table.delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return out.getvalue().encode(table.encodings[0])


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
