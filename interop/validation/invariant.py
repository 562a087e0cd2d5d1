"""Invariants (ElementDefinition.constraint): FHIRPath compiled once, or plain Python for the ones met everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interop.definitions import ElementDefinition
from interop.definitions.elements import Constraint
from interop.errors import InteropError
from interop.fhirpath import Expression, Node
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json
from interop.outcome import Issue, Severity
from interop.validation.alternatives import alternatives
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.glance import ByNames, Glance, always, by_checking
from interop.validation.item import NO_MEMBERS, Item
from interop.validation.native import (
    BY_NAMES,
    NATIVE,
    NATIVE_TRIGGERS,
    SURELY,
    Predicate,
    judged_elsewhere,
    sure_predicate,
)
from interop.validation.panel import trigger_of
from interop.validation.presence import asks_for_names, presence_predicate

if TYPE_CHECKING:
    from interop.validation.scope import Scope
    from interop.validation.script import Script

# The walk itself judges ele-1: it sees every element anyway.
WALKED = frozenset({"ele-1"})

# What an expression meets in data whose shape its type does not allow; the walk has told of the shape already.
MISSHAPEN = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)


def invariant_rules(element: ElementDefinition, known: Known) -> tuple[Assertion, ...]:
    """One assertion for each invariant of the element that is not compiled already."""
    fresh = (c for c in element.constraints if c.key not in known.constraints and c.key not in WALKED)
    return tuple(rule for rule in (_rule(constraint, known) for constraint in fresh) if rule is not None)


def _rule(constraint: Constraint, known: Known) -> Assertion | None:
    if constraint.expression is None or constraint.best_practice:
        return None
    severity = Severity.ERROR if constraint.severity == "error" else Severity.WARNING
    trigger = NATIVE_TRIGGERS.get(constraint.expression) or trigger_of(constraint.expression)
    predicate = NATIVE.get(constraint.expression)
    by_names = predicate in BY_NAMES
    if predicate is None:
        predicate, by_names = presence_predicate(constraint.expression), asks_for_names(constraint.expression)
    if predicate is not None:
        return NativeInvariant(constraint.key, constraint.human, severity, predicate, trigger, by_names)
    return Invariant(constraint.key, constraint.human, severity, constraint.expression, trigger)


def _failure(key: str, human: str, severity: Severity, item: Item) -> Issue:
    return Issue(
        "invariant",
        f"{key}: {human}",
        item.expression,
        severity,
        rule=key,
        hint="change the data so that the rule holds",
    )


def _ask(expression: Expression, item: Item, scope: Scope) -> bool | None:
    return expression.truth(
        item.value if item.value is item.members else Node(item.value, item.type, item.members or None),
        type_name=item.type,
        resource=scope.resource,
        root=scope.container,
        services=scope.services,
    )


@dataclass(frozen=True, slots=True)
class NativeInvariant:
    """An invariant whose FHIRPath stands as a Python predicate in ``native``.

    by_names  it only asks which members are there
    """

    key: str
    human: str
    severity: Severity
    holds: Predicate
    trigger: str | None = None
    by_names: bool = False

    def glance(self, key: str) -> Glance:
        holds = self.holds
        if holds is judged_elsewhere:
            return always

        glance = _NativeGlance(holds, key)
        return ByNames(glance) if self.by_names else glance

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        return (
            NOTHING
            if self.holds(item.members, item.type, scope)
            else (_failure(self.key, self.human, self.severity, item),)
        )


@dataclass(frozen=True, slots=True)
class _NativeGlance:
    """Asks the predicate itself."""

    holds: Predicate
    key: str

    def __call__(self, value: Json, scope: Scope) -> bool:
        return self.holds(value if type(value) is dict else NO_MEMBERS, self.key, scope)

    def write(self, script: Script, value: str) -> None:
        members = value if self.key[0].isupper() else script.bind(NO_MEMBERS)
        surely = f"{SURELY[self.holds].format(value)} or " if self.holds in SURELY else ""
        script.doubt(f"not ({surely}{script.bind(self.holds)}({members}, {self.key!r}, scope))")


@dataclass(frozen=True, slots=True)
class Invariant:
    """An invariant as FHIRPath. An empty answer is not false: HL7's own rely on it."""

    key: str
    human: str
    severity: Severity
    expression: str
    trigger: str | None = None
    _compiled: list[Expression | InteropError] = field(default_factory=list, compare=False, repr=False)
    _sure: list[Callable[[Json, Scope], bool] | None] = field(default_factory=list, compare=False, repr=False)
    _alternatives: list[tuple[Expression, ...]] = field(default_factory=list, compare=False, repr=False)

    def glance(self, key: str) -> Glance:
        closer, sure = by_checking(self, key), sure_predicate(self.expression)
        return closer if sure is None else lambda value, scope: sure(value, scope) or closer(value, scope)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if self._is_sure(item, scope):
            return NOTHING
        try:
            compiled = self._compiled[0]
        except IndexError:
            compiled = self._compile()
        if not isinstance(compiled, Expression):
            return (self._not_checked(item, compiled),)
        try:
            answer = _ask(compiled, item, scope)
            if answer is None and " or " in self.expression:
                answer = self._ask_each(item, scope)
        except (InteropError, *MISSHAPEN) as fault:
            return (self._not_checked(item, fault),)
        return NOTHING if answer is not False else (_failure(self.key, self.human, self.severity, item),)

    def _is_sure(self, item: Item, scope: Scope) -> bool:
        if not self._sure:
            self._sure.append(sure_predicate(self.expression))
        sure = self._sure[0]
        try:
            return sure is not None and sure(item.value, scope)
        except MISSHAPEN:
            return False

    def _ask_each(self, item: Item, scope: Scope) -> bool | None:
        """Where the whole has no answer: False when one alternative fails and none holds."""
        if not self._alternatives:
            self._alternatives.append(alternatives(self.expression))
        answers = {_ask(alternative, item, scope) for alternative in self._alternatives[0]}
        return False if False in answers and True not in answers else None

    def _compile(self) -> Expression | InteropError:
        """Compiled when first needed: most invariants of most profiles never run."""
        try:
            self._compiled.append(compile_expression(self.expression))
        except InteropError as fault:
            self._compiled.append(fault)
        return self._compiled[0]

    def _not_checked(self, item: Item, fault: Exception) -> Issue:
        text = f"{self.key} could not be checked: {fault}"
        return Issue("invariant-not-checked", text, item.expression, Severity.WARNING, rule=self.key)
