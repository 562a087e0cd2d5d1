"""A restricted copy holds no word of what was taken out, in any place and any disguise; everything else stays."""

from __future__ import annotations

import base64
import copy
import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from interop import narrative
from interop.catalogue import Catalogue
from interop.json_codec import Json, JsonObject
from interop.practice.disclosure import STATEMENT, DisclosureError, disclose
from interop.practice.reader import Role
from interop.practice.withheld_words import disguises, texts_of
from interop.reading import Document
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, tzinfo=UTC)
SECRET = "finger shaped bruises seen beneath petticoat"
WORDS = set(SECRET.split())
RESTRICTED = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}


@cache
def translator() -> Translator:
    return Translator(Catalogue())


@cache
def _red_bag(detail: str) -> JsonObject:
    record = json.loads((ROOT / "examples" / "red-bag-json" / "RH-014.json").read_text(encoding="utf-8"))
    record["assessment"]["safeguarding"] = {"concern": "Yes", "detail": detail}
    plan = translator().mapping("care-home/red-bag-json")
    (found,) = plan.read({"RH-014.json": json.dumps(record).encode()})
    return narrative.narrate(plan.apply(found, now=NOW).bundle())


def red_bag(detail: str = SECRET) -> JsonObject:
    """Edith's red bag with a safeguarding concern, told in narrative too, as a sender's system tells it."""
    return copy.deepcopy(_red_bag(detail))


def resources(bundle: JsonObject, kind: str) -> list[JsonObject]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def concern(bundle: JsonObject) -> JsonObject:
    return next(flag for flag in resources(bundle, "Flag") if flag.get("meta", {}).get("security"))


def url_of(bundle: JsonObject, resource: JsonObject) -> str:
    return next(entry["fullUrl"] for entry in bundle["entry"] if entry["resource"] is resource)


def said(bundle: JsonObject, words: set[str]) -> set[str]:
    """Which of the words stand anywhere in the copy, in any disguise, in values or names of members."""
    plain = " ".join(told.casefold() for text in texts_of(bundle) for told in disguises(text))
    return {word for word in words if re.search(rf"(?<![^\W_]){re.escape(word.casefold())}(?![^\W_])", plain)}


def test_the_sender_s_own_document_says_it_and_the_restricted_copy_does_not() -> None:
    original = red_bag()
    assert said(original, WORDS) == WORDS
    assert said(disclose(original, Role.RESTRICTED).bundle, WORDS | {"safeguarding"}) == set()


def test_one_who_sees_everything_gets_the_very_same_document() -> None:
    original = red_bag()
    assert disclose(original, Role.FULL).bundle is original


@pytest.mark.parametrize("role", Role)
def test_a_document_with_nothing_restricted_is_returned_as_it_is(role: Role) -> None:
    bundle = red_bag()
    bundle["entry"] = [entry for entry in bundle["entry"] if entry["resource"] is not concern(bundle)]
    assert disclose(bundle, role).bundle is bundle


def test_the_original_is_not_changed() -> None:
    original = red_bag()
    before = copy.deepcopy(original)
    disclose(original, Role.RESTRICTED)
    assert original == before


def test_in_its_place_stands_that_something_is_held_by_the_sender() -> None:
    shown = disclose(red_bag(), Role.RESTRICTED).bundle
    (stub,) = (flag for flag in resources(shown, "Flag") if flag["code"].get("text") == STATEMENT)
    section = shown["entry"][0]["resource"]["section"][-1]
    assert section["entry"] == [{"reference": url_of(shown, stub)}]
    assert STATEMENT in narrative.full_pack(narrative.narrate(shown))


def test_everything_else_a_crew_needs_is_still_there() -> None:
    original, shown = red_bag(), disclose(red_bag(), Role.RESTRICTED).bundle
    for kind in ("AllergyIntolerance", "MedicationStatement", "Observation", "RelatedPerson", "Patient", "CareTeam"):
        stripped = [{k: v for k, v in resource.items() if k != "text"} for resource in resources(original, kind)]
        assert resources(shown, kind) == stripped
    assert len(shown["entry"]) == len(original["entry"])


