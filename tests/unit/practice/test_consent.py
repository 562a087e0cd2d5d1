"""Who may be told what: an objection goes before a permission, silence is no consent, and every answer says why."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop.catalogue import Catalogue
from interop.json_codec import JsonObject
from interop.practice.consent import findings, may_be_copied, may_be_told
from interop.reading import Document
from interop.reading.consent import TOPICS, sharings
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, tzinfo=UTC)
EDITH, ATTORNEY = ("The person", "Edith Ashworth"), ("Attorney", "Margaret Ashworth-Bell")


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def record() -> JsonObject:
    return json.loads((ROOT / "examples" / "sharing-consent" / "RH-014.json").read_text(encoding="utf-8"))


def read(source: JsonObject) -> Document:
    plan = translator().mapping("care-home/sharing-consent")
    (found,) = plan.read({"record.json": json.dumps(source).encode()})
    return Document.of(plan.apply(found, now=NOW).bundle())


def decided(*rows: Sequence[str], able: str = "No") -> Document:
    """Edith's record with only these decisions: (person, about, decision, decided by)."""
    source = record()
    source["decisions"]["capacity"]["hasCapacity"] = able
    source["consents"] = [
        {
            "person": person, "relationship": "Son", "about": about, "decision": decision, "decidedBy": by,
            "decidedByName": "Somebody", "decidedOn": "2026-01-01", "status": "In force",
        }
        for person, about, decision, by in rows
    ]  # fmt: skip
    return read(source)


PETER, EVERYBODY = "Peter Ashworth", "Everyone else"
TOLD, NOT, SELF = "May be told", "Must not be told", "The person"


@pytest.mark.parametrize(
    ("rows", "topic", "allowed"),
    [
        ([], "everything", None),
        ([], "money", None),
        ([(PETER, "Everything", TOLD, SELF)], "money", True),
        ([(PETER, "Everything", NOT, SELF)], "money", False),
        ([(PETER, "Money and property", NOT, SELF)], "money", False),
        ([(PETER, "Money and property", NOT, SELF)], "whereabouts", None),
        ([(PETER, "Everything", TOLD, SELF), (PETER, "Money and property", NOT, SELF)], "money", False),
        ([(PETER, "Everything", TOLD, SELF), (PETER, "Money and property", NOT, SELF)], "health-and-care", True),
        ([(PETER, "Everything", TOLD, SELF), (PETER, "Money and property", NOT, SELF)], "everything", None),
        ([(PETER, "Health and care", TOLD, SELF)], "everything", None),
        ([(EVERYBODY, "Where the person is", NOT, SELF)], "whereabouts", False),
        ([(EVERYBODY, "Everything", NOT, SELF), (PETER, "Everything", TOLD, SELF)], "whereabouts", True),
        ([(EVERYBODY, "Daily life and visits", TOLD, SELF)], "daily-life", True),
        ([("Margaret Ashworth-Bell", "Everything", TOLD, SELF)], "money", None),
        ([(PETER, "Everything", TOLD, "Attorney")], "money", True),
        ([(PETER, "Everything", TOLD, "Best interests")], "health-and-care", True),
    ],
)
def test_the_answer(rows: list[tuple[str, str, str, str]], topic: str, allowed: bool | None) -> None:
    assert may_be_told(decided(*rows), PETER, topic).allowed is allowed


@pytest.mark.parametrize("topic", TOPICS)
def test_nobody_is_told_because_nobody_objected(topic: str) -> None:
    answer = may_be_told(decided(), PETER, topic)
    assert answer.allowed is None
    assert answer.because == ("Nobody recorded a decision about telling Peter Ashworth.",)


def test_somebody_else_s_yes_counts_only_where_the_person_cannot_decide() -> None:
    able = decided((PETER, "Everything", TOLD, "Attorney"), able="Yes")
    answer = may_be_told(able, PETER, "health-and-care")
    assert answer.allowed is None
    assert "nothing says the person cannot" in answer.because[-1]
    assert [issue.code for issue in findings(able)] == ["sharing-not-theirs-to-give"]


def test_somebody_else_s_no_is_heeded_all_the_same() -> None:
    able = decided((PETER, "Everything", NOT, "Attorney"), able="Yes")
    assert may_be_told(able, PETER, "health-and-care").allowed is False


def test_each_answer_says_on_whose_say() -> None:
    answer = may_be_told(read(record()), "Peter Ashworth", "money")
    assert answer.because == ("The person (Edith Ashworth) objected to: money and property.",)


def test_what_ended_no_longer_counts_and_is_kept() -> None:
    document = read(record())
    assert may_be_told(document, "Peter Ashworth", "whereabouts").allowed is not True
    (over,) = (one for one in sharings(document) if not one.in_force)
    assert (over.person, over.why_ended) == ("Peter Ashworth", "Edith took it back")


def test_a_decision_past_its_end_and_still_in_force_is_told() -> None:
    source = record()
    source["consents"] = [{**source["consents"][0], "until": "2026-01-01"}]
    document = read(source)
    assert [issue.code for issue in findings(document)] == ["sharing-expired"]
    assert may_be_told(document, "Margaret Ashworth-Bell", "everything").allowed is None


def test_a_contradiction_is_told_and_the_objection_heeded() -> None:
    document = decided((PETER, "Money and property", TOLD, SELF), (PETER, "Money and property", NOT, SELF))
    assert [issue.code for issue in findings(document)] == ["sharing-contradiction"]
    assert may_be_told(document, PETER, "money").allowed is False


def test_the_example_has_nothing_to_put_right() -> None:
    assert findings(read(record())) == ()


def related(document: Document, name: str) -> JsonObject:
    return next(person for person in document.resources("RelatedPerson") if person["name"][0]["text"] == name)


def test_a_relative_gets_a_copy_only_with_consent() -> None:
    document = read(record())
    assert may_be_copied(document, related(document, "Margaret Ashworth-Bell")).allowed is True
    assert may_be_copied(document, related(document, "Peter Ashworth")).allowed is None
    assert may_be_copied(document, related(document, "Peter Ashworth"), "money").allowed is False


@pytest.mark.parametrize(
    ("change", "allowed", "words"),
    [
        ({"patient": {"reference": "urn:uuid:somebody-else"}}, False, "not recorded as somebody close"),
        ({"relationship": []}, None, "how Margaret Ashworth-Bell are related"),
        ({"active": False}, False, "no longer a contact"),
        ({"resourceType": "Practitioner"}, False, "not recorded as somebody close"),
    ],
)
def test_the_relationship_is_looked_at_before_the_consent(change: JsonObject, allowed: bool | None, words: str) -> None:
    document = read(record())
    person = {**copy.deepcopy(related(document, "Margaret Ashworth-Bell")), **change}
    answer = may_be_copied(document, person)
    assert answer.allowed is allowed
    assert words in answer.because[0]
