"""How often an element may occur (ElementDefinition.min, max)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.item import Item
from interop.validation.place import json_name

if TYPE_CHECKING:
    from interop.validation.scope import Elements, Scope
    from interop.validation.script import Script


@dataclass(frozen=True, slots=True)
class Cardinality:
    """Both ends are inclusive; ``max`` None is ``*``.

    element  as a person reads it: ``Patient.name``, ``Patient.extension:race``
    """

    min: int
    max: int | None
    element: str
    rule: str

    def __post_init__(self) -> None:
        if self.min < 0 or (self.max is not None and self.max < 0):
            raise ValueError(f"impossible cardinality {self}")

    def __str__(self) -> str:
        return f"{self.min}..{'*' if self.max is None else self.max}"

    def tally(self, script: Script, elements: Elements) -> None:
        return None

    def check(self, items: Sequence[Item], parent: Item, scope: Scope) -> Iterable[Issue]:
        count = len(items)
        if count < self.min:
            return (self._issue("missing-element" if not count else "cardinality", count, parent),)
        if self.max is not None and count > self.max:
            return (self._issue("cardinality", count, parent, json_name(items[0].place[1])),)
        return NOTHING

    def _issue(self, code: str, count: int, parent: Item, member: str | None = None) -> Issue:
        return Issue(
            code,
            f"{self.element}: found {count}, wanted {self}",
            parent.expression,
            rule=self.rule,
            hint=f"give at least {self.min}" if count < self.min else f"give at most {self.max}",
            member=member,
        )
