"""Who may decide for a person, and what of their wishes has to be put right: one change at a time to a good record."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop.catalogue import Catalogue
from interop.json_codec import JsonObject
from interop.outcome import Severity, issue_catalogue
from interop.practice.wishes import Decider, authority, findings
from interop.reading import Document
from interop.reading.wishes import escalations, places, powers, refusals
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def record(key: str = "RH-014") -> JsonObject:
    return json.loads((ROOT / "examples" / "end-of-life" / f"{key}.json").read_text(encoding="utf-8"))


def read(source: JsonObject) -> Document:
    plan = translator().mapping("care-home/end-of-life")
    (found,) = plan.read({"record.json": json.dumps(source).encode()})
    return Document.of(plan.apply(found, now=NOW).bundle())


def spoilt(**changes: object) -> Document:
    """Edith's record with members of endOfLife replaced; None takes one away."""
    source = record()
    for name, value in changes.items():
        if value is None:
            del source["endOfLife"][name]
        else:
            source["endOfLife"][name] = value
    return read(source)


def test_silence_about_cpr_is_something_to_put_right() -> None:
    assert [(issue.code, issue.severity) for issue in findings(spoilt(cpr=None))][:1] == [
        ("cpr-not-recorded", Severity.WARNING)
    ]


def edited(member: str, **changes: object) -> object:
    """One member of endOfLife (or its first row) with some of its own members changed."""
    found = copy.deepcopy(record()["endOfLife"][member])
    row = found[0] if isinstance(found, list) else found
    for name, value in changes.items():
        if value is None:
            row.pop(name, None)
        else:
            row[name] = value
    return found


def codes(document: Document, now: datetime | None = None) -> list[str]:
    return [issue.code for issue in findings(document, now) if issue.severity is not Severity.INFORMATION]


def test_a_good_record_has_nothing_to_put_right() -> None:
    assert codes(read(record())) == []
    assert codes(read(record("RH-022"))) == []


def test_the_person_decides_when_found_able_and_when_nobody_looked() -> None:
    assert authority(read(record("RH-022"))).decider is Decider.PERSON
    unasked = authority(spoilt(capacity=None))
    assert unasked.decider is Decider.PERSON
    assert "capacity is presumed" in unasked.reasons[0]


def test_without_capacity_the_attorney_in_force_decides_and_is_named() -> None:
    found = authority(read(record()))
    assert found.decider is Decider.ATTORNEY
    assert found.who == ("Margaret Ashworth-Bell",)
    assert "life-sustaining treatment included" in found.reasons[-1]


def test_a_power_registered_after_the_advance_decision_raises_the_question_which_holds() -> None:
    assert any("ask which of them holds" in reason for reason in authority(read(record())).reasons)
    later = spoilt(advanceDecision=edited("advanceDecision", madeOn="2024-01-01"))
    assert any("must be followed where it fits" in reason for reason in authority(later).reasons)


