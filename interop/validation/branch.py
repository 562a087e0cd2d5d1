"""What a profile asks beyond its base type: a tree that follows only the elements it says something new about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interop.outcome import Issue
from interop.validation.allowed_types import AllowedTypes
from interop.validation.assertion import Assertion, GroupAssertion
from interop.validation.item import Item, items

if TYPE_CHECKING:
    from interop.validation.scope import Scope


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

    def describe(self, indent: str = "") -> Iterator[str]:
        """The tree as text, a line for each rule."""
        yield f"{indent}{self.name}"
        for rule in (*self.groups, *self.assertions):
            yield f"{indent}  {rule}"
        for child in self.children:
            yield from child.describe(f"{indent}  ")
