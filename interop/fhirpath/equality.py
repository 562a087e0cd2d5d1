"""When two values are equal, equivalent, or the same member of a set (FHIRPath N1 section 6.1)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from interop.fhirpath import quantity
from interop.fhirpath.node import Item, Items, Node, system_value
from interop.fhirpath.quantity import Quantity
from interop.fhirpath.temporal import (
    KINDS,
    Date,
    Temporal,
    Time,
    compare,
    normal,
    parse_date,
    parse_datetime,
    parse_time,
)
from interop.json_codec import Json

_SIMPLE = frozenset({str, bool, dict})
WIDE = Context(prec=2500)
"""For rounding to a number of digits, which must not fail for a long number."""


def all_equal(left: Items, right: Items) -> bool | None:
    """``=``: the same items in the same order; None when either is empty or one pair cannot be told."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    answer: bool | None = True
    for ours, theirs in zip(left, right, strict=True):
        same = equal(ours, theirs)
        if same is False:
            return False
        if same is None:
            answer = None
    return answer


def equal(left: Item, right: Item) -> bool | None:
    """Whether two items are equal; None when their precision, zone or unit does not let anyone tell."""
    kind = left.__class__
    if kind is right.__class__ and kind in _SIMPLE:
        return bool(left == right)
    if kind is Node or right.__class__ is Node:
        return _equal_nodes(left, right)
    if kind is bool or right.__class__ is bool:
        return False
    if isinstance(left, Quantity) or isinstance(right, Quantity):
        ours, theirs = as_quantity(left), as_quantity(right)
        return quantity.equal(ours, theirs) if ours is not None and theirs is not None else False
    if isinstance(left, KINDS) or isinstance(right, KINDS):
        return _equal_temporals(left, right)
    return bool(left == right)


def _equal_nodes(left: Item, right: Item) -> bool | None:
    ours, theirs = system_value(left), system_value(right)
    if ours is None or theirs is None:  # primitives without a value: the same only with the same extensions
        return bool(ours is theirs and getattr(left, "extra", None) == getattr(right, "extra", None))
    return equal(ours, theirs)


def _equal_temporals(left: Item, right: Item) -> bool | None:
    pair = as_temporals(left, right)
    if pair is None:
        return False
    if isinstance(pair[0], Time) != isinstance(pair[1], Time):
        return False
    order = compare(*pair)
    return None if order is None else order == 0


def as_temporals(left: Item, right: Item) -> tuple[Temporal, Temporal] | None:
    """Both as dates or times; a text of unknown type beside one is read as one where it can be."""
    ours = read_temporal(left) if isinstance(left, str) else left
    theirs = read_temporal(right) if isinstance(right, str) else right
    if isinstance(ours, KINDS) and isinstance(theirs, KINDS):
        return ours, theirs
    return None


def read_temporal(text: str) -> Temporal | None:
    return parse_date(text) or parse_datetime(text) or parse_time(text)


def as_quantity(item: Item) -> Quantity | None:
    """A number is a quantity of unit 1; a FHIR Quantity counts as one."""
    if isinstance(item, Quantity):
        return item
    if item.__class__ is int or item.__class__ is Decimal:
        return Quantity(Decimal(item))
    return quantity.of_fhir(item) if isinstance(item, dict) else None


def all_equivalent(left: Items, right: Items) -> bool:
    """``~``: the same items in any order; two empty collections are equivalent."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for ours in left:
        match = next((i for i, theirs in enumerate(rest) if equivalent(ours, theirs)), None)
        if match is None:
            return False
        del rest[match]
    return True


def equivalent(left: Item, right: Item) -> bool:
    """Equal but for case and white space of text, digits beyond the shorter number, and element ids."""
    ours, theirs = system_value(left), system_value(right)
    if isinstance(ours, str) and isinstance(theirs, str):
        return " ".join(ours.lower().split()) == " ".join(theirs.lower().split())
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, int | Decimal) and isinstance(theirs, int | Decimal):
        return _equivalent_numbers(Decimal(ours), Decimal(theirs))
    if isinstance(ours, Quantity) or isinstance(theirs, Quantity):
        first, second = as_quantity(ours), as_quantity(theirs)
        return first is not None and second is not None and quantity.equivalent(first, second)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return _equivalent_objects(ours, theirs)
    return equal(ours, theirs) is True


def _equivalent_numbers(left: Decimal, right: Decimal) -> bool:
    digits = [-int(number.normalize().as_tuple().exponent) for number in (left, right)]
    step = Decimal(1).scaleb(-max(0, min(digits)))
    return left.quantize(step, ROUND_HALF_UP, WIDE) == right.quantize(step, ROUND_HALF_UP, WIDE)


def _equivalent_objects(left: dict[str, Json], right: dict[str, Json]) -> bool:
    if left.keys() - {"id"} != right.keys() - {"id"}:
        return False
    return all(_equivalent_json(value, right[name]) for name, value in left.items() if name != "id")


def _equivalent_json(left: Json, right: Json) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return all_equivalent(left, right)
    return equivalent(left, right)


def key(item: Item) -> object:
    """What equal items share and different ones do not: lets a set do what ``distinct`` asks."""
    if item.__class__ is Node:
        if item.value is None:
            return "", _frozen(item.extra)
        item = item.value
    kind = item.__class__
    if kind is str or kind is int or kind is Decimal:
        return item
    if kind is bool:
        return bool, item
    if isinstance(item, KINDS):
        return Time if kind is Time else Date, normal(item)
    if kind is Quantity:
        return quantity.key(item)
    return _frozen(item)


def distinct(items: Items) -> Items:
    """Each item once, in the order first met; linear."""
    if len(items) < 2:
        return items
    found: dict[object, Item] = {}
    for item in items:
        found.setdefault(key(item), item)
    return list(found.values())


def _frozen(value: Json) -> object:
    if isinstance(value, dict):
        return frozenset((name, _frozen(part)) for name, part in value.items())
    if isinstance(value, list):
        return tuple(map(_frozen, value))
    return (bool, value) if isinstance(value, bool) else value
