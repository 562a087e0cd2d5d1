"""What a person needs done differently: how a page for them is set, what is not right, and the national record."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop.catalogue import Catalogue
from interop.json_codec import JsonObject
from interop.practice.adjustments import consent_to_record, findings, national_record
from interop.reading import Document
from interop.reading.adjustments import Wanted, adjustments, presentation_wanted
from interop.reading.alerts import communication_needs
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SNOMED = "http://snomed.info/sct"
LOCAL = "https://interop.example/fhir/CodeSystem/flag-category"


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def record(key: str = "RH-014") -> JsonObject:
    path = ROOT / "examples" / "accessible-information" / f"{key}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def made(source: JsonObject) -> JsonObject:
    plan = translator().mapping("care-home/accessible-information")
    (found,) = plan.read({"record.json": json.dumps(source).encode()})
    return plan.apply(found, now=NOW).bundle()


def flag(code: str | None = None, text: str = "A need", **more: object) -> JsonObject:
    coding = {"coding": [{"system": SNOMED, "code": code}]} if code else {}
    category = [{"coding": [{"system": LOCAL, "code": "reasonable-adjustment"}]}]
    return {"resourceType": "Flag", "status": "active", "category": category, "code": {**coding, "text": text}, **more}


def with_flags(*flags: JsonObject) -> Document:
    composition = {"resourceType": "Composition", "date": "2026-11-20"}
    entries = [{"resource": resource} for resource in (composition, *flags)]
    return Document.of({"resourceType": "Bundle", "type": "document", "entry": entries})


@pytest.mark.parametrize(
    ("code", "points"), [("957331000000109", 20), ("957351000000102", 24), ("957371000000106", 28), (None, None)]
)
def test_the_print_codes_ask_for_their_size(code: str | None, points: int | None) -> None:
    assert presentation_wanted(with_flags(flag(code))).points == points


def test_the_largest_size_recorded_is_the_least_that_is_shown() -> None:
    document = with_flags(flag("957371000000106"), flag("957331000000109"))
    assert presentation_wanted(document).points == 28


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Large print, 24 point", {"points": 24}),
        ("needs 28pt letters", {"points": 28}),
        ("Large print", {"points": 16}),
        ("Easy-read leaflets", {"easy_read": True}),
        ("Aphasia-accessible information", {"easy_read": True}),
        ("Uses a screen reader", {"plain_text": True}),
        ("Audio recording", {"plain_text": True, "audio": True}),
        ("20 points of view", {"points": None}),
        ("Reads the newspaper easily", {"easy_read": False}),
    ],
)
def test_a_need_without_a_code_is_read_from_exact_words(words: str, wanted: dict[str, object]) -> None:
    found = presentation_wanted(with_flags(flag(None, words)))
    assert {name: getattr(found, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    "over",
    [
        {"status": "inactive"},
        {"period": {"end": "2026-11-19"}},
        {"meta": {"security": [{"code": "R"}]}},
        {"status": "entered-in-error"},
    ],
    ids=["ended", "past its date", "restricted", "entered in error"],
)
def test_a_need_that_is_over_or_restricted_asks_for_nothing(over: JsonObject) -> None:
    assert presentation_wanted(with_flags(flag("957371000000106", **over))) == Wanted()


def test_braille_gives_plain_text_and_somebody_has_to_provide_the_braille() -> None:
    found = presentation_wanted(with_flags(flag("936661000000109", "Contracted Braille")))
    assert found.plain_text
    assert found.not_met == ("Somebody has to provide contracted Braille: a page cannot.",)


def test_each_demand_says_which_recorded_need_it_comes_from() -> None:
    found = presentation_wanted(Document.of(made(record())))
    assert found.points == 24
    assert found.easy_read
    assert found.because[0].startswith("Print 24 point")


def test_the_needs_in_force_stand_first_on_every_page_and_no_other() -> None:
    shown = communication_needs(Document.of(made(record())))
    assert shown[0].startswith("Uses hearing aid")
    assert not any("Print 20 point" in need for need in shown)


def test_what_ended_is_kept_with_its_reason() -> None:
    ended = [one for one in adjustments(Document.of(made(record()))) if not one.in_force]
    assert [(one.need, one.end, one.why_ended) for one in ended] == [
        ("Print 20 point", "2026-10-09", "Too small for her since the autumn")
    ]


def test_good_records_have_nothing_to_put_right() -> None:
    for key, said in (("RH-014", "RACONSENT"), ("RH-022", "RAREVOKED")):
        document = Document.of(made(record(key)))
        assert consent_to_record(document) == said
        assert findings(document) == ()


@pytest.mark.parametrize(
    ("decision", "code", "words"),
    [
        (None, "adjustment-without-consent", "nobody recorded that the person agreed"),
        ("Refused", "adjustment-against-wish", "did not agree to its being recorded"),
        ("Taken back", "adjustment-against-wish", "took back the consent to its being recorded"),
    ],
)
def test_an_adjustment_against_the_person_s_wish_is_told(decision: str | None, code: str, words: str) -> None:
    source = record()
    if decision is None:
        del source["needs"]["consent"]
    else:
        source["needs"]["consent"]["decision"] = decision
    found = findings(Document.of(made(source)))
    assert {issue.code for issue in found} == {code}
    assert words in found[0].text


def test_a_need_no_page_can_meet_asks_somebody_to_arrange_it() -> None:
    source = record()
    source["adjustments"].append({"need": "Contracted Braille", "standing": "In force"})
    (found,) = findings(Document.of(made(source)))
    assert (found.code, found.severity) == ("adjustment-beyond-page", "warning")


def parts(bundle: JsonObject, kind: str) -> list[JsonObject]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def test_the_national_record_groups_everything_under_one_flag() -> None:
    sent = national_record(made(record()))
    assert sent["type"] == "transaction"
    (parent,) = (f for f in parts(sent, "Flag") if f["meta"]["profile"][0].endswith("PatientFlag"))
    urls = {e["fullUrl"] for e in sent["entry"] if e["resource"] is not parent}
    grouped = {x["valueReference"]["reference"] for x in parent["extension"] if x["url"].endswith("flag-detail")}
    (patient,) = (e["fullUrl"] for e in sent["entry"] if e["resource"]["resourceType"] == "Patient")
    assert grouped == urls - {patient}


def test_every_part_of_the_national_record_holds_its_own_provenance() -> None:
    for resource in (e["resource"] for e in national_record(made(record()))["entry"][1:]):
        (provenance,) = resource["contained"]
        assert provenance["target"] == [{"reference": "#"}]
        assert provenance["agent"][0]["who"]["display"] == "Joseph Mensah"
        ended = resource.get("status") == "inactive"
        assert provenance["activity"]["coding"][0]["code"] == ("MODIFYSTATUS" if ended else "CREATE")


def test_the_national_record_never_writes_the_wrong_system_the_examples_print() -> None:
    assert "https://snomed.info/sct" not in json.dumps(national_record(made(record())))


def test_a_record_taken_back_goes_out_as_inactive() -> None:
    sent = national_record(made(record("RH-022")))
    assert {resource["status"] for resource in parts(sent, "Flag")} == {"inactive"}
    assert parts(sent, "Consent")[0]["provision"]["purpose"][0]["code"] == "RAREVOKED"
