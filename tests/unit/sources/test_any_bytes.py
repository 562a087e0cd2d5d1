"""Whatever bytes arrive, reading answers with records and findings, never with an exception, never with silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.sources import Format, SourceSpec, TableSpec, read

TABLE = TableSpec("resident", "a", "ID", one=True, columns=("ID", "Name"))
SPECS = [
    SourceSpec(Format.TABLES, tables=(TABLE,)),
    SourceSpec(Format.TABLES, tables=(TableSpec("resident", "a", "ID", format="json"),)),
    SourceSpec(Format.JSON),
    SourceSpec(Format.JSON, at="x.y", key="k"),
    SourceSpec(Format.HL7V2),
    SourceSpec(Format.XML, at="x"),
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
]


@pytest.mark.parametrize("spec", SPECS, ids=[f"{s.format}-{n}" for n, s in enumerate(SPECS)])
@given(data=st.one_of(st.binary(max_size=60), st.lists(st.sampled_from(LIKELY), max_size=12).map(b"".join)))
def test_reading_never_raises_and_never_says_nothing(spec, data):
    reading = read(spec, {"a": data})
    assert reading.records or reading.issues
    assert all(str(issue) and issue.code for issue in reading.findings)
    assert all(str(record.pointer(())) for record in reading)
