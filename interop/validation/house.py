"""Rules of this house that FHIR itself does not make: identifiers whose digits prove themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.identifiers import NHS_NUMBER, nhs_number_fault
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.glance import Glance, by_checking
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope


@dataclass(frozen=True, slots=True)
class NhsNumber:
    """An Identifier of the NHS number's system passes the check digit."""

    trigger: ClassVar[str] = "system"

    def glance(self, key: str) -> Glance:
        closer = by_checking(self, key)
        return lambda value, scope: value["system"] != NHS_NUMBER or closer(value, scope)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if item.members.get("system") != NHS_NUMBER or not scope.run.policy.house_rules:
            return NOTHING
        value = item.members.get("value")
        fault = nhs_number_fault(value) if isinstance(value, str) else None
        if fault is None:
            return NOTHING
        hint = "check the number against the source record"
        return (Issue("nhs-number-check-digit", f"NHS number {fault}", f"{item.expression}.value", hint=hint),)
