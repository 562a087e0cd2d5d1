"""The shape of every rule: an assertion judges one node, or all occurrences of one element together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from interop.outcome import Issue
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.definitions import ElementDefinition
    from interop.validation.occurrences import Tally
    from interop.validation.scope import Elements, Scope
    from interop.validation.script import Script

NOTHING: tuple[Issue, ...] = ()
"""The answer of an assertion that holds: one shared empty tuple costs nothing."""


class Assertion(Protocol):
    """Judges one node. Never walks, resolves or prints; says nothing when it holds.

    One that can only fail where a certain member is there names it as its ``trigger``.
    """

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]: ...


class GroupAssertion(Protocol):
    """Judges all occurrences of one element below one parent."""

    def tally(self, script: Script, elements: Elements) -> Tally | None:
        """The same in a written function; None for what is but a number, which ``Branch`` looks after."""

    def check(self, items: Sequence[Item], parent: Item, scope: Scope) -> Iterable[Issue]: ...


@dataclass(frozen=True, slots=True)
class Known:
    """What is checked anyway before a rule is asked about an element, so that it adds only what is new.

    element      the element in the base type; None while the base type itself is compiled
    constraints  keys of the invariants already compiled for it or for its type
    origin       canonical of the structure being compiled: named in issues
    """

    element: ElementDefinition | None
    constraints: frozenset[str]
    origin: str

    @property
    def rule(self) -> str:
        """Who says so, short: the last part of the canonical."""
        return self.origin.partition("|")[0].rpartition("/")[2]


RuleFactory = Callable[["ElementDefinition", Known], "Assertion | None"]
"""Reads one kind of rule off an element definition; None when the element does not have it, or nothing new."""