def test_the_copy_is_valid_and_narrated_again() -> None:
    shown = narrative.narrate(disclose(red_bag(), Role.RESTRICTED).bundle)
    assert [str(issue) for issue in translator().judge(shown).errors] == []
    assert said(shown, WORDS) == set()


def test_the_copy_has_an_identifier_of_its_own_and_always_the_same() -> None:
    original = red_bag()
    values = {disclose(original, role).bundle["identifier"]["value"] for role in (Role.RESTRICTED, Role.FULL)}
    assert len(values) == 2
    once, twice = (disclose(original, Role.RESTRICTED).bundle for _ in range(2))
    assert once == twice


def test_a_copy_that_replaces_an_earlier_one_replaces_the_earlier_copy() -> None:
    earlier, later = red_bag(), red_bag()
    later["identifier"] = {**later["identifier"], "value": "urn:uuid:6a1f0c56-0000-4000-8000-000000000000"}
    later["entry"][0]["resource"]["relatesTo"] = [
        {"code": "replaces", "targetIdentifier": dict(earlier["identifier"])}
    ]  # fmt: skip
    shown = disclose(later, Role.RESTRICTED).bundle["entry"][0]["resource"]
    held = disclose(earlier, Role.RESTRICTED).bundle["identifier"]["value"]
    assert shown["relatesTo"][0]["targetIdentifier"]["value"] == held


def in_note(bundle: JsonObject, said: str) -> None:
    resources(bundle, "Condition")[0]["note"] = [{"text": f"See: {said}"}]


def in_display(bundle: JsonObject, said: str) -> None:
    resources(bundle, "CareTeam")[0]["reasonReference"] = [
        {"reference": url_of(bundle, concern(bundle)), "display": said}
    ]  # fmt: skip


def in_unlinked_display(bundle: JsonObject, said: str) -> None:
    resources(bundle, "CareTeam")[0]["reasonReference"] = [{"display": said}]


def in_contained(bundle: JsonObject, said: str) -> None:
    inside = {"resourceType": "Flag", "id": "f1", "meta": RESTRICTED, "status": "active", "code": {"text": said}}
    team = resources(bundle, "CareTeam")[0]
    team["contained"] = [inside]
    team["reasonReference"] = [{"reference": "#f1", "display": said}]


def in_provenance(bundle: JsonObject, said: str) -> None:
    made = {
        "resourceType": "Provenance",
        "target": [{"reference": url_of(bundle, concern(bundle)), "display": said}],
        "recorded": "2026-11-14T02:30:00Z",
        "reason": [{"text": said}],
        "agent": [{"who": {"display": "Grace Adeyemi"}}],
    }
    bundle["entry"].append({"fullUrl": "urn:uuid:00000000-0000-4000-8000-00000000000a", "resource": made})


def in_attachment(bundle: JsonObject, said: str) -> None:
    data = base64.b64encode(said.encode()).decode()
    content = [{"attachment": {"contentType": "text/plain", "title": "Export", "data": data}}]
    made = {"resourceType": "DocumentReference", "status": "current", "content": content}
    bundle["entry"].append({"fullUrl": "urn:uuid:00000000-0000-4000-8000-00000000000b", "resource": made})


def in_binary(bundle: JsonObject, said: str) -> None:
    data = base64.b64encode(said.encode("utf-16")).decode()
    made = {"resourceType": "Binary", "contentType": "text/plain", "data": data}
    bundle["entry"].append({"fullUrl": "urn:uuid:00000000-0000-4000-8000-00000000000c", "resource": made})


def in_narrative(bundle: JsonObject, said: str) -> None:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{html.escape(said)}</p></div>'
    bundle["entry"][0]["resource"]["section"].append(
        {"title": "Free words", "text": {"status": "additional", "div": div}}
    )  # fmt: skip


def in_extension(bundle: JsonObject, said: str) -> None:
    resources(bundle, "Patient")[0].setdefault("extension", []).append(
        {"url": "https://vendor.example/note", "valueString": said}
    )  # fmt: skip


