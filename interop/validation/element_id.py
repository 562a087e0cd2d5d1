"""Element ids: without spaces and unique within their resource, because internal links name them.

Source: FHIR R4 element-definitions.html#Element.id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.fields import PrimitiveField
from interop.validation.place import Place, expression

if TYPE_CHECKING:
    from interop.validation.scope import Scope


# The id of an ElementDefinition names the element it defines: in differential and snapshot alike.
_NAMED_TWICE = frozenset({"ElementDefinition"})


@dataclass(frozen=True, slots=True, eq=False)
class ElementIdField:
    """The ``id`` of an element that is no resource: its form, and that nothing else in the resource has it."""

    form: PrimitiveField

    def visit(self, value: Json, node: JsonObject, place: Place, scope: Scope) -> None:
        self.form.visit(value, node, place, scope)
        if type(value) is not str or place[3] in _NAMED_TWICE:
            return
        if value.split() != [value] and value:
            text = f"id {value!r} has white space in it, which no id has"
            scope.run.report(Issue("id-form", text, expression(place), hint="take the white space out"))
        if value in scope.ids:
            text = f"id {value!r} is given to two elements of this resource"
            scope.run.report(Issue("id-doubled", text, expression(place), hint="give each element an id of its own"))
        scope.ids.add(value)
