"""The small parts a StructureMap is written of: targets, parameters, names; and what it cannot say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from interop.json_codec import Json, JsonObject
from interop.mapping.plan import GroupPlan, Leaf

RECORD, ROW, TARGET = "record", "row", "made"
"""What every group calls the record, its row and the resource it fills."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something the StructureMap does not say. ``where``: file and line; ``what``: the target or group."""

    where: str
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.text}" if self.where else f"{self.what}: {self.text}"

    def as_json(self) -> JsonObject:
        return {**({"where": self.where} if self.where else {}), "what": self.what, "text": self.text}


def is_direct(group: GroupPlan, leaf: Leaf) -> bool:
    """The reference stands directly in the resource, so that another group's rule can write it."""
    return any(entry is leaf for slot in group.root.slots.values() for entry in slot.entries.values())


def target_of(
    context: str, name: str, transform: str | None = None, parameters: list[Json] | None = None, variable: str = ""
) -> JsonObject:
    made: JsonObject = {"context": context, "contextType": "variable", "element": name}
    if variable:
        made["variable"] = variable
    if transform is not None:
        made |= {"transform": transform, **({"parameter": parameters} if parameters else {})}
    return made


def typed(value: Json) -> JsonObject:
    """A constant as a parameter."""
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int):
        return {"valueInteger": value}
    return {"valueDecimal": value} if isinstance(value, Decimal) else {"valueString": str(value)}


def default(value: Json) -> JsonObject:
    return {f"default{key[0].upper()}{key[1:]}": item for key, item in typed(value).items()}


def slug_of(name: str) -> str:
    """A mapping's name inside an id or a URL: ``care-home-red-bag``."""
    return "-".join(re.findall(r"[A-Za-z0-9]+", name))


def identifier(text: str) -> str:
    """Text as a FHIR id."""
    return "-".join(re.findall(r"[A-Za-z0-9.]+", text))[:64] or "x"


def variable(group: GroupPlan) -> str:
    """What the resource of a group is called where others refer to it."""
    return identifier(f"r-{group.name}")