def in_title(bundle: JsonObject, said: str) -> None:
    bundle["entry"][0]["resource"]["section"][0]["title"] = said


PLACES = (
    in_note, in_display, in_unlinked_display, in_contained, in_provenance, in_attachment, in_binary, in_narrative,
    in_extension, in_title,
)  # fmt: skip


def spaced(said: str) -> str:
    return re.sub(r" ", " \n\t ", said)


def tagged(said: str) -> str:
    return " ".join(f"<b>{word[:2]}</b>{word[2:]}" for word in said.split())


def entities(said: str) -> str:
    return "".join(f"&#{ord(sign)};" for sign in said)


def escaped(said: str) -> str:
    return "".join(f"\\u{ord(sign):04x}" for sign in said)


def packed(said: str) -> str:
    return base64.b64encode(said.encode()).decode()


def packed_for_urls(said: str) -> str:
    return base64.urlsafe_b64encode(f"~{said}~".encode()).decode().rstrip("=")


def packed_twice(said: str) -> str:
    return packed(packed(said))


def hexed(said: str) -> str:
    return said.encode().hex()


DISGUISES = (
    str, str.upper, str.title, spaced, tagged, entities, quote, escaped, packed, packed_for_urls, packed_twice, hexed,
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda disguise: disguise.__name__)
def test_a_copied_sentence_goes_wherever_and_however_it_stands(
    place: Callable[[JsonObject, str], None], disguise: Callable[[str], str]
) -> None:
    bundle = red_bag()
    place(bundle, disguise(SECRET))
    assert said(disclose(bundle, Role.RESTRICTED).bundle, WORDS) == set()


PLANTED = st.tuples(st.sampled_from(PLACES), st.sampled_from(DISGUISES))
NONSENSE = st.text(alphabet="bcdfgäéßøłж", min_size=4, max_size=9).map(lambda word: f"zq{word}")


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    words=st.lists(NONSENSE, min_size=3, max_size=8, unique_by=str.casefold),
    planted=st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(DISGUISES)), max_size=4, unique_by=lambda p: p[0]
    ),
)
def test_no_word_of_a_safeguarding_detail_survives(
    words: list[str], planted: list[tuple[Callable[[JsonObject, str], None], Callable[[str], str]]]
) -> None:
    """Whatever the detail says and wherever other programs copied it, no word of it is in the copy."""
    bundle = red_bag()
    detail = " ".join(words)
    concern(bundle)["code"]["text"] = detail
    for place, disguise in planted:
        place(bundle, disguise(detail))
    for role in (Role.RESTRICTED, Role.EMERGENCY):
        assert said(narrative.narrate(disclose(bundle, role).bundle), set(words)) == set()


def test_a_code_that_says_it_stops_the_copy_altogether() -> None:
    bundle = red_bag()
    resources(bundle, "Condition")[0]["code"] = {"coding": [{"system": "urn:local", "code": SECRET}], "text": "Skin"}
    with pytest.raises(DisclosureError, match="would still stand in the copy"):
        disclose(bundle, Role.RESTRICTED)


def test_ordinary_words_in_common_are_no_leak() -> None:
    bundle = red_bag("Her daughter found the left wrist swollen")
    resources(bundle, "Condition")[0]["note"] = [{"text": "The left hip is swollen; her daughter knows"}]
    shown = disclose(bundle, Role.RESTRICTED).bundle
    assert resources(shown, "Condition")[0]["note"][0]["text"].startswith("The left hip is swollen")


def test_what_the_skin_is_like_stays_where_a_concern_shares_its_words_only() -> None:
    original = red_bag("Handshaped bruise on the left upper arm, nephew Brutus suspected")
    need = next(one for one in resources(original, "Observation") if "valueCodeableConcept" in one)
    kept, copied = "Bruise on the right hip, skin unbroken; dressing on left upper arm", "Nephew Brutus was suspected"
    need["valueCodeableConcept"] = {"text": kept}
    need["note"] = [{"text": copied}]
    made = disclose(original, Role.RESTRICTED)
    (found,) = (one for one in resources(made.bundle, "Observation") if one.get("id") == need["id"])
    assert found["valueCodeableConcept"] == {"text": kept}
    assert found["note"] == [{"text": STATEMENT}]
    assert [place for place in made.changed if "note" in place] == list(made.changed)
    assert len(made.changed) == 1


