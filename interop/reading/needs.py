"""What the person can do now against what is usual for them, and the observations taken before leaving."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.reading.document import Document
from interop.reading.nodes import child, children, code_in, codings, text
from interop.reading.systems import CARE_NEED, LOINC, SNOMED
from interop.reading.wording import NOT_RECORDED, concept, concepts, notes, stated

NEEDS = {
    "communication": "Communication",
    "cognition": "Understanding",
    "mobility": "Mobility",
    "eating-and-drinking": "Eating and drinking",
    "continence": "Continence",
    "personal-hygiene": "Washing, dressing",
    "skin": "Skin",
    "medicines-management": "Taking medicines",
}
"""Every need a handover answers, in the order a ward meets them; one left out is shown as not recorded."""

NEWS2 = "1104051000000101"
ROOM_AIR = "722742002"
NEWS2_PARTS = {
    "1104301000000104": "Respiration",
    "1104311000000102": "Oxygen saturation (scale 1)",
    "1104321000000108": "Oxygen saturation (scale 2)",
    "1104331000000105": "Air or oxygen",
    "1104341000000101": "Systolic blood pressure",
    "1104351000000103": "Pulse",
    "1104361000000100": "Consciousness",
    "1104371000000107": "Temperature",
}
VITALS = {
    "86290005": "Respiration", "9279-1": "Respiration",
    "103228002": "Oxygen saturation", "2708-6": "Oxygen saturation", "59408-5": "Oxygen saturation",
    "722742002": "Air or oxygen", "301282008": "Air or oxygen",
    "72313002": "Systolic blood pressure", "8480-6": "Systolic blood pressure",
    "1091811000000102": "Diastolic blood pressure", "8462-4": "Diastolic blood pressure",
    "75367002": "Blood pressure", "85354-9": "Blood pressure",
    "364075005": "Pulse", "8867-4": "Pulse",
    "1104441000000107": "Consciousness (ACVPU)",
    "276885007": "Temperature", "8310-5": "Temperature",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """One need: ``now`` and ``usual`` in the assessor's words; ``changed`` None when either is not recorded."""

    code: str
    title: str
    now: str | None
    usual: str | None
    note: str | None
    resource: JsonObject | None

    @property
    def changed(self) -> bool | None:
        if self.now is None or self.usual is None:
            return None
        return self.now.casefold().strip(" .") != self.usual.casefold().strip(" .")

    @property
    def verdict(self) -> str:
        """The difference as a word, so that nobody depends on colour: CHANGED, As usual, or not recorded."""
        return {True: "CHANGED", False: "As usual", None: NOT_RECORDED}[self.changed]


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured thing: its name, value and, inside NEWS2, its score."""

    name: str
    value: str | None
    score: str | None = None


@dataclass(frozen=True, slots=True)
class News2:
    """A National Early Warning Score as recorded: nothing is recomputed here."""

    total: str | None
    taken: str | None
    meaning: str | None
    parts: tuple[Reading, ...]


def needs(document: Document) -> list[Need]:
    """Every known need in reading order, then any the sender added; the latest assessment of each wins."""
    found: dict[str, Need] = {}
    observations = document.resources("Observation")
    for observation in sorted(observations, key=lambda o: text(o, "effectiveDateTime") or ""):
        need = need_of(document, observation)
        if need is not None:
            found[need.code] = need
    missing = {code: Need(code, title, None, None, None, None) for code, title in NEEDS.items()}
    return list((missing | found).values())


def need_of(document: Document, observation: JsonObject) -> Need | None:
    """The need an Observation assesses, or None when it is about something else."""
    code = code_in(child(observation, "code"), CARE_NEED)
    if code is None:
        return None
    parts = children(observation, "component")
    usual = next((part for part in parts if code_in(child(part, "code"), CARE_NEED) == "baseline"), {})
    return Need(
        code=code,
        title=NEEDS.get(code) or concept(child(observation, "code")) or code,
        now=stated(observation, "value", document.calendar),
        usual=stated(usual, "value", document.calendar),
        note=notes(observation),
        resource=observation,
    )


def news2(document: Document) -> News2 | None:
    """The latest NEWS2 with its parts; a part's value comes from the vital sign measured beside it."""
    scores = [o for o in document.resources("Observation") if has_snomed(o, NEWS2)]
    if not scores:
        return None
    latest = max(scores, key=lambda o: text(o, "effectiveDateTime") or "")
    return News2(
        total=stated(latest, "value", document.calendar),
        taken=text(latest, "effectiveDateTime") or text(child(latest, "effectivePeriod"), "start"),
        meaning="; ".join(concepts(latest, "interpretation")) or None,
        parts=tuple(_part(document, part) for part in children(latest, "component")),
    )


def _part(document: Document, component: JsonObject) -> Reading:
    named = (NEWS2_PARTS.get(code) or VITALS.get(code) for _, code in codings(child(component, "code")))
    name = next((name for name in named if name), None) or concept(child(component, "code")) or "Observation"
    shown = stated(component, "value", document.calendar)
    is_score = any(code in NEWS2_PARTS for _, code in codings(child(component, "code")))
    return Reading(name, None, shown) if is_score else Reading(name, shown)


def vitals(document: Document) -> list[Reading]:
    """The latest of each vital sign; blood pressure as one reading."""
    found: dict[str, Reading] = {}
    observations = document.resources("Observation")
    for observation in sorted(observations, key=lambda o: text(o, "effectiveDateTime") or ""):
        name = vital_name(observation)
        value = vital_value(document, observation) if name else None
        if name and value:
            found[name] = Reading(name, value)
    order = list(dict.fromkeys(VITALS.values()))
    return sorted(found.values(), key=lambda reading: order.index(reading.name))


def vital_name(observation: JsonObject) -> str | None:
    pairs = codings(child(observation, "code"))
    return next((VITALS[code] for system, code in pairs if system in (SNOMED, LOINC) and code in VITALS), None)


def vital_value(document: Document, observation: JsonObject) -> str | None:
    """The value, or for a panel such as blood pressure its components joined: ``148 / 82 mmHg``."""
    own = stated(observation, "value", document.calendar) or _is_the_finding(observation)
    parts = [stated(part, "value", document.calendar) for part in children(observation, "component")]
    shown = [part for part in parts if part]
    if own or len(shown) != 2:
        return own or "; ".join(shown) or None
    amounts = [part.split(" ", 1) for part in shown]
    same = len(amounts[0]) == 2 and amounts[0][1:] == amounts[1][1:]
    return f"{amounts[0][0]} / {shown[1]}" if same else " / ".join(shown)


def _is_the_finding(observation: JsonObject) -> str | None:
    """Breathing room air is said by the code alone: the observation needs no value."""
    return "Breathing room air" if has_snomed(observation, ROOM_AIR) else None


def has_snomed(observation: JsonObject, code: str) -> bool:
    return any(found == code for _, found in codings(child(observation, "code")))
