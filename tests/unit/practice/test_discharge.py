"""Discharge summaries: which version holds, what is too old to be relied on, what somebody has to chase."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interop.catalogue import Catalogue
from interop.cli.main import app
from interop.json_codec import JsonObject, dumps
from interop.narrative import page
from interop.outcome import Severity
from interop.practice.discharge import asked, discharge_issues, supplies
from interop.practice.discharge_differences import differences
from interop.practice.discharge_versions import standings, version_issues
from interop.reading import Document
from interop.translator import Translator

EXAMPLES = Path(__file__).parents[3] / "examples"
HOSPITAL = EXAMPLES / "red-bag-journey" / "hospital"
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)


@cache
def translator() -> Translator:
    return Translator(Catalogue())


@cache
def _made(mapping: str, path: Path) -> JsonObject:
    (found,) = translator().translate(mapping, {path.name: path.read_bytes()}, now=NOW)
    assert found.bundle is not None
    return found.bundle


def first() -> JsonObject:
    return copy.deepcopy(_made("hospital/discharge", HOSPITAL / "discharge.json"))


def second() -> JsonObject:
    return copy.deepcopy(_made("hospital/discharge", EXAMPLES / "discharge" / "edith-ashworth-v2.json"))


def left() -> JsonObject:
    """The discharge event of the same stay."""
    return copy.deepcopy(_made("hospital/adt", HOSPITAL / "adt-a03.hl7"))


def codes(*bundles: JsonObject) -> list[str]:
    return [issue.code for issue in version_issues([Document.of(bundle) for bundle in bundles])]


def test_the_later_version_takes_the_place_of_the_earlier() -> None:
    earlier, later = standings([Document.of(second()), Document.of(first())])
    assert (earlier.summary.version, later.summary.version) == ("1", "2")
    assert earlier.replaced_by is later.summary
    assert later.current
    assert codes(second(), first()) == []


def test_the_replaced_one_is_meant_by_its_own_identifier() -> None:
    earlier, later = standings([Document.of(first()), Document.of(second())])
    assert later.summary.replaces is not None
    assert later.summary.replaces.identifier == earlier.summary.identifier


def test_a_replacement_alone_says_what_it_replaces_and_is_no_fault() -> None:
    (issue,) = version_issues([Document.of(second())])
    assert (issue.code, issue.severity) == ("discharge-replaced-not-here", Severity.INFORMATION)
    assert "18 Nov 2026, 14:20" in issue.text


def unrelated(bundle: JsonObject) -> None:
    del bundle["entry"][0]["resource"]["relatesTo"]


def backdated(bundle: JsonObject) -> None:
    bundle["entry"][0]["resource"]["date"] = "2026-11-18T09:00:00+00:00"


def not_counted_up(bundle: JsonObject) -> None:
    bundle["entry"][0]["resource"]["extension"][0]["valueString"] = "1"


def somebody_else(bundle: JsonObject) -> None:
    patient = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    patient["identifier"][0]["value"] = "9990000034"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (unrelated, "discharge-two-current"),
        (backdated, "discharge-version-order"),
        (not_counted_up, "discharge-version-order"),
        (somebody_else, "discharge-replaces-other-person"),
    ],
)
def test_what_does_not_fit_between_two_versions_is_an_error(change: Callable[[JsonObject], None], code: str) -> None:
    changed = second()
    change(changed)
    assert code in codes(first(), changed)


def test_a_summary_written_after_the_person_left_includes_the_leaving() -> None:
    assert codes(first(), left()) == []


def test_a_summary_older_than_an_event_of_its_stay_is_refused_in_plain_words() -> None:
    late = left()
    encounter = next(e["resource"] for e in late["entry"] if e["resource"]["resourceType"] == "Encounter")
    encounter["period"]["end"] = "2026-11-18T17:30:00+00:00"
    (issue,) = version_issues([Document.of(first()), Document.of(late)])
    assert issue.code == "discharge-older-than-event"
    assert issue.severity is Severity.ERROR
    assert "older than what happened on 18 Nov 2026, 17:30" in issue.text


def test_an_event_of_another_stay_is_no_concern() -> None:
    late = left()
    encounter = next(e["resource"] for e in late["entry"] if e["resource"]["resourceType"] == "Encounter")
    encounter["period"]["end"] = "2026-11-18T17:30:00+00:00"
    encounter["identifier"][0]["value"] = "V20261201-0001"
    assert codes(first(), late) == []


def test_a_supply_says_how_long_it_lasts() -> None:
    found = {supply.medicine: supply for supply in supplies(Document.of(second()))}
    amlodipine = found["Amlodipine 5 mg tablets"]
    assert (amlodipine.amount, amlodipine.days, amlodipine.runs_out) == ("14 tablets", 14, "2026-12-02")
    assert amlodipine.handed_to == "Grace Adeyemi, Rosewood House"
    assert set(found) == {"Amlodipine 5 mg tablets", "Alendronic acid 70 mg tablets"}


@pytest.mark.parametrize(("day", "warned"), [("2026-11-28", False), ("2026-11-29", True), ("2026-12-03", True)])
def test_a_supply_is_told_three_days_before_it_ends(day: str, warned: bool) -> None:
    now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    told = [issue.text for issue in discharge_issues(Document.of(second()), now) if "runs out" in issue.text]
    assert bool(told) == warned


def test_a_started_medicine_without_supply_is_told() -> None:
    bundle = second()
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "MedicationStatement":
            resource["extension"] = [e for e in resource["extension"] if not e["url"].endswith("supply-days")]
    bundle["entry"] = [e for e in bundle["entry"] if e["resource"]["resourceType"] != "MedicationDispense"]
    told = [i.text for i in discharge_issues(Document.of(bundle), NOW) if i.code == "discharge-no-supply"]
    assert [text.split(" was ")[0] for text in told] == ["Amlodipine 5 mg tablets", "Alendronic acid 70 mg tablets"]


def test_what_is_asked_for_stands_soonest_first_and_is_overdue_when_its_day_is_over() -> None:
    document = Document.of(second())
    on_the_day = asked(document, datetime(2026, 11, 25, 23, tzinfo=UTC))
    after = asked(document, datetime(2026, 11, 26, 1, tzinfo=UTC))
    assert [one.by for one in after] == ["2026-11-20", "2026-11-25", "2026-11-26", "2026-11-30"]
    assert [one.overdue for one in on_the_day] == [True, False, False, False]
    assert [one.overdue for one in after] == [True, True, False, False]


def test_a_correction_says_what_it_says_otherwise() -> None:
    told = [difference.told for difference in differences(Document.of(first()), Document.of(second()))]
    assert [line for line in told if line.startswith(("medicine", "allergy", "asked", "diagnosis"))] == []
    assert "finding: Urine culture is new: E. coli, sensitive to nitrofurantoin" in told
    amount = "supply: Amlodipine 5 mg tablets: was amount not said, runs out 2 Dec 2026; now 14 tablets"
    assert f"{amount}, runs out 2 Dec 2026" in told


def test_a_dose_that_was_put_right_stands_first() -> None:
    changed = second()
    for entry in changed["entry"]:
        if "dosage" in entry["resource"] and "Amlodipine" in entry["resource"]["medicationCodeableConcept"]["text"]:
            entry["resource"]["dosage"][0]["text"] = "2.5 mg, by mouth, once a day in the morning"
    first_told = differences(Document.of(first()), Document.of(changed))[0]
    assert (first_told.about, first_told.subject) == ("medicine", "Amlodipine 5 mg tablets")
    assert "was changed, 5 mg, by mouth" in first_told.told
    assert "now changed, 2.5 mg" in first_told.told


def test_what_is_gone_is_told_as_gone() -> None:
    shorter = second()
    shorter["entry"] = [
        e
        for e in shorter["entry"]
        if e["resource"]["resourceType"] != "AllergyIntolerance" or e["resource"]["code"]["text"] != "Penicillin"
    ]
    told = [difference.told for difference in differences(Document.of(second()), Document.of(shorter))]
    assert told == ["allergy: Penicillin is no longer there (was: Rash and swelling of the face)"]


def test_two_readings_of_one_summary_do_not_differ() -> None:
    assert differences(Document.of(second()), Document.of(second())) == ()


def test_the_page_says_which_summary_is_out_of_use_and_what_came_with_the_person() -> None:
    shown = page(second())
    assert "This summary replaces the summary of 18 Nov 2026, 14:20 (version 1)" in shown
    assert "What is put right: The urine culture came back after she had left" in shown
    assert "It includes what happened up to 19 Nov 2026, 09:30" in shown
    assert "Do not use the 10 mg tablets kept at the home" in shown
    assert "Before: 10 mg once a day in the morning" in shown
    assert "This summary replaces" not in page(first())


def test_the_command_tells_which_version_holds_and_what_to_chase(tmp_path: Path) -> None:
    for name, bundle in (("v1.json", first()), ("v2.json", second())):
        (tmp_path / name).write_bytes(dumps(bundle))
    told = CliRunner().invoke(app, ["care", "discharge", str(tmp_path), "--at", "2026-11-30"])
    assert told.exit_code == 1, told.output
    assert "out of use: replaced by version 2" in told.output
    assert "differs   finding: Urine culture is new" in told.output
    assert "OVERDUE   Check standing and lying blood pressure" in told.output
    fine = CliRunner().invoke(app, ["care", "discharge", str(tmp_path / "v2.json"), "--at", "2026-11-19", "-o", "json"])
    assert fine.exit_code == 0, fine.output
    assert json.loads(fine.stdout)["summaries"][0]["replaces"]["version"] == "1"


def test_the_command_finds_no_summary_in_something_else(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(dumps(left()))
    assert CliRunner().invoke(app, ["care", "discharge", str(tmp_path / "x.json")]).exit_code == 3
