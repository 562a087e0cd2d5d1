"""Sample files told apart by their content and taken apart into fields."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from io import StringIO

from lxml import etree

from interop import sources
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject, loads
from interop.sources import DELIMITERS, Format, SourceFile, SourceSpec, TableSpec
from interop.sources.encoding import settle
from interop.sources.workbook import Workbook
from interop.workbench.draft.sample import Field, Sample, Table, fields_of, spelled, ticked
from interop.workbench.fields import every_value
from interop.xml_codec import parse

ENOUGH = 2000
"""Records looked at, at most: a guess does not get better with more."""

_WINDOWS = "cp1252"
_KEYLIKE = re.compile(r"\b(id|no|number|key|ref|reference|code)\b")


def read_sample(files: Mapping[str, bytes]) -> Sample:
    """The samples as fields. Raises ContentError for files that are of no known kind, or of several."""
    kinds = {name: kind_of(name, data) for name, data in files.items()}
    found = set(kinds.values())
    if len(found) > 1:
        told = ", ".join(f"{name} is {kind}" for name, kind in kinds.items())
        raise ContentError(f"the samples are of several kinds: {told}", hint="draft one mapping for each kind")
    if not found:
        raise ContentError("no sample was given")
    return _READERS[found.pop()](files)


def kind_of(name: str, data: bytes) -> str:
    """``xlsx``, ``hl7v2``, ``xml``, ``json``, ``ndjson`` or ``csv``, by the first characters."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n\x0b")[:64]
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if re.match(rb"(MSH|FHS|BHS).", start):
        return "hl7v2"
    if start.startswith(b"<"):
        return "xml"
    if start[:1] in (b"{", b"["):
        lines = [line for line in data.splitlines() if line.strip()]
        several = len(lines) > 1 and all(
            line.lstrip()[:1] == b"{" and line.rstrip()[-1:] == b"}" for line in lines[:20]
        )
        return "ndjson" if several or name.lower().endswith((".ndjson", ".jsonl")) else "json"
    if b"\x00" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ContentError("is none of CSV, TSV, XLSX, JSON, NDJSON, XML and HL7 v2", where=name)
    return "csv"


# -- tables ------------------------------------------------------------------------------------------------------------


class _Sheet:
    """A table before it is known how tables join: its header and raw cells."""

    def __init__(self, name: str, header: list[str], rows: list[list[str]], block: JsonObject):
        self.name = name
        self.columns = [column for column in header if column]
        self.block = block
        self._values = {c: [row[n] if n < len(row) else "" for row in rows] for n, c in enumerate(header) if c}
        self.count = len(rows)

    def values(self, column: str) -> list[str]:
        return [value.strip() for value in self._values[column]]

    def unique(self, column: str) -> bool:
        values = self.values(column)
        return bool(values) and all(values) and len(set(values)) == len(values)


def _csv(files: Mapping[str, bytes]) -> Sample:
    sheets = [sheet for name, data in files.items() if (sheet := _csv_sheet(name, data)) is not None]
    return _joined(sheets, files, {"format": "tables"})


def _csv_sheet(name: str, data: bytes) -> _Sheet | None:
    text, encoding = _decoded(name, data)
    text = re.sub(r"\Asep=.\r?\n", "", text)
    first = next((line for line in text.splitlines() if line.strip()), "")
    word, delimiter = max(DELIMITERS.items(), key=lambda item: first.count(item[1]))
    rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter) if any(c.strip() for c in row)]
    if not rows:
        return None
    block: JsonObject = {"file": name}
    if delimiter != ",":
        block["delimiter"] = word
    if encoding is not None:
        block["encodings"] = ["utf-8", encoding]
    header = [column.strip() for column in rows[0]]
    return _Sheet(_member(name), header, rows[1 : ENOUGH + 1], block)


def _decoded(name: str, data: bytes) -> tuple[str, str | None]:
    """The text, and the encoding the mapping must name beside UTF-8. Raises ContentError for what is no text."""
    found, issues = settle(SourceFile(name, data), ("utf-8", _WINDOWS))
    if found is None:
        raise ContentError(issues[-1].text, where=name, hint=issues[-1].hint)
    with found.lines() as lines:
        text = "".join(lines)
    return text, _WINDOWS if _WINDOWS in (found.encoding, found.fallback) else None


