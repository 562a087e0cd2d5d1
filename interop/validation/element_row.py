"""One ElementDefinition by itself: what it constrains can be constrained in this way.

Source: FHIR R4 elementdefinition.html, elementdefinition-definitions.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interop.definitions.elements import BINDABLE
from interop.errors import ExpressionError
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.item import Item
from interop.validation.place import expression
from interop.validation.questionnaire import rows, typed_value

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_TEXTS = frozenset({"string", "markdown", "code", "id", "uri", "url", "canonical", "oid", "uuid", "base64Binary"})
_MEASURED = frozenset({"Quantity", "Age", "Count", "Distance", "Duration", "SimpleQuantity", "MoneyQuantity", "Money"})
_MOMENTS = frozenset({"date", "dateTime", "instant", "time"})
_NUMBERS = frozenset({"decimal", "integer", "positiveInt", "unsignedInt"})
_LIMITED = {
    "maxLength": _TEXTS | _MOMENTS | _NUMBERS,
    "minValue": _MOMENTS | _NUMBERS | _MEASURED,
    "maxValue": _MOMENTS | _NUMBERS | _MEASURED,
}
"""Constraint → the types it can say something about."""


@dataclass(frozen=True, slots=True)
class ElementRow:
    """Bindings and limits fit the types, fixed values are of them, invariants can be evaluated."""

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        found = [Issue(code, text, item.expression, hint=hint) for code, text, hint in _faults(item.members)]
        for number, constraint in enumerate(rows(item.members.get("constraint"))):
            text = _unreadable(constraint.get("expression"))
            if text is not None:
                at = expression((item.place, "constraint", number, None))
                said = f"{constraint.get('key')} cannot be evaluated: {text}"
                found.append(Issue("constraint-expression", said, at, hint="correct the FHIRPath"))
        return found


def _faults(row: JsonObject) -> Iterator[tuple[str, str, str]]:
    codes = _codes(row.get("type"))
    if not codes:
        return
    told = ", ".join(sorted(codes))
    if row.get("binding") and not codes & BINDABLE:
        yield "binding-without-code", f"a binding on {told} has no effect", "bind an element that holds codes"
    for name, types in _LIMITED.items():
        if not codes & types and any(key.startswith(name) for key in row):
            yield "limit-without-effect", f"{name} on {told} has no effect", "limit what can be limited in this way"
    for prefix in ("fixed", "pattern", "defaultValue"):
        kind, _ = typed_value(row, prefix)
        if kind and not _fits(kind, codes):
            text = f"{prefix} is a {kind}, the element holds {told}"
            yield "value-of-other-type", text, "give a value of the element's own type"


def _fits(kind: str, codes: frozenset[str]) -> bool:
    # typed_value cannot tell ``fixedHumanName`` from a primitive: the first letter does not count.
    return any(code[:1].lower() + code[1:] == kind[:1].lower() + kind[1:] for code in codes)


def _codes(types: Json) -> frozenset[str]:
    """The type codes; for FHIRPath's system types the FHIR type they stand for cannot be told here: none."""
    listed = [str(entry.get("code")) for entry in rows(types) if "code" in entry]
    return frozenset() if any(":" in code for code in listed) else frozenset(listed)


def _unreadable(text: Json) -> str | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        compile_expression(text)
    except ExpressionError as fault:
        return str(fault)
    return None
