"""One value of a resource together with what a rule needs to judge it, and the way to the values below it."""

from __future__ import annotations

from interop.json_codec import Json, JsonObject
from interop.validation.place import Place, expression

NO_MEMBERS: JsonObject = {}


class Item:
    """A value, its members, its type and its place.

    value    the JSON value; None for a primitive that has only an ``_element`` companion
    members  what stands below: the object itself, or the companion of a primitive
    type     the key of its schema: ``HumanName``, ``code``, ``Patient``; for a backbone element ``Patient.contact``
    """

    __slots__ = ("members", "place", "type", "value")

    def __init__(self, value: Json, members: JsonObject, type_code: str, place: Place):
        self.value = value
        self.members = members
        self.type = type_code
        self.place = place

    @property
    def expression(self) -> str:
        return expression(self.place)


class Name:
    """One JSON member an element may stand in; a choice element has one for each of its types."""

    __slots__ = ("companion", "json", "step", "type")

    def __init__(self, json: str, step: str, type_code: str, *, primitive: bool):
        self.json = json
        self.step = step
        self.type = type_code
        self.companion = f"_{json}" if primitive else None


def items(parent: Item, names: tuple[Name, ...]) -> list[Item]:
    """Every occurrence of an element below ``parent``, in order, whichever of its names it uses."""
    found: list[Item] = []
    members = parent.members
    for name in names:
        if name.json in members or (name.companion is not None and name.companion in members):
            found.extend(_occurrences(parent, name))
    return found


def _occurrences(parent: Item, name: Name) -> list[Item]:
    value = parent.members.get(name.json)
    companion = parent.members.get(name.companion) if name.companion is not None else None
    if not isinstance(value, list) and not isinstance(companion, list):
        return [_item(value, companion, name, (parent.place, name.step, None, name.type))]
    values = value if isinstance(value, list) else []
    companions = companion if isinstance(companion, list) else []
    return [
        _item(
            values[n] if n < len(values) else None,
            companions[n] if n < len(companions) else None,
            name,
            (parent.place, name.step, n, name.type),
        )
        for n in range(max(len(values), len(companions)))
    ]


def _item(value: Json, companion: Json, name: Name, place: Place) -> Item:
    if name.companion is not None:
        return Item(value, companion if isinstance(companion, dict) else NO_MEMBERS, name.type, place)
    if not isinstance(value, dict):
        return Item(value, NO_MEMBERS, name.type, place)
    kind = value.get("resourceType")
    code = kind if isinstance(kind, str) and name.type in ("Resource", "DomainResource") else name.type
    return Item(value, value, code, (place[0], place[1], place[2], code) if code != name.type else place)
