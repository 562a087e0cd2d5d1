"""``interop validate``: text for people, files for CI systems, and codes explained."""

from __future__ import annotations

import json

import pytest
from lxml import etree

BAD = '{\n  "resourceType": "Patient",\n  "gender": "woman"\n}'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.json").write_text(BAD, encoding="utf-8")
    (tmp_path / "in" / "fine.json").write_text('{"resourceType": "Patient", "active": true}', encoding="utf-8")
    return tmp_path / "in"


def test_a_finding_is_shown_with_its_line_and_a_caret(interop, folder):
    told = interop("validate", folder / "bad.json")
    assert told.code == 1
    lines = told.out.splitlines()
    assert lines[0] == f"{folder / 'bad.json'} invalid: 1 error"
    assert '       3 │ "gender": "woman"' in lines
    assert "         │ ^^^^^^^^^^^^^^^^^" in lines
    assert "--explain CODE" in told.err


def test_a_file_that_is_fine_says_so_and_nothing_else(interop, folder):
    told = interop("validate", folder / "fine.json")
    assert (told.code, told.out) == (0, f"{folder / 'fine.json'} valid: nothing found\n")
    assert told.err == ""


def test_a_folder_and_a_file_in_it_are_each_checked_once(interop, folder):
    told = interop("validate", folder, folder / "bad.json", "--output", "json")
    assert list(told.json()["files"]) == [str(folder / "bad.json"), str(folder / "fine.json")]


def test_files_of_one_name_in_two_folders_are_two_files(interop, folder, tmp_path):
    (tmp_path / "bad.json").write_text(BAD, encoding="utf-8")
    told = interop("validate", folder / "bad.json", tmp_path / "bad.json", "--output", "json")
    assert len(told.json()["files"]) == 2


def test_json_by_either_name_is_the_outcome_with_places(interop, folder):
    one, other = (interop("validate", folder / "bad.json", option, "json") for option in ("--output", "--format"))
    assert one.json() == other.json()
    assert one.json()["issue"][0]["location"] == ["Line[3] Col[3]"]


@pytest.mark.parametrize(
    ("name", "form", "begins"),
    [
        ("r.html", None, "<!doctype html>"),
        ("r.sarif", None, '{\n  "$schema"'),
        ("r.xml", None, "<?xml"),
        ("r.txt", None, "/"),
        ("r.json", None, '{\n  "files"'),
        ("r.json", "sarif", '{\n  "$schema"'),
        ("r.out", "junit", "<?xml"),
    ],
)
def test_a_report_goes_into_a_file_and_the_console_still_tells(interop, folder, tmp_path, name, form, begins):
    told = interop("validate", folder, "--report", tmp_path / name, *(("--format", form) if form else ()))
    assert told.code == 1
    assert (tmp_path / name).read_text(encoding="utf-8").lstrip("\n").startswith(begins)
    assert "code-not-in-value-set" in told.out
    assert f"wrote {tmp_path / name}" in told.err.replace("\n", "")


def test_a_form_without_a_file_goes_to_standard_output_alone(interop, folder):
    sarif = interop("validate", folder, "--format", "sarif")
    assert sarif.code == 1
    assert sarif.json()["runs"][0]["results"][0]["ruleId"] == "code-not-in-value-set"
    junit = interop("validate", folder, "--format", "junit")
    assert etree.fromstring(junit.out.encode()).get("failures") == "1"
    assert interop("validate", folder, "--format", "html").out.endswith("</html>\n")


def test_a_file_that_cannot_be_read_as_fhir_has_its_place_too(interop, tmp_path):
    (tmp_path / "broken.json").write_text('{"resourceType": "Patient",\n "active": tru}', encoding="utf-8")
    told = interop("validate", tmp_path / "broken.json")
    assert told.code == 3
    assert "at line 2 column 12" in told.out
    assert '       2 │ "active": tru}' in told.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no file is named"),
        (("{tmp}/none.json",), "does not exist"),
        (("{tmp}/in", "--report", "{tmp}/report.pdf"), "add --format"),
        (("{tmp}/in", "--format", "pdf"), "pdf"),
    ],
)
def test_a_wrong_call_is_usage_and_writes_nothing(interop, folder, tmp_path, words, said):
    told = interop("validate", *(word.format(tmp=tmp_path) for word in words))
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]


def test_a_code_is_explained(interop):
    told = interop("validate", "--explain", "cardinality")
    assert told.code == 0
    for heading in ("What it means", "Why it matters", "How to fix it", "https://hl7.org/fhir/R4/"):
        assert heading in told.out
    (entry,) = interop("validate", "--explain", "cardinality", "--output", "json").json()["codes"]
    assert set(entry) == {"code", "type", "means", "matters", "fix", "spec"}


def test_without_a_code_all_are_listed(interop):
    told = interop("validate", "--explain")
    assert told.out == interop("validate", "--explain", "all").out
    assert len(told.out.splitlines()) == len(interop("validate", "--explain", "-o", "json").json()["codes"]) > 100


def test_a_mistyped_code_is_recognised(interop):
    told = interop("validate", "--explain", "cardinalty")
    assert (told.code, told.out) == (2, "")
    assert "did you mean 'cardinality'" in told.err


def test_a_terminology_server_that_is_away_is_said_and_stops_nothing(interop, tmp_path):
    coding = {"system": "http://snomed.info/sct", "code": "73211009"}
    condition = {"resourceType": "Condition", "code": {"coding": [coding]}, "subject": {"display": "somebody"}}
    file = tmp_path / "condition.json"
    file.write_text(json.dumps(condition), encoding="utf-8")
    ran = interop("validate", file, "--terminology-server", "http://127.0.0.1:9")
    assert ran.code == 0
    assert "http://127.0.0.1:9 gave no answer" in ran.err


def test_a_terminology_server_needs_an_address(interop, tmp_path):
    file = tmp_path / "patient.json"
    file.write_text('{"resourceType": "Patient"}', encoding="utf-8")
    ran = interop("validate", file, "--terminology-server", "ftp://x")
    assert ran.code == 2
    assert "terminology.example" in ran.err
