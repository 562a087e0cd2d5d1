"""What a type asks of one object: its elements, which of them must be there, and the rules on the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.glance import MISSHAPEN, Glance, Rules
from interop.validation.item import Name
from interop.validation.panel import Panel
from interop.validation.place import Place, expression
from interop.validation.primitive import Right
from interop.validation.shapes import NEVER, Shapes
from interop.validation.unrolled import Members, unroll

if TYPE_CHECKING:
    from interop.definitions import ElementDefinition
    from interop.validation.scope import Scope


NOTHING_ASIDE: Mapping[str, Glance] = {}


class Field(Protocol):
    """One JSON member of a type: checks its value and goes on below it."""

    def visit(self, value: Json, node: JsonObject, place: Place, scope: Scope) -> None: ...


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type and the JSON names it may use."""

    definition: ElementDefinition
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Needed:
    """Names of which at least one must be present: an element with min 1, with its companion or choices.

    single  the one name besides its companion; empty for a choice
    """

    element: str
    names: frozenset[str]
    single: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Schema:
    """A compiled type or backbone element.

    key      ``Patient``, ``HumanName``, ``Patient.contact``
    fields   by JSON name, choices and ``_`` companions included
    plain    for members whose value can be passed by itself, the test it passes by
    deep     for members whose value can be passed in its surroundings, the glance it passes by
    needed   elements with min 1; ``must`` holds the names of those that have only one
    choices  for each choice element, the names of which only one may be present
    glance   passes an object that is right beyond doubt, with everything below it
    """

    key: str
    is_resource: bool
    fields: dict[str, Field] = field(default_factory=dict)
    plain: dict[str, Right] = field(default_factory=dict)
    deep: dict[str, Glance] = field(default_factory=dict)
    glance: Shapes = field(default_factory=lambda: NEVER)
    elements: dict[str, Element] = field(default_factory=dict)
    must: set[str] = field(default_factory=set)
    needed: list[Needed] = field(default_factory=list)
    choices: list[Needed] = field(default_factory=list)
    choice_names: set[str] = field(default_factory=set)
    panel: Panel = field(default_factory=Panel)

    def walk(self, node: JsonObject, place: Place, scope: Scope) -> None:
        """Check one object and everything below it; findings go to the run."""
        fields, plain, deep = self.fields, self.plain, self.deep
        for name, value in node.items():
            try:
                if name in plain:
                    if plain[name](value):
                        continue
                elif name in deep and deep[name](value, scope):
                    continue
            except MISSHAPEN:  # the field says how
                pass
            member = fields.get(name)
            if member is None:
                scope.run.report(self._unknown(name, place))
            else:
                member.visit(value, node, place, scope)
        if not self.must <= node.keys():
            scope.run.extend(self._missing(need, place) for need in self.needed if need.names.isdisjoint(node))
        if self.choices and not self.choice_names.isdisjoint(node):
            for choice in self.choices:
                scope.run.extend(self._doubled(choice, node, place))
        if len(node) <= ("id" in node) and not self.is_resource:
            scope.run.report(empty(place))
        if self.panel.asks:
            self.panel.judge(node, node, self.key, place, scope)

    def seal(self, rules: Rules | None, aside: Mapping[str, Glance] = NOTHING_ASIDE) -> None:
        """Make ``glance``. rules: the glances of the panel, None: there are none.

        aside: what passes a member here, where that is not what a walk asks.
        """
        if rules is None:
            return
        members = Members(
            plain={name: right for name, right in self.plain.items() if name not in aside},
            deep={**self.deep, **aside},
            must=frozenset(name for need in self.needed for name in need.single),
            either=tuple(need.names for need in self.needed if not need.single),
            stems={name: choice.element for choice in self.choices for name in choice.names},
            rules=rules,
        )
        self.glance = unroll(self.key, members)

    def element(self, name: str) -> Element | None:
        """The element by its definition's name, or by a concrete name of a choice (``valueQuantity``)."""
        found = self.elements.get(name)
        if found is not None:
            return found
        return next((e for e in self.elements.values() if any(n.json == name for n in e.names)), None)

    def describe(self) -> Iterator[str]:
        """What will be checked, a line each."""
        yield f"{self.key}: {', '.join(sorted(self.fields))}"
        for need in self.needed:
            yield f"{self.key}.{need.element}: at least one"
        for assertion in self.panel:
            yield f"{self.key}: {assertion}"

    def _unknown(self, name: str, place: Place) -> Issue:
        text = f"{self.key} has no element {name!r}"
        hint = "remove it, or carry it as an extension; element names are case sensitive"
        return Issue("unknown-element", text, expression(place), rule=self.key, hint=hint, member=name)

    def _missing(self, need: Needed, place: Place) -> Issue:
        text = f"{self.key}.{need.element}: found 0, wanted at least 1"
        return Issue("missing-element", text, expression(place), rule=self.key, hint=f"add {need.element}")

    def _doubled(self, choice: Needed, node: JsonObject, place: Place) -> tuple[Issue, ...]:
        present = choice.names.intersection(node)
        if len(present) < 2 or len({name.removeprefix("_") for name in present}) < 2:
            return NOTHING
        names = [name for name in node if name in present]
        told = ", ".join(sorted({name.removeprefix("_") for name in present}))
        text = f"{self.key}.{choice.element}: found {told}, only one of them may be given"
        return (Issue("choice-doubled", text, expression(place), rule=self.key, hint="keep one", member=names[-1]),)


def empty(place: Place) -> Issue:
    """ele-1, which holds for every element."""
    text = "ele-1: found an element without value or children; it must have one or the other"
    return Issue("invariant", text, expression(place), rule="ele-1", hint="leave the element out instead")
