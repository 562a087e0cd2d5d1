"""How much, how often and by which route, read out of what a chart says, so that two charts can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from interop.reading.medicines import Medicine
from interop.reconciliation.drug import STRENGTH, drug, milligrams

NUMBERS = {
    "half": "0.5",
    "half a": "0.5",
    "half of a": "0.5",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "ten": "10",
    "a": "1",
}
COUNTED = r"tablet|tab|capsule|cap|sachet|puff|drop|patch|spoonful|dose|spray|suppositor|application|lozenge|unit|ml"
_WHOLE = ("tab", "cap", "sup", "loz")
"""What is taken whole, so that its strength is what one of it holds."""
_SHAPED = {"tablet or capsule": "tablet", "dissolving tablet": "tablet", "suppository": "suppository", "patch": "patch"}
_COUNT = re.compile(
    rf"(?<![\w.])(\d+(?:\.\d+)?|half(?: of)?(?: a)?|one|two|three|four|five|six|ten|a)\s*(?:x\s*)?({COUNTED})", re.I
)
_RANGE = re.compile(r"(\d+(?:\.\d+)?|one|two)\s*(?:-|to|or)\s*(\d+(?:\.\d+)?|two|three)\b", re.I)

_OFTEN: tuple[tuple[str, Fraction], ...] = (
    (
        r"four times (a|per|each|every) day|four times daily|4 times (a|per) day|\bq\.?d\.?s\b|\bq\.?i\.?d\b",
        Fraction(4),
    ),
    (r"three times (a|per|each) day|three times daily|3 times (a|per) day|\bt\.?d\.?s\b|\bt\.?i\.?d\b", Fraction(3)),
    (
        r"twice (a|per|each) day|twice daily|two times (a|per) day|2 times (a|per) day|\bb\.?d\b|\bb\.?i\.?d\b",
        Fraction(2),
    ),
    (r"twice (a|per|each) week|twice weekly", Fraction(2, 7)),
    (r"(once )?(a|per|each|every) week|weekly", Fraction(1, 7)),
    (r"(once )?(a|per|each|every) month|monthly", Fraction(1, 28)),
    (r"alternate days?|every other day|every second day", Fraction(1, 2)),
    (r"once (a|per|each|every) day|once daily|\bo\.?d\b|\bdaily\b|every day|each day", Fraction(1)),
    (
        r"(every|each) (morning|night|evening)|\bmane\b|\bnocte\b|^(on|om)$|at (night|bedtime)"
        r"|in the (morning|evening)",
        Fraction(1),
    ),
)
"""Frequencies as charts write them, the most specific first; the value is doses a day."""
_EVERY = re.compile(r"every (\d+|one|two|three|four|six) ?(?:to \d+ )?(hour|day|week)s?|(\d+)[ -]hourly")
_WHEN = {
    "morning": r"morning|\bmane\b|\bom\b|breakfast",
    "midday": r"midday|noon|lunch",
    "evening": r"evening|teatime",
    "night": r"night|bedtime|\bnocte\b",
}
_NEEDED = re.compile(r"when (required|needed)|as (required|needed)|if (required|needed)|\bp\.?r\.?n\b")
_ROUTES = {
    "oral": r"^(oral(ly)?|by mouth|p\.?o\.?|mouth)$",
    "subcutaneous": r"^(s\.?c\.?|sub-?cut.*|under the skin)$",
    "intramuscular": r"^(i\.?m\.?|intramuscular.*)$",
    "intravenous": r"^(i\.?v\.?|intravenous.*)$",
    "topical": r"^(top.*|to the skin|skin|cutaneous.*|on the skin|to (the )?affected (skin|areas?)|transdermal.*)$",
    "inhaled": r"^(inh.*|by inhalation|respiratory)$",
    "sublingual": r"^(s\.?l\.?|sublingual.*|under the tongue)$",
    "nebulised": r"^(neb.*|by nebuliser)$",
    "both eyes": r"^(both eyes|each eye|to both eyes|in both eyes)$",
    "right eye": r"^(right eye|r eye|to the right eye|in the right eye)$",
    "left eye": r"^(left eye|l eye|to the left eye|in the left eye)$",
    "rectal": r"^(p\.?r\.?|rectal.*)$",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """How much at a time. ``value`` in mg, else in ``unit``; None when only words say it."""

    value: Decimal | None
    unit: str
    words: str


@dataclass(frozen=True, slots=True)
class Often:
    """How often. ``per_day`` None when only words say it."""

    per_day: Fraction | None
    times: frozenset[str]
    needed: bool
    words: str

    @property
    def unread(self) -> str:
        """What remains of the words when "when required", in any spelling, is taken out of them."""
        rest = _NEEDED.sub(" ", self.words.lower())
        return "".join(character for character in rest if character.isalnum())


def amount(medicine: Medicine) -> Amount | None:
    """The dose of one time; None: the chart does not state one. Tablets become mg where the name has a strength."""
    said = (medicine.amount or " ".join(medicine.instructions[:1])).lower()
    if not said:
        return None
    words = medicine.amount or medicine.instructions[0]
    if _RANGE.search(said):
        return Amount(None, "range", " ".join(_RANGE.search(said)[0].split()))  # type: ignore[index]
    product = drug(medicine.name)
    if said.isdigit() and product.shape in _SHAPED:  # "1" of what the name says it is
        said = f"{said} {_SHAPED[product.shape]}"
    stated = next(((m, u) for m, u in STRENGTH.findall(said) if milligrams(m, u) is not None), None)
    counted = _COUNT.search(said)
    if stated is not None:
        times = Decimal(NUMBERS.get(counted[1], counted[1])) if counted and medicine.amount is None else Decimal(1)
        mass = milligrams(*stated) or Decimal(0)
        # "2 tablets (1 g)" says the whole; "2 x 500 mg" says the part.
        multiplied = re.search(rf"(\d+)\s*x\s*{re.escape(stated[0])}", said)
        return Amount(mass * Decimal(multiplied[1]) if multiplied else mass, "mg", words) if times else None
    if counted is None:
        return Amount(None, "", words if medicine.amount else "") if medicine.amount else None
    value, unit = Decimal(NUMBERS.get(counted[1], counted[1])), counted[2]
    if unit[:3] in _WHOLE and product.strength is not None:
        return Amount(value * product.strength, "mg", words)
    if unit[:3] in _WHOLE and product.units is not None:
        return Amount(value * product.units, "uni", words)
    if unit == "ml" and product.per_ml is not None:
        return Amount(value * product.per_ml, "mg", words)
    return Amount(value, unit[:3], words)


def often(medicine: Medicine) -> Often | None:
    """How often, from the timing, else from the instruction's words; None: the chart does not state it."""
    said = (medicine.often or " ".join(medicine.instructions)).lower()
    if not said:
        return None
    times = frozenset(name for name, pattern in _WHEN.items() if re.search(pattern, said))
    needed = medicine.when_required or bool(_NEEDED.search(said))
    return Often(_per_day(said), times, needed, medicine.often or "; ".join(medicine.instructions))


def _per_day(said: str) -> Fraction | None:
    every = _EVERY.search(said)
    if every:
        number = int(Decimal(NUMBERS.get(every[1] or every[3], every[1] or every[3])))
        days = {"hour": Fraction(number, 24), "day": Fraction(number), "week": Fraction(number * 7)}[every[2] or "hour"]
        return 1 / days if days else None
    times = [name for name, pattern in _WHEN.items() if re.search(pattern, said)]
    stated = next((value for pattern, value in _OFTEN if re.search(pattern, said)), None)
    # "Morning and night" is twice a day although neither word alone says so.
    return Fraction(len(times)) if len(times) > 1 and stated in (None, Fraction(1)) else stated


def route(words: str | None) -> str | None:
    """The route under one name: ``PO``, ``by mouth`` and ``oral`` are the same."""
    said = (words or "").lower().strip(" .")
    return next((name for name, pattern in _ROUTES.items() if re.match(pattern, said)), said or None)
