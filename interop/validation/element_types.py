"""The types of an ElementDefinition fit the profiles given for them.

Source: FHIR R4 elementdefinition-definitions.html#ElementDefinition.type.profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.definitions import StructureDefinition
from interop.json_codec import Json
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.item import Item
from interop.validation.place import expression

if TYPE_CHECKING:
    from interop.validation.scope import Scope

# A profile on these may be one on an element inside another structure.
_ANYTHING = frozenset({"BackboneElement", "Element", "Resource", "DomainResource"})
_EXTENSIONS = ("extension", "modifierExtension")


@dataclass(frozen=True, slots=True)
class TypeProfile:
    """A profile is one of the type; an extension that changes meanings stands in modifierExtension, others do not."""

    trigger: ClassVar[str] = "profile"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        code, listed = item.members.get("code"), item.members.get("profile")
        if not isinstance(code, str) or not isinstance(listed, list):
            return NOTHING
        row = scope.run.node_at(item.place[0], scope) if item.place[0] is not None else None
        path = str(row.get("path")) if isinstance(row, dict) else ""
        found: list[Issue] = []
        for number, canonical in enumerate(listed):
            structure = scope.run.structure(canonical) if isinstance(canonical, str) else None
            if structure is not None:
                at = expression((item.place, "profile", number, "canonical"))
                hint = "name a profile that fits"
                texts = _faults(code, path.rpartition(".")[2], structure, scope)
                found.extend(Issue("element-type", text, at, hint=hint) for text in texts)
        return found


def _faults(code: str, name: str, structure: StructureDefinition, scope: Scope) -> Iterator[str]:
    if code not in _ANYTHING and not scope.run.is_a(structure.type, code):
        yield f"{structure.url} is a profile on {structure.type}, the type here is {code}"
    if code == "Extension" and name in _EXTENSIONS and structure.type == "Extension":
        wanted: Json = "modifierExtension" if structure.root.is_modifier else "extension"
        if name != wanted:
            yield f"{structure.url} belongs in {wanted}, not in {name}"
