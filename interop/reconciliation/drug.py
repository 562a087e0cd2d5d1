"""What a medicine's name says: the ingredient, the strength, the shape, and whether it is a slow-release form."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

MASS = {
    "kg": Decimal(1_000_000), "g": Decimal(1000), "gram": Decimal(1000), "mg": Decimal(1), "milligram": Decimal(1),
    "microgram": Decimal("0.001"), "mcg": Decimal("0.001"), "ug": Decimal("0.001"), "µg": Decimal("0.001"),
    "nanogram": Decimal("0.000001"), "ng": Decimal("0.000001"),
}  # fmt: skip
"""Milligrams in one of each unit of mass."""

STRENGTH = re.compile(
    r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s*-?\s*"
    r"(kilograms?|kg|nanograms?|ng|micrograms?|mcg|µg|ug|milligrams?|mg|grams?|g|units?|iu|ml|millilitres?|mmol|%)"
    r"(?:\s*/\s*\d*(?:\.\d+)?\s*(?:ml|dose|actuation|puff|hours?|hrs?|h|g))?(?![a-z])",
)


_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:-|to)\s*\d+(?:\.\d+)?(?=\s*(?:g|mg|micrograms?|mcg|ml)\b)")
_PAIR = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?)\s*(mg|micrograms?|mcg)?\s*/\s*(\d+(?:\.\d+)?)\s*(?:mg|micrograms?|mcg)(?![a-z])"
)
_COUNTED = {"dose", "actuation", "puff"}
"""What a strength is of where one of it is given at a time: 100 micrograms/dose is 100 micrograms."""


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine's name read.

    words     the ingredient's words in order, older names and salts taken away
    strength  milligrams in one tablet, capsule or the like; None when the name does not say or says something else
    units     units in one capsule or the like, for what is measured in units
    figures   every strength in the name in one form (620mg/ml, 8/500, 1%), so that 8/500 and 30/500 are told apart
    slow      a modified-release form: never the same medicine as the plain one without a word about it
    shape     tablet or capsule, liquid, patch, cream …; None when the name does not say
    per_ml    milligrams in one millilitre of a liquid
    brand     a brand that is not exchanged for another without somebody deciding it
    """

    words: tuple[str, ...]
    strength: Decimal | None
    figures: frozenset[str]
    slow: bool
    units: Decimal | None = None
    shape: str | None = None
    per_ml: Decimal | None = None
    brand: str | None = None


def drug(name: str | None) -> Drug:
    """Read a name as written on a chart: ``Amlodipine besilate 5mg tabs`` → amlodipine, 5."""
    words_of = _known()
    lower = _PAIR.sub(r"\1/\3", _RANGE.sub(r"\1", (name or "").lower().replace("sulph", "sulf")))
    strengths = [mass for amount, unit in STRENGTH.findall(lower) if (mass := milligrams(amount, unit)) is not None]
    said = re.findall(r"[\w/-]+", re.sub(r"\([^)]*\)", " ", STRENGTH.sub(" ", lower)))
    kept = [word for word in said if not re.fullmatch(r"[\d./-]+", word)]
    words = [word for word in kept if word not in words_of.slow and word.rstrip("s") not in words_of.forms]
    if words and words[0] not in words_of.salt_is_the_drug:
        words = [*words[:1], *(word for word in words[1:] if word not in words_of.salts)]
    written = [figure(match[0]) for match in STRENGTH.finditer(lower)]
    days = re.compile(r"\b7[ -]?day")  # a patch worn for seven days: how often it is changed says that
    # A volume alone is the size of the bottle.
    written = [shown for shown in written if not re.fullmatch(r"[\d.]+(ml|millilitres?)", shown)]
    figures = frozenset([*written, *(w for w in said if re.fullmatch(r"[\d./-]+", w) and not days.search(lower))])
    slow = any(word in words_of.slow for word in kept)
    units = [Decimal(found[:-4]) for found in written if re.fullmatch(r"[\d.]+unit", found)]
    per_ml = [Decimal(found[:-5]) for found in written if re.fullmatch(r"[\d.]+mg/ml", found)]
    brand = next((word for word in kept if word in words_of.brands), None)
    # With two strengths in the name (a combination) a tablet has no single amount.
    return Drug(
        words=_today(words or kept),
        strength=strengths[0] if len(strengths) == 1 else None,
        figures=figures,
        slow=slow,
        units=units[0] if len(units) == 1 else None,
        shape=next((shape for shape, pattern in words_of.shapes if pattern.search(lower)), None),
        per_ml=per_ml[0] if len(per_ml) == 1 else None,
        brand=brand,
    )


def figure(written: str) -> str:
    """A strength in one form: masses in mg, volumes per ml: ``3.1 g/5 ml`` → ``620mg/ml``; units and % as they are."""
    whole, _, per = written.replace(" ", "").partition("/")
    amount, unit = re.match(r"([\d,.]+)-?(.*)", whole).groups()  # type: ignore[union-attr]  # STRENGTH matched it
    count, of = re.match(r"([\d.]*)([a-z]*)", per).groups()  # type: ignore[union-attr]  # matches anything
    number = Decimal(amount.replace(",", ""))
    mass = milligrams(amount, unit)
    name = "mg" if mass is not None else {"iu": "unit", "units": "unit"}.get(unit, unit)
    value = (mass if mass is not None else number) / Decimal(count or 1)
    shown = f"{value.normalize():f}{name}"
    return shown if not of or of in _COUNTED else f"{shown}/{'hour' if of.startswith('h') else of}"


@dataclass(frozen=True, slots=True)
class _Known:
    names: dict[str, str]
    forms: frozenset[str]
    slow: frozenset[str]
    salts: frozenset[str]
    salt_is_the_drug: frozenset[str]
    brands: frozenset[str]
    shapes: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def _known() -> _Known:
    data = json.loads((Path(__file__).parent / "drug_names.json").read_text(encoding="utf-8"))
    forms, slow, salts, drugs, brands = (
        frozenset(data[name]) for name in ("forms", "slow", "salts", "salt-is-the-drug", "brand-matters")
    )
    shapes = tuple((shape, re.compile(pattern)) for shape, pattern in data["shapes"].items())
    return _Known(data["names"], forms, slow, salts, drugs, brands, shapes)


def _today(words: list[str]) -> tuple[str, ...]:
    """The name in use today; a whole name before its words."""
    known = _known().names
    whole = known.get(" ".join(words))
    return tuple(whole.split()) if whole else tuple(part for word in words for part in known.get(word, word).split())


def milligrams(amount: str, unit: str) -> Decimal | None:
    """A mass in milligrams; None when the unit is not one of mass."""
    factor = MASS.get(unit.rstrip("s") if len(unit) > 2 else unit)
    return Decimal(amount.replace(",", "")) * factor if factor is not None else None
