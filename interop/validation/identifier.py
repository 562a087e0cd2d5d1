"""What an Identifier's system promises: an absolute URI, and a whole URI as value where it says so.

Source: FHIR R4 datatypes.html#Identifier (system urn:ietf:rfc:3986).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import Json
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.glance import Glance
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope

URI = "urn:ietf:rfc:3986"


@dataclass(frozen=True, slots=True)
class IdentifierForm:
    """The system is absolute; behind ``urn:ietf:rfc:3986`` stands a whole URI, scheme included."""

    trigger: ClassVar[str] = "system"

    def glance(self, key: str) -> Glance:
        def glance(value: Json, scope: Scope) -> bool:
            system = value["system"]
            return ":" in system and (system != URI or ":" in value.get("value", ":"))

        return glance

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        system, value = item.members.get("system"), item.members.get("value")
        if not isinstance(system, str):
            return NOTHING
        if ":" not in system:
            return relative_system(system, item)
        if system != URI or not isinstance(value, str) or ":" in value:
            return NOTHING
        text = f"{value!r} is not a URI, as system {URI} asks"
        return (Issue("identifier-uri", text, item.expression, hint="write urn:oid: or urn:uuid: before it"),)


def relative_system(system: str, item: Item) -> tuple[Issue, ...]:
    """A system that is not absolute names nothing outside the sender's own walls."""
    text = f"system {system!r} is not an absolute URI"
    hint = "use the system's URL, urn:oid: or urn:uuid:"
    return (Issue("system-relative", text, f"{item.expression}.system", hint=hint),)
