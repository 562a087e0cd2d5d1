"""CSV as real exports write it: delimiters, encodings, formulas, control characters, and where each is told."""

from __future__ import annotations

import pytest

from interop.outcome import Severity
from interop.sources import Format, SourceSpec, TableSpec, csv_table, read


def spec(**keys):
    return SourceSpec(Format.TABLES, (TableSpec("resident", "r.csv", "ID", one=True, **keys),))


def reading(text: str | bytes, **keys):
    return read(spec(**keys), {"r.csv": text if isinstance(text, bytes) else text.encode()})


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_an_open_delimiter_is_found_by_the_columns_the_mapping_wants(sign):
    text = f'ID{sign}Name{sign}"Notes, all; of\tthem|"\n1{sign}Ashworth{sign}x\n'
    assert reading(text, delimiter="auto", required=("Name",)).records[0].value(("resident", "Name")) == "Ashworth"


def test_the_delimiter_excel_names_in_its_first_line_is_tried_first():
    (record,) = reading("sep=!\r\nID!Name\r\n1!Ash, Edith\r\n", delimiter="auto").records
    assert record.value(("resident", "Name")) == "Ash, Edith"


def test_an_open_delimiter_that_nothing_confirms_is_not_guessed():
    found = reading("Number;Name\n1;Ashworth\n", delimiter="auto")
    assert [(i.code, i.severity) for i in found.issues] == [("csv-missing-column", Severity.FATAL)]
    assert found.records == ()


def test_the_headings_may_stand_in_a_row_the_mapping_names():
    found = reading("Rosewood House\nprinted 14/11/2026\nID,Name\n1,A\n", header=3)
    assert [record.pointer(()).row for record in found] == [4]
    assert [i.code for i in reading("ID,Name\n1,A\n", header=9).issues] == ["csv-empty"]


def test_a_row_in_another_encoding_than_its_file_is_read_and_named():
    data = "ID,Name\n1,Brontë\n".encode() + "2,Brontë\n3,Plain\n".encode("cp1252")
    found = reading(data, encodings=("utf-8", "cp1252"))
    assert [record.value(("resident", "Name")) for record in found] == ["Brontë", "Brontë", "Plain"]
    assert [f"{i.code} {i.severity} {i.source}" for i in found.findings] == [
        "source-encoding-mixed warning r.csv row 3"
    ]


def test_mixed_encodings_are_refused_where_the_mapping_allows_one():
    found = reading("ID,Name\n1,Brontë\n".encode() + "2,Brontë\n".encode("cp1252"))
    assert [(i.code, i.severity, i.line) for i in found.issues] == [("source-encoding", Severity.FATAL, 3)]


def test_utf_8_read_as_something_else_is_noticed():
    found = reading("ID,Name\n1,Brontë\n", encodings=("cp1252",))
    assert [(i.code, i.severity) for i in found.issues] == [("source-encoding", Severity.WARNING)]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"PK\x03\x04rest", "workbook"),
        (b"\xd0\xcf\x11\xe0rest", ".xls"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gzip"),
        ("ID,Name\n1,A\n".encode("utf-16-le"), "UTF-16"),
    ],
)
def test_a_file_that_is_no_text_is_called_by_its_name(data, word):
    found = reading(data)
    assert [(i.code, i.severity) for i in found.issues] == [("source-other-format", Severity.FATAL)]
    assert word in found.issues[0].text


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "=1+1", "@SUM(A1)", "+cmd|x", "-2+3+cmd|x", "-SUM(A1)"])
def test_a_cell_a_spreadsheet_would_run_is_carried_as_text_and_warned_of(cell):
    quoted = cell.replace('"', '""')
    (record,) = reading(f'ID,Name\n1,"{quoted}"\n').records
    assert record.value(("resident", "Name")) == cell
    assert [f"{i.code} {i.severity} {i.source}" for i in record.issues] == [
        'cell-formula warning r.csv row 2, column "Name"'
    ]


@pytest.mark.parametrize(
    "cell", ["-5", "+44 7700 900123", "- lives alone", "=", "-", "@", "+1.5", "-(see notes)", "a=b"]
)
def test_a_sign_before_a_number_a_phone_or_a_note_is_no_formula(cell):
    (record,) = reading(f"ID,Name\n1,{cell}\n").records
    assert record.issues == ()


def test_a_nul_byte_is_an_error_at_its_cell():
    (record,) = reading("ID,Name\n1,Ash\0worth\n2,B\n").records[:1]
    assert [f"{i.code} {i.severity} {i.source}" for i in record.issues] == [
        'cell-control-character error r.csv row 2, column "Name"'
    ]


def test_a_cell_of_a_megabyte_is_read():
    assert reading(f"ID,Photo\n1,{'A' * (1 << 20)}\n").records[0].value(("resident", "Photo")) == "A" * (1 << 20)


def test_a_cell_beyond_reason_stops_the_file_there():
    text = f'ID,Name\n1,A\n2,"{"x" * (csv_table.LONGEST_CELL + 1)}\n3,C\n'
    found = reading(text)
    assert [record.key for record in found] == ["1"]
    assert [f"{i.code} {i.severity} {i.source}" for i in found.issues] == ["csv-cell-too-long error r.csv row 3"]


def test_a_heading_that_looks_like_one_a_rule_reads_is_said():
    found = reading("ID,Sinse,Other\n1,x,y\n", expected=("Since", "Elsewhere"))
    assert [f"{i.code} {i.severity} {i.source}" for i in found.issues] == [
        'csv-missing-column warning r.csv row 1, column "Since"'
    ]
    assert "'Sinse'" in found.issues[0].text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_row(end):
    text = end.join(["ID,Name", f'1,"a{end}b"', "2,c", ""])
    assert [record.key for record in reading(text)] == ["1", "2"]
    assert [record.key for record in reading(text.encode("utf-16"))] == ["1", "2"]


@pytest.mark.parametrize(("empty", "told"), [(999, []), (1000, ["1,000 empty rows were passed over"])])
def test_many_empty_rows_are_worth_a_word(empty, told):
    found = reading("ID,Name\n1,Edith\n" + ",\n" * empty)
    assert [record.key for record in found.records] == ["1"]
    assert [issue.text for issue in found.issues] == told
