"""An information standard out of a file: a table, a published dataset, or data of our own shape."""

from __future__ import annotations

import re
from pathlib import Path

from interop.canonical import rebased
from interop.completeness.dataset import read_dataset
from interop.completeness.standard import FOLDER, Standard, standard, standards
from interop.completeness.table import read_table
from interop.errors import CatalogueError, DefinitionError
from interop.json_codec import JsonObject, loads

TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
_WORDS = re.compile(r"[a-z0-9]+")


def named_or_read(name: str) -> Standard:
    """A shipped standard by its id, or the one in a file. Raises CatalogueError, ContentError or DefinitionError."""
    path = Path(name)
    if name in standards() or path.suffix.lower() not in (*TABLES, ".json"):
        return standard(name)
    if not path.is_file():
        raise CatalogueError(f"there is no file {name}", hint=f"or name one of {', '.join(standards())}")
    return Standard.of(read_standard(path.name, path.read_bytes()), name=path.name)


def read_standard(name: str, data: bytes, *, lender: JsonObject | None = None) -> JsonObject:
    """A file as a standard's data. ``lender``: a standard whose heading codes and FHIRPaths are taken over where this
    one has a section, or a field of it, of the same name and says nothing itself."""
    if name.lower().endswith(TABLES):
        found = read_table(name, data)
    else:
        found = loads(data, file=name)
        if not isinstance(found, dict):
            raise DefinitionError("is no standard: it holds no JSON object", code="standard-table", where=name)
        found = found if "sections" in found else read_dataset(name, found)
    return _lent(found, lender) if lender else found


def standard_data(identifier: str) -> JsonObject:
    """The data of a shipped standard. Raises CatalogueError."""
    standard(identifier)
    path = FOLDER / f"{identifier}.json"
    data: JsonObject = loads(rebased(path.read_text(encoding="utf-8")).encode(), file=path.name)
    return data


def _lent(found: JsonObject, lender: JsonObject) -> JsonObject:
    theirs = {_plain(section["title"]): section for section in lender["sections"]}
    sections = [_filled(section, theirs.get(_plain(section["title"]), {})) for section in found["sections"]]
    return {**found, "type": found.get("type") or lender.get("type") or [], "sections": sections}


def _filled(section: JsonObject, theirs: JsonObject) -> JsonObject:
    fields = {_plain(field["name"]): field for field in theirs.get("fields") or ()}
    lent = {key: theirs[key] for key in ("codes", "elsewhere") if theirs.get(key) and not section.get(key)}
    filled = [
        field if "expression" in field else {**_test(fields.get(_plain(field["name"]), {})), **field}
        for field in section.get("fields") or ()
    ]
    return {**section, **lent, "fields": filled}


def _test(field: JsonObject) -> JsonObject:
    return {key: field[key] for key in ("on", "expression", "any") if key in field}


def _plain(title: str) -> str:
    return " ".join(_WORDS.findall(title.casefold()))
