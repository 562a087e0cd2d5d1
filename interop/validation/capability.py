"""A CapabilityStatement describes search parameters as they are defined.

Source: FHIR R4 capabilitystatement-definitions.html#CapabilityStatement.rest.resource.searchParam.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope


@dataclass(frozen=True, slots=True)
class SupportedSearch:
    """The type of a search parameter is that of its definition."""

    trigger: ClassVar[str] = "definition"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        canonical, kind = item.members.get("definition"), item.members.get("type")
        origin = scope.run.definitions.resource("SearchParameter", canonical) if isinstance(canonical, str) else None
        if origin is None or not isinstance(kind, str) or origin.get("type") == kind:
            return NOTHING
        text = f"type is {kind}, that of {canonical} is {origin.get('type')}"
        return (Issue("search-type", text, item.expression, hint="give the type the search parameter is defined with"),)
