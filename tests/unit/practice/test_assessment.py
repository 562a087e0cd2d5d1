"""A trusted assessment: whose word it is, whether it may be used again, and which moves are legal."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from interop.catalogue import Catalogue
from interop.errors import ContentError
from interop.json_codec import JsonObject
from interop.narrative import narrate
from interop.narrative.assessment_page import assessment_page
from interop.outcome import issue_catalogue
from interop.practice.assessment import (
    KINDS,
    SIDES,
    Assessment,
    Step,
    assessment,
    faults,
    history,
    legal,
    moves,
    reusable,
    step,
)
from interop.reading import Document
from interop.translator import Translator

EXAMPLE = Path(__file__).parents[3] / "examples" / "trusted-assessment" / "RH-014.json"
DAY = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
EDITH = "9990000018"
AUTHORITY = "https://interop.example/fhir/StructureDefinition/assessor-authority"


@cache
def translator() -> Translator:
    return Translator(Catalogue())


@cache
def _made() -> JsonObject:
    (found,) = translator().translate("care-home/assessment", {EXAMPLE.name: EXAMPLE.read_bytes()}, now=DAY)
    assert found.sendable
    bundle: JsonObject = found.bundle
    return bundle


def bundle(standing: str = "waiting") -> JsonObject:
    made = copy.deepcopy(_made())
    task(made)["businessStatus"]["coding"][0]["code"] = standing
    return made


def resource(made: JsonObject, kind: str) -> JsonObject:
    result: JsonObject = next(e["resource"] for e in made["entry"] if e["resource"]["resourceType"] == kind)
    return result


def task(made: JsonObject) -> JsonObject:
    return resource(made, "Task")


def read(made: JsonObject) -> Assessment:
    found = assessment(Document.of(made))
    assert found is not None
    return found


def move(name: str, *, why: str | None = "Because", at: datetime = DAY) -> Step:
    side = next(str(m["by"]) for m in moves()["moves"] if m["move"] == name)
    return Step(name, side, "Joseph Mensah", at, why)


def part(made: JsonObject, url: str) -> list[JsonObject]:
    role = resource(made, "PractitionerRole")
    (granted,) = (e for e in role["extension"] if e["url"] == AUTHORITY)
    return [e for e in granted["extension"] if e["url"] == url]


def test_the_example_is_read_whole_and_may_be_relied_on() -> None:
    found = read(bundle())
    assert (found.number, found.kind, found.standing) == ("TA-2026-1117-014", "return-to-home", "waiting")
    assert found.authority.scope == ("return-to-home", "change-of-needs")
    assert found.authority.homes == ("VNX01", "VNX02")
    assert faults(found, DAY) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b: resource(b, "PractitionerRole")["period"].update(end="2026-11-16"), "ended on 16 Nov 2026"),
        (lambda b: resource(b, "PractitionerRole")["period"].update(start="2026-11-18"), "began on 18 Nov 2026"),
        (lambda b: resource(b, "PractitionerRole").pop("period"), "by what authority"),
        (lambda b: resource(b, "PractitionerRole").pop("extension"), "by what authority"),
        (lambda b: part(b, "scope")[0].update(valueCode="new-placement"), "not trusted for this kind"),
        (lambda b: part(b, "home")[0].update(valueString="VNX09"), "has not agreed"),
        (lambda b: resource(b, "QuestionnaireResponse").pop("authored"), "when"),
        (lambda b: resource(b, "QuestionnaireResponse").pop("extension"), "until when"),
    ],
)
def test_an_assessment_outside_its_authority_is_told_in_plain_words(change: object, words: str) -> None:
    made = bundle()
    change(made)  # type: ignore[operator]  # a lambda of the table
    told = faults(read(made), DAY)
    assert any(words in sentence for sentence in told), told


def test_authority_counts_on_the_day_it_was_made_and_validity_on_the_day_it_is_used() -> None:
    made = bundle()
    resource(made, "PractitionerRole")["period"]["end"] = "2026-11-17"
    assert faults(read(made), DAY) == ()
    assert faults(read(made), datetime(2026, 11, 24, 23, 0, tzinfo=UTC)) == ()
    assert faults(read(made), datetime(2026, 11, 25, 1, 0, tzinfo=UTC)) == (
        "the assessment was valid until 24 Nov 2026",
    )


STANDINGS = sorted(moves()["standings"])
MOVES = sorted(str(m["move"]) for m in moves()["moves"])


@pytest.mark.parametrize(("standing", "name"), list(product(STANDINGS, MOVES)))
def test_every_legal_move_is_made_and_every_other_refused_with_the_legal_ones_named(standing: str, name: str) -> None:
    allowed = {made for made, _ in legal(standing)}
    if name in allowed:
        moved = read(step(bundle(standing), move(name)))
        rule = next(m for m in moves()["moves"] if m["move"] == name)
        assert moved.standing == rule["to"]
        assert moved.task["status"] == moves()["standings"][rule["to"]]["task"]
        return
    with pytest.raises(ContentError) as refused:
        step(bundle(standing), move(name))
    assert refused.value.code == "assessment-move"
    hint = refused.value.hint or ""
    assert all(made in hint for made in allowed)
    assert allowed or "closed" in hint


@pytest.mark.parametrize("name", MOVES)
def test_a_move_is_made_by_its_own_side_only(name: str) -> None:
    rule = next(m for m in moves()["moves"] if m["move"] == name)
    (other,) = set(SIDES) - {rule["by"]}
    with pytest.raises(ContentError, match=f"made by the {rule['by']}"):
        step(bundle(rule["from"][0]), Step(name, other, "X", DAY, "Because"))


@pytest.mark.parametrize("name", [str(m["move"]) for m in moves()["moves"] if m["says"]])
def test_a_question_an_answer_or_a_refusal_says_why(name: str) -> None:
    rule = next(m for m in moves()["moves"] if m["move"] == name)
    with pytest.raises(ContentError, match="needs a reason"):
        step(bundle(rule["from"][0]), move(name, why=None))


def test_every_standing_a_move_leads_to_is_known_and_the_first_is_reached_by_none() -> None:
    assert {m["to"] for m in moves()["moves"]} == set(STANDINGS) - {"waiting"}
    assert {s for m in moves()["moves"] for s in m["from"]} <= set(STANDINGS)


def test_an_expired_authority_cannot_be_accepted() -> None:
    made = bundle()
    resource(made, "PractitionerRole")["period"]["end"] = "2026-11-16"
    with pytest.raises(ContentError, match="the authority of Ruth Lane ended on 16 Nov 2026") as refused:
        step(made, move("accept"))
    assert refused.value.code == "assessment-not-valid"
    assert {"assessment-not-valid", "assessment-move"} <= issue_catalogue().keys()
    assert read(step(made, move("decline"))).standing == "declined"


def test_an_assessment_that_is_too_old_cannot_be_accepted() -> None:
    with pytest.raises(ContentError, match="valid until 24 Nov 2026"):
        step(bundle(), move("accept", at=datetime(2026, 12, 1, tzinfo=UTC)))


def test_who_moved_when_and_why_is_kept_and_every_version_is_valid() -> None:
    asked = step(bundle(), Step("query", "home", "Joseph Mensah", DAY, "Who pays for the second carer?"))
    told = step(asked, Step("answer", "assessor", "Ruth Lane", DAY, "The council until 2 December"))
    taken = step(told, Step("accept", "home", "Joseph Mensah", DAY))
    assert [(who, what) for who, _, what in history(read(taken))] == [
        ("Joseph Mensah (home)", "Who pays for the second carer?"),
        ("Ruth Lane (assessor)", "The council until 2 December"),
        ("Joseph Mensah (home)", "Accepted by the home"),
    ]
    for version in (asked, told, taken):
        assert [str(issue) for issue in translator().judge(narrate(version)).errors] == []
    assert read(taken).next_with is None
    assert "Who pays for the second carer?" in assessment_page(taken)


def test_each_version_replaces_the_one_before() -> None:
    asked = step(bundle(), move("query"))
    link = resource(asked, "Composition")["relatesTo"][0]
    assert link == {"code": "replaces", "targetIdentifier": bundle()["identifier"]}
    assert asked["identifier"] != bundle()["identifier"]


def test_the_next_action_is_with_the_one_who_has_to_answer() -> None:
    names = {standing: read(bundle(standing)).next_with for standing in STANDINGS}
    assert {standing: site.ods if site else None for standing, site in names.items()} == {
        **dict.fromkeys(("waiting", "answered"), "VNX01"),
        "queried": "RXE99",
        **dict.fromkeys(("accepted", "declined", "withdrawn")),
    }


def test_a_valid_assessment_is_used_again_once_it_is_accepted() -> None:
    (one,) = reusable([bundle("accepted")], person=EDITH, kind="return-to-home", on=DAY)
    assert one.usable


@pytest.mark.parametrize(
    ("standing", "who"),
    [("waiting", "Rosewood House"), ("answered", "Rosewood House"), ("queried", "St Elsewhere's Hospital")],
)
def test_an_assessment_nobody_has_accepted_is_not_used_again_and_says_who_has_to_answer(
    standing: str, who: str
) -> None:
    (one,) = reusable([bundle(standing)], person=EDITH, kind="return-to-home", on=DAY)
    assert (one.usable, one.waits) == (False, True)
    assert all("not accepted" in reason and who in reason for reason in one.why_not)


def test_an_answer_is_overdue_after_its_day_and_only_while_somebody_has_to_act() -> None:
    late = datetime(2026, 11, 18, tzinfo=UTC)
    told = read(bundle("waiting")).overdue(late)
    assert told is not None
    assert "17 Nov 2026, 16:00" in told
    assert "Rosewood House" in told
    assert read(bundle("waiting")).overdue(datetime(2026, 11, 17, 15, 0, tzinfo=UTC)) is None
    assert read(bundle("accepted")).overdue(late) is None


@pytest.mark.parametrize(
    ("person", "kind", "on", "standing", "words"),
    [
        ("9990000026", "return-to-home", DAY, "accepted", "another person"),
        (EDITH, "new-placement", DAY, "accepted", "another kind"),
        (EDITH, "return-to-home", datetime(2026, 12, 1, tzinfo=UTC), "accepted", "valid until 24 Nov 2026"),
        (EDITH, "return-to-home", DAY, "declined", "declined"),
        (EDITH, "return-to-home", DAY, "withdrawn", "withdrawn"),
        (EDITH, "return-to-home", datetime(2026, 11, 1, tzinfo=UTC), "accepted", "dated after"),
    ],
)
def test_why_an_assessment_cannot_be_used_again(
    person: str, kind: str, on: datetime, standing: str, words: str
) -> None:
    (one,) = reusable([bundle(standing)], person=person, kind=kind, on=on)
    assert not one.usable
    assert any(words in reason for reason in one.why_not)


def test_only_the_last_version_counts() -> None:
    declined = step(bundle(), move("decline"))
    found = reusable([bundle(), declined], person=EDITH, kind="return-to-home", on=DAY)
    assert [(one.assessment.standing, one.usable) for one in found] == [("declined", False)]


def test_the_page_names_every_need_and_the_authority() -> None:
    page = assessment_page(bundle())
    for words in (
        "Two carers for every transfer",
        "Ruth Lane",
        "TA-ELM-2026-07",
        "30 Jun 2027",
        *list(KINDS.values())[:1],
    ):
        assert words in page


@pytest.mark.parametrize("odd", [{}, {"resourceType": "Bundle"}, {"entry": [{"resource": {"resourceType": "Task"}}]}])
def test_odd_documents_never_break_it(odd: JsonObject) -> None:
    assert assessment(Document.of(odd)) is None
    assert reusable([odd], person=EDITH, kind="return-to-home", on=DAY) == ()
    assert "not recorded" in assessment_page(odd)
    with pytest.raises(ContentError):
        step(odd, move("accept"))