@pytest.mark.parametrize(
    ("attorneys", "refusal", "decisions", "decider"),
    [
        ([], "keep", None, Decider.ADVANCE_DECISION),
        ([], None, "keep", Decider.BEST_INTERESTS),
        ([], None, None, Decider.NOBODY_RECORDED),
        ("property", None, None, Decider.NOBODY_RECORDED),
        ("ended", None, "keep", Decider.BEST_INTERESTS),
    ],
)
def test_who_decides_when_there_is_no_attorney_for_welfare(
    attorneys: object, refusal: object, decisions: object, decider: Decider
) -> None:
    rows = {
        "property": edited("attorneys", type="Property and financial affairs", lifeSustaining=None),
        "ended": edited("attorneys", endsOn="2026-01-01", status="Not in force"),
    }
    changes: dict[str, object] = {"attorneys": rows.get(str(attorneys), [])}
    if refusal is None:
        changes["advanceDecision"] = None
    if decisions is None:
        changes["bestInterests"] = None
    assert authority(spoilt(**changes)).decider is decider


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"cpr": edited("cpr", decidedOn="")}, "cpr-undated", "nobody recorded when it was decided"),
        ({"cpr": edited("cpr", documentLocation="")}, "cpr-form-missing", "where the signed form is"),
        ({"cpr": edited("cpr", discussedWith=[])}, "cpr-not-discussed", "with whom it was discussed"),
        ({"cpr": edited("cpr", reviewBy="2026-11-01")}, "review-overdue", "looked at again by 1 Nov 2026"),
        ({"attorneys": edited("attorneys", endsOn="2026-05-03")}, "attorney-expired", "ended on 3 May 2026"),
        ({"attorneys": edited("attorneys", registeredOn="")}, "attorney-unregistered", "cannot be used"),
        ({"attorneys": edited("attorneys", lifeSustaining="")}, "attorney-reach-unknown", "life-sustaining"),
        ({"advanceDecision": edited("advanceDecision", signedAndWitnessed="No")}, "refusal-not-binding", "not bind"),
        (
            {"advanceDecision": edited("advanceDecision", signedAndWitnessed="")},
            "refusal-not-binding",
            "not said to be",
        ),
        ({"advanceDecision": edited("advanceDecision", endedOn="2026-05-03")}, "refusal-expired", "3 May 2026"),
        ({"escalation": edited("escalation", reviewBy="2026-11-19")}, "review-overdue", "19 Nov 2026"),
        ({"attorneys": [], "advanceDecision": None, "bestInterests": None}, "nobody-decides", "who decides instead"),
    ],
)
def test_what_is_wrong_is_told_once_in_plain_words(changes: dict[str, object], code: str, words: str) -> None:
    found = [issue for issue in findings(spoilt(**changes)) if issue.severity is not Severity.INFORMATION]
    assert [issue.code for issue in found] == [code]
    assert words in found[0].text
    assert found[0].hint
    assert found[0].expression.startswith("Bundle.entry[")


def test_a_power_that_ended_is_told_even_when_it_is_rightly_out_of_force() -> None:
    (told,) = (issue for issue in findings(read(record())) if issue.severity is Severity.INFORMATION)
    assert told.code == "attorney-not-in-force"
    assert "Edith revoked it" in told.text


def test_a_contact_who_is_an_attorney_without_a_flag_is_told() -> None:
    document = read(record())
    flag = powers(document)[0].resource
    flag["category"][0]["coding"][0]["code"] = "alert"
    assert "attorney-unflagged" in codes(Document.of(document.bundle))


def test_two_decisions_about_cpr_contradict_one_another() -> None:
    document = read(record())
    (flag,) = (f for f in document.resources("Flag") if f["category"][0]["coding"][0]["code"] == "cpr-decision")
    other = copy.deepcopy(flag)
    other["code"] = {"coding": [{"system": "http://snomed.info/sct", "code": "450475007"}]}
    bundle = {**document.bundle, "entry": [*document.bundle["entry"], {"resource": other}]}
    assert codes(Document.of(bundle)) == ["cpr-contradiction"]


def test_a_review_that_was_in_time_when_written_is_overdue_later() -> None:
    document = read(record())
    assert codes(document) == []
    assert codes(document, datetime(2027, 6, 1, tzinfo=UTC)) == ["review-overdue", "review-overdue"]


def test_every_code_is_in_the_catalogue() -> None:
    for code in ("cpr-undated", "attorney-expired", "refusal-not-binding", "nobody-decides", "pointer-rule"):
        assert issue_catalogue()[code]["fix"]


def test_the_reading_keeps_order_and_silence_apart() -> None:
    document = read(record())
    assert [(place.question[-5:], place.rank) for place in places(document)] == [
        ("-care", 1), ("-care", 2), ("death", 1), ("death", 2),
    ]  # fmt: skip
    (plan,) = escalations(document)
    assert [treatment.offer for treatment in plan.treatments] == [True, True, True, False, False]
    assert [power.in_force for power in powers(document)] == [True, False]
    assert refusals(document)[0].binds
    assert refusals(spoilt(advanceDecision=edited("advanceDecision", lifeSustaining="")))[0].life is None
