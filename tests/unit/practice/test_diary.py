"""The care diary: late and missed follow from window, grace and clock; a missed visit alerts once and is taken back."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from interop import narrative
from interop.catalogue import Catalogue
from interop.json_codec import Json, JsonObject
from interop.narrative.diary_page import diary_page
from interop.practice.diary import State, patterns, state, visits
from interop.practice.diary_alerts import CORRECTED, MISSED, diary_alerts, diary_follow_ups, next_deadline
from interop.reading import Document
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "care-diary"
CASES = yaml.safe_load((ROOT / "tests" / "cases" / "diary" / "states.yaml").read_text(encoding="utf-8"))
LONDON = ZoneInfo("Europe/London")
GRACE = "https://interop.example/fhir/StructureDefinition/visit-grace"


@cache
def translator() -> Translator:
    return Translator(Catalogue())


@cache
def diary(folder: str) -> Document:
    files = {path.name: path.read_bytes() for path in (EXAMPLES / folder).iterdir()}
    (found,) = translator().translate("care-home/diary", files, now=datetime(2026, 11, 28, tzinfo=UTC))
    assert found.bundle is not None
    return Document.of(found.bundle)


def at(words: str) -> datetime:
    found = datetime.fromisoformat(words)
    return found if found.tzinfo else found.replace(tzinfo=LONDON)


def promised(case: Mapping[str, Json], number: str = "V-1") -> list[JsonObject]:
    appointment: JsonObject = {
        "resourceType": "Appointment",
        "id": number,
        "identifier": [{"system": "https://interop.example/Id/visit-id", "value": number}],
        "status": case.get("standing", "booked"),
        "participant": [{"actor": {"display": "Hannah Okafor"}, "status": "accepted"}],
    }
    for name, member in (("from", "start"), ("to", "end")):
        if name in case:
            appointment[member] = at(case[name]).isoformat()
    if "grace" in case:
        appointment["extension"] = [{"url": GRACE, "valueInteger": case["grace"]}]
    made = [appointment]
    if "came" in case:
        period = {"start": at(case["came"]).isoformat()}
        reference = [{"reference": f"Appointment/{number}"}]
        made.append({"resourceType": "Encounter", "status": "finished", "appointment": reference, "period": period})
    return made


def holding(*resources: JsonObject) -> Document:
    return Document.of({"resourceType": "Bundle", "type": "document", "entry": [{"resource": r} for r in resources]})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_what_a_visit_is_at_a_moment(case: Mapping[str, Json]) -> None:
    (visit,) = visits(holding(*promised(case)))
    assert str(state(visit, at(case["now"]))) == case["is"]


def test_a_visit_never_turns_back_while_the_clock_runs() -> None:
    (visit,) = visits(holding(*promised({"from": "2026-11-27T09:00", "to": "2026-11-27T11:00"})))
    order = [State.PLANNED, State.DUE, State.LATE, State.MISSED]
    seen = [state(visit, datetime(2026, 11, 27, h, m, tzinfo=UTC)) for h in range(8, 14) for m in range(0, 60, 5)]
    assert [order.index(one) for one in seen] == sorted(order.index(one) for one in seen)
    assert set(seen) == set(order)


NOON = datetime(2026, 11, 27, 12, 0, tzinfo=LONDON)


def test_the_example_alerts_for_the_two_visits_nobody_made() -> None:
    made = diary_alerts(None, diary("today"), NOON)
    assert [(one.kind, one.recipients) for one in made] == [(MISSED, ()), (MISSED, ("RXN98",))]
    for words in (
        "by 11:30",
        "“Leg dressing”",
        "09:00 to 11:00",
        "Hannah Okafor",
        "01632 960310",
        "Edie",
    ):
        assert words in made[1].reason


def test_a_missed_visit_alerts_once_however_often_it_is_seen() -> None:
    first = diary_alerts(None, diary("today"), NOON)
    again = diary_alerts(diary("today"), diary("today"), datetime(2026, 11, 27, 18, 0, tzinfo=LONDON))
    assert {one.key for one in first} < {one.key for one in again}
    same = {one.key: one.bundle["identifier"] for one in first}
    assert {one.key: one.bundle["identifier"] for one in again if one.key in same} == same


def test_a_visit_promised_anew_and_missed_again_is_another_alert() -> None:
    moved = copy.deepcopy(diary("today").bundle)
    for entry in moved["entry"]:
        if entry["resource"]["resourceType"] == "Appointment":
            entry["resource"]["end"] = entry["resource"]["end"].replace("T11:00", "T11:15")
    first = {one.key for one in diary_alerts(None, diary("today"), NOON)}
    assert len({one.key for one in diary_alerts(None, Document.of(moved), NOON)} - first) == 1


def test_a_visit_entered_later_takes_the_alert_back_once() -> None:
    made = diary_alerts(diary("today"), diary("next-day"), datetime(2026, 11, 28, 10, 0, tzinfo=LONDON))
    (corrected,) = (one for one in made if one.kind == CORRECTED)
    assert "Company and the crossword" in corrected.reason
    assert "Ruth Levy came 26 Nov 2026, 15:10" in corrected.reason
    assert "no longer stands" in corrected.reason
    later = diary_alerts(diary("next-day"), diary("next-day"), datetime(2026, 11, 28, 11, 0, tzinfo=LONDON))
    assert [one for one in later if one.kind == CORRECTED] == []


def test_a_visit_that_was_never_counted_as_missed_is_not_taken_back() -> None:
    """Entered before its grace was over: nobody had been told anything."""
    before = holding(*promised({"from": "2026-11-27T09:00", "to": "2026-11-27T11:00"}))
    case = {"from": "2026-11-27T09:00", "to": "2026-11-27T11:00", "came": "2026-11-27T10:00"}
    after = holding({"resourceType": "Composition", "date": "2026-11-27T11:10:00+00:00"}, *promised(case))
    assert diary_alerts(before, after, NOON) == []


def test_every_alert_is_a_valid_document_that_says_its_sentence_first() -> None:
    for one in diary_alerts(diary("today"), diary("next-day"), datetime(2026, 11, 28, 10, 0, tzinfo=LONDON)):
        told = narrative.narrate(one.bundle)
        assert [str(issue) for issue in translator().judge(told, kind=one.kind).errors] == []
        page = narrative.page(one.bundle)
        assert 0 < page.index("Edie") < page.index("From Rosewood House", page.index("<main>"))


def test_three_missed_visits_of_one_organisation_in_a_week_are_one_pattern() -> None:
    role = {"resourceType": "PractitionerRole", "id": "r", "organization": {"display": "Care at Home"}}
    entries: list[JsonObject] = [role]
    for day in range(1, 6):
        case = {"from": f"2026-11-0{day}T09:00", "to": f"2026-11-0{day}T10:00"}
        (appointment,) = promised(case, f"V-{day}")
        appointment["participant"][0]["actor"] = {"reference": "PractitionerRole/r"}
        entries.append(appointment)
    known = visits(holding(*entries))
    found = {}
    for day in (2, 3, 4, 5):
        for one in patterns(known, datetime(2026, 11, day, 23, tzinfo=UTC)):
            found.setdefault(one.third.number, []).append(len(one.missed))
    assert found == {"V-3": [3, 4, 5]}
    keys = {
        one.key
        for day in (3, 4, 5)
        for one in diary_alerts(None, holding(*entries), datetime(2026, 11, day, 23, tzinfo=UTC))
        if "within a week" in one.reason
    }
    assert len(keys) == 1


def test_the_page_says_today_and_the_week_and_what_is_missed() -> None:
    page = diary_page(diary("today").bundle, at=NOON)
    assert page.index("MISSED") < page.index("Today") < page.index("Monday 23 Nov 2026")
    for words in ("done, 20 min late", "10:00 to 10:40 (Sam Lowe)", "Moved to the meeting of 17 December"):
        assert words in page


def test_every_diary_of_a_person_counts_and_the_later_says_more() -> None:
    both = [diary("today"), diary("next-day")]
    moment = datetime(2026, 11, 28, 10, 0, tzinfo=LONDON)
    made = diary_follow_ups(both, moment)
    assert {one.key for one in made} == {one.key for one in diary_alerts(*both, moment)}
    assert diary_follow_ups([], moment) == []


def test_a_visit_left_out_of_a_later_diary_is_not_one_that_was_made() -> None:
    shorter = copy.deepcopy(diary("today").bundle)
    shorter["entry"] = [e for e in shorter["entry"] if "V-106" not in str(e["resource"].get("identifier"))]
    made = diary_follow_ups([diary("today"), Document.of(shorter)], NOON)
    assert any("Leg dressing" in one.reason for one in made)


def test_the_node_is_asked_again_at_the_next_deadline_and_not_before() -> None:
    nine = datetime(2026, 11, 27, 9, 30, tzinfo=LONDON)
    again = next_deadline(diary("today"), nine)
    assert again is not None
    assert again.astimezone(LONDON).strftime("%d %H:%M:%S") == "27 11:30:01"
    assert "Leg dressing" not in " ".join(one.reason for one in diary_alerts(None, diary("today"), nine))
    assert "Leg dressing" in " ".join(one.reason for one in diary_alerts(None, diary("today"), again))
    assert next_deadline(diary("today"), datetime(2026, 12, 1, tzinfo=UTC)) is None
