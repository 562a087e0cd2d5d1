"""A draft compiles, maps its sample, marks every guess, invents no code and leaves nothing out."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import yaml

from interop.definitions import Definitions
from interop.errors import ContentError
from interop.workbench.coverage import Fate, coverage
from interop.workbench.draft import draft
from interop.workbench.draft.evidence import code_list, kinds_of
from interop.workbench.draft.sampling import kind_of
from interop.workbench.draft.trial import tried, written
from interop.workbench.rulebook import Rulebook

CASES = Path(__file__).parents[2] / "cases" / "workbench"
NOW = datetime(2026, 11, 14, 3, 0, tzinfo=UTC)

CSV = """\
Client No;First Name;Last Name;D.O.B.;NHS No;Gender;Post Code;Mobile;Admission Date;Mystery
1001;Ann;Test;03/04/1941;9990000018;F;XX1 4RH;07700 900123;01/11/2026 10:20;q
1002;Bob;Trial;23/04/1951;;M;XX1 4RJ;07700 900124;13/11/2026 10:20;w
1003;Cas;Proof;01/12/1939;;F;XX1 4RK;07700 900125;14/11/2026 01:20;e
1004;Dot;Essay;01/12/1939;;F;XX1 4RK;07700 900126;14/11/2026 01:20;r
"""
TABLES = {
    "people.csv": b"ID,Surname\nR1,Ash\nR2,Birch\n",
    "allergies.csv": b"ID,Substance,Since\nR1,Penicillin,2020-01-30\nR1,Nuts,2021-02-01\nR2,Latex,2022-03-01\n",
}
JSON = b"""[
  {"id": "R1", "person": {"familyName": "Ash", "dob": "1941-04-03"}, "medicines": [{"name": "Senna", "dose": "1"}]},
  {"id": "R2", "person": {"familyName": "Birch", "dob": "1951-04-23"}, "medicines": []}
]"""
NDJSON = b'{"id": "R1", "surname": "Ash"}\n{"id": "R2", "surname": "Birch"}\n'
XML = b"<all><one><id>R1</id><surname>Ash</surname></one><one><id>R2</id><surname>Birch</surname></one></all>"
HL7 = (
    b"MSH|^~\\&|A|B|C|D|20261114031500||ADT^A01|1|T|2.4\rEVN|A01|20261114031200\r"
    b"PID|1||9990000018^^^NHS^NH~H1^^^X^MR||ASH^EDITH||19380814|F\rPV1|1|I\rZXX|1|odd\r"
)


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "People"
    sheet.append(["Resident ID", "Surname", "Date of Birth"])
    sheet.append(["R1", "Ash", date(1941, 4, 3)])
    sheet.append(["R2", "Birch", date(1951, 4, 23)])
    made = BytesIO()
    book.save(made)
    return made.getvalue()


SAMPLES = {
    "csv": {"clients.csv": CSV.encode()},
    "tables": TABLES,
    "windows": {"clients.csv": "ID,Surname\nR1,Bront\xeb\n".encode("cp1252")},
    "json": {"people.json": JSON},
    "ndjson": {"people.ndjson": NDJSON},
    "xml": {"people.xml": XML},
    "hl7v2": {"a01.hl7": HL7},
    "xlsx": {"people.xlsx": _workbook()},
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_draft_compiles_and_maps_its_sample(kind):
    made = draft(SAMPLES[kind], "new/sample")
    trial = tried(made, SAMPLES[kind], Definitions.core(), now=NOW)
    assert trial.faults == ()
    assert trial.records >= 1
    assert made.rules >= 1


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_draft_leaves_no_field_out(kind, tmp_path):
    """Every field is guessed, or stands under drop: to be decided."""
    from interop.mapping import load

    path = tmp_path / "new" / "sample.yaml"
    list(written(draft(SAMPLES[kind], "new/sample"), path))
    mapping = load(path)
    found = coverage(mapping, Rulebook.of(path), mapping.read(SAMPLES[kind]), now=NOW)
    assert [field.name for field in found.fields if field.fate in (Fate.UNKNOWN, Fate.UNUSED)] == []


def _rule(text, source):
    return next(line.strip() for line in text.splitlines() if f"source: {source}" in line)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("clients.First Name", 'target: "name[official].given"'),
        ("clients.Last Name", 'target: "name[official].family"'),
        ('"clients.`D.O.B.`"', "target: birthDate, transform: {date: dd/MM/yyyy}"),
        ("clients.NHS No", "transform: nhs-number"),
        ("clients.Post Code", "transform: postcode"),
        ("clients.Mobile", "transform: phone"),
        ("clients.Admission Date", 'target: period.start, transform: {datetime: "dd/MM/yyyy HH:mm"}'),
    ],
)
def test_names_and_values_together_make_a_guess(source, words):
    assert words in _rule(draft(SAMPLES["csv"], "new/x").text, source)


def test_every_guess_has_its_confidence_and_evidence_beside_it():
    text = draft(SAMPLES["csv"], "new/x").text
    for line in text.splitlines():
        if "source: clients" in line:
            assert re.search(r"# [01]\.\d\d: .+", line), line
    assert "all 4 values read as dd/MM/yyyy" in _rule(text, '"clients.`D.O.B.`"')


def test_what_was_not_guessed_is_to_be_decided_and_says_why():
    line = next(one for one in draft(SAMPLES["csv"], "new/x").text.splitlines() if "clients.Mystery" in one)
    assert '"TODO: decide"' in line
    assert "no known name is like 'Mystery'" in line


def test_a_name_whose_values_do_not_fit_is_not_believed():
    files = {"p.csv": b"ID,Surname,DOB\nR1,Ash,soon\nR2,Birch,later\n"}
    text = draft(files, "new/x").text
    assert "target: birthDate" not in text
    assert "but the values are no date" in text


def test_codes_are_never_guessed_their_words_become_a_stub():
    made = draft(SAMPLES["csv"], "new/x")
    assert "target: gender" not in made.text
    stub = json.loads(made.code_tables["gender.json"])
    assert stub["resourceType"] == "ConceptMap"
    assert stub["group"] == [{"element": [{"code": "F"}, {"code": "M"}]}]


def test_tables_join_by_the_column_they_share_and_the_unique_one_leads():
    text = draft(TABLES, "new/x").text
    assert "people: {file: people.csv, key: ID, one: true}" in text
    assert "allergies: {file: allergies.csv, key: ID}" in text
    assert text.index("people:") < text.index("allergies:")
    assert "create: AllergyIntolerance" in text


def test_tables_that_nothing_joins_are_not_forced_together():
    made = draft({"a.csv": b"ID,Surname\nR1,Ash\n", "b.csv": b"Thing,Colour\nX,red\n"}, "new/x")
    assert made.remarks == ("no column joins all the tables; only a is drafted: draft the others apart",)


def test_the_hl7_nhs_number_is_taken_by_its_type():
    assert 'source: "PID-3[5=NH].1", target: "identifier[nhs].value"' in draft(SAMPLES["hl7v2"], "new/x").text


def test_dates_of_a_workbook_are_dates():
    assert "target: birthDate, transform: {date: yyyy-MM-dd}" in draft(SAMPLES["xlsx"], "new/x").text


def test_a_draft_holds_no_value_of_anybody():
    text = draft(SAMPLES["csv"], "new/x").text
    for value in ("Proof", "9990000018", "07700", "1941", "XX1", "1001"):
        assert value not in text


def test_a_draft_never_overwrites(tmp_path):
    made = draft(SAMPLES["csv"], "new/x")
    out = tmp_path / "new" / "x.yaml"
    assert [path.name for path in written(made, out)] == ["x.yaml", "gender.json"]
    with pytest.raises(ContentError, match="is there already"):
        list(written(made, out))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no sample was given"),
        ({"a.csv": b"ID\n1\n", "b.json": b"{}"}, "of several kinds"),
        ({"a.bin": b"\x01\x00\x02\x00"}, "is none of"),
        ({"a.json": b"[1, 2]"}, "hold no object"),
        ({"a.csv": b"\n\n"}, "no table with a header"),
    ],
)
def test_samples_nothing_can_be_drafted_from(files, words):
    with pytest.raises(ContentError, match=words):
        draft(files, "new/x")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.txt", b"MSH|^~\\&|", "hl7v2"),
        ("a.txt", b"\xef\xbb\xbf<a/>", "xml"),
        ("a.txt", b" [1]", "json"),
        ("a.txt", b'{"a": 1}\n{"a": 2}\n', "ndjson"),
        ("a.jsonl", b'{"a": 1}\n', "ndjson"),
        ("a.txt", b"PK\x03\x04", "xlsx"),
        ("a.txt", b"a\tb\n1\t2\n", "csv"),
    ],
)
def test_content_tells_the_kind_not_the_name(name, data, kind):
    assert kind_of(name, data) == kind


# -- evidence ----------------------------------------------------------------------------------------------------------

EVIDENCE = yaml.safe_load((CASES / "evidence.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", EVIDENCE, ids=[case["desc"] for case in EVIDENCE])
def test_values_say_what_they_are(case):
    kinds = kinds_of([str(value) for value in case["values"]])
    if "not" in case:
        assert case["not"] not in [kind.name for kind in kinds]
        return
    best = max(kinds, key=lambda kind: kind.sure)
    assert best.name == case["kind"]
    assert best.argument == case.get("argument")
    assert case.get("says", "") in best.why


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["F", "M", "F", "F"], {"F": 3, "M": 1}),
        (["Ann", "Bob", "Cas", "Dot"], None),
        (["14/11/2026"] * 2 + ["15/11/2026"] * 2, None),
        (["F"] * 9, None),
        (["F", "M"], None),
    ],
)
def test_few_words_used_again_and_again_are_a_code_list(values, words):
    assert code_list(values) == words
