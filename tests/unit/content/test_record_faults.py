"""One thing made wrong in a red bag, a care plan or a web of care: the finding names it where its owner wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from interop.json_codec import Json
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
CASES = yaml.safe_load((ROOT / "tests" / "cases" / "content" / "care-home-faults.yaml").read_text(encoding="utf-8"))
FOLDERS = {"red-bag": "red-bag-json", "care-plan": "care-plan", "care-team": "care-team"}
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def spoilt(case: Mapping[str, Json]) -> bytes:
    record = json.loads((ROOT / "examples" / FOLDERS[case["base"]] / "RH-014.json").read_text(encoding="utf-8"))
    *steps, last = (int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", case["set"]))
    node: Json = record
    for step in steps:
        node = node[step]
    if case.get("gone"):
        del node[last]
    else:
        node[last] = case["to"]
    return json.dumps(record).encode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_a_fault_is_told_where_it_stands(case: Mapping[str, Json], translator: Translator) -> None:
    files = {"RH-014.json": spoilt(case)}
    (found,) = translator.translate(f"care-home/{case['base']}-json", files, now=NOW)
    severity = case.get("severity", "error")
    told = {(issue.code, str(issue.source)) for issue in found.outcome if issue.severity == severity}
    assert (case["code"], f"RH-014.json {case['at']}") in told
    assert found.sendable == (severity != "error")


HOSPITAL = ROOT / "examples" / "red-bag-journey" / "hospital"


def discharge_without(translator: Translator, *path: str | int) -> set[tuple[str, str]]:
    record = json.loads((HOSPITAL / "discharge.json").read_text(encoding="utf-8"))
    node: Json = record
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]
    (found,) = translator.translate("hospital/discharge", {"discharge.json": json.dumps(record).encode()}, now=NOW)
    return {(issue.code, str(issue.source)) for issue in found.outcome.errors}


def test_a_medicine_nobody_compared_is_told_at_its_row_and_at_nothing_else(translator: Translator) -> None:
    told = discharge_without(translator, "medicines", 0, "change")
    assert told
    assert {place for _, place in told} == {"discharge.json $.medicines[0].change"}


def test_a_stay_without_belongings_is_no_fault(translator: Translator) -> None:
    assert discharge_without(translator, "belongings") == set()


def test_every_error_about_a_document_without_its_person_points_into_the_file(translator: Translator) -> None:
    told = discharge_without(translator, "patient")
    assert {place.partition(" ")[0] for _, place in told} == {"discharge.json"}


def test_a_birth_date_missing_from_a_message_is_told_at_its_field(translator: Translator) -> None:
    message = (HOSPITAL / "adt-a03.hl7").read_bytes().replace(b"||19380814|", b"|||")
    (found,) = translator.translate("hospital/adt", {"adt-a03.hl7": message}, now=NOW)
    assert {str(issue.source) for issue in found.outcome.errors} == {"adt-a03.hl7 PID-7.1"}


def test_a_table_of_headings_only_is_an_error(translator: Translator) -> None:
    folder = ROOT / "examples" / "red-bag-journey" / "care-home"
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    files["residents.csv"] = files["residents.csv"].splitlines(keepends=True)[0]
    (found,) = translator.translate("care-home/red-bag", files, now=NOW)
    assert found.record is None
    assert [issue.code for issue in found.outcome.errors] == ["source-empty"]


def test_a_file_that_is_no_workbook_says_so_once(translator: Translator) -> None:
    (found,) = translator.translate("care-home/care-plan", {"care-plans.xlsx": b"hello"}, now=NOW)
    assert [issue.code for issue in found.outcome] == ["xlsx-not-a-workbook"]


def test_two_faults_are_both_told_each_at_its_place(translator: Translator) -> None:
    record = json.loads((HOSPITAL / "discharge.json").read_text(encoding="utf-8"))
    del record["diagnoses"], record["registeredPractice"]
    (found,) = translator.translate("hospital/discharge", {"discharge.json": json.dumps(record).encode()}, now=NOW)
    said = {str(issue.source).rpartition(" ")[2]: issue.text for issue in found.outcome.errors}
    assert "Diagnoses is missing" in said["$.diagnoses"]
    assert "an ODS code is needed" in said["$.registeredPractice.odsCode"]
