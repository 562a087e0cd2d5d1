"""There and back: the home's own files come out of the FHIR as they went in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from interop import narrative
from interop.json_codec import Json
from interop.mapping import Mapped, Mapping

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
JOURNEY = Path(__file__).parents[3] / "examples" / "red-bag-journey"
ONE_WAY = {
    "residents.csv": {"Room"},  # the home's own affair: not sent
}
RECORDS = (
    ("care-home/red-bag", "care-home", "*"),
    ("care-home/red-bag", "care-home-corrected", "*"),
    ("care-home/red-bag-json", "red-bag-json", "RH-014.json"),
    ("care-home/red-bag-json", "red-bag-json", "RH-022.json"),
    ("care-home/care-plan", "care-plan", "*.xlsx", "RH-014"),
    ("care-home/care-plan", "care-plan", "*.xlsx", "RH-022"),
    ("care-home/care-plan-json", "care-plan", "RH-014.json"),
    ("care-home/care-plan-json", "care-plan", "RH-022.json"),
    ("care-home/care-team", "care-team", "*.xlsx", "RH-014"),
    ("care-home/care-team", "care-team", "*.xlsx", "RH-022"),
    ("care-home/care-team-json", "care-team", "RH-014.json"),
    ("care-home/care-team-json", "care-team", "RH-022.json"),
)
NOT_SENT = ("resident.Room", "export")
"""What the mappings drop on purpose, each with its reason there."""
TABLES = (
    "residents.csv", "contacts.csv", "allergies.csv", "medicines.csv", "conditions.csv", "needs.csv",
    "observations.csv", "belongings.csv",
)  # fmt: skip


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_the_red_bag_comes_back_as_it_went(
    name: str, red_bag: Mapped, mapping: Callable[[str], Mapping]
) -> None:
    local = mapping("care-home/red-bag").reverse(red_bag.bundle())
    sent = rows((JOURNEY / "care-home" / name).read_bytes())
    back = rows(local.files[name])
    columns = set(sent[0]) - ONE_WAY.get(name, set())
    assert [{c: row.get(c, "") for c in columns} for row in back] == [
        {c: _plain(c, row[c]) for c in columns} for row in sent
    ]


def _plain(column: str, value: str) -> str:
    return value.replace(" ", "") if column == "NHS Number" else value


def test_the_assessments_come_back_as_they_went(red_bag: Mapped, mapping: Callable[[str], Mapping]) -> None:
    local = mapping("care-home/red-bag").reverse(red_bag.bundle())
    sent = json.loads((JOURNEY / "care-home" / "assessments.json").read_text(encoding="utf-8"))["residents"][0]
    back = json.loads(local.files["assessments.json"])["residents"][0]
    sent["safeguarding"].pop("detail")  # an empty cell says nothing
    assert back == sent


def test_a_hospital_s_discharge_becomes_the_home_s_own_files(
    discharge: Mapped, mapping: Callable[[str], Mapping]
) -> None:
    local = mapping("care-home/discharge").reverse(discharge.bundle())
    chart = {row["Medicine"]: row for row in rows(local.files["medicines.csv"])}
    assert {name.split()[0]: row["Change"] for name, row in chart.items()} == {
        "Levothyroxine": "Same",
        "Amlodipine": "Changed",
        "Donepezil": "Same",
        "Zopiclone": "Stopped",
        "Colecalciferol": "Same",
        "Paracetamol": "Same",
        "Macrogol": "Same",
        "Alendronic": "New",
    }
    amlodipine = chart["Amlodipine 5 mg tablets"]
    assert amlodipine["NHS Number"] == "9990000018"
    assert amlodipine["Dose"] == "5 mg"
    assert amlodipine["Directions"] == "5 mg, by mouth, once a day in the morning"
    assert amlodipine["Change Reason"].startswith("Dose halved from 10 mg")
    assert amlodipine["Last Given"] == "18/11/2026 08:05"
    (lost,) = (row for row in rows(local.files["belongings.csv"]) if row["Returned"] == "No")
    assert (lost["Item"], lost["Bag Number"]) == ("Hearing aid (left)", "RB-VNX01-03")
    first, *_ = rows(local.files["follow-up.csv"])
    assert (first["Who"], first["When"]) == ("GP practice", "25/11/2026")
    (summary,) = rows(local.files["discharge.csv"])
    assert summary["Surname"] == "Ashworth"
    assert summary["Discharged"] == "18/11/2026 14:10"
    assert summary["Clinical Summary"].startswith("Admitted after a fall")


def test_the_home_s_files_of_a_discharge_read_again_say_the_same(
    discharge: Mapped, mapping: Callable[[str], Mapping]
) -> None:
    home = mapping("care-home/discharge")
    local = home.reverse(discharge.bundle())
    (record,) = home.read(local.files).records
    again = home.reverse(home.apply(record, now=NEW_YEAR).bundle())
    assert again.files == local.files


@pytest.mark.parametrize("example", RECORDS, ids=" ".join)
def test_every_field_of_an_example_comes_back_and_nothing_else(
    example: tuple[str, ...], mapped: Callable[..., Mapped], mapping: Callable[[str], Mapping]
) -> None:
    sent = mapped(*example)
    local = mapping(example[0]).reverse(narrative.narrate(sent.bundle()))
    (again,) = mapping(example[0]).read(local.files)
    assert dict(told(again.tree)) == {
        path: value for path, value in told(sent.record.tree) if not path.startswith(NOT_SENT)
    }
    assert [str(loss) for loss in local.losses if not str(loss.expression).endswith("Provenance")] == []


@pytest.mark.parametrize("name", ["care-plan", "care-team"])
@pytest.mark.parametrize("key", ["RH-014", "RH-022"])
def test_the_example_workbook_holds_what_the_example_json_holds(
    name: str, key: str, mapped: Callable[..., Mapped]
) -> None:
    workbook = mapped(f"care-home/{name}", name, "*.xlsx", key).record.tree
    document = mapped(f"care-home/{name}-json", name, f"{key}.json").record.tree
    assert {path: value for path, value in told(workbook) if not path.endswith("].Resident ID")} == {
        path: value for path, value in told(document) if not path.startswith(NOT_SENT)
    } | {f"{table}.Resident ID": key for table in ("plan", "aboutMe") if workbook.get(table)}


def told(node: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value of a tree that says something, by its path; a number as it is written."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from told(value, f"{path}.{name}".lstrip("."))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from told(value, f"{path}[{number}]")
    elif node not in (None, ""):
        yield path, str(node).replace(" ", "") if path.endswith("NHS Number") else str(node)
