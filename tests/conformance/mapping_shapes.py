"""One change to the shape of a good sample: rows, headers, segments, members, sheets, bytes, whole files.

The changes are data: ``do`` in ``tests/cases/mapping-faults/structure.yaml`` names one of ``EDITS``.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl

from tests.conformance.mapping_samples import HL7, Files, column_of, csv_bytes, csv_rows, hl7_value, json_edit


def changed(files: Files, told: Mapping[str, Any]) -> Files:
    """The files after a change of their shape (``structure.yaml``)."""
    name = told.get("file") or next(iter(files))
    if told["do"] == "remove":
        return {key: data for key, data in files.items() if key != name}
    if told["do"] == "add-file":
        return {**files, name: told["content"].encode()}
    after = EDITS[told["do"]](files[name], told)
    assert after != files[name], told
    return {**files, name: after}


def _text(data: bytes, told: Mapping[str, Any]) -> bytes:
    text = data.decode("utf-8")
    if told.get("at-end"):
        return (text + told["put"]).encode()
    return text.replace(told["find"], told["put"], -1 if told.get("every") else 1).encode()


def _bytes(data: bytes, told: Mapping[str, Any]) -> bytes:
    return data.replace(told["find"].encode(), bytes.fromhex(told["put-hex"]), 1)


def _rows(edit: Callable[[list[list[str]], Mapping[str, Any]], None]) -> Callable[[bytes, Mapping[str, Any]], bytes]:
    def edited(data: bytes, told: Mapping[str, Any]) -> bytes:
        rows = csv_rows(data)
        edit(rows, told)
        return csv_bytes(rows)

    return edited


def _cell(rows: list[list[str]], told: Mapping[str, Any]) -> None:
    rows[told["row"] - 1][column_of(rows[0], told["column"])] = told["put"]


def _cells(rows: list[list[str]], told: Mapping[str, Any]) -> None:
    row = rows[told["row"] - 1]
    rows[told["row"] - 1] = row[: told.get("keep")] + told.get("add", [])


def _copy_row(rows: list[list[str]], told: Mapping[str, Any]) -> None:
    row = list(rows[told["row"] - 1])
    for column, value in told["set"].items():
        row[column_of(rows[0], column)] = value
    rows.append(row)


def _swap_headers(rows: list[list[str]], told: Mapping[str, Any]) -> None:
    first, second = (column_of(rows[0], name) for name in told["columns"])
    rows[0][first], rows[0][second] = rows[0][second], rows[0][first]


def _rename_header(rows: list[list[str]], told: Mapping[str, Any]) -> None:
    rows[0][column_of(rows[0], told["from"])] = told["to"]


def _sheet_edit(data: bytes, told: Mapping[str, Any]) -> bytes:
    """``put`` values by sheet and cell, ``merge`` a range of a sheet, ``rename`` a sheet."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for name, cells in told.get("put", {}).items():
        for at, value in cells.items():
            book[name][at] = value
    if "merge" in told:
        name, cells = told["merge"]
        book[name].merge_cells(cells)
    if "rename" in told:
        before, after = told["rename"]
        book[before].title = after
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _segment(data: bytes, told: Mapping[str, Any]) -> bytes:
    segments = data.decode("utf-8").split("\r")
    at = next(n for n, segment in enumerate(segments) if segment.startswith(told["name"]))
    if told.get("remove"):
        del segments[at]
    else:
        segments[at] = "|".join(segments[at].split("|")[: told["keep"]])
    return "\r".join(segments).encode()


def _field(data: bytes, told: Mapping[str, Any]) -> bytes:
    found = HL7.fullmatch(f"x {told['at']}")
    assert found is not None
    return hl7_value(data, found, told["put"])


def _swap_fields(data: bytes, told: Mapping[str, Any]) -> bytes:
    first, second = (HL7.fullmatch(f"x {name}") for name in told["fields"])
    assert first is not None
    assert second is not None
    one, other = (data.decode().split(f"\r{m['name']}|")[1].split("\r")[0].split("|") for m in (first, second))
    values = one[int(first["field"]) - 1], other[int(second["field"]) - 1]
    return hl7_value(hl7_value(data, first, values[1]), second, values[0])


EDITS: Mapping[str, Callable[[bytes, Mapping[str, Any]], bytes]] = {
    "text": _text,
    "bytes": _bytes,
    "cut": lambda data, told: data[: int(len(data) * told["keep"])],
    "cell": _rows(_cell),
    "cells": _rows(_cells),
    "copy-row": _rows(_copy_row),
    "swap-headers": _rows(_swap_headers),
    "rename-header": _rows(_rename_header),
    "sheet": _sheet_edit,
    "segment": _segment,
    "field": _field,
    "swap-fields": _swap_fields,
    "json": lambda data, told: json_edit(
        data, [int(s) if s.isdigit() else s for s in told["at"].split(".")], {k: told[k] for k in told if k != "at"}
    ),
}
