"""None known, not asked, withheld, not recorded: four facts that never become one another, whatever the form.

A document says the same of all its areas; each page, presentation, PDF, plain text and narrative must then say it in
its own words, and must hold the words of no other.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest

from interop import narrative
from interop.json_codec import JsonObject
from interop.narrative import STANDARD, Form, Presentation

SECTIONS = (
    "allergies-and-adverse-reaction", "medications-and-medical-devices", "end-of-life-care", "individual-requirements",
    "care-needs", "observations", "belongings", "personal-contacts",
)  # fmt: skip
SAID = {
    "nilknown": ("none known", "no known allergies"),
    "notasked": ("not asked",),
    "withheld": ("withheld by the sender",),
    "notstarted": ("not yet recorded", "not yet looked into", "not started"),
    "unavailable": (),
    None: (),
}
"""emptyReason → the words that only it may use. The last two, and no section at all, all say "not recorded"."""
VITAL = {
    "nilknown": ("No known allergies", "CPR decision: none known", "Communication needs: none known"),
    "notasked": ("Allergies: not asked", "CPR decision: not asked", "Communication needs: not asked"),
    "withheld": ("Allergies: withheld", "CPR decision: withheld", "Communication needs: withheld"),
    "notstarted": (
        "Allergies: not yet",
        "CPR decision: not yet looked into",
        "Communication needs: not yet looked into",
    ),
    "unavailable": ("Allergies: not recorded", "CPR decision: not recorded", "Communication needs: not recorded"),
    None: ("Allergies: not recorded", "CPR decision: not recorded", "Communication needs: not recorded"),
}
"""What the head of every page says first."""


def plain(page: str) -> str:
    return narrative.plain_text(page)


def in_pdf(page: str) -> str:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed: pip install 'interop[test]'")
    pytest.importorskip("weasyprint", reason="weasyprint is not installed: pip install 'interop[pdf]'")
    return " ".join(part.extract_text() for part in pypdf.PdfReader(io.BytesIO(narrative.pdf(page))).pages)


def shown(kind: str, form: Form = Form.STANDARD, size: int | None = None) -> Callable[[JsonObject], str]:
    presentation = Presentation(size, form)
    if form is Form.PLAIN_TEXT:
        return lambda document: narrative.page(document, kind=kind, presentation=presentation)
    return lambda document: plain(narrative.page(document, kind=kind, presentation=presentation))


KINDS = [kind for kind in narrative.KINDS if not kind.many]
OUTPUTS: dict[str, Callable[[JsonObject], str]] = {
    **{f"{kind.name}, {form}": shown(kind.name, form) for kind in KINDS for form in Form},
    **{f"{kind.name}, 28 point": shown(kind.name, size=28) for kind in KINDS},
    "journey": lambda document: plain(narrative.timeline_page([document])),
    "front-sheet, PDF": lambda document: in_pdf(narrative.front_sheet(document)),
    "full-pack, PDF": lambda document: in_pdf(narrative.full_pack(document)),
    "easy read, PDF": lambda document: in_pdf(narrative.page(document, presentation=Presentation(form=Form.EASY_READ))),
}


def saying(build: Callable[..., JsonObject], reason: str | None) -> JsonObject:
    """A document whose sections are all empty for this reason; without one it has no section at all."""
    return build(sections=[(code, [], reason) for code in SECTIONS] if reason else [])


def folded(words: str) -> str:
    return " ".join(words.split())


def others(reason: str | None) -> list[str]:
    return [words for other, said in SAID.items() if other != reason for words in said if words not in SAID[reason]]


@pytest.mark.parametrize("reason", SAID, ids=str)
@pytest.mark.parametrize("output", OUTPUTS)
def test_every_form_says_which_silence_it_is_and_never_another(
    output: str, reason: str | None, build: Callable[..., JsonObject]
) -> None:
    said = folded(OUTPUTS[output](saying(build, reason)))
    assert [words for words in VITAL[reason] if words.casefold() not in said.casefold()] == []
    assert [words for words in others(reason) if words in said.casefold()] == []


@pytest.mark.parametrize("reason", [reason for reason in SAID if reason], ids=str)
def test_the_narrative_of_an_empty_section_says_which_silence_it_is(
    reason: str, build: Callable[..., JsonObject]
) -> None:
    sections = narrative.narrate(saying(build, reason))["entry"][0]["resource"]["section"]
    for section in sections:
        words = folded(re.sub(r"<[^>]*>", " ", section["text"]["div"])).casefold()
        expected = SAID[reason] or ("not recorded",)
        assert any(phrase in words for phrase in expected), section["title"]
        assert [phrase for phrase in others(reason) if phrase in words] == []


@pytest.mark.parametrize(
    ("absent", "says"),
    [
        ("not-asked", "not asked"),
        ("asked-unknown", "asked, not known"),
        ("asked-declined", "asked, declined to say"),
        ("masked", "withheld by the sender"),
        ("unknown", "not known"),
        (None, "not recorded"),
    ],
)
def test_a_need_and_a_birth_date_that_are_not_there_say_why(
    absent: str | None, says: str, build: Callable[..., JsonObject]
) -> None:
    code = {"coding": [{"system": "https://interop.example/fhir/CodeSystem/care-need", "code": "mobility"}]}
    need: JsonObject = {"resourceType": "Observation", "code": code}
    person: JsonObject = {"resourceType": "Patient"}
    if absent:
        need["dataAbsentReason"] = {"coding": [{"code": absent}]}
        url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
        person["_birthDate"] = {"extension": [{"url": url, "valueCode": absent}]}
    document = build(person, need, sections=[("care-needs", [1], None)])
    sheet = folded(plain(narrative.front_sheet(document)))
    assert f"Mobility Now: {says} Usually: {says}" in sheet
    assert f"Born: {says}" in sheet


def test_no_known_allergies_whose_own_words_say_more_is_never_told_without_them(
    build: Callable[..., JsonObject],
) -> None:
    none = {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}], "text": "Penicillin?"}
    document = build(
        {"resourceType": "AllergyIntolerance", "code": none}, sections=[("allergies-and-adverse-reaction", [0], None)]
    )
    assert "Penicillin?" in narrative.full_pack(document)
    assert "Penicillin?" in narrative.narrate(document)["entry"][1]["resource"]["text"]["div"]


@pytest.mark.parametrize("form", Form)
def test_a_notice_that_carries_no_clinical_record_says_so_and_not_that_nothing_is_recorded(
    form: Form, build: Callable[..., JsonObject]
) -> None:
    document = build()
    document["entry"][0]["resource"]["type"] = {
        "coding": [{"system": "https://interop.example/fhir/CodeSystem/document-kind", "code": "missed-visit"}]
    }
    made = narrative.page(document, presentation=Presentation(form=form))
    said = folded(made if form is Form.PLAIN_TEXT else plain(made))
    for part in ("Allergies", "CPR decision", "Communication needs"):
        assert f"{part}: not part of this document: ask for the summary" in said
        assert f"{part}: not recorded" not in said


def test_a_standard_presentation_is_the_page_as_it_was_designed() -> None:
    assert Presentation() == STANDARD
    with pytest.raises(ValueError, match="16, 20, 24, 28"):
        Presentation(12)
