"""Nothing goes on a chart by itself: every line waits for a person, who is recorded with role and time."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest

from interop.errors import ContentError
from interop.json_codec import JsonObject, dumps
from interop.narrative.sign_off_page import sign_off_page
from interop.outcome import issue_catalogue
from interop.reading import Document
from interop.reading.sign_off import SignOffLine, sign_off_lines
from interop.reconciliation import Answer, Signer, decide, follow_up, sign_offs, worksheet

RUTH = Signer("Ruth Lane", "Registered nurse", datetime(2026, 11, 18, 17, 0, tzinfo=UTC))


def lines(sheet: JsonObject) -> tuple[SignOffLine, ...]:
    return sign_off_lines(Document.of(sheet))


def task(sheet: JsonObject) -> JsonObject:
    (found,) = (e["resource"] for e in sheet["entry"] if e["resource"]["resourceType"] == "Task")
    result: JsonObject = found
    return result


def without_reasons(discharge: JsonObject) -> JsonObject:
    """The discharge with every reason for a change taken away."""
    silent = copy.deepcopy(discharge)
    for entry in silent["entry"]:
        for extension in entry["resource"].get("extension", ()):
            if extension["url"].endswith("medication-change"):
                extension["extension"] = [part for part in extension["extension"] if part["url"] == "status"]
            if extension["url"].endswith("MedicationChangeSummary"):
                extension["extension"] = [part for part in extension["extension"] if part["url"] == "status"]
        entry["resource"].pop("reasonCode", None)
    return silent


def test_no_line_is_decided_before_a_person_decides(red_bag: JsonObject, discharge: JsonObject) -> None:
    sheet = worksheet(red_bag, discharge)
    assert len(lines(sheet)) == 8
    assert {line.decision for line in lines(sheet)} == {None}
    assert task(sheet)["status"] == "requested"
    assert "NOT DECIDED" in sign_off_page(sheet)


def test_the_same_two_documents_give_the_same_bytes(red_bag: JsonObject, discharge: JsonObject) -> None:
    assert dumps(worksheet(red_bag, discharge)) == dumps(worksheet(red_bag, discharge))


def test_an_explained_change_is_shown_with_its_reason(red_bag: JsonObject, discharge: JsonObject) -> None:
    (stopped,) = (line for line in lines(worksheet(red_bag, discharge)) if line.change == "Stopped")
    assert stopped.now == "Do not give"
    assert stopped.reason is not None
    assert stopped.asks == ()


def test_a_medicine_left_out_is_never_told_as_an_order_to_stop(red_bag: JsonObject, discharge: JsonObject) -> None:
    fewer = copy.deepcopy(discharge)
    statements = [e for e in fewer["entry"] if e["resource"]["resourceType"] == "MedicationStatement"]
    fewer["entry"].remove(statements[0])
    (gone,) = (line for line in lines(worksheet(red_bag, fewer)) if line.change == "Not listed")
    assert gone.now == "Not on the list that came back"
    assert gone.asks


def test_a_decision_is_recorded_with_who_in_what_role_and_when(red_bag: JsonObject, discharge: JsonObject) -> None:
    sheet = decide(worksheet(red_bag, discharge), {1: Answer("accept"), 2: Answer("query", "Since when?")}, RUTH)
    first, second, *rest = lines(sheet)
    assert (first.decision, first.by, first.role, first.at) == (
        "accept", "Ruth Lane", "Registered nurse", "2026-11-18T17:00:00+00:00",
    )  # fmt: skip
    assert (second.decision, second.note) == ("query", "Since when?")
    assert {line.decision for line in rest} == {None}
    assert task(sheet)["status"] == "in-progress"


def test_only_when_every_line_is_accepted_is_the_task_closed(red_bag: JsonObject, discharge: JsonObject) -> None:
    sheet = worksheet(red_bag, discharge)
    for line in lines(sheet):
        assert task(sheet)["status"] != "completed"
        sheet = decide(sheet, {line.number: Answer("accept")}, RUTH)
    assert task(sheet)["status"] == "completed"
    assert "Every line has been accepted" in sign_off_page(sheet)


def test_a_query_is_answered_by_a_later_decision_and_the_document_replaces_the_one_before(
    red_bag: JsonObject, discharge: JsonObject
) -> None:
    asked = decide(worksheet(red_bag, discharge), {3: Answer("query", "Since when?")}, RUTH)
    settled = decide(asked, {3: Answer("accept", "Ward rang back")}, RUTH)
    assert [(line.decision, line.note) for line in lines(settled) if line.decision] == [("accept", "Ward rang back")]
    composition = settled["entry"][0]["resource"]
    assert composition["relatesTo"][0]["targetIdentifier"] == asked["identifier"]
    assert settled["identifier"] != asked["identifier"]


def test_an_open_question_is_not_waved_through(red_bag: JsonObject, discharge: JsonObject) -> None:
    sheet = worksheet(red_bag, without_reasons(discharge))
    asked = [line for line in lines(sheet) if line.asks]
    assert asked
    with pytest.raises(ContentError, match="say what was found out") as refused:
        decide(sheet, {asked[0].number: Answer("accept")}, RUTH)
    assert refused.value.code in issue_catalogue()
    settled = decide(sheet, {asked[0].number: Answer("accept", "Ward: stopped on 15 November for low pressure")}, RUTH)
    assert lines(settled)[asked[0].number - 1].settled


@pytest.mark.parametrize(
    ("number", "answer", "words"),
    [
        (99, Answer("accept"), "there is no line 99"),
        (1, Answer("reject"), "accept or query"),
        (1, Answer("query"), "says what is asked"),
    ],
)
def test_what_is_no_decision_is_refused_and_nothing_kept(
    number: int, answer: Answer, words: str, red_bag: JsonObject, discharge: JsonObject
) -> None:
    sheet = worksheet(red_bag, discharge)
    with pytest.raises(ContentError, match=words):
        decide(sheet, {2: Answer("accept"), number: answer}, RUTH)
    assert {line.decision for line in lines(sheet)} == {None}


def test_two_people_s_lists_are_never_compared(red_bag: JsonObject, discharge: JsonObject) -> None:
    other = copy.deepcopy(discharge)
    for entry in other["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            entry["resource"]["identifier"] = [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000026"}]
    with pytest.raises(ContentError, match="two people"):
        worksheet(red_bag, other)


def test_allergies_stand_at_the_head_of_the_page_to_sign(red_bag: JsonObject, discharge: JsonObject) -> None:
    page = sign_off_page(worksheet(red_bag, discharge))
    assert "Penicillin" in page
    assert "Allergies: not recorded" not in page


def test_a_home_owes_itself_one_sheet_for_each_discharge(red_bag: JsonObject, discharge: JsonObject) -> None:
    made = follow_up(Document.of(red_bag), Document.of(discharge))
    assert made.kind == "medicines-sign-off"
    assert made.recipients == ()
    assert "8 medicines" in made.reason
    assert made.key == follow_up(Document.of(red_bag), Document.of(discharge)).key


def test_the_sheet_is_made_when_a_discharge_follows_a_bag_and_at_no_other_time(
    red_bag: JsonObject, discharge: JsonObject
) -> None:
    bag, home = Document.of(red_bag), Document.of(discharge)
    (made,) = sign_offs([bag, home], RUTH.at)
    assert made.key == follow_up(bag, home).key
    for others in ([], [bag], [home], [home, bag], [home, home]):
        assert sign_offs(others, RUTH.at) == ()


def test_a_list_written_after_the_discharge_did_not_go_in_before_it(red_bag: JsonObject, discharge: JsonObject) -> None:
    later = copy.deepcopy(red_bag)
    later["entry"][0]["resource"]["date"] = "2026-12-24T09:00:00+00:00"
    now = datetime(2026, 12, 25, tzinfo=UTC)
    assert sign_offs([Document.of(later), Document.of(discharge)], now) == ()
    with pytest.raises(ContentError, match="the wrong way round"):
        worksheet(later, discharge)


def test_the_worksheet_is_the_home_s_and_nobody_else_s(red_bag: JsonObject, discharge: JsonObject) -> None:
    assert follow_up(Document.of(red_bag), Document.of(discharge)).keeper == "VNX01"
