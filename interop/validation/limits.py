"""The least and the greatest value allowed (ElementDefinition.minValue, maxValue).

Source: FHIR R4 elementdefinition-definitions.html#ElementDefinition.minValue_x_.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from interop.definitions import ElementDefinition
from interop.errors import InteropError
from interop.fhirpath import Node
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json
from interop.outcome import Issue
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.comparison import Order, compare
from interop.validation.glance import Glance, by_checking
from interop.validation.item import Item
from interop.validation.values import shown

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_MOMENTS = frozenset({"date", "dateTime", "instant"})


def range_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    base = known.element
    low = element.min_value if base is None or base.min_value != element.min_value else None
    high = element.max_value if base is None or base.max_value != element.max_value else None
    if low is None and high is None:
        return None
    return Range(low[1] if low else None, high[1] if high else None, known.rule)


@dataclass(frozen=True, slots=True)
class Range:
    """minValue and maxValue, both inclusive; a value that cannot be compared with them passes.

    For a date a limit may be a duration: so long before now at the earliest, so long after now at the latest.
    """

    low: Json
    high: Json
    rule: str

    def glance(self, key: str) -> Glance:
        return by_checking(self, key)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        low, high = _limit(self.low, "-", item, scope), _limit(self.high, "+", item, scope)
        if low is not None and compare(item.value, low) is Order.LESS:
            text = f"{shown(item.value)} is less than the least allowed value {shown(low)}"
            return (Issue("min-value", text, item.expression, rule=self.rule),)
        if high is not None and compare(item.value, high) is Order.GREATER:
            text = f"{shown(item.value)} is more than the greatest allowed value {shown(high)}"
            return (Issue("max-value", text, item.expression, rule=self.rule),)
        return NOTHING


def _limit(limit: Json, sign: str, item: Item, scope: Scope) -> Json:
    """The limit as a value of the item's own type; a duration counted from now. None: there is none."""
    if not isinstance(limit, dict) or item.type not in _MOMENTS:
        return limit
    return moment_from(scope.services.now, sign, limit, whole_days=item.type == "date")


def moment_from(now: datetime, sign: str, duration: dict[str, Json], *, whole_days: bool) -> str | None:
    """``now`` minus or plus a UCUM duration as FHIR writes it; None when the duration cannot be read.

    sign        ``-`` or ``+``
    whole_days  a date without time
    """
    if not isinstance(duration.get("value"), int | Decimal):
        return None
    text = now.astimezone(UTC).strftime("%Y-%m-%d" if whole_days else "%Y-%m-%dT%H:%M:%SZ")
    kind = "date" if whole_days else "dateTime"
    word = _WORDS.get(str(duration.get("code") or duration.get("unit")))
    if word is None:
        return None
    try:
        found = compile_expression(f"$this {sign} {duration['value']} {word}").evaluate(Node(text, kind))
    except InteropError:
        return None
    return str(found[0]) if found else None


_WORDS = {
    "a": "years",
    "mo": "months",
    "wk": "weeks",
    "d": "days",
    "h": "hours",
    "min": "minutes",
    "s": "seconds",
}
"""UCUM unit of time → the calendar unit FHIRPath reckons with."""
