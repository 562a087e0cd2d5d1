"""What a profile asks beyond its base type: a tree that follows only the elements it says something new about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interop.outcome import Issue
from interop.validation.allowed_types import AllowedTypes
from interop.validation.assertion import Assertion, GroupAssertion
from interop.validation.cardinality import Cardinality
from interop.validation.glance import Rules, never, rules_of
from interop.validation.item import Item, items
from interop.validation.occurrences import Bounds, each
from interop.validation.script import Script

if TYPE_CHECKING:
    from interop.validation.scope import Elements, Scope

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

    def write(self, script: Script, value: str, key: str, elements: Elements) -> None:
        """Pass values of the type ``key`` that follow the profile beyond doubt."""
        rules = self._rules(key)
        if rules is None or script.is_deep:
            script.give_up()
            return
        for _, rule in rules:
            script.passes(rule, value)
        for child in self.children:
            child._write_below(script, value, key, elements)

    def _write_below(self, script: Script, parent: str, key: str, elements: Elements) -> None:
        """The same for the occurrences of this element below a parent of the type ``key``."""
        names = elements.names(key, self.name) if key[0].isupper() else ()  # a companion is looked at more closely
        bounds = self._bounds()
        kept = [name for name in names if bounds.high != 0 and not self._refuses(name.type)]
        script.doubt_any({n.json for n in names if n not in kept} | {n.companion for n in names if n.companion}, parent)
        tallies = [tally for group in self.groups if (tally := group.tally(script, elements)) is not None]
        if len(kept) > 1:
            count = script.variable()
            script.say(f"{count} = 0")
        for name in kept:
            alone = bounds if len(kept) == 1 else Bounds()
            with each(script, parent, name.json, alone, repeats=elements.repeats(key, self.name)) as value:
                if len(kept) > 1:
                    script.say(f"{count} += 1")
                self.write(script, value, name.type, elements)
                for tally in tallies:
                    tally.add(value, name.type)
        if len(kept) > 1:
            bounds.check(script, count)
        elif not kept and bounds.low:
            script.give_up()
        for tally in tallies:
            tally.close()

    def _rules(self, key: str) -> Rules | None:
        return rules_of(((None, assertion) for assertion in self.assertions), key)

    def _refuses(self, kind: str) -> bool:
        """Whether no value of the type passes."""
        return kind in _RESOURCE or (None, never) in (self._rules(kind) or ())

    def _bounds(self) -> Bounds:
        counts = [group for group in self.groups if isinstance(group, Cardinality)]
        high = min((count.max for count in counts if count.max is not None), default=None)
        return Bounds(max((count.min for count in counts), default=0), high)

    def describe(self, indent: str = "") -> Iterator[str]:
        """The tree as text, a line for each rule."""
        yield f"{indent}{self.name}"
        for rule in (*self.groups, *self.assertions):
            yield f"{indent}  {rule}"
        for child in self.children:
            yield from child.describe(f"{indent}  ")
