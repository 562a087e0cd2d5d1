"""Standards out of spreadsheets and datasets, and back; what has no FHIRPath is not looked for, never missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop.completeness import Standard, read_standard, score, standard, standard_data, standards, trend, write_table
from interop.errors import DefinitionError
from interop.json_codec import JsonObject
from interop.outcome import Severity

HEAD = "Section,Field,Level,Heading codes,Resource,FHIRPath\n"


@pytest.mark.parametrize("name", standards())
@pytest.mark.parametrize("workbook", [False, True], ids=["csv", "xlsx"])
def test_every_standard_comes_back_from_its_table(name: str, workbook: bool) -> None:
    file = f"{name}.{'xlsx' if workbook else 'csv'}"
    made = Standard.of(read_standard(file, write_table(standard_data(name), workbook=workbook)), name=file)
    ours = standard(name)
    assert [(s.title, s.level, s.codes, s.source, s.why) for s in made.sections] == [
        (s.title, s.level, s.codes, s.source, s.why) for s in ours.sections
    ]
    for mine, theirs in zip(ours.sections, made.sections, strict=True):
        assert [(f.name, f.level, f.test and f.test.expression, f.any_one) for f in theirs.fields] == [
            (f.name, f.level, f.test and f.test.expression, f.any_one) for f in mine.fields
        ]
        assert (theirs.elsewhere and theirs.elsewhere.expression) == (mine.elsewhere and mine.elsewhere.expression)


FAULTS = {
    "a level nobody knows": (f"{HEAD}Alerts,,Must have,,,\n", 'row 2, column "Level"'),
    "a field under no section": (f"{HEAD},Name,M,,,\n", 'row 2, column "Section"'),
    "a field twice": (f"{HEAD}Alerts,Name,M,,,\n,Name,M,,,\n", 'row 3, column "Field"'),
    "a FHIRPath of no resource": (f"{HEAD}Alerts,Name,M,,,code\n", 'row 2, column "FHIRPath"'),
    "no headings at all": ("1,2,3\n4,5,6\n", "no row has the headings"),
    "nothing": ("", "no row has the headings"),
}


@pytest.mark.parametrize(("text", "told"), FAULTS.values(), ids=FAULTS)
def test_a_table_that_cannot_be_understood_names_row_and_column(text: str, told: str) -> None:
    with pytest.raises(DefinitionError) as fault:
        read_standard("standard.csv", text.encode())
    assert fault.value.code == "standard-table"
    assert told in str(fault.value)


def test_a_fhirpath_that_cannot_be_read_is_told_when_the_standard_is_compiled() -> None:
    made = read_standard("s.csv", f"{HEAD}Alerts,Name,M,,Flag,code.(\n".encode())
    with pytest.raises(DefinitionError, match="Alerts, 'Name'"):
        Standard.of(made, name="s.csv")


def test_publishers_headings_are_understood_and_levels_come_from_cardinality() -> None:
    table = "Title of the standard;;\nRecord heading;Data item;Cardinality\nAlerts;Kind;1..1\n;Note;0..*\n"
    (section,) = read_standard("prsb.csv", table.encode())["sections"]
    assert section["level"] == "mandatory"
    assert [(field["name"], field["level"]) for field in section["fields"]] == [
        ("Kind", "mandatory"),
        ("Note", "optional"),
    ]


def test_a_standard_lends_what_names_of_sections_and_fields_agree_on() -> None:
    table = f"{HEAD}person  DEMOGRAPHICS,Date of birth,M,,,\n,Shoe size,R,,,\n"
    (section,) = read_standard("s.csv", table.encode(), lender=standard_data("red-bag"))["sections"]
    born, shoes = section["fields"]
    assert "patient-demographics" in section["codes"]
    assert born["on"] == "Patient"
    assert "expression" not in shoes


def test_a_published_dataset_gives_sections_of_named_groups_and_fields_by_their_path() -> None:
    item: JsonObject = {"type": "item", "name": "Name", "mro": "M"}
    group: JsonObject = {"type": "group", "name": "Author", "mro": "R", "concept": [item]}
    alerts: JsonObject = {"type": "group", "name": "Alerts", "mro": "M", "concept": [item, group]}
    other: JsonObject = {"type": "group", "name": "Risks", "mro": "O", "concept": [item]}
    entry: JsonObject = {"type": "group", "name": "record entry", "concept": [alerts, other]}
    found = read_standard(
        "d.json", b'{"dataset": [' + _bytes({"name": "D", "version": "2", "concept": [entry]}) + b"]}"
    )
    assert (found["title"], found["version"]) == ("D", "2")
    assert [(s["title"], s["level"]) for s in found["sections"]] == [("Alerts", "mandatory"), ("Risks", "optional")]
    assert [f["name"] for f in found["sections"][0]["fields"]] == ["Name", "Author / Name"]


PRSB = Path(__file__).parents[4] / "shared" / "real-inputs" / "prsb"


@pytest.mark.skipif(not PRSB.is_dir(), reason="PRSB's datasets are not beside this checkout")
def test_every_dataset_prsb_publishes_is_read() -> None:
    for path in sorted(PRSB.glob("*.json")):
        made = Standard.of(read_standard(path.name, path.read_bytes()), name=path.name)
        assert made.sections, path.name
        assert all(section.fields for section in made.sections if section.level == "mandatory"), path.name


DOCUMENT: JsonObject = {
    "resourceType": "Bundle",
    "type": "document",
    "timestamp": "2026-10-02T10:00:00Z",
    "entry": [
        {
            "fullUrl": "urn:uuid:1",
            "resource": {
                "resourceType": "Composition",
                "date": "2026-10-02T10:00:00Z",
                "custodian": {"display": "Rosewood House"},
                "section": [{"title": "alerts", "entry": [{"reference": "urn:uuid:2"}]}],
            },
        },
        {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Flag", "code": {"text": "Falls"}}},
    ],
}


def _standard(rows: str) -> Standard:
    return Standard.of(read_standard("s.csv", f"{HEAD}{rows}".encode()), name="s.csv")


def test_a_section_without_codes_is_found_by_its_title_and_a_field_without_path_is_not_looked_for() -> None:
    marks = score(DOCUMENT, _standard("Alerts,,M,,,\n,Kind,M,,Flag,code.exists()\n,Colour,M,,,\n"))
    assert (marks.score, marks.mandatory) == (1, 1)
    assert [(issue.code, issue.severity) for issue in marks.issues] == [
        ("completeness-not-checked", Severity.INFORMATION)
    ]
    assert "Colour" in marks.issues[0].text


def test_a_trend_has_a_line_a_sender_and_month_and_names_what_is_left_out_most() -> None:
    wanted = _standard("Alerts,,M,,,\n,Kind,M,,Flag,code.exists()\nPlan,,R,,,\n")
    later = {**DOCUMENT, "entry": [_dated(DOCUMENT["entry"][0], "2026-11-03T09:00:00Z"), DOCUMENT["entry"][1]]}
    bare = {**later, "entry": later["entry"][:1]}
    found = trend((document, score(document, wanted)) for document in (DOCUMENT, later, bare))
    assert found.senders == ("Rosewood House",)
    assert [(m.month, m.documents, m.complete) for m in found.months] == [("2026-10", 1, 1), ("2026-11", 2, 1)]
    assert found.missing["Rosewood House"] == (("Plan", 3), ("Alerts", 1))
    assert found.change("Rosewood House") < 0


def _dated(entry: JsonObject, date: str) -> JsonObject:
    return {**entry, "resource": {**entry["resource"], "date": date}}


def _bytes(value: JsonObject) -> bytes:
    from interop.json_codec import dumps

    return dumps(value)
