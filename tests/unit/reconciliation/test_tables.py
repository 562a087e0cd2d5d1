"""Both comparisons as CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from interop.reconciliation import as_tables


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def test_the_story_as_tables(red_bag: dict, discharge: dict) -> None:
    tables = as_tables(red_bag, discharge)
    assert list(tables) == ["medicines-compared.csv", "belongings-compared.csv"]
    drugs, things = (read(data) for data in tables.values())
    amlodipine = next(row for row in drugs if row["Medicine"].startswith("Amlodipine"))
    assert amlodipine["Change"] == "Changed"
    assert amlodipine["Before"].startswith("10 mg")
    assert amlodipine["Now"].startswith("5 mg")
    assert amlodipine["What changed"] == "dose: 10 mg before, 5 mg now"
    assert [row["Item"] for row in things if row["Status"] == "Missing"] == ["Hearing aid (left)"]


def test_a_left_out_medicine_is_not_listed_and_asked_about(red_bag: dict, build: Callable[..., dict]) -> None:
    drugs = read(as_tables(red_bag, build())["medicines-compared.csv"])
    assert {row["Change"] for row in drugs} == {"Not listed"}
    assert all("ask whether it was stopped" in row["Ask"] for row in drugs)


def test_a_cell_never_runs_as_a_formula(build: Callable[..., dict]) -> None:
    medicine = {"resourceType": "MedicationStatement", "medicationCodeableConcept": {"text": "=1+1"}}
    (row,) = read(as_tables(build(), build(medicine))["medicines-compared.csv"])
    assert row["Medicine"] == "'=1+1"
