"""The resources inside a resource: each has an id of its own there, so that ``#id`` means one of them.

Source: FHIR R4 references.html#contained, resource.html#id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.definitions import ElementDefinition
from interop.json_codec import Json
from interop.outcome import Issue
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.glance import Glance
from interop.validation.item import Item
from interop.validation.place import expression

if TYPE_CHECKING:
    from interop.validation.scope import Scope


def contained_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    """Once for each resource type that may contain others: those with dom-2."""
    is_type = known.element is None and "." not in element.path
    return ContainedIds() if is_type and any(c.key == "dom-2" for c in element.constraints) else None


@dataclass(frozen=True, slots=True)
class ContainedIds:
    """No two contained resources have the same id."""

    trigger: ClassVar[str] = "contained"

    def glance(self, key: str) -> Glance:
        return lambda value, scope: not _doubled(value["contained"])

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        numbers = _doubled(item.members.get("contained"))
        return [self._issue(number, name, item) for number, name in numbers] if numbers else NOTHING

    def _issue(self, number: int, name: str, item: Item) -> Issue:
        text = f"a contained resource before this one has the id {name!r} as well"
        place = expression((item.place, "contained", number, None))
        return Issue("contained-id-doubled", text, place, hint="give each contained resource an id of its own")


def _doubled(contained: Json) -> list[tuple[int, str]]:
    """Number and id of each contained resource whose id an earlier one has."""
    seen: set[str] = set()
    found: list[tuple[int, str]] = []
    for number, resource in enumerate(contained if isinstance(contained, list) else ()):
        name = resource.get("id") if isinstance(resource, dict) else None
        if isinstance(name, str):
            if name in seen:
                found.append((number, name))
            seen.add(name)
    return found