@pytest.mark.parametrize("detail", ["Bruises on both arms", "He was with her", "Left arm, upper part: bruise"])
def test_a_sentence_of_ordinary_words_is_found_as_a_whole(detail: str) -> None:
    original = red_bag(detail)
    need = next(one for one in resources(original, "Observation") if "valueCodeableConcept" in one)
    need["note"] = [{"text": f"Seen at night. {detail}, said the carer"}]
    assert detail not in json.dumps(disclose(original, Role.RESTRICTED).bundle, default=str)


def test_who_is_only_there_because_of_it_goes_too_and_who_is_there_anyway_stays() -> None:
    bundle = red_bag()
    lead = {"resourceType": "Practitioner", "name": [{"text": "Helen Marsh"}]}
    bundle["entry"].append({"fullUrl": "urn:uuid:00000000-0000-4000-8000-00000000000d", "resource": lead})
    concern(bundle)["author"] = {"reference": "urn:uuid:00000000-0000-4000-8000-00000000000d"}
    shown = disclose(bundle, Role.RESTRICTED)
    assert said(shown.bundle, {"Helen", "Marsh"}) == set()
    assert said(shown.bundle, {"Mensah", "Ashworth-Bell"}) == {"Mensah", "Ashworth-Bell"}
    assert sorted(shown.removed) == ["Flag", "Practitioner"]


def labelled(bundle: JsonObject, category: str, code: str) -> JsonObject:
    flag = next(f for f in resources(bundle, "Flag") if f["category"][0]["coding"][0]["code"] == category)
    flag["meta"] = {**flag["meta"], "security": [{**RESTRICTED["security"][0], "code": code}]}
    return flag


@pytest.mark.parametrize(
    ("label", "role", "told"),
    [
        ("R", Role.RESTRICTED, False), ("V", Role.RESTRICTED, False), ("R", Role.EMERGENCY, True),
        ("V", Role.EMERGENCY, False), ("R", Role.FULL, True),
    ],
)  # fmt: skip
def test_in_an_emergency_a_restricted_alert_is_told_and_a_very_restricted_one_is_not(
    label: str, role: Role, told: bool
) -> None:
    bundle = red_bag()
    words = labelled(bundle, "alert", label)["code"]["text"]
    shown = disclose(bundle, role).bundle
    assert any(flag["code"].get("text") == words for flag in resources(shown, "Flag")) is told


def test_an_alert_told_in_an_emergency_is_shown_on_the_page() -> None:
    bundle = red_bag()
    words = labelled(bundle, "alert", "R")["code"]["text"]
    assert words in narrative.front_sheet(narrative.narrate(disclose(bundle, Role.EMERGENCY).bundle))


def test_a_safeguarding_record_goes_to_nobody_who_may_not_see_it() -> None:
    path = ROOT / "examples" / "safeguarding" / "SG-2026-031.json"
    plan = translator().mapping("care-home/safeguarding")
    (record,) = plan.read({path.name: path.read_bytes()})
    bundle = plan.apply(record, now=NOW).bundle()
    assert disclose(bundle, Role.FULL).bundle is bundle
    for role in (Role.RESTRICTED, Role.EMERGENCY):
        with pytest.raises(DisclosureError, match="whole document is restricted"):
            disclose(bundle, role)


def test_every_part_of_the_safeguarding_record_is_labelled() -> None:
    path = ROOT / "examples" / "safeguarding" / "SG-2026-031.json"
    plan = translator().mapping("care-home/safeguarding")
    (record,) = plan.read({path.name: path.read_bytes()})
    document = Document.of(plan.apply(record, now=NOW).bundle())
    section = document.section("safeguarding")
    assert section is not None
    labels: list[Json] = [entry["meta"]["security"][0]["code"] for entry in section.entries]
    assert labels == ["R"] * 4
