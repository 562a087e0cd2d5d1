"""The members of an object, one class for each way JSON holds them: primitive, companion, object, resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.item import NO_MEMBERS, Name
from interop.validation.panel import Panel
from interop.validation.place import Place, expression
from interop.validation.primitive import Fault
from interop.validation.schema import Schema, empty

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_REMEMBERED = 1000


def _shape(text: str, place: Place, hint: str | None = None) -> Issue:
    return Issue("json-shape", text, expression(place), hint=hint)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Member:
    name: Name
    many: bool
    max: int | None
    panel: Panel = field(default_factory=Panel)

    def _values(self, value: Json, place: Place, scope: Scope) -> Iterable[tuple[Json, Place]]:
        """Each value with its place, once JSON has the array or the single value the element asks for."""
        name = self.name
        if not self.many:
            if type(value) is not list:
                return ((value, (place, name.step, None, name.type)),)
            text = f"{name.json}: found an array of {len(value)}, at most one value is allowed"
            code = "json-shape" if len(value) < 2 else "cardinality"
            scope.run.report(Issue(code, text, expression(place), hint="give the value without square brackets"))
            return ()
        if type(value) is not list:
            text = f"{name.json}: found a single value, an array is wanted"
            scope.run.report(_shape(text, (place, name.step, None, None), "put the value in square brackets"))
            return ()
        if not value:
            text = f"{name.json}: found an empty array; it must have at least one value"
            scope.run.report(_shape(text, (place, name.step, None, None), "leave the element out instead"))
        elif self.max is not None and len(value) > self.max:
            text = f"{name.json}: found {len(value)}, wanted at most {self.max}"
            scope.run.report(Issue("cardinality", text, expression(place)))
        return [(entry, (place, name.step, number, name.type)) for number, entry in enumerate(value)]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PrimitiveField(_Member):
    """A member whose value is a string, number or boolean.

    passed  values that no rule had anything to say about, and never will: the rules on primitives see nothing else
    """

    fault: Fault
    passed: set[str] = field(default_factory=set)

    def glance(self) -> Fault:
        """None for a value that is right beyond doubt, as most are."""
        if self.panel.asks:
            passed = self.passed
            return lambda value: None if type(value) is str and value in passed else ""
        if not self.many:
            return self.fault
        fault = self.fault
        return lambda value: None if type(value) is list and value and not any(map(fault, value)) else ""

    def visit(self, value: Json, node: JsonObject, place: Place, scope: Scope) -> None:
        before = len(scope.run.issues)
        self._visit(value, node, place, scope)
        if type(value) is str and len(scope.run.issues) == before and len(self.passed) < _REMEMBERED:
            self.passed.add(value)

    def _visit(self, value: Json, node: JsonObject, place: Place, scope: Scope) -> None:
        companion = node.get(self.name.companion or "")
        for number, (entry, spot) in enumerate(self._values(value, place, scope)):
            members = companion[number] if isinstance(companion, list) and number < len(companion) else companion
            members = members if isinstance(members, dict) else NO_MEMBERS
            if entry is None and self.many:
                if not members:
                    text = f"{self.name.json}: found null, a value is wanted"
                    scope.run.report(_shape(text, spot, "null stands only for a value that has an extension"))
                continue
            fault = self.fault(entry)
            if fault is not None:
                self._report(fault, spot, scope, entry)
            else:
                self.panel.judge(entry, members, self.name.type, spot, scope)

    def _report(self, text: str, place: Place, scope: Scope, value: Json = None) -> None:
        if value == "":
            scope.run.report(empty(place))
        scope.run.report(Issue("primitive", f"{self.name.type}: {text}", expression(place), rule=self.name.type))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CompanionField(_Member):
    """``_birthDate``: id and extensions of a primitive. FHIR R4 json.html#primitive."""

    schemas: Mapping[str, Schema]

    def visit(self, value: Json, node: JsonObject, place: Place, scope: Scope) -> None:
        schema = self.schemas["Element"]
        values = node.get(self.name.json)
        for number, (entry, spot) in enumerate(self._values(value, place, scope)):
            own = values[number] if isinstance(values, list) and number < len(values) else values
            if entry is None and self.many:
                continue
            if not isinstance(entry, dict):
                scope.run.report(_shape(f"_{self.name.json}: an object with id or extension is wanted", spot))
                continue
            schema.walk(entry, spot, scope)
            if own is None or (isinstance(own, list) and not self.many):
                self._without_value(entry, spot, scope)

    def _without_value(self, entry: JsonObject, spot: Place, scope: Scope) -> None:
        if entry.get("extension"):
            self.panel.judge(None, entry, self.name.type, spot, scope)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ObjectField(_Member):
    """A member whose value is an object of a known type."""

    schemas: Mapping[str, Schema]

    def visit(self, value: Json, node: JsonObject, place: Place, scope: Scope) -> None:
        name = self.name
        key, step = name.type, name.step
        walk, panel = self.schemas[key].walk, self.panel
        kind = type(value)
        if kind is dict and not self.many:
            spot: Place = (place, step, None, key)
            walk(value, spot, scope)
            if panel.asks:
                panel.judge(value, value, key, spot, scope)
            return
        if kind is not list or not self.many or not value or self.max is not None:
            value = [entry for entry, _ in self._values(value, place, scope)]
        for number, entry in enumerate(value):
            spot = (place, step, number, key)
            if type(entry) is not dict:
                scope.run.report(_shape(f"{name.json}: an object ({key}) is wanted", spot if self.many else place))
                continue
            walk(entry, spot, scope)
            if panel.asks:
                panel.judge(entry, entry, key, spot, scope)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ResourceField(_Member):
    """A member that holds a whole resource: ``contained``, ``Bundle.entry.resource``."""

    def visit(self, value: Json, node: JsonObject, place: Place, scope: Scope) -> None:
        for entry, spot in self._values(value, place, scope):
            if type(entry) is not dict:
                scope.run.report(_shape(f"{self.name.json}: a resource is wanted", spot))
                continue
            scope.run.resource(entry, spot, scope, node)


@dataclass(frozen=True, slots=True)
class Silent:
    """``resourceType``: read before the walk."""

    def visit(self, value: Json, node: JsonObject, place: Place, scope: Scope) -> None:
        return
