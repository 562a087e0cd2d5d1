"""The example inputs: nobody in them exists, and the deliberate faults are exactly three."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from interop.identifiers import nhs_number_fault

EXAMPLES = Path(__file__).parents[3] / "examples"
JOURNEY = EXAMPLES / "red-bag-journey"
FILES = sorted(path for path in EXAMPLES.rglob("*") if path.suffix in (".csv", ".json", ".hl7"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_every_nhs_number_is_from_the_test_range_and_right_unless_meant_to_be_wrong(path: Path) -> None:
    for number in re.findall(r"\b999 ?\d{3} ?\d{4}\b", path.read_text(encoding="utf-8")):
        wrong = nhs_number_fault(number.replace(" ", "")) is not None
        assert wrong == (path.parent.name == "care-home-bad")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_every_telephone_number_is_from_a_range_kept_for_drama(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"(?<![\d-])(?:0|\+44 ?)\d{4} ?\d{6}\b", text)
    assert all(re.fullmatch(r"01632 ?960\d{3}|(?:0|\+44 ?)7700 ?900\d{3}", number) for number in found)


def test_the_bad_export_differs_from_the_corrected_one_in_three_places() -> None:
    bad, good = JOURNEY / "care-home-bad", JOURNEY / "care-home-corrected"
    differing = {path.name for path in bad.iterdir() if path.read_bytes() != (good / path.name).read_bytes()}
    assert differing == {"residents.csv", "allergies.csv"}
    (wrong,), (right,) = rows(bad / "residents.csv"), rows(good / "residents.csv")
    assert {column for column in wrong if wrong[column] != right[column]} == {"NHS Number", "DOB"}
    assert rows(bad / "allergies.csv") == []
    assert [row["Substance"] for row in rows(good / "allergies.csv")] == ["No known allergies"]


def test_the_discharge_changes_one_medicine_starts_one_and_stops_one() -> None:
    chart = {row["Medicine"].split()[0] for row in rows(JOURNEY / "care-home" / "medicines.csv")}
    discharge = json.loads((JOURNEY / "hospital" / "discharge.json").read_text(encoding="utf-8"))
    changes = {medicine["name"].split()[0]: medicine["change"] for medicine in discharge["medicines"]}
    assert sorted(change for change in changes.values() if change != "same") == ["changed", "new", "stopped"]
    assert {name for name, change in changes.items() if change != "new"} == chart
    missing = [item["name"] for item in discharge["belongings"]["items"] if not item["returned"]]
    assert missing == ["Hearing aid (left)"]
