"""Writing back: what is written reads as the same record."""

from __future__ import annotations

import pytest

from interop.sources import Format, SourceSpec, TableSpec, read, write

TABLES = SourceSpec(
    Format.TABLES,
    tables=(
        TableSpec("resident", "residents.csv", "ID", one=True, columns=("ID", "Name", "Room")),
        TableSpec("medicines", "medicines.csv", "ID", delimiter=";"),
        TableSpec("assessment", "assessments.json", "id", one=True, format="json", at="home.residents"),
    ),
)
TREE = {
    "resident": {"ID": "RH-014", "Name": 'Ashworth, "Edie"', "Room": ""},
    "medicines": [{"ID": "RH-014", "Drug": "Senna\nat night"}, {"ID": "RH-014", "Drug": "a;b"}],
    "assessment": {"id": "RH-014", "needs": [{"now": "hoist"}]},
}


def test_a_table_set_reads_back_as_it_was():
    files = write(TABLES, [TREE])
    assert list(files) == ["residents.csv", "medicines.csv", "assessments.json"]
    reading = read(TABLES, files)
    assert reading.findings == ()
    assert [record.tree for record in reading] == [TREE]


def test_columns_stand_in_the_order_the_mapping_names_them_and_strangers_last():
    tree = {"resident": {"Nickname": "Edie", "Name": "Ashworth", "ID": "1"}}
    spec = SourceSpec(Format.TABLES, TABLES.tables[:1])
    assert write(spec, [tree])["residents.csv"] == b"ID,Name,Room,Nickname\r\n1,Ashworth,,Edie\r\n"


def test_a_table_nobody_has_rows_for_still_has_its_header():
    assert write(TABLES, [{"resident": {"ID": "1"}}])["medicines.csv"] == b"ID\r\n"


@pytest.mark.parametrize(("at", "trees"), [(None, [{"a": 1}]), ("x.y", [{"a": 1}, {"a": 2}])])
def test_json_reads_back_as_it_was(at, trees):
    spec = SourceSpec(Format.JSON, file="out-*.json", at=at)
    files = write(spec, trees)
    assert list(files) == ["out.json"]
    assert [record.tree for record in read(SourceSpec(Format.JSON, at=at), files)] == trees


def test_xml_has_no_single_way_back():
    with pytest.raises(ValueError, match="xml records cannot be written back"):
        write(SourceSpec(Format.XML), [{}])
