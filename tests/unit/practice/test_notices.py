"""Notices about stays: who is told what happened, and what a cancellation takes back."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interop import narrative
from interop.catalogue import Catalogue
from interop.cli.main import app
from interop.json_codec import JsonObject, dumps
from interop.practice.notices import Notice, StayNotices, notice
from interop.practice.stay import TRIGGERS, StayEvent, stay_of
from interop.reading import Document
from interop.translator import Translator

HOSPITAL = Path(__file__).parents[3] / "examples" / "stay-notices" / "hospital"
NAMES = {"RXE99": "St Elsewhere's Hospital"}
NOW = datetime(2026, 11, 19, tzinfo=UTC)


@cache
def translator() -> Translator:
    return Translator(Catalogue())


@cache
def _events() -> dict[str, JsonObject]:
    """The messages of the example by the number their file begins with."""
    files = {path.name: path.read_bytes() for path in sorted(HOSPITAL.iterdir())}
    made = {}
    for name, data in files.items():
        (found,) = translator().translate("hospital/adt", {name: data}, now=NOW)
        assert found.bundle is not None
        made[name[0]] = found.bundle
    return made


def event(number: str) -> Document:
    return Document.of(copy.deepcopy(_events()[number]))


def made(number: str, before: str | None = None) -> Notice:
    found = notice(event(number), event(before) if before else None, NAMES)
    assert found is not None
    return found


def composition(found: Notice) -> JsonObject:
    first: JsonObject = found.bundle["entry"][0]["resource"]
    return first


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("1", "Admitted to St Elsewhere's Hospital, ED, MAJORS, 04, 14 Nov 2026, 03:12"),
        ("2", "Moved to St Elsewhere's Hospital, W9, BAY 1, 01, 14 Nov 2026, 18:20"),
        ("3", "Not moved: still in St Elsewhere's Hospital, ED, MAJORS, 04, 14 Nov 2026, 18:40"),
        ("5", "Discharged from St Elsewhere's Hospital, W7, BAY 2, 03, 17 Nov 2026, 16:00"),
        ("6", "Not discharged: still in St Elsewhere's Hospital, W7, BAY 2, 03, 17 Nov 2026, 17:10"),
    ],
)
def test_a_notice_comes_down_to_one_sentence(number: str, told: str) -> None:
    assert made(number).told == told


@pytest.mark.parametrize("number", sorted(_events()))
def test_a_notice_is_valid_and_about_one_person(number: str) -> None:
    document = narrative.narrate(made(number).bundle)
    outcome = translator().judge(document, kind="stay-notice")
    assert [str(issue) for issue in outcome if issue.severity != "information"] == []


@pytest.mark.parametrize(
    ("cancellation", "cancelled"), [("3", "2"), ("6", "5"), ("9", "8")], ids=["move", "discharge", "admission"]
)
def test_a_cancellation_names_the_very_notice_it_cancels(cancellation: str, cancelled: str) -> None:
    later, earlier = made(cancellation, cancelled), made(cancelled)
    targets = [relation["targetIdentifier"]["value"] for relation in composition(later)["relatesTo"]]
    assert targets == [earlier.bundle["identifier"]["value"], composition(earlier)["identifier"]["value"]]
    assert later.exact


@pytest.mark.parametrize(("cancellation", "exact"), [("6", True), ("9", True), ("3", False)])
def test_without_the_earlier_message_the_stay_and_its_times_say_what_is_cancelled(
    cancellation: str, exact: bool
) -> None:
    alone = made(cancellation)
    assert alone.exact == exact
    last = composition(alone)["relatesTo"][-1]["targetIdentifier"]
    assert last["system"].endswith("/Id/stay-event")
    assert last["value"].startswith("RXE99/V202611")


def test_an_earlier_message_of_another_kind_is_not_what_is_cancelled() -> None:
    assert not made("3", "1").exact


def test_a_stay_whose_discharge_is_cancelled_goes_on() -> None:
    (stay,) = (e["resource"] for e in made("6").bundle["entry"] if e["resource"]["resourceType"] == "Encounter")
    assert stay["status"] == "in-progress"
    assert "end" not in stay["period"]


def test_the_home_and_the_practice_are_told_once() -> None:
    rule = StayNotices(NAMES)
    (first,), (again,) = rule(None, event("1"), NOW), rule(None, event("1"), datetime(2027, 1, 1, tzinfo=UTC))
    assert (first.kind, first.recipients) == ("stay-notice", ("care-home", "Y99901"))
    assert (first.key, first.bundle) == (again.key, again.bundle)


def test_two_discharges_of_one_stay_are_two_notices() -> None:
    (first,), (second,) = (StayNotices()(None, event(number), NOW) for number in ("5", "7"))
    assert first.key != second.key
    assert first.bundle["identifier"] != second.bundle["identifier"]


def test_a_practice_the_message_does_not_name_is_asked_of_the_persons_circle() -> None:
    admitted = event("1")
    del admitted.patient["generalPractitioner"]
    found = notice(admitted)
    assert found is not None
    assert found.recipients == ("care-home", "gp")


def test_an_update_and_a_document_tell_nothing_to_act_on() -> None:
    updated = event("1")
    updated.encounter["meta"]["tag"][0]["code"] = "A08"
    assert stay_of(updated) is None
    assert StayNotices()(None, updated, NOW) == ()
    assert notice(Document.of({"resourceType": "Bundle", "type": "document"})) is None


def test_every_trigger_is_an_event_and_every_event_has_a_trigger() -> None:
    assert set(TRIGGERS.values()) == set(StayEvent)


def test_the_page_says_first_what_happened_and_what_is_out_of_use() -> None:
    cancelled = narrative.page(made("6").bundle)
    assert "Not discharged: an earlier notice is cancelled" in cancelled
    assert "Take the earlier notice out of use: “discharged from hospital”, stay V20261114-0417." in cancelled
    left = narrative.page(made("7").bundle)
    assert "Discharged from hospital" in left
    assert "Non-NHS (other than Local Authority) run Care Home (code 85)" in left
    assert "It is not a discharge summary" in left


def test_a_death_is_never_called_a_discharge() -> None:
    died = event("7")
    died.encounter["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] = "4"
    found = notice(died, None, NAMES)
    assert found is not None
    assert found.told.startswith("Died in St Elsewhere's Hospital")
    shown = narrative.page(found.bundle)
    assert "Died in hospital" in shown
    assert "Discharged from hospital" not in shown


def test_the_command_writes_a_notice_and_a_page_for_each_event(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    for number in ("5", "6"):
        (tmp_path / "events" / f"{number}.json").write_bytes(dumps(_events()[number]))
    out = tmp_path / "out"
    told = CliRunner().invoke(app, ["care", "notices", str(tmp_path / "events"), "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert "MRS EDITH MAY ASHWORTH, NHS number 999 000 0018: Not discharged: still in RXE99" in told.output
    assert {path.name for path in out.iterdir()} == {
        "01-discharged.json", "01-discharged.html", "02-discharge-cancelled.json", "02-discharge-cancelled.html",
    }  # fmt: skip


def test_the_command_tells_a_cancellation_that_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "3.json").write_bytes(dumps(_events()["3"]))
    told = CliRunner().invoke(app, ["care", "notices", str(tmp_path / "3.json")])
    assert told.exit_code == 1
    assert "known by its stay alone" in told.output


def test_the_command_finds_nothing_in_a_document(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(dumps({"resourceType": "Bundle", "type": "document"}))
    assert CliRunner().invoke(app, ["care", "notices", str(tmp_path / "x.json")]).exit_code == 3
