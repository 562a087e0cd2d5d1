"""The ``source:`` block: what an analyst writes, as the sources room is told it, and what is refused with its place."""

from __future__ import annotations

import pytest

from interop.mapping.faults import Faults, Place
from interop.mapping.shape import read_shape
from interop.mapping.yaml_tree import read_yaml
from interop.sources import Format, SourceSpec, TableSpec


def compiled(text: str) -> tuple[SourceSpec | None, list[str]]:
    faults = Faults()
    item = read_yaml(f"source:\n  {text.strip()}\n", "m.yaml", faults)
    shape = read_shape(item.members()["source"], Place("m.yaml", 1, 1), faults)
    return shape.spec, [str(fault) for fault in faults.found]


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("{format: ndjson, file: a.ndjson, key: id}", SourceSpec(Format.NDJSON, file="a.ndjson", key="id")),
        ("{format: xml, at: a.b, root: export}", SourceSpec(Format.XML, at="a.b", root="export")),
        (
            "{format: fhir, versions: [STU3], needs: Patient}",
            SourceSpec(Format.FHIR, versions=("STU3",), needs=("Patient",)),
        ),
        (
            "{format: tables, tables: {t: {file: t.tsv, key: ID, delimiter: tab, header: 3, encodings: cp1252}}}",
            SourceSpec(
                Format.TABLES, (TableSpec("t", "t.tsv", "ID", delimiter="\t", header=3, encodings=("cp1252",)),)
            ),
        ),
        (
            "{format: tables, tables: {t: {file: t, key: ID, delimiter: auto}, n: {file: n, key: i, format: ndjson}}}",
            SourceSpec(
                Format.TABLES,
                (TableSpec("t", "t", "ID", delimiter="auto"), TableSpec("n", "n", "i", format="ndjson")),
            ),
        ),
        (
            '{format: xlsx, file: "*.xlsx", tables: {p: {sheet: Plan, key: ID, one: true, serials: D}, g: {key: ID}}}',
            SourceSpec(
                Format.TABLES,
                (
                    TableSpec("p", "*.xlsx", "ID", one=True, format="xlsx", sheet="Plan", serials=("D",)),
                    TableSpec("g", "*.xlsx", "ID", format="xlsx"),
                ),
            ),
        ),
        (
            "{format: json, names: {resident: {NHS Number: nhsNumber}}}",
            SourceSpec(Format.JSON, names={"resident": {"NHS Number": "nhsNumber"}}),
        ),
    ],
)
def test_a_block_says_how_records_are_read(text, spec):
    assert compiled(text) == (spec, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{format: exel}", "no source format 'exel'"),
        ("{format: tables}", "with 0 tables"),
        ("{format: tables, tables: {t: {key: ID}}}", "without 'file'"),
        ("{format: xlsx, tables: {t: {key: ID}}}", "without 'file'"),
        ("{format: tables, tables: {t: {file: a, key: ID, format: exel}}}", "'exel'"),
        ("{format: tables, tables: {t: {file: a, key: ID, sheet: Plan}}}", "only xlsx has sheets"),
        ("{format: tables, tables: {t: {file: a, key: ID, delimiter: dash}}}", "delimiter 'dash'"),
        ("{format: tables, tables: {t: {file: a, key: ID, header: first}}}", "number of the row"),
        ("{format: tables, tables: {t: {file: a, key: ID, header: 0}}}", "counted from 1"),
        ("{format: tables, tables: {t: {file: a, key: ID, encodings: [utf-9]}}}", "no encoding 'utf-9'"),
        ("{format: hl7v2, encodings: windows}", "no encoding 'windows'"),
        ("{format: json, names: {resident: nhsNumber}}", "names of 'resident'"),
    ],
)
def test_what_cannot_be_read_is_a_fault_at_its_line(text, words):
    _, faults = compiled(text)
    assert len(faults) == 1
    assert words in faults[0]
    assert faults[0].startswith("m.yaml:2:")
