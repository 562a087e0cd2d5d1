"""Where the target of a reference must stand: contained, in the same Bundle, or elsewhere.

Source: FHIR R4 elementdefinition-definitions.html#ElementDefinition.type.aggregation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.definitions import ElementDefinition
from interop.outcome import Issue
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.glance import Glance, by_checking
from interop.validation.item import Item
from interop.validation.references import reference_text

if TYPE_CHECKING:
    from interop.validation.scope import Scope

# A reference into the Bundle is still a reference to a resource of its own.
_ALSO = {"bundled": "referenced"}


def aggregation_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    allowed = frozenset(mode for ref in element.types if ref.code == "Reference" for mode in ref.aggregation)
    return Aggregation(allowed, known.rule) if allowed else None


@dataclass(frozen=True, slots=True)
class Aggregation:
    """The target stands in one of the places allowed."""

    allowed: frozenset[str]
    rule: str
    trigger: ClassVar[str] = "reference"

    def glance(self, key: str) -> Glance:
        return by_checking(self, key)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        reference = reference_text(item.value)
        if reference is None or item.type != "Reference":
            return NOTHING
        found = "referenced"
        if reference.startswith("#"):
            found = "contained"
        elif scope.resolve(reference) is not None:
            found = "bundled"
        if found in self.allowed or _ALSO.get(found) in self.allowed:
            return NOTHING
        text = f"{reference!r} is {found}, the profile wants its target {' or '.join(sorted(self.allowed))}"
        hint = "contained: inside this resource; bundled: in this Bundle; referenced: anywhere"
        return (Issue("reference-aggregation", text, item.expression, rule=self.rule, hint=hint),)
