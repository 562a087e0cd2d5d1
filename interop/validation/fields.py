"""The members of an object, one class for each way JSON holds them: primitive, companion, object, resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.extension import extension_use
from interop.validation.glance import MISSHAPEN, Glance, rules_of
from interop.validation.item import NO_MEMBERS, Name
from interop.validation.panel import Panel
from interop.validation.place import Place, expression
from interop.validation.primitive import Fault, Right
from interop.validation.schema import Schema, empty
from interop.validation.unrolled import Objects, Primitive, Several

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
            hint = "give the value without square brackets"
            scope.run.report(Issue(code, text, expression(place), hint=hint, member=name.json))
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
            scope.run.report(Issue("cardinality", text, expression(place), member=name.json))
        return [(entry, (place, name.step, number, name.type)) for number, entry in enumerate(value)]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PrimitiveField(_Member):
    """A member whose value is a string, number or boolean.

    passed  values that no rule had anything to say about, and never will: the rules on primitives see nothing else
    """

    fault: Fault
    right: Right
    passed: set[str] = field(default_factory=set)

    def plain(self) -> Right | None:
        """Whether a value is right by itself, as most are; None where its rules ask for more."""
        if not self.panel.asks:
            return None if self.many else self.right
        few = any(getattr(rule, "few_values", False) or not hasattr(rule, "glance") for rule in self.panel)
        return self.passed.__contains__ if few and not self.many else None

    def deep(self) -> Glance | None:
        """Whether a value is right as its rules see it; None where they have to look closer."""
        rules = rules_of(self.panel.asked(), self.name.type)
        if rules is None:
            return None
        one = Primitive(self.right, self.passed, tuple(rule for trigger, rule in rules if trigger is None))
        return Several(one, self.max) if self.many else one

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
    """A member whose value is an object of a known type.

    one_by_one  the objects hold whole resources: each is passed by itself, not all of them together
    """

    schemas: Mapping[str, Schema]
    one_by_one: bool = False

    def deep(self, owner: str) -> Glance | None:
        """What passes the objects at a glance; None where that takes a closer look. ``owner``: the type around them."""
        rules = rules_of(self.panel.asked(), self.name.type)
        if rules is None or self.one_by_one:
            return None
        if self.name.type == "Extension":
            rules = (*rules, (None, extension_use(owner, modifier=self.name.json == "modifierExtension")))
        own = () if "." in self.name.type else rules  # a backbone element's type has them among its own
        one = Objects(self.name.type, own, self.schemas)
        return Several(one, self.max) if self.many else one

    def visit(self, value: Json, node: JsonObject, place: Place, scope: Scope) -> None:
        name = self.name
        key, step = name.type, name.step
        schema, panel = self.schemas[key], self.panel
        walk = schema.walk
        kind = type(value)
        if kind is dict and not self.many:
            spot: Place = (place, step, None, key)
            walk(value, spot, scope)
            if panel.asks:
                panel.judge(value, value, key, spot, scope)
            return
        if kind is not list or not self.many or not value or self.max is not None:
            value = [entry for entry, _ in self._values(value, place, scope)]
        for number, entry in self._doubtful(value, scope) if self.one_by_one else enumerate(value):
            spot = (place, step, number, key)
            if type(entry) is not dict:
                text = f"{name.json}: an object ({key}) is wanted"
                around, member = (spot, None) if self.many else (place, name.json)
                scope.run.report(Issue("json-shape", text, expression(around), member=member))
                continue
            walk(entry, spot, scope)
            if panel.asks:
                panel.judge(entry, entry, key, spot, scope)

    def _doubtful(self, value: list[Json], scope: Scope) -> Iterator[tuple[int, Json]]:
        """The objects with their numbers that do not pass by themselves."""
        passing = self.schemas[self.name.type].glance
        for number, entry in enumerate(value):
            try:
                if passing[tuple(entry)](entry, scope):
                    continue
            except MISSHAPEN:  # the walk says how
                pass
            yield number, entry


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
