"""Table sets: what is read, what is said about bad files, and where every value stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from interop.location import SourcePointer
from interop.outcome import Severity
from interop.sources import Format, SourceSpec, TableSpec, read

CASES = YAML(typ="safe").load(Path(__file__).parents[2] / "cases/sources/tables.yaml")
SET = SourceSpec(
    Format.TABLES,
    tables=(
        TableSpec("resident", "residents.csv", "Resident ID", one=True, columns=("Resident ID", "Surname", "Notes")),
        TableSpec("medicines", "medicines.csv", "Resident ID", columns=("Resident ID", "Drug")),
        TableSpec(
            "assessment", "assessments.json", "residentId", one=True, format="json", at="residents", optional=True
        ),
    ),
)
RESIDENTS = b"Resident ID,Surname,Notes\nRH-014,Ashworth,\nRH-015,Greaves,\n"
MEDICINES = b"Resident ID,Drug\nRH-015,Ramipril\nRH-014,Paracetamol\nRH-014,Donepezil\n"
ASSESSMENTS = b'{"residents": [{"residentId": "RH-015"}, {"residentId": "RH-014", "needs": [{"now": "hoist"}]}]}'


@pytest.mark.parametrize("case", CASES, ids=[case["desc"] for case in CASES])
def test_a_set_gives_exactly_these_records_and_findings(case):
    reading = read(SET, {name: text.encode() for name, text in case["files"].items()})
    assert [record.key for record in reading] == case["records"]
    assert [f"{i.code} {i.severity} {i.source}" for i in reading.findings] == case.get("findings", [])
    if "trees" in case:
        assert [record.tree for record in reading] == case["trees"]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("resident", "Surname"), 'residents.csv row 2, column "Surname"'),
        (("medicines", 1, "Drug"), 'medicines.csv row 4, column "Drug"'),
        (("medicines", 0), "medicines.csv row 3"),
        (("medicines",), "medicines.csv"),
        (("assessment", "needs", 0, "now"), "assessments.json $.residents[1].needs[0].now"),
        (("assessment", "how she sleeps"), "assessments.json $.residents[1]['how she sleeps']"),
        ((), "residents.csv row 2"),
    ],
)
def test_every_value_knows_its_cell(path, place):
    files = {"residents.csv": RESIDENTS, "medicines.csv": MEDICINES, "assessments.json": ASSESSMENTS}
    record = read(SET, files).records[0]
    assert str(record.pointer(path)) == place


def test_a_value_that_has_no_row_is_looked_for_where_it_would_stand():
    files = {"residents.csv": RESIDENTS, "medicines.csv": MEDICINES, "assessments.json": b'{"residents":[]}'}
    record = read(SET, files).records[0]
    assert str(record.pointer(("assessment", "needs"))) == "assessments.json $.residents[?@.residentId=='RH-014'].needs"
    assert str(record.pointer(("medicines", 9, "Drug"))) == 'medicines.csv, column "Drug"'


def test_a_value_is_found_by_its_path_and_absence_is_none():
    record = read(SET, {"residents.csv": RESIDENTS, "medicines.csv": MEDICINES}).records[0]
    assert record.value(("medicines", 1, "Drug")) == "Donepezil"
    assert record.value(("medicines", 2, "Drug")) is None
    assert record.value(("assessment", "needs")) is None


def test_the_record_of_a_bad_row_carries_its_finding_and_the_others_do_not():
    residents = RESIDENTS + b"RH-016,Hill\n"
    records = read(SET, {"residents.csv": residents, "medicines.csv": MEDICINES}).records
    assert [[issue.code for issue in record.issues] for record in records] == [[], [], ["csv-ragged-row"]]


def test_windows_letters_are_refused_with_the_remedy_unless_the_mapping_allows_them():
    files = {
        "residents.csv": "Resident ID,Surname,Notes\nRH-014,Brontë,\n".encode("cp1252"),
        "medicines.csv": MEDICINES,
    }
    refused = read(SET, files)
    assert refused.records == ()
    assert [(i.code, i.severity, i.line) for i in refused.issues] == [("source-encoding", Severity.FATAL, 2)]
    assert "0xEB on line 2" in refused.issues[0].text
    assert "Windows-1252" in refused.issues[0].text
    assert "cp1252" in str(refused.issues[0].hint)

    allowing = TableSpec("resident", "residents.csv", "Resident ID", one=True, encodings=("utf-8", "cp1252"))
    read_anyway = read(SourceSpec(Format.TABLES, (allowing, SET.tables[1])), files)
    assert read_anyway.records[0].value(("resident", "Surname")) == "Brontë"
    assert [(i.code, i.severity) for i in read_anyway.issues[:1]] == [("source-encoding", Severity.INFORMATION)]


def test_utf_16_with_its_mark_is_read():
    files = {"residents.csv": RESIDENTS.decode().encode("utf-16"), "medicines.csv": MEDICINES}
    assert [record.key for record in read(SET, files)] == ["RH-014", "RH-015"]


def test_a_delimiter_the_mapping_names_is_used():
    spec = SourceSpec(Format.TABLES, (TableSpec("resident", "r.tsv", "ID", one=True, delimiter="\t"),))
    assert read(spec, {"r.tsv": b"ID\tName\n1\tAsh, Edith\n"}).records[0].tree == {
        "resident": {"ID": "1", "Name": "Ash, Edith"}
    }


def test_a_pattern_joins_the_rows_of_several_files_each_with_its_own_place():
    tables = (SET.tables[0], TableSpec("medicines", "medicines-*.csv", "Resident ID"))
    files = {
        "residents.csv": RESIDENTS,
        "medicines-1.csv": b"Resident ID,Drug\nRH-014,Senna\n",
        "medicines-2.csv": b"Resident ID,Drug\nRH-014,Ramipril\n",
    }
    record = read(SourceSpec(Format.TABLES, tables), files).records[0]
    assert [str(record.pointer(("medicines", n, "Drug"))) for n in (0, 1)] == [
        'medicines-1.csv row 2, column "Drug"',
        'medicines-2.csv row 2, column "Drug"',
    ]


def test_the_files_travel_with_the_record_as_they_came():
    record = read(SET, {"residents.csv": RESIDENTS, "medicines.csv": MEDICINES}).records[0]
    assert [(file.name, file.data) for file in record.files] == [
        ("residents.csv", RESIDENTS),
        ("medicines.csv", MEDICINES),
    ]


def test_a_place_in_a_sheet_reads_as_its_owner_says_it():
    assert str(SourcePointer("a.xlsx", sheet="Bag", row=3, column="Item")) == 'a.xlsx sheet "Bag" row 3, column "Item"'


@pytest.mark.parametrize(
    "wrong",
    [{"format": "ods"}, {"sheet": "A"}, {"header": 0}, {"delimiter": "a"}, {"delimiter": ""}, {"delimiter": ";;"}],
)
def test_an_impossible_table_is_refused_when_it_is_named(wrong):
    with pytest.raises(ValueError, match="table 't'"):
        TableSpec("t", "t.csv", "k", **wrong)
