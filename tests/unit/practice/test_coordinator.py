"""One named care co-ordinator: a change is told to every organisation around, once; the history has no holes."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop import narrative
from interop.catalogue import Catalogue
from interop.json_codec import JsonObject
from interop.practice.coordinator import KIND, coordinator_notices, handover, history
from interop.practice.follow_up import FollowUp
from interop.reading import Document
from interop.reading.nodes import text
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
AFTER = json.loads((ROOT / "examples" / "care-team" / "RH-014.json").read_text(encoding="utf-8"))
BEFORE = json.loads((ROOT / "examples" / "coordinator-change" / "before" / "RH-014.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 9, 2, 11, 0, tzinfo=UTC)


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def web(record: JsonObject) -> Document:
    (found,) = translator().translate("care-home/care-team-json", {"x.json": json.dumps(record).encode()}, now=NOW)
    assert found.bundle is not None
    return Document.of(found.bundle)


@cache
def notices() -> tuple[FollowUp, ...]:
    return tuple(coordinator_notices(web(BEFORE), web(AFTER), NOW))


def test_every_organisation_with_a_code_is_told_and_the_one_that_made_the_change_is_not() -> None:
    assert [one.recipients for one in notices()] == [("Y99901",), ("RXN98",), ("RXN97",), ("E99801",), ()]
    assert {one.kind for one in notices()} == {KIND}


def test_the_notice_says_who_hands_over_to_whom_from_when_and_how_to_reach_them() -> None:
    for one in notices()[:-1]:
        for words in ("From 2 Sep 2026", "Joseph Mensah", "Anne Doyle hands over", "01632 960100", "Accepted 2 Sep"):
            assert words in one.reason


def test_those_without_an_organisation_are_named_with_their_number_so_that_somebody_rings() -> None:
    kept = notices()[-1]
    assert kept.recipients == ()
    for words in ("Margaret Ashworth-Bell", "07700 900123", "Ruth Levy", "Samuel Osei", "Edith"):
        assert words in kept.reason
    assert "Anne Doyle" not in kept.reason


@pytest.mark.parametrize("number", range(5))
def test_a_notice_is_a_valid_document(number: int) -> None:
    told = narrative.narrate(notices()[number].bundle)
    assert [str(issue) for issue in translator().judge(told, kind=KIND).errors] == []


def test_nobody_else_s_number_travels_with_the_news() -> None:
    sent = json.dumps(notices()[0].bundle)
    assert "07700 900123" not in sent
    assert "Hannah Okafor" not in sent


def test_the_same_hand_over_found_again_is_the_same_notice() -> None:
    later = coordinator_notices(web(BEFORE), web(AFTER), datetime(2026, 9, 9, tzinfo=UTC))
    assert [one.key for one in later] == [one.key for one in notices()]
    assert [one.bundle["identifier"] for one in later] == [one.bundle["identifier"] for one in notices()]


def test_a_key_holds_nothing_about_the_person() -> None:
    assert all("999" not in one.key and "mensah" not in one.key for one in notices())


def test_the_same_co_ordinator_is_no_news() -> None:
    again = copy.deepcopy(AFTER)
    again["members"][0]["visits"] = "Every day"
    assert handover(web(AFTER), web(again)) is None
    assert coordinator_notices(web(AFTER), web(again), NOW) == ()


def test_without_an_earlier_version_nobody_was_told_otherwise() -> None:
    assert coordinator_notices(None, web(AFTER), NOW) == ()


def test_a_first_co_ordinator_takes_over_from_nobody() -> None:
    none = copy.deepcopy(BEFORE)
    none["members"] = [member for member in none["members"] if member["name"] != "Anne Doyle"]
    change = handover(web(none), web(AFTER))
    assert change is not None
    assert change.before == ()
    assert "hands over" not in change.sentence("Edie")


def test_two_at_once_are_a_fault_and_no_hand_over() -> None:
    both = copy.deepcopy(AFTER)
    both["members"][3]["coordinator"] = "Yes"
    both["members"][3]["accepted"] = "2026-09-02T10:30"
    assert handover(web(BEFORE), web(both)) is None


def test_a_relative_may_take_over() -> None:
    family = copy.deepcopy(AFTER)
    family["members"][0]["to"] = "2026-11-01"
    family["members"][6] |= {"coordinator": "Yes", "accepted": "2026-11-02T09:00", "from": "2026-11-02"}
    change = handover(web(AFTER), web(family))
    assert change is not None
    assert "Margaret Ashworth-Bell" in change.sentence("Edie")
    assert "07700 900123" in change.sentence("Edie")


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [
        ("2024-03-11", "2026-09-01", None),
        ("2024-03-11", "2026-09-02", None),
        ("2024-03-11", "2026-08-15", "Nobody was named between 15 Aug 2026 and 2 Sep 2026."),
        ("2024-03-11", "2026-10-15", "Joseph Mensah were both named from 2 Sep 2026 to 15 Oct 2026"),
        (None, "2026-09-01", "When Anne Doyle began is not recorded."),
    ],
)
def test_the_history_tells_gaps_overlaps_and_missing_days(start: str | None, end: str, fault: str | None) -> None:
    record = copy.deepcopy(AFTER)
    record["members"][1] |= {"from": start, "to": end}
    faults = [tenure.fault for tenure in history(web(record)) if tenure.fault]
    assert faults == [] if fault is None else fault in faults[0]


def test_the_example_history_names_the_former_one() -> None:
    assert [(tenure.who.member.name, tenure.end) for tenure in history(web(AFTER))] == [
        ("Joseph Mensah", None),
        ("Anne Doyle", "2026-09-01"),
    ]


def test_the_notice_is_a_page_that_says_the_sentence_first() -> None:
    page = narrative.page(notices()[0].bundle)
    assert page.index("hands over") < page.index("NHS number</th>")
    assert text(notices()[0].bundle, "type") == "document"
