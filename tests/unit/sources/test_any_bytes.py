"""Whatever bytes arrive, reading answers with records and findings, never with an exception, never with silence."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.sources import Format, SourceSpec, TableSpec, json_items, read, xml_source

TABLE = TableSpec("resident", "a", "ID", one=True, columns=("ID", "Name"))
SPECS = [
    SourceSpec(Format.TABLES, tables=(TABLE,)),
    SourceSpec(Format.TABLES, tables=(TableSpec("resident", "a", "ID", format="json"),)),
    SourceSpec(Format.JSON),
    SourceSpec(Format.JSON, at="x.y", key="k"),
    SourceSpec(Format.HL7V2),
    SourceSpec(Format.XML, at="x"),
    SourceSpec(Format.NDJSON, key="x"),
    SourceSpec(
        Format.TABLES, tables=(TableSpec("resident", "a", "ID", delimiter="auto", encodings=("utf-8", "cp1252")),)
    ),
    SourceSpec(Format.TABLES, tables=(TableSpec("resident", "a", "ID", format="ndjson"),)),
    SourceSpec(Format.TABLES, tables=(TableSpec("resident", "a", "ID", format="xlsx"),)),
]
LIKELY = [
    b"ID,Name\n",
    b'"',
    b"R1,",
    b"\r\n",
    b"MSH|^~\\&|",
    b"PID|1",
    b"|",
    b"\\",
    b'{"x":',
    b'{"y":[',
    b"]}",
    b"<x>",
    b"</x>",
    b"\xff",
    b"\x0b",
    b"\x1c\r",
    b"MSH|^~\\&|||||||ADT^A01|1||2.4||||||8859/1\r",
    b"BHS|^~\\&\r",
    b"BTS|2\r",
    b"\xef\xbb\xbf",
    b"\xc3\xa9",
    b"\xe9\n",
    b"sep=;\n",
    b"=1\n",
    b"\x00",
    b"PK\x03\x04",
]


@pytest.mark.parametrize("spec", SPECS, ids=[f"{s.format}-{n}" for n, s in enumerate(SPECS)])
@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@given(data=st.one_of(st.binary(max_size=60), st.lists(st.sampled_from(LIKELY), max_size=12).map(b"".join)))
def test_reading_never_raises_and_never_says_nothing(spec, long, data):
    with patch.object(json_items, "WHOLE", 0 if long else 99), patch.object(xml_source, "WHOLE", 0 if long else 99):
        reading = read(spec, {"a": data})
    assert reading.records or reading.issues
    assert all(str(issue) and issue.code for issue in reading.findings)
    assert all(str(record.pointer(())) for record in reading)