def _xlsx(files: Mapping[str, bytes]) -> Sample:
    if len(files) > 1:
        raise ContentError("several workbooks were given", hint="draft one mapping for each")
    (name, data), *_ = files.items()
    sheets = []
    with Workbook.open(SourceFile(name, data)) as book:
        for sheet in book.sheets:
            rows = [
                {cell.column: cell.text for cell in row.cells}
                for row, _ in zip(book.rows(sheet), range(ENOUGH), strict=False)
            ]
            header = next((row for row in rows if len([text for text in row.values() if text.strip()]) > 1), None)
            if header is None or sheet.hidden:
                continue
            width = max(header)
            lists = [[row.get(n, "") for n in range(width + 1)] for row in rows[rows.index(header) :]]
            columns = [column.strip() for column in lists[0]]
            sheets.append(_Sheet(_member(sheet.name), columns, lists[1:], {"sheet": sheet.name}))
    return _joined(sheets, files, {"format": "xlsx", "file": name})


def _member(name: str) -> str:
    """A file or a sheet as the mapping calls its table."""
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0] if "." in name else name
    return "-".join(re.findall(r"[a-z0-9]+", stem.lower())) or "table"


def _joined(sheets: list[_Sheet], files: Mapping[str, bytes], source: JsonObject) -> Sample:
    """The tables with their keys: the spine first, one record for each of its rows."""
    if not sheets:
        raise ContentError("the samples hold no table with a header", where=", ".join(files))
    remarks: list[str] = []
    shared = [c for c in sheets[0].columns if all(c in sheet.columns for sheet in sheets)]
    keys = sorted((c for c in shared if any(sheet.unique(c) for sheet in sheets)), key=_key_rank)
    if len(sheets) > 1 and not keys:
        remarks.append(f"no column joins all the tables; only {sheets[0].name} is drafted: draft the others apart")
        sheets = sheets[:1]
        keys = []
    if not keys:
        keys = sorted((c for c in sheets[0].columns if sheets[0].unique(c)), key=_key_rank) or sheets[0].columns[:1]
        if not sheets[0].unique(keys[0]):
            remarks.append(f"no column is filled and different in every row; {keys[0]!r} stands in as the key")
    key = keys[0]
    spine = max(sheets, key=lambda sheet: (sheet.unique(key), len(sheet.columns)))
    ordered = [spine, *(sheet for sheet in sheets if sheet is not spine)]
    tables = {}
    for sheet in ordered:
        # One record in the sample cannot show whether a table may have several rows for one.
        one = sheet is spine or (sheet.unique(key) and spine.count > 1)
        tables[sheet.name] = {**sheet.block, "key": key, **({"one": True} if one else {})}
    found = _from_tables(ordered, tables, files, source)
    return Sample(
        "tables", {**source, "zone": "Europe/London", "tables": tables}, found, f"{spine.name}.{ticked(key)}", remarks
    )


def _key_rank(column: str) -> tuple[bool, int]:
    """Columns that call themselves an id first, then the earlier ones; an NHS number is a person's, not a row's."""
    name = column.lower()
    return not _KEYLIKE.search(name) or "nhs" in name, 0


def _from_tables(
    sheets: list[_Sheet], tables: JsonObject, files: Mapping[str, bytes], source: JsonObject
) -> list[Table]:
    """The values as our own readers give them: dates of a workbook as dates."""
    specs = tuple(
        TableSpec(
            name,
            block.get("file", source.get("file")),
            block["key"],
            one=block.get("one", False),
            format="xlsx" if source["format"] == "xlsx" else "csv",
            sheet=block.get("sheet"),
            delimiter=DELIMITERS[block.get("delimiter", "comma")],
            encodings=tuple(block.get("encodings", ("utf-8",))),
        )
        for name, block in tables.items()
    )
    trees = [record.tree for record in _records(SourceSpec(Format.TABLES, specs), files)]
    found = []
    for sheet in sheets:
        many = not tables[sheet.name].get("one", False)
        rows = [row for tree in trees for row in _rows(tree.get(sheet.name))]
        start = "" if many else f"{sheet.name}."
        fields = [
            Field(f"{start}{ticked(c)}", c, f"{sheet.name}.{ticked(c)}", [spelled(row.get(c)) for row in rows])
            for c in sheet.columns
            if c != tables[sheet.name]["key"] or sheet is sheets[0]
        ]
        found.append(Table(sheet.name, fields, many, sheet.name if many else ""))
    return found


