"""FHIR data types in the words people use: names, addresses, phone numbers, amounts, how often."""

from __future__ import annotations

from collections.abc import Callable

from interop.json_codec import Json, JsonObject
from interop.reading.dates import Calendar
from interop.reading.nodes import as_text, child, children, choice, text, texts

NOT_RECORDED = "not recorded"

UNITS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}
SHORT_UNITS = {
    "%": "%", "percent": "%", "Cel": "°C", "degree Celsius": "°C", "mm[Hg]": "mmHg", "/min": "/min",
    "1": "", "{score}": "",
    "{ScoreOf}": "", "ScoreOf": "", "score": "", "ug": "micrograms",
}  # fmt: skip
"""UCUM codes and long unit names as a chart writes them."""
WHEN = {
    "MORN": "in the morning", "NOON": "at midday", "AFT": "in the afternoon", "EVE": "in the evening",
    "NIGHT": "at night", "HS": "at bedtime", "WAKE": "on waking", "AC": "before meals", "PC": "after meals",
    "C": "with meals", "CM": "with breakfast", "CD": "with lunch", "CV": "with the evening meal",
}  # fmt: skip
"""R4 ValueSet event-timing, the part care homes meet."""
TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times"}


def concept(node: Json) -> str | None:
    """A CodeableConcept or Coding: its text, else a display, else a bare code. None when it says nothing."""
    if not isinstance(node, dict):
        return as_text(node)
    inner = children(node, "coding")
    own = text(node, "text") or text(node, "display")
    if own and any(own == text(coding, "code") for coding in inner):
        own = None  # some systems copy the bare code into text: a display says more
    shown = own or next((shown for coding in inner if (shown := text(coding, "display"))), None)
    return shown or text(node, "code") or next((code for coding in inner if (code := text(coding, "code"))), None)


def concepts(node: Json, name: str) -> list[str]:
    """Every CodeableConcept under ``name`` in words, each once."""
    return list(dict.fromkeys(shown for one in children(node, name) if (shown := concept(one))))


CODE_WORDS = {
    "EMER": "emergency", "IMP": "inpatient", "AMB": "outpatient", "HH": "home visit", "VR": "virtual",
    "FLD": "on the spot", "ACUTE": "inpatient, acute", "SS": "short stay", "OBSENC": "under observation",
}  # fmt: skip
"""v3-ActCode encounter classes, which usually travel without a display."""


def code_words(code: str | None) -> str | None:
    """A bare code as words: ``not-started`` → "not started"."""
    return CODE_WORDS.get(code, code.replace("-", " ")) if code else None


def human_name(node: Json) -> str | None:
    """One HumanName: its text, else prefix, given, family, suffix in that order."""
    parts = [*texts(node, "prefix"), *texts(node, "given"), *texts(node, "family"), *texts(node, "suffix")]
    return text(node, "text") or " ".join(parts) or None


def best_name(resource: Json) -> str | None:
    """The name to call a person or an organisation by: official before usual before any other not out of use."""
    own = text(resource, "name")
    if own is not None:
        return own
    current = [name for name in children(resource, "name") if text(name, "use") not in ("old", "nickname")]
    order = {"official": 0, "usual": 1}
    ranked = sorted(current, key=lambda name: order.get(text(name, "use") or "", 2))
    return next((shown for name in ranked if (shown := human_name(name))), None)


def nickname(resource: Json) -> str | None:
    """What the person likes to be called: HumanName.use nickname, or a usual name without the family's."""
    names = children(resource, "name")
    short = [n for n in names if text(n, "use") == "usual" and not text(n, "family") and len(names) > 1]
    preferred = [n for n in names if text(n, "use") == "nickname"] or short
    return next((shown for name in preferred if (shown := human_name(name))), None)


def address(node: Json) -> str | None:
    """One Address on one line."""
    parts = [*texts(node, "line"), *(text(node, part) for part in ("city", "district", "postalCode"))]
    return text(node, "text") or ", ".join(part for part in parts if part) or None


def phones(resource: Json, *, systems: tuple[str, ...] = ("phone", "sms")) -> list[str]:
    """The ways to reach somebody, best rank first, those out of use left out."""
    points = [p for p in children(resource, "telecom") if text(p, "use") != "old" and text(p, "value")]
    wanted = [p for p in points if (text(p, "system") or "phone") in systems]
    wanted.sort(key=lambda p: int(rank) if (rank := text(p, "rank") or "").isdigit() else 99)
    return list(dict.fromkeys(text(p, "value") or "" for p in wanted))


