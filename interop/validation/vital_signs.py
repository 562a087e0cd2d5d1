"""Vital signs: an Observation with a LOINC code of a vital sign must follow the profile R4 has for it.

Source: FHIR R4 observation-vitalsigns.html.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.definitions.elements import BASE
from interop.json_codec import Json
from interop.outcome import Issue
from interop.validation.binding import codings
from interop.validation.glance import Glance
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope

LOINC = "http://loinc.org"
# fmt: off
# Packed: a list to look things up in, not to read. First the code R4 asks for, then more specific ones, beside which
# R4 asks for that code too ("magic code"), because their results are of the same kind.
_CODES = {
    "vitalspanel": ("85353-1",),
    "resprate": ("9279-1", "76170-0", "76172-6", "76171-8", "19840-8", "33438-3", "76270-8", "11291-2"),
    "heartrate": (
        "8867-4", "60978-4", "73795-7", "73799-9", "76476-1", "76477-9", "8889-8", "8890-6", "8891-4", "8892-2",
        "8893-0", "40443-4", "55425-3", "68999-2", "11328-2", "69000-8", "8886-4",
    ),
    "oxygensat": (
        "2708-6", "19224-5", "20564-1", "2709-4", "2710-2", "2713-6", "51733-4", "59408-5", "59417-6", "89276-0",
        "97549-0",
    ),
    "bodytemp": (
        "8310-5", "60834-9", "60835-6", "60836-4", "60838-0", "60955-2", "61009-7", "75539-7", "75987-8", "76010-8",
        "76011-6", "76278-1", "8309-7", "8328-7", "8329-5", "8330-3", "8331-1", "8332-9", "8333-7", "8334-5",
        "91371-5", "98657-0", "98663-8",
    ),
    "bodyheight": ("8302-2", "3137-7", "3138-5", "8306-3", "8308-9"),
    "headcircum": ("9843-4", "8287-5"),
    "bodyweight": ("29463-7", "3141-9", "3142-7", "75292-3", "79348-9", "8350-1", "8351-9"),
    "bmi": ("39156-5", "89270-3"),
    "bp": ("85354-9", "35094-2", "8459-0", "76534-7", "55284-4", "8480-6"),
}
# fmt: on
PROFILES = {code: profile for profile, codes in _CODES.items() for code in codes}
"""LOINC code → the profile R4 asks for."""


@dataclass(frozen=True, slots=True)
class VitalSign:
    """The profile that the code implies is followed, whether the resource claims it or not."""

    trigger: ClassVar[str] = "code"

    def glance(self, key: str) -> Glance:
        def glance(value: Json, scope: Scope) -> bool:
            for coding in value["code"].get("coding", ()):
                profile = PROFILES.get(coding.get("code")) if coding.get("system") == LOINC else None
                if profile is not None and not scope.run.follows(value, key, f"{BASE}{profile}", scope):
                    return False
            return True

        return glance

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        found: list[Issue] = []
        for system, code in codings(item.members.get("code")):
            profile = PROFILES.get(code or "") if system == LOINC else None
            if profile is not None:
                found.extend(scope.run.conform(item, f"{BASE}{profile}", scope))
        return found