def _rows(value: Json) -> list[JsonObject]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _records(spec: SourceSpec, files: Mapping[str, bytes]) -> Iterator[sources.SourceRecord]:
    reading = sources.read(spec, files)
    if not reading.records:
        told = "; ".join(str(issue) for issue in reading.issues)
        raise ContentError(f"the samples cannot be read: {told}")
    yield from reading.records[:ENOUGH]


# -- documents and messages --------------------------------------------------------------------------------------------


def _json(files: Mapping[str, bytes]) -> Sample:
    at, rows = None, []
    for name, data in files.items():
        document = loads(data, file=name)
        found_at, found = _json_rows(document)
        at = at or found_at
        rows += found
    return _documents("json", {"format": "json", **({"at": at} if at else {})}, rows)


def _json_rows(document: Json) -> tuple[str | None, list[Json]]:
    """Where the records are: the document, the list it is, or the only list of objects in it."""
    if isinstance(document, list):
        return None, document
    lists = [key for key, value in document.items() if isinstance(value, list) and value and isinstance(value[0], dict)]
    if len(lists) == 1 and not any(not isinstance(value, list) for value in document.values()):
        return str(lists[0]), document[lists[0]]
    return None, [document]


def _ndjson(files: Mapping[str, bytes]) -> Sample:
    rows = [loads(line, file=name) for name, data in files.items() for line in data.splitlines() if line.strip()]
    return _documents("ndjson", {"format": "ndjson"}, rows)


def _documents(kind: str, source: JsonObject, rows: list[Json]) -> Sample:
    rows = [row for row in rows if isinstance(row, dict)][:ENOUGH]
    if not rows:
        raise ContentError("the samples hold no object")
    fields, tables = fields_of(rows)
    alike = (f for f in fields if len(set(f.values)) == len(rows) == len(f.filled) and _KEYLIKE.search(_spaced(f.name)))
    key = next((f.path for f in sorted(alike, key=lambda f: _key_rank(_spaced(f.name)))), None)
    made = {**source, **({"key": key.replace("`", "")} if key and "`" not in key else {}), "zone": "Europe/London"}
    return Sample(kind, made, [Table("record", fields), *tables], key)


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.]", " ", name).lower()


def _xml(files: Mapping[str, bytes]) -> Sample:
    at: str | None = None
    for name, data in files.items():
        at = at or _repeated(parse(data, file=name))
    spec = SourceSpec(Format.XML, at=at)
    rows = [record.tree for record in _records(spec, files)]
    return _documents("xml", {"format": "xml", **({"at": at} if at else {})}, rows)


def _repeated(root: etree._Element) -> str | None:
    """The path to the first element that stands several times side by side; None when the document is the record."""
    path: list[str] = []
    here = root
    for _ in range(4):
        names = [etree.QName(child).localname for child in here if isinstance(child.tag, str)]
        again = next((name for name in names if names.count(name) > 1), None)
        if again is not None and len(set(names)) == 1:
            return ".".join([*path, again])
        if len(names) != 1:
            return None
        here = next(child for child in here if isinstance(child.tag, str))
        path.append(names[0])
    return None


def _hl7(files: Mapping[str, bytes]) -> Sample:
    found: dict[str, Field] = {}
    for record in _records(SourceSpec(Format.HL7V2), files):
        for path, value in every_value(record.tree):
            if path[0] == "segments" or len(path) != 6 or not spelled(value).strip():
                continue
            segment, _, number, _, component, part = path
            which = _identifier_type(record.value(path[:4])) if (segment, number) == ("PID", "3") else ""
            name = f"{segment}-{number}{which}.{int(component) + 1}" + (f".{int(part) + 1}" if part else "")
            found.setdefault(name, Field(name, name, name)).values.append(spelled(value))
    fields = [one for name, one in found.items() if name not in ("MSH-1.1", "MSH-2.1")]
    return Sample("hl7v2", {"format": "hl7v2", "zone": "Europe/London"}, [Table("message", fields)], "MSH-10")


def _identifier_type(repetition: Json) -> str:
    """``[5=NH]``: of a person's identifiers, which is told by their type."""
    kind = repetition[4][0] if isinstance(repetition, list) and len(repetition) > 4 and repetition[4] else ""
    return f"[5={kind}]" if re.fullmatch(r"[A-Z]+", kind) else ""


_READERS = {
    "csv": _csv, "xlsx": _xlsx, "json": _json, "ndjson": _ndjson, "xml": _xml, "hl7v2": _hl7,
}  # fmt: skip
