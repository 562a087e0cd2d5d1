"""Long files: one record at a time, from disk as from memory, with every finding told once and none without end."""

from __future__ import annotations

import json
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from interop.sources import Format, SourceSpec, TableSpec, json_items, read, stream, xml_source
from interop.sources.stream import TOLD

SET = SourceSpec(
    Format.TABLES,
    (
        TableSpec("resident", "residents.csv", "ID", one=True, columns=("ID", "Name")),
        TableSpec("medicines", "medicines.csv", "ID"),
        TableSpec("notes", "notes.json", "id", format="json", optional=True),
    ),
)
FILES = {
    "residents.csv": b"ID,Name\nRH-1,A\nRH-2,B\nRH-1,A\nRH-3,C\nRH-2,Z\n,nobody\n",
    "medicines.csv": b"ID,Drug\nRH-3,x\nRH-l,slip\nRH-1,y\nRH-9,z\n",
    "notes.json": b'[{"id": "RH-1", "weight": 52.10}, {"id": "RH-2"}]',
}
NDJSON = SourceSpec(Format.NDJSON, key="id")
LIST = SourceSpec(Format.JSON, at="export.rows", key="id")
XML = SourceSpec(Format.XML, at="home.resident", key="@id")


def told(found) -> list[str]:
    return [f"{i.code} {i.severity} {i.source} {i.value}" for i in found.findings]


def on_disk(folder: Path, files) -> dict[str, Path]:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in files}


def test_files_on_disk_read_as_files_in_memory_do(tmp_path):
    from_memory, from_disk = read(SET, FILES), read(SET, on_disk(tmp_path, FILES))
    assert [record.tree for record in from_disk] == [record.tree for record in from_memory]
    assert told(from_disk) == told(from_memory)
    assert [record.key for record in from_disk] == ["RH-1", "RH-2", "RH-3"]
    assert from_disk.records[0].tree["notes"] == from_memory.records[0].tree["notes"]
    assert str(from_disk.records[0].value(("notes", 0, "weight"))) == "52.10"
    assert [(f.name, f.data, f.sha256) for f in from_disk.records[0].files] == [
        (f.name, f.data, f.sha256) for f in from_memory.records[0].files
    ]


def test_the_number_of_records_is_known_with_the_first():
    with closing(stream(SET, FILES)) as records:
        assert records.total is None
        next(records)
        assert records.total == 3


def test_news_are_told_once():
    with closing(stream(SET, FILES)) as records:
        list(records)
        assert [i.code for i in records.news()] == ["key-missing", "key-orphan"]
        assert records.news() == ()


def test_rows_of_nobody_are_one_finding_that_names_them_and_counts_the_rest():
    rows = "".join(f"X{n},drug\n" * 12 for n in range(500))
    found = read(SET, {**FILES, "medicines.csv": f"ID,Drug\n{rows}".encode()})
    (orphans,) = [i for i in found.issues if i.code == "key-orphan"]
    assert str(orphans.source) == 'medicines.csv row 2, column "ID"'
    assert orphans.text.startswith(
        "6,000 rows belong to no row of residents.csv and were not used: 'X0' (rows 2, 3, 4, "
    )
    assert "'X0' (rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more), 'X1' (rows 14, " in orphans.text
    assert orphans.text.endswith(" and 480 more keys")


def test_a_finding_without_end_is_told_a_sensible_number_of_times_and_then_counted():
    found = read(SourceSpec(Format.NDJSON), {"a.ndjson": b"{\n" * 5000})
    lines = [i for i in found.issues if i.code == "ndjson-line"]
    assert len(lines) == TOLD + 2
    assert lines[-1].text == f"and {5000 - TOLD - 1:,} more findings like these"


def test_rows_without_a_key_are_told_to_every_record_and_counted():
    rows = "".join(",drug\n" for _ in range(50))
    found = read(SET, {**FILES, "medicines.csv": f"ID,Drug\n{rows}".encode()})
    for record in found:
        assert [i.code for i in record.issues].count("key-doubtful") == 6
    assert "45 more rows" in found.records[2].issues[-1].text


def test_a_file_that_cannot_be_opened_is_a_finding(tmp_path):
    found = read(NDJSON, {"gone.ndjson": tmp_path / "gone.ndjson"})
    assert [i.code for i in found.issues] == ["source-unreadable"]


@pytest.mark.parametrize("count", [1000, 10_000])
def test_memory_does_not_grow_with_the_file(tmp_path, count):
    residents = "ID,Name\n" + "".join(f"R{n * 7919 % count:06d},Name {n}\n" for n in range(count))
    medicines = "ID,Drug\n" + "".join(f"R{n % count:06d},Drug {n}\n" for n in range(count * 2))
    files = on_disk(tmp_path, {"residents.csv": residents.encode(), "medicines.csv": medicines.encode()})
    tracemalloc.start()
    with closing(stream(SET, files)) as records:
        assert sum(len(record.tree["medicines"]) for record in records) == 2 * count
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


# -- documents -------------------------------------------------------------------------------------------------


