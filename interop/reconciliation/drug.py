"""What a medicine's name says: the ingredient, the strength, and whether it is a slow-release form."""

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
    r"(?:\s*/\s*\d*(?:\.\d+)?\s*(?:ml|dose|actuation|hour|h|g))?(?![a-z])",
)


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine's name read.

    words     the ingredient's words in order, older names and salts taken away
    strength  milligrams in one tablet, capsule or the like; None when the name does not say or says something else
    figures   every strength in the name as written, so that 8/500 and 30/500 are told apart
    slow      a modified-release form: never the same medicine as the plain one without a word about it
    """

    words: tuple[str, ...]
    strength: Decimal | None
    figures: frozenset[str]
    slow: bool


def drug(name: str | None) -> Drug:
    """Read a name as written on a chart: ``Amlodipine besilate 5mg tabs`` → amlodipine, 5."""
    words_of = _known()
    lower = (name or "").lower()
    strengths = [mass for amount, unit in STRENGTH.findall(lower) if (mass := milligrams(amount, unit)) is not None]
    said = re.findall(r"[\w/-]+", re.sub(r"\([^)]*\)", " ", STRENGTH.sub(" ", lower)))
    kept = [word for word in said if not re.fullmatch(r"[\d./-]+", word)]
    words = [word for word in kept if word not in words_of.slow and word.rstrip("s") not in words_of.forms]
    if words and words[0] not in words_of.salt_is_the_drug:
        words = [*words[:1], *(word for word in words[1:] if word not in words_of.salts)]
    whole = (re.sub(r"(?<=[a-z])s(?=/|$)", "", match[0].replace(" ", "")) for match in STRENGTH.finditer(lower))
    figures = frozenset([*whole, *(word for word in said if re.fullmatch(r"[\d./-]+", word))])
    slow = any(word in words_of.slow for word in kept)
    # With two strengths in the name (a combination) a tablet has no single amount.
    return Drug(_today(words or kept), strengths[0] if len(strengths) == 1 else None, figures, slow)


@dataclass(frozen=True, slots=True)
class _Known:
    names: dict[str, str]
    forms: frozenset[str]
    slow: frozenset[str]
    salts: frozenset[str]
    salt_is_the_drug: frozenset[str]


@cache
def _known() -> _Known:
    data = json.loads((Path(__file__).parent / "drug_names.json").read_text(encoding="utf-8"))
    lists = (frozenset(data[name]) for name in ("forms", "slow", "salts", "salt-is-the-drug"))
    return _Known(data["names"], *lists)


def _today(words: list[str]) -> tuple[str, ...]:
    """The name in use today; a whole name before its words."""
    known = _known().names
    whole = known.get(" ".join(words))
    return tuple(whole.split()) if whole else tuple(part for word in words for part in known.get(word, word).split())


def milligrams(amount: str, unit: str) -> Decimal | None:
    """A mass in milligrams; None when the unit is not one of mass."""
    factor = MASS.get(unit.rstrip("s") if len(unit) > 2 else unit)
    return Decimal(amount.replace(",", "")) * factor if factor is not None else None
