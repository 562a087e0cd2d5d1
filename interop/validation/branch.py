"""What a profile asks beyond its base type: a tree that follows only the elements it says something new about."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.validation.allowed_types import AllowedTypes
from interop.validation.assertion import Assertion, GroupAssertion
from interop.validation.cardinality import Cardinality
from interop.validation.glance import Glance, Group, Occurrence, always, never, rules_of
from interop.validation.item import NO_MEMBERS, Item, items

if TYPE_CHECKING:
    from interop.validation.scope import Elements, Scope

_Below = Callable[[JsonObject, "Scope"], bool]
_ANY_NUMBER = sys.maxsize
_RESOURCE = frozenset({"Resource", "DomainResource"})


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """One constrained element.

    name        as the base type spells it: ``value[x]``; a single type of it may be meant: ``valueQuantity``
    groups      judge all occurrences together: cardinality, slicing
    assertions  judge each occurrence
    """

    name: str
    groups: list[GroupAssertion] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)
    children: list[Branch] = field(default_factory=list)

    @property
    def says_something(self) -> bool:
        return bool(self.groups or self.assertions or self.children)

    def judge(self, item: Item, scope: Scope) -> list[Issue]:
        """Everything the profile finds in one value and below it."""
        issues: list[Issue] = []
        for assertion in self.assertions:
            found = assertion.check(item, scope)
            issues.extend(found)
            if found and isinstance(assertion, AllowedTypes):
                return issues  # what the profile says of the types it allows does not speak of this one
        if self.children:
            below = scope.run.scope_below(item, scope)
            for child in self.children:
                issues.extend(child.judge_below(item, below))
        return issues

    def judge_below(self, parent: Item, scope: Scope) -> list[Issue]:
        found = items(parent, scope.run.schemas.names(parent.type, self.name))
        issues: list[Issue] = []
        for group in self.groups:
            issues.extend(group.check(found, parent, scope))
        if self.assertions or self.children:
            for item in found:
                issues.extend(self.judge(item, scope))
        return issues

    def glance(self, key: str, elements: Elements) -> Glance | None:
        """What passes values of the type ``key`` that follow the profile beyond doubt; None when nothing can."""
        rules = rules_of(((None, assertion) for assertion in self.assertions), key)
        if rules is None:
            return None
        asked = tuple(rule for _, rule in rules)
        below = tuple(child._glance_below(key, elements) for child in self.children)

        def glance(value: Json, scope: Scope) -> bool:
            for rule in asked:
                if not rule(value, scope):
                    return False
            members = value if type(value) is dict else NO_MEMBERS
            for child in below:
                if not child(members, scope):
                    return False
            return True

        return glance

    def _glance_below(self, key: str, elements: Elements) -> _Below:
        names = elements.names(key, self.name)
        counts = [group for group in self.groups if isinstance(group, Cardinality)]
        low = max((count.min for count in counts), default=0)
        high = min((count.max for count in counts if count.max is not None), default=_ANY_NUMBER)
        asked = tuple(group.glance(elements) for group in self.groups if not isinstance(group, Cardinality))
        each = bool(self.assertions or self.children)
        looks: dict[str, tuple[str, Glance]] = {}
        for name in names:
            look = (self.glance(name.type, elements) or never) if each else always
            looks[name.json] = (name.type, never if name.type in _RESOURCE else look)
            if name.companion is not None:
                looks[name.companion] = (name.type, never)
        if len(names) == 1 and not asked:
            return _counting_glance(looks, low, high)
        return _grouping_glance(looks, (lambda found, scope: low <= len(found) <= high, *asked))

    def describe(self, indent: str = "") -> Iterator[str]:
        """The tree as text, a line for each rule."""
        yield f"{indent}{self.name}"
        for rule in (*self.groups, *self.assertions):
            yield f"{indent}  {rule}"
        for child in self.children:
            yield from child.describe(f"{indent}  ")


def _counting_glance(looks: dict[str, tuple[str, Glance]], low: int, high: int) -> _Below:
    """An element of one name that is only counted, and each of its values looked at."""
    (json, (_, look)), *companions = looks.items()
    companion = companions[0][0] if companions else json

    def glance(members: JsonObject, scope: Scope) -> bool:
        value = members.get(json)
        if value is None:
            return not low and json not in members and companion not in members
        if companion is not json and companion in members:
            return False
        if type(value) is not list:
            return low <= 1 <= high and look(value, scope)
        for entry in value:
            if entry is None or not look(entry, scope):
                return False
        return low <= len(value) <= high

    return glance


def _grouping_glance(looks: dict[str, tuple[str, Glance]], asked: tuple[Group, ...]) -> _Below:
    """An element whose values are looked at together too. It may have many names: fewer members are there."""

    def glance(members: JsonObject, scope: Scope) -> bool:
        found: list[Occurrence] = []
        for name in members:
            if name in looks:
                kind, look = looks[name]
                value = members[name]
                for entry in value if type(value) is list else (value,):
                    if entry is None or not look(entry, scope):
                        return False
                    found.append((kind, entry))
        for group in asked:
            if not group(found, scope):
                return False
        return True

    return glance