def test_ndjson_gives_a_record_a_line_and_a_bad_line_does_not_stop_it():
    data = b'{"id": 1, "a": {"b": [7]}}\r\n\n{"id": 2,}\n[3]\n{"id": 4}'
    found = read(NDJSON, {"a.ndjson": data})
    assert [record.key for record in found] == ["1", "4"]
    assert str(found.records[0].pointer(("a", "b", 0))) == "a.ndjson row 1 $.a.b[0]"
    assert [f"{i.code} {i.severity} {i.source} {i.line}" for i in found.issues] == [
        "ndjson-line error a.ndjson row 3 3",
        "ndjson-line error a.ndjson row 4 4",
    ]


def test_ndjson_may_be_a_joined_table():
    tables = (SET.tables[0], TableSpec("events", "e.ndjson", "who", format="ndjson"))
    files = {"residents.csv": b"ID,Name\nRH-1,A\n", "e.ndjson": b'{"who": "RH-1", "n": 1}\n{"who": "RH-1", "n": 2}\n'}
    (record,) = read(SourceSpec(Format.TABLES, tables), files).records
    assert [row["n"] for row in record.tree["events"]] == [1, 2]
    assert str(record.pointer(("events", 1, "n"))) == "e.ndjson row 2 $.n"
    broken = {**files, "e.ndjson": b'{"who": "RH-1"}\n{broken\n'}
    assert read(SourceSpec(Format.TABLES, tables), broken).records == ()


@pytest.fixture
def _long(monkeypatch):
    """Every document is a long one."""
    monkeypatch.setattr(json_items, "WHOLE", 0)
    monkeypatch.setattr(json_items, "_CHUNK", 16)
    monkeypatch.setattr(xml_source, "WHOLE", 0)


ROWS = [{"id": n, "text": 'a "quoted" \\ [bracket] {brace},: é\n', "more": [{"deep": [1, 2.50]}]} for n in range(20)]
DOCUMENT = json.dumps(
    {"made": {"rows": [1]}, "by": "[}", "export": {"x": [{}], "rows": ROWS, "end": 1}}, indent=1
).encode()


def test_a_long_list_reads_as_a_short_one(request):
    short = read(LIST, {"a.json": DOCUMENT})
    request.getfixturevalue("_long")
    long = read(LIST, {"a.json": DOCUMENT})
    assert [record.tree for record in long] == [record.tree for record in short]
    assert [str(r.pointer(("id",))) for r in long] == [str(r.pointer(("id",))) for r in short]
    assert long.issues == ()


@pytest.mark.usefixtures("_long")
@pytest.mark.parametrize(
    ("data", "keys", "codes"),
    [
        (b'{"export": {"rows": []}}', [], ["source-empty"]),
        (b'{"export": {"rows": [{"id": 1}, 7, {"id": 2}]}}', ["1", "2"], ["json-row"]),
        (b'{"export": {"rows": [{"id": 1}, {"id": 2', ["1"], ["content-json"]),
        (b'{"export": {"rows": [{"id": 1}, {"id": 2,}, {"id": 3}]}}', ["1", "3"], ["content-json"]),
        (b'{"export": {"rows": [{"id": 1} {"id": 2}]}}', ["1"], ["content-json"]),
        (b'{"export": {"rows": [{"id": 1}, ]}}', ["1"], ["content-json"]),
        (b'{"export": {"rows": [{"id": "never ends', [], ["content-json"]),
        (b'{"export": {"rows": {"id": 1}}}', ["1"], []),
        (b'{"export": 7}', [], ["json-no-records"]),
        (b"nonsense", [], ["content-json"]),
        (b"", [], ["content-json"]),
    ],
)
def test_a_long_list_that_breaks_off_gives_what_came_before_and_says_so(data, keys, codes):
    found = read(LIST, {"a.json": data})
    assert [record.key for record in found] == keys
    assert [issue.code for issue in found.issues] == codes


HOME = b"""<export><other><resident id="no"/></other><home><resident id="1"><n>A<b>x</b></n></resident>
<x/><resident id="2"><n>B</n><n>C</n></resident></home><home><resident id="3"><home><resident id="in"/></home>
</resident></home></export>"""


def test_a_long_xml_document_reads_as_a_short_one(request):
    short = read(XML, {"a.xml": HOME})
    request.getfixturevalue("_long")
    long = read(XML, {"a.xml": HOME})
    assert [record.key for record in short] == ["1", "2", "3"]
    assert [record.tree for record in long] == [record.tree for record in short]
    assert [str(r.pointer(("n",))) for r in long] == [str(r.pointer(("n",))) for r in short]


@pytest.mark.usefixtures("_long")
@pytest.mark.parametrize(
    ("data", "keys", "codes"),
    [
        (HOME[:-10], ["1", "2", "3"], ["content-xml"]),
        (b"<export/>", [], ["xml-no-records"]),
        (b'<!DOCTYPE e [<!ENTITY x "y">]><export>&x;</export>', [], ["xml-doctype"]),
        (b"", [], ["content-xml"]),
    ],
)
def test_a_long_xml_document_that_breaks_off_gives_what_came_before(data, keys, codes):
    found = read(XML, {"a.xml": data})
    assert [record.key for record in found] == keys
    assert [issue.code for issue in found.issues] == codes