def quantity(node: Json) -> str | None:
    """A Quantity with its comparator and unit; the digits stay as they were written."""
    amount = text(node, "value")
    if amount is None:
        return None
    unit = text(node, "unit") or text(node, "code")
    unit = SHORT_UNITS.get(text(node, "code") or "", SHORT_UNITS.get(unit or "", unit))
    tight = unit in ("%", "°C")
    return f"{text(node, 'comparator') or ''}{amount}{'' if tight else ' '}{unit}" if unit else amount


def span(node: Json, calendar: Calendar) -> str | None:
    """A Period or Range: ``from 1 Oct 2026 to 3 Nov 2026``."""
    if child(node, "low") or child(node, "high"):
        ends = [quantity(child(node, end)) for end in ("low", "high")]
        return " to ".join(end for end in ends if end) or None
    start, end = calendar.show(text(node, "start")), calendar.show(text(node, "end"))
    words = [f"from {start}" if start else "", f"to {end}" if end else ""]
    return " ".join(word for word in words if word) or None


def ratio(node: Json) -> str | None:
    """A Ratio: ``5 mg per 1 mL``."""
    parts = [quantity(child(node, part)) for part in ("numerator", "denominator")]
    return " per ".join(part for part in parts if part) or None


def timing(node: Json) -> str | None:
    """A Timing: its own code in words, else frequency, period and the times of day."""
    named = concept(child(node, "code"))
    if named:
        return named
    repeat = child(node, "repeat")
    words = [_frequency(repeat)]
    words += [WHEN.get(event, event) for event in texts(repeat, "when")]
    clock = [time[:5] for time in texts(repeat, "timeOfDay")]
    if clock:
        words.append("at " + ", ".join(clock))
    return " ".join(word for word in words if word) or None


def _frequency(repeat: JsonObject) -> str | None:
    often, period = text(repeat, "frequency"), text(repeat, "period")
    unit = UNITS.get(text(repeat, "periodUnit") or "", text(repeat, "periodUnit"))
    if often is None and period is None:
        return None
    times = TIMES.get(int(often), f"{often} times") if often and often.isdigit() else "once"
    if unit is None:
        return times
    return f"{times} every {period} {unit}s" if period not in (None, "1") else f"{times} a {unit}"


def dose(dosage: Json) -> str | None:
    """The amount of one dose out of Dosage.doseAndRate."""
    given = child(dosage, "doseAndRate")
    return quantity(child(given, "doseQuantity")) or _range(child(given, "doseRange"))


def _range(node: JsonObject) -> str | None:
    ends = [quantity(child(node, end)) for end in ("low", "high")]
    return " to ".join(end for end in ends if end) or None


def dosage(node: Json) -> str | None:
    """One Dosage as an instruction: its text, else dose, route and timing; then the patient's instruction."""
    built = [dose(node), concept(child(node, "route")), timing(child(node, "timing"))]
    if text(node, "asNeededBoolean") == "yes":
        built.append("when required")
    reason = concept(child(node, "asNeededCodeableConcept"))
    if reason:
        built.append(f"when required for {reason}")
    said = text(node, "text") or ", ".join(part for part in built if part)
    extra = text(node, "patientInstruction")
    return "; ".join(part for part in (said, extra) if part) or None


def notes(resource: Json) -> str | None:
    """The notes on a resource, joined."""
    return "; ".join(shown for note in children(resource, "note") if (shown := text(note, "text"))) or None


_TYPED: dict[str, Callable[[Json], str | None]] = {
    "CodeableConcept": concept, "Coding": concept, "Quantity": quantity, "Age": quantity, "Duration": quantity,
    "Ratio": ratio, "Timing": timing, "HumanName": human_name, "Address": address, "Dosage": dosage,
}  # fmt: skip


def typed(kind: str, value: Json, calendar: Calendar) -> str | None:
    """Any value[x] in words; a kind we have no words for shows whatever text it carries."""
    if kind in ("DateTime", "Date", "Instant"):
        return calendar.show(as_text(value))
    if kind in ("Period", "Range"):
        return span(value, calendar)
    if kind in _TYPED:
        return _TYPED[kind](value)
    if isinstance(value, dict):
        shown = (text(value, key) for key in ("text", "title", "display", "value", "reference"))
        return next((words for words in shown if words), None)
    return as_text(value)


def stated(node: Json, stem: str, calendar: Calendar) -> str | None:
    """A choice element in words: ``stated(observation, "value", calendar)``."""
    found = choice(node, stem)
    return typed(found[0], found[1], calendar) if found else None
