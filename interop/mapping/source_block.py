"""The ``source:`` block of a mapping as a spec for the sources room."""

from __future__ import annotations

from codecs import lookup

from interop.json_codec import Json
from interop.mapping import blocks
from interop.mapping.blocks import place_of, read_block
from interop.mapping.faults import Faults, Place
from interop.mapping.yaml_tree import Item
from interop.sources import DELIMITERS, Format, SourceSpec, TableSpec

WORKBOOK = "xlsx"
"""``format: xlsx``: a table set whose tables are sheets of one workbook."""

FORMATS = (*map(str, Format), WORKBOOK)
_PLAIN = ("at", "root", "key", "encodings", "versions", "needs", "follow")


def read_source(item: Item, found: dict[str, Json], faults: Faults) -> SourceSpec | None:
    """The spec; None when the block is unusable, its faults told. ``found``: the block's members by key."""
    name = str(found.get("format"))
    if name not in FORMATS:
        faults.unknown(place_of(item, "format"), "no source format", name, FORMATS)
        return None
    file = found.get("file")
    workbook = name == WORKBOOK
    defaults: dict[str, Json] = {"format": WORKBOOK} | ({"file": file} if file else {}) if workbook else {}
    blocks_ = found["tables"].members().items() if "tables" in found else ()
    tables = tuple(t for key, child in blocks_ if (t := _table(key, child, defaults, faults)) is not None)
    if "tables" in found and len(tables) < len(blocks_):
        return None
    fields = {key: found[key] for key in _PLAIN if key in found} | ({"file": file} if file and not workbook else {})
    _check_encodings(found, place_of(item, "encodings"), faults)
    if "names" in found:
        fields["names"] = _names(found["names"], faults)
    try:
        return SourceSpec(format=Format.TABLES if workbook else Format(name), tables=tables, **fields)
    except ValueError as error:
        faults.add(item.place, str(error))
        return None


def _table(name: str, item: Item, defaults: dict[str, Json], faults: Faults) -> TableSpec | None:
    found = defaults | read_block(item, blocks.TABLE, f"table {name!r}", faults)
    missing = [key for key in ("file", "key") if key not in found]
    if missing:
        faults.add(item.place, f"table {name!r} without {' and '.join(repr(key) for key in missing)}")
        return None
    _check_encodings(found, place_of(item, "encodings"), faults)
    fields = {key: value for key, value in found.items() if key != "note"}
    if "delimiter" in fields:
        fields["delimiter"] = DELIMITERS.get(fields["delimiter"], fields["delimiter"])
    if "header" in fields:
        row = _row_number(fields.pop("header"), place_of(item, "header"), faults)
        fields |= {"header": row} if row is not None else {}
    try:
        return TableSpec(name=name, **fields)
    except ValueError as error:
        faults.add(item.place, str(error))
        return None


def _row_number(text: str, place: Place, faults: Faults) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text)
    faults.add(place, f"'header' is {text!r}, wanted the number of the row the headings stand in")
    return None


def _check_encodings(found: dict[str, Json], place: Place, faults: Faults) -> None:
    for name in found.get("encodings", ()):
        try:
            lookup(name)
        except LookupError:
            faults.add(place, f"no encoding {name!r}", "as in utf-8, cp1252, latin-1")


def _names(item: Item, faults: Faults) -> dict[str, dict[str, str]]:
    """``names: {resident: {NHS Number: nhsNumber}}``: each set of names must be texts."""
    named: dict[str, dict[str, str]] = {}
    for path, child in item.members().items():
        if not isinstance(child.value, dict) or not all(isinstance(c.value, str) for c in child.members().values()):
            faults.add(child.place, f"names of {path!r} are {child.kind()}, wanted a set of `our name: their name`")
            continue
        named[path] = {ours: str(theirs.value) for ours, theirs in child.members().items()}
    return named
