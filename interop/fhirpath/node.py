"""One element of a FHIR tree together with what its JSON value alone does not say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from interop.fhirpath import quantity
from interop.fhirpath.quantity import Quantity
from interop.fhirpath.temporal import Date, DateTime, Temporal, Time, parse_date, parse_datetime, parse_time
from interop.json_codec import Json, JsonObject

Item: TypeAlias = Json
"""What a collection holds: a JSON value, a Node around one, or a Quantity, Date, DateTime or Time."""
Items: TypeAlias = list[Item]

QUANTITIES = frozenset({"Quantity", "Age", "Count", "Distance", "Duration", "SimpleQuantity", "MoneyQuantity"})
TEMPORALS = frozenset({"date", "dateTime", "instant", "time"})
PARSERS: dict[str, Callable[[str], Temporal | None]] = {
    "date": parse_date,
    "dateTime": parse_datetime,
    "instant": parse_datetime,
    "time": parse_time,
}
_SYSTEM_TYPES: dict[type, str] = {
    str: "String",
    bool: "Boolean",
    int: "Integer",
    Decimal: "Decimal",
    Date: "Date",
    DateTime: "DateTime",
    Time: "Time",
    Quantity: "Quantity",
}
_JSON_TYPES: dict[type, str] = {str: "string", bool: "boolean", int: "integer", Decimal: "decimal"}


class Node:
    """An element of a FHIR resource.

    value  the JSON value; None for a primitive that has only extensions
    type   FHIR type name, or the path of a backbone element; "" where nobody knows
    extra  the ``_name`` companion of a primitive: its id and extensions
    """

    __slots__ = ("extra", "type", "value")

    def __init__(self, value: Json, type: str = "", extra: JsonObject | None = None) -> None:
        self.value = value
        self.type = type
        self.extra = extra

    def __repr__(self) -> str:
        return f"Node({self.value!r}, {self.type!r})"


def raw(item: Item) -> Json:
    """The item without its Node."""
    return item.value if item.__class__ is Node else item


def node(value: Json, type_name: str, extra: JsonObject | None = None) -> Node:
    """A Node; a resource names its own type, and a JSON value of unknown type tells what it can."""
    if value.__class__ is dict:
        return Node(value, value.get("resourceType") or type_name, extra)
    return Node(value, type_name or _JSON_TYPES.get(value.__class__, ""), extra)


def system_value(item: Item) -> Item | None:
    """The item as FHIRPath calculates with it; None when a primitive has no value.

    FHIR's date, dateTime, instant, time and Quantity become Date, DateTime, Time and Quantity; other complex
    values stay as they are. Source: FHIR R4 fhirpath.html, 2.9.1.4.
    """
    if item.__class__ is not Node:
        return item
    value, type_name = item.value, item.type
    if value.__class__ is str:
        return temporal(value, type_name)
    if value.__class__ is dict and type_name in QUANTITIES:
        return quantity.of_fhir(value) or value
    return value


def temporal(value: Json, type_name: str) -> Item:
    """A primitive's text as a date, date-time or time when its type says so and its form allows it."""
    parser = PARSERS.get(type_name)
    if parser is None or value.__class__ is not str:
        return value
    return parser(value) or value


def system_type(item: Item) -> str:
    """``String``, ``Quantity`` ... for a value that is not an element of a resource; "" for a JSON object."""
    return _SYSTEM_TYPES.get(item.__class__, "")
