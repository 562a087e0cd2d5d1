"""A notice about a stay on one screen: what happened, where the person is, what it takes back."""

from __future__ import annotations

from interop.canonical import BASE
from interop.json_codec import JsonObject
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.narrative.standing_sheet import StandingSheet
from interop.reading import Document
from interop.reading.nodes import child, children, choice, code_in, extensions, text
from interop.reading.wording import concept, concepts, phones

STAY_EVENT = f"{BASE}/CodeSystem/stay-event"
DISCHARGE_METHOD = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod"
ADMISSION_METHOD = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AdmissionMethod"
HEADLINES = {
    "admitted": "Admitted to hospital",
    "moved": "Moved to another ward",
    "discharged": "Discharged from hospital",
    "admission-cancelled": "Not admitted: an earlier notice is cancelled",
    "move-cancelled": "Not moved: an earlier notice is cancelled",
    "discharge-cancelled": "Not discharged: an earlier notice is cancelled",
}
CANCELLED = {
    "admission-cancelled": "admitted to hospital",
    "move-cancelled": "moved to another ward",
    "discharge-cancelled": "discharged from hospital",
}
"""What the notice said that is cancelled."""
DEATH = {"4", "79"}


def stay_notice_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained page a person reads at a glance."""
    read = Document.of(document)
    event = child(read.composition, "event")
    code = next((c for node in children(event, "code") if (c := code_in(node, STAY_EVENT))), None)
    stay = child(read.encounter, "hospitalization")
    died = code == "discharged" and _died(read.encounter)
    hospital = read.resolve(child(read.encounter, "serviceProvider"))
    return lay_out(
        "stay_notice.html",
        StandingSheet(read),
        presentation,
        headline="Died in hospital" if died else HEADLINES.get(code or "", "About a stay in hospital"),
        cancels=_cancels(read, code),
        when=read.calendar.show(text(child(event, "period"), "start")),
        hospital=read.name_of(child(read.encounter, "serviceProvider")),
        phone=", ".join(phones(hospital)) or None,
        places=_places(read),
        facts=_facts(read, code, stay),
        consultant=next(
            (n for p in children(read.encounter, "participant") if (n := read.name_of(child(p, "individual")))), None
        ),
    )


def _facts(read: Document, code: str | None, stay: JsonObject) -> list[tuple[str, str | None]]:
    period = child(read.encounter, "period")
    facts = [
        ("Why", "; ".join(concepts(read.encounter, "reasonCode")) or None),
        ("In hospital since", read.calendar.show(text(period, "start"))),
    ]
    if code in ("admitted", "admission-cancelled"):
        facts += [("How admitted", _method(stay, ADMISSION_METHOD)), ("From", _coded(child(stay, "admitSource")))]
    if code == "discharged":
        facts += [
            ("Left", read.calendar.show(text(period, "end"))),
            ("How discharged", _method(read.encounter, DISCHARGE_METHOD)),
            ("To", _coded(child(stay, "dischargeDisposition"))),
        ]
    return facts


def _cancels(read: Document, code: str | None) -> str | None:
    """Which notice is taken back: what it said, and of which stay."""
    said = CANCELLED.get(code or "")
    if said is None:
        return None
    stay = next((v for i in children(read.encounter, "identifier") if (v := text(i, "value"))), None)
    return f"“{said}”{f', stay {stay}' if stay else ''}"


def _places(read: Document) -> list[tuple[str, str]]:
    words = {"active": "Now on", "completed": "Before", "planned": "To go to"}
    left = text(read.encounter, "status") == "finished"
    told = []
    for place in children(read.encounter, "location"):
        name, status = read.name_of(child(place, "location")), text(place, "status") or ""
        if name:
            told.append(("Last on" if left and status == "completed" else words.get(status, "Ward"), name))
    return told


def _method(node: JsonObject, url: str) -> str | None:
    found = (choice(extension, "value") for extension in extensions(node, url))
    return next((words for value in found if value and (words := _coded(value[1]))), None)


def _coded(concept_: JsonObject) -> str | None:
    """Words and code: NHS Data Dictionary codes are known to hospitals by number."""
    coding = next(iter(children(concept_, "coding")), {})
    code, words = text(coding, "code"), text(coding, "display") or concept(concept_)
    if not words:
        return None
    return f"{words} (code {code})" if code and words != code else words


def _died(encounter: JsonObject) -> bool:
    told = [child(child(encounter, "hospitalization"), "dischargeDisposition")]
    told += [found[1] for e in extensions(encounter, DISCHARGE_METHOD) if (found := choice(e, "value"))]
    return any(text(coding, "code") in DEATH for words in told for coding in children(words, "coding"))
