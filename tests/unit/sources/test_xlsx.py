"""Workbooks: every cell as text with its place, and a finding for each thing Excel does to data.

Good workbooks are written by openpyxl, so that our reader is judged by somebody else's idea of the format; hostile
ones are zips made by hand.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interop.errors import ContentError
from interop.outcome import Severity
from interop.sources import Format, SourceFile, SourceSpec, TableSpec, read, write
from interop.sources.safe_xml import events
from interop.sources.workbook import Workbook, column_letters

HEADER = ("Resident ID", "Value")
MOMENT = dt.datetime.combine(dt.date(2026, 11, 14), dt.time(4, 25))  # a cell knows no time zone


def spec(**keys):
    return SourceSpec(Format.TABLES, (TableSpec("resident", "*.xlsx", "Resident ID", one=True, format="xlsx", **keys),))


def saved(book: openpyxl.Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_of(*rows, title="Residents", book=None):
    book = book or openpyxl.Workbook()
    sheet = book.active if book.sheetnames == ["Sheet"] else book.create_sheet()
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return book, sheet


def told(data: bytes, **keys) -> list[str]:
    return [f"{i.code} {i.severity} {i.source}" for i in read(spec(**keys), {"a.xlsx": data}).findings]


def value_of(value, number_format: str | None = None, *, heading="Value", **keys):
    """The text of one cell, and the codes of what is said about it."""
    book, sheet = sheet_of(("Resident ID", heading), ("RH-014", value))
    if number_format is not None:
        sheet["B2"].number_format = number_format
    (record,) = read(spec(**keys), {"a.xlsx": saved(book)}).records
    return record.value(("resident", heading)), [issue.code for issue in record.issues]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("Ashworth", None, "Ashworth"),
        ("  two  spaces ", None, "  two  spaces "),
        ("0999000018", None, "0999000018"),
        ("line one\nline two", None, "line one\nline two"),
        (7, None, "7"),
        (-5, None, "-5"),
        (36.6, None, "36.6"),
        (36.60, "0.00", "36.6"),
        (0.1 + 0.2, None, "0.3"),
        (1.5e-7, None, "0.00000015"),
        (9990000018, None, "9990000018"),
        (999000018, "0000000000", "0999000018"),
        (999000018, "000 000 0000", "0999000018"),
        (0.95, "0%", "0.95"),
        (12.5, '0.0 "days"', "12.5"),
        (True, None, "TRUE"),
        (False, None, "FALSE"),
        (dt.date(1938, 8, 14), None, "1938-08-14"),
        (dt.date(1938, 8, 14), "dd/mm/yyyy", "1938-08-14"),
        (dt.date(1938, 8, 14), "[$-809]d mmmm yyyy;@", "1938-08-14"),
        (MOMENT, None, "2026-11-14T04:25"),
        (MOMENT.replace(second=9), None, "2026-11-14T04:25:09"),
        (MOMENT, "dd/mm/yyyy", "2026-11-14"),
        (MOMENT.replace(hour=16), "h:mm AM/PM", "16:25"),
        (dt.time(2, 10), None, "02:10"),
        (dt.timedelta(hours=26, minutes=30), None, "26:30"),
        (59, "dd/mm/yyyy", "1900-02-28"),
        (61, "dd/mm/yyyy", "1900-03-01"),
    ],
)
def test_a_cell_is_the_text_its_owner_meant(value, number_format, text):
    assert value_of(value, number_format) == (text, [])


@pytest.mark.parametrize(
    ("value", "number_format", "heading", "code"),
    [
        (999000018, None, "NHS Number", "xlsx-leading-zero"),
        (7700900123, None, "Mobile", "xlsx-leading-zero"),
        (1234567890123456789, None, "Value", "xlsx-digits-lost"),
        ("#N/A", None, "Value", "xlsx-error-cell"),
        ("=A1", None, "Value", "xlsx-formula"),
        (60, "dd/mm/yyyy", "Value", "xlsx-date"),
        (-1, "dd/mm/yyyy", "Value", "xlsx-date"),
        (2958466, "dd/mm/yyyy", "Value", "xlsx-date"),
        ("@SUM(A1)", None, "Value", "cell-formula"),
        ("a_x0000_b", None, "Value", "cell-control-character"),
    ],
)
def test_what_excel_does_to_a_value_is_said_at_its_cell(value, number_format, heading, code):
    assert value_of(value, number_format, heading=heading)[1] == [code]


def test_a_number_of_days_is_a_date_where_the_mapping_says_so():
    assert value_of(46340, serials=("Value",)) == ("2026-11-14", [])
    assert value_of(46340.5, serials=("Value",)) == ("2026-11-14T12:00", [])
    assert value_of("14/11/2026", serials=("Value",)) == ("14/11/2026", [])
    assert value_of(46340) == ("46340", [])


def test_days_may_be_counted_from_1904():
    book, sheet = sheet_of(HEADER, ("RH-014", 44878))
    book.epoch = dt.datetime.combine(dt.date(1904, 1, 1), dt.time())
    sheet["B2"].number_format = "yyyy-mm-dd"
    assert read(spec(), {"a.xlsx": saved(book)}).records[0].value(("resident", "Value")) == "2026-11-14"


def test_a_place_names_sheet_row_column_and_cell():
    book, _ = sheet_of(HEADER, ("RH-014", 1))
    record = read(spec(), {"a.xlsx": saved(book)}).records[0]
    pointer = record.pointer(("resident", "Value"))
    assert (pointer.file, pointer.sheet, pointer.row, pointer.column) == ("a.xlsx", "Residents", 2, "Value")
    assert str(pointer).endswith('row 2, column "Value" (B2)')


def test_the_headings_are_the_row_the_mapping_recognises():
    book, _ = sheet_of(("Rosewood House",), (), ("Resident\nID ", "Value"), ("RH-014", "x"))
    reading = read(spec(), {"a.xlsx": saved(book)})
    assert [record.key for record in reading] == ["RH-014"]
    assert [(i.code, i.severity) for i in reading.issues] == [("xlsx-above-header", Severity.INFORMATION)]
    assert read(spec(header=3), {"a.xlsx": saved(book)}).issues == ()
    assert told(saved(book), header=1)[-1].startswith("csv-missing-column fatal")
    assert told(saved(book), header=2) == ['csv-empty fatal a.xlsx sheet "Residents"']


def test_the_sheet_is_the_one_named_or_the_only_one_with_the_key():
    book, _ = sheet_of(("Notes",), ("hello",), title="Notes")
    sheet_of(HEADER, ("RH-014", "x"), title="Residents", book=book)
    data = saved(book)
    assert [record.key for record in read(spec(), {"a.xlsx": data})] == ["RH-014"]
    assert [record.key for record in read(spec(sheet="residents"), {"a.xlsx": data})] == ["RH-014"]
    assert told(data, sheet="Resident") == ["xlsx-sheet fatal a.xlsx"]
    assert "did you mean 'Residents'" in str(read(spec(sheet="Resident"), {"a.xlsx": data}).issues[0])
    sheet_of(HEADER, ("RH-015", "x"), title="Old", book=book)
    assert told(saved(book)) == ["xlsx-sheet fatal a.xlsx"]


def test_a_sheet_that_may_be_absent_may_be_absent():
    tables = (*spec().tables, TableSpec("bag", "*.xlsx", "Resident ID", format="xlsx", sheet="Bag", optional=True))
    book, _ = sheet_of(HEADER, ("RH-014", 1))
    reading = read(SourceSpec(Format.TABLES, tables), {"a.xlsx": saved(book)})
    assert ([record.tree["bag"] for record in reading], reading.findings) == ([[]], ())


def test_several_tables_are_sheets_of_one_workbook():
    book, _ = sheet_of(("Plan ID", "Title"), ("P1", "Walking"), title="Plan")
    sheet_of(("Plan ID", "Goal"), ("P1", "To the garden"), ("P1", "To church"), title="Goals", book=book)
    tables = (
        TableSpec("plan", "*.xlsx", "Plan ID", one=True, format="xlsx", sheet="Plan"),
        TableSpec("goals", "*.xlsx", "Plan ID", format="xlsx", sheet="Goals"),
    )
    (record,) = read(SourceSpec(Format.TABLES, tables), {"plan.xlsx": saved(book)}).records
    assert record.tree["goals"] == [
        {"Plan ID": "P1", "Goal": "To the garden"},
        {"Plan ID": "P1", "Goal": "To church"},
    ]
    assert str(record.pointer(("goals", 1, "Goal"))).endswith('row 3, column "Goal" (B3)')
    assert [file.name for file in record.files] == ["plan.xlsx"]


def test_what_is_hidden_is_read_and_said():
    book, sheet = sheet_of(HEADER, ("RH-014", 1), ("RH-015", 2))
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    reading = read(spec(), {"a.xlsx": saved(book)})
    assert [record.key for record in reading] == ["RH-014", "RH-015"]
    assert [i.text for i in reading.issues] == [
        "hidden column(s) were read like the others: 'Value'",
        "1 hidden row(s) were read like the others: 3",
    ]


def test_a_hidden_sheet_is_used_only_when_it_is_named_or_alone():
    book, sheet = sheet_of(HEADER, ("RH-014", 1), title="Old")
    sheet.sheet_state = "hidden"
    sheet_of(HEADER, ("RH-015", 1), title="New", book=book)
    assert [record.key for record in read(spec(), {"a.xlsx": saved(book)})] == ["RH-015"]
    reading = read(spec(sheet="Old"), {"a.xlsx": saved(book)})
    assert ([record.key for record in reading], [i.code for i in reading.issues]) == (["RH-014"], ["xlsx-hidden"])


def test_merged_cells_give_their_value_once_and_that_is_said():
    book, sheet = sheet_of(HEADER, ("RH-014", "first floor"), ("RH-015", None))
    sheet.merge_cells("B2:B3")
    reading = read(spec(), {"a.xlsx": saved(book)})
    assert [record.value(("resident", "Value")) for record in reading] == ["first floor", ""]
    assert [i.code for i in reading.issues] == ["xlsx-merged"]
    assert "B2:B3" in reading.issues[0].text


def test_a_note_beside_the_table_is_kept_and_said():
    book, _ = sheet_of(HEADER, ("RH-014", 1, None, "ask Joseph"))
    (record,) = read(spec(), {"a.xlsx": saved(book)}).records
    assert record.value(("resident", "(column D)")) == "ask Joseph"
    assert [(i.code, i.severity) for i in record.issues] == [("xlsx-no-heading", Severity.WARNING)]


def test_headings_that_stand_twice_stop_the_set():
    book, _ = sheet_of(("Resident ID", "Value", "Value"), ("RH-014", 1, 2))
    assert told(saved(book))[0].startswith("csv-duplicate-column fatal")


def test_rows_of_nothing_are_no_rows_however_many():
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in range(3, 60_000))
    data = by_hand(
        sheet=f'{HEAD_ROWS}{rows}<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>RH-9</t></is></c></row>'
    )
    reading = read(spec(), {"a.xlsx": data})
    assert [record.pointer(()).row for record in reading] == [2, 1048576]
    (said,) = (issue for issue in reading.issues if issue.code == "rows-empty")
    assert said.text == "1,048,573 empty rows were passed over"


# -- workbooks made by hand ------------------------------------------------------------------------------------

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
HEAD_ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Resident ID</t></is></c><c r="B1" t="str"><v>Value</v></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>RH-014</t></is></c></row>'
)


def by_hand(*, sheet: str = HEAD_ROWS, prolog: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "xl/workbook.xml": f'<workbook {NS} xmlns:r="{relation}"><sheets><sheet name="S" r:id="r1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Type="{relation}/worksheet"'
        ' Target="s.xml"/></Relationships>',
        "xl/s.xml": f"{prolog}<worksheet {NS}><sheetData>{sheet}</sheetData></worksheet>",
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
        for name, data in (extra or {}).items():
            package.writestr(name, data)
    return out.getvalue()


def test_the_least_a_workbook_may_be_is_read():
    assert [record.key for record in read(spec(), {"a.xlsx": by_hand()})] == ["RH-014"]


def test_a_formula_gives_what_excel_calculated_last():
    cell = '<c r="B2" t="str"><f>UPPER("x")</f><v>X</v></c>'
    data = by_hand(sheet=HEAD_ROWS.replace("</row>", f"{cell}</row>").replace(f"</c>{cell}", "</c>", 1))
    assert read(spec(), {"a.xlsx": data}).records[0].value(("resident", "Value")) == "X"


def test_texts_are_shared_in_runs_and_reading_aids_are_no_part_of_them():
    texts = (
        f"<sst {NS}><si><t>plain</t></si><si><r><t>in </t></r><r><t xml:space='preserve'>runs</t></r></si>"
        "<si><t>東京</t><rPh><t>とうきょう</t></rPh></si><si><t>a_x000D_b</t></si><si/></sst>"
    )
    cells = "".join(f'<row r="{n + 3}"><c r="A{n + 3}" t="s"><v>{n}</v></c></row>' for n in range(7))
    data = by_hand(sheet=HEAD_ROWS + cells, extra={"xl/sharedStrings.xml": texts.encode()})
    assert [record.key for record in read(spec(), {"a.xlsx": data})] == ["RH-014", "plain", "in runs", "東京", "a\rb"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('t="d"><v>2026-11-14T00:00:00</v>', "2026-11-14"),
        ('t="d"><v>2026-11-14T04:25:00Z</v>', "2026-11-14T04:25:00"),
        ('t="b"><v>1</v>', "TRUE"),
        ('t="str"><f>""</f><v></v>', ""),
        ("><v>1E3</v>", "1000"),
        ('s="99"><v>5</v>', "5"),
        ('t="s"><v>12345</v>', ""),
    ],
)
def test_cells_as_other_programs_write_them(cell, text):
    data = by_hand(sheet=HEAD_ROWS.replace("RH-014</t></is></c>", f'RH-014</t></is></c><c r="B2" {cell}</c>'))
    (record,) = read(spec(), {"a.xlsx": data}).records
    assert (record.value(("resident", "Value")), record.issues) == (text, ())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (by_hand(prolog='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "xml-doctype"),
        (by_hand(sheet="<row>"), "content-xml"),
        (by_hand(sheet="<row r='1'>" + "<c>" * 300), "xml-too-deep"),
        (by_hand(extra={"xl/media/zeros.bin": bytes(40 << 20)}), "xlsx-too-large"),
        (by_hand(extra={f"p{n}": b"" for n in range(10_001)}), "xlsx-too-large"),
        (by_hand()[:400], "xlsx-broken"),
        (by_hand().replace(b"PK\x01\x02\x14\x03", b"PK\x01\x02\x14\x99", 1)[:-4], "xlsx-broken"),
        (b"Resident ID,Value\nRH-014,x\n", "xlsx-not-a-workbook"),
        (b"", "xlsx-not-a-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "xlsx-not-a-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "xlsx-protected"),
    ],
    ids=[
        "doctype",
        "broken XML",
        "deep",
        "bomb",
        "many parts",
        "cut off",
        "damaged",
        "csv",
        "empty",
        "xls",
        "password",
    ],
)
def test_a_workbook_that_cannot_be_used_is_refused_in_words(data, code):
    reading = read(spec(), {"a.xlsx": data})
    assert reading.records == ()
    assert [(i.code, i.severity) for i in reading.issues] == [(code, Severity.FATAL)]


def test_other_kinds_of_file_are_called_by_their_name():
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", "<x/>")
    (issue,) = read(spec(), {"a.xlsx": out.getvalue()}).issues
    assert (issue.code, issue.text) == ("xlsx-not-a-workbook", "is an OpenDocument file (.ods)")


def test_a_row_that_never_ends_is_let_go_of_before_it_fills_the_memory():
    endless = BytesIO(b"<sheetData><row>" + b"<c><v>1</v></c>" * 100_000)
    with pytest.raises(ContentError) as caught:
        list(events(endless, "a.xlsx", ("end",), "{*}row", longest=1 << 18))
    assert caught.value.code == "xml-too-large"
    assert endless.tell() < 1 << 20


GOOD = by_hand()


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=12))
@settings(deadline=None)
def test_a_damaged_workbook_gives_findings_never_an_exception(changes):
    data = bytearray(GOOD)
    for place, byte in changes:
        data[place] = byte
    reading = read(spec(), {"a.xlsx": bytes(data)})
    assert reading.records or reading.issues


TREES = st.text(st.characters(codec="utf-8", exclude_characters="\ufffe\uffff"), max_size=20)


@given(st.lists(TREES, min_size=1, max_size=4))
@settings(deadline=None)  # what is asked is what comes back, not how soon
def test_any_text_survives_writing_and_reading(texts):
    columns = [f"C{n}" for n, _ in enumerate(texts)]
    tree = {"resident": {"Resident ID": "RH-014", **dict(zip(columns, texts, strict=True))}}
    files = write(spec(sheet="Residents"), [tree])
    (record,) = read(spec(sheet="Residents"), files).records
    assert {name: text for name, text in record.tree["resident"].items() if text} == {
        name: text for name, text in tree["resident"].items() if text
    }


def test_what_is_written_opens_elsewhere_as_text_and_is_the_same_bytes_every_time():
    tree = {"resident": {"Resident ID": "007", "Value": "=1+1"}}
    (data,) = write(spec(sheet="Residents"), [tree]).values()
    sheet = openpyxl.load_workbook(BytesIO(data))["Residents"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["Resident ID", "Value"], ["007", "=1+1"]]
    assert {cell.number_format for row in sheet.iter_rows() for cell in row} == {"@"}
    assert write(spec(sheet="Residents"), [tree]) == {"records.xlsx": data}


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (703, "AAA"), (16384, "XFD")])
def test_columns_are_lettered_as_excel_letters_them(number, letters):
    assert column_letters(number) == letters


def test_a_workbook_is_a_context_and_lists_its_sheets():
    book, _ = sheet_of(HEADER, ("RH-014", 1))
    with Workbook.open(SourceFile("a.xlsx", saved(book))) as opened:
        assert [sheet.name for sheet in opened.sheets] == ["Residents"]
        rows = list(opened.rows(opened.sheets[0]))
    assert [[re.sub(r"\s", " ", cell.text) for cell in row.cells] for row in rows] == [
        ["Resident ID", "Value"],
        ["RH-014", "1"],
    ]
