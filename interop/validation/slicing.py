"""Slices: every item goes to the first slice it matches; each slice has its own cardinality and its own rules.

Source: FHIR R4 profiling.html#slicing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from interop.outcome import Issue, Severity
from interop.validation.branch import Branch
from interop.validation.cardinality import Cardinality
from interop.validation.discriminator import Test, instead
from interop.validation.item import Item
from interop.validation.occurrences import Bounds
from interop.validation.script import Script

if TYPE_CHECKING:
    from interop.validation.scope import Elements, Scope

_LOOKED_AT = 50  # items compared to find the nearest: a hint must not cost more than the check

_WRITTEN = 100  # slices told apart in one function: Python's compiler does not take any number of branches

DEFAULT = "@default"
"""The slice that takes what no other slice takes, so that it can be constrained too."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice.

    tests   all must hold for an item to belong here; None when the discriminators give nothing to test
    nested  the re-slicing of this slice
    """

    name: str
    tests: tuple[Test, ...] | None
    cardinality: Cardinality | None
    branch: Branch
    nested: Slicing | None = None

    def takes(self, item: Item, scope: Scope) -> bool:
        return self.tests is not None and all(test.matches(item, scope) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Slicing:
    """The slices of one element. rules: closed, open or openAtEnd."""

    element: str
    slices: tuple[Slice, ...]
    rules: str
    ordered: bool
    rule: str

    def tally(self, script: Script, elements: Elements) -> Sorting:
        return Sorting(self, script, elements)

    @property
    def is_told(self) -> bool:
        """Whether there is something to tell every slice by."""
        return all(piece.tests is not None or piece.name == DEFAULT for piece in self.slices)

    @property
    def needs_some(self) -> bool:
        """Whether one of the slices must be there."""
        return any(piece.cardinality is not None and piece.cardinality.min for piece in self.slices)

    def check(self, items: Sequence[Item], parent: Item, scope: Scope) -> Iterable[Issue]:
        chosen = [self._choose(item, scope) for item in items]
        yield from self._unmatched(items, chosen, scope)
        if self.ordered:
            yield from self._order(items, chosen)
        left = [item for item, choice in zip(items, chosen, strict=True) if choice is None]
        for number, piece in enumerate(self.slices):
            own = [item for item, choice in zip(items, chosen, strict=True) if choice == number]
            yield from self._check_slice(piece, own, left, (parent, scope))

    def _check_slice(
        self, piece: Slice, own: list[Item], left: list[Item], around: tuple[Item, Scope]
    ) -> Iterator[Issue]:
        parent, scope = around
        if piece.cardinality is not None:
            if piece.tests is None and len(left) < piece.cardinality.min:
                yield from piece.cardinality.check(left, parent, scope)  # all that could belong here are too few
            elif piece.tests is None:
                yield self._not_checked(piece, parent)
            else:
                for issue in piece.cardinality.check(own, parent, scope):
                    # Who misses an item must be told how the slice would know it.
                    told = f"an item belongs to {piece.name} when {' and '.join(map(str, piece.tests or ()))}"
                    missed = _nearest_item(piece, left, scope) if len(own) < piece.cardinality.min else ""
                    yield replace(issue, hint=f"{told}{missed}")
        if piece.branch.says_something:
            for item in own:
                yield from piece.branch.judge(item, scope)
        if piece.nested is not None:
            yield from piece.nested.check(own, parent, scope)

    def _choose(self, item: Item, scope: Scope) -> int | None:
        default: int | None = None
        for number, piece in enumerate(self.slices):
            if piece.name == DEFAULT:
                default = number
            elif piece.takes(item, scope):
                return number
        return default

    def _unmatched(self, items: Sequence[Item], chosen: list[int | None], scope: Scope) -> Iterator[Issue]:
        if self.rules == "open" or not self.is_told:
            return  # what matches none of the others may belong to the slice nobody can tell
        last = max((n for n, choice in enumerate(chosen) if choice is not None), default=-1)
        names = ", ".join(piece.name for piece in self.slices)
        for number, (item, choice) in enumerate(zip(items, chosen, strict=True)):
            if choice is not None:
                continue
            if self.rules == "closed":
                text = f"{self.element}: this item matches no slice and the slicing is closed; slices are {names}"
                hint = _nearest_slice(self.slices, item, scope)
                yield Issue("slice-unmatched", text, item.expression, rule=self.rule, hint=hint)
            elif number < last:
                text = f"{self.element}: items outside the slices must stand at the end"
                yield Issue("slice-order", text, item.expression, rule=self.rule)

    def _order(self, items: Sequence[Item], chosen: list[int | None]) -> Iterator[Issue]:
        highest = 0
        for item, choice in zip(items, chosen, strict=True):
            if choice is None:
                continue
            if choice < highest:
                text = f"{self.element}: slice {self.slices[choice].name} must stand before {self.slices[highest].name}"
                yield Issue("slice-order", text, item.expression, rule=self.rule)
            highest = max(highest, choice)

    def _not_checked(self, piece: Slice, parent: Item) -> Issue:
        text = f"{self.element}:{piece.name}: the profile gives nothing to tell this slice by"
        return Issue("slice-not-checked", text, parent.expression, Severity.INFORMATION, rule=self.rule)


class Sorting:
    """The lines that put every occurrence into the first slice it matches, and count."""

    def __init__(self, slicing: Slicing, script: Script, elements: Elements):
        self._slicing = slicing
        self._script = script
        self._elements = elements
        self._last = script.variable() if slicing.ordered else ""
        self._counts = {n: script.variable() for n, piece in enumerate(slicing.slices) if piece.cardinality is not None}
        self._nested = {n: Sorting(p.nested, script, elements) for n, p in enumerate(slicing.slices) if p.nested}
        for variable in filter(None, (self._last, *self._counts.values())):
            script.say(f"{variable} = 0")

    def add(self, value: str, kind: str) -> None:
        script, slicing = self._script, self._slicing
        pieces = sorted(enumerate(slicing.slices), key=lambda numbered: numbered[1].name == DEFAULT)
        belongs = [(number, self._condition(piece, value, kind)) for number, piece in pieces]
        if not slicing.is_told or len(belongs) > _WRITTEN or None in (condition for _, condition in belongs):
            script.give_up()
            return
        for word, (number, condition) in zip(("if", *["elif"] * len(belongs)), belongs, strict=False):
            with script.inside(f"{word} {condition}"):
                self._enter(number, value, kind)
        if slicing.rules != "open":
            with script.inside("else"):
                script.give_up()

    def close(self) -> None:
        if not self._slicing.is_told and self._slicing.needs_some:
            self._script.give_up()
        for number, count in self._counts.items():
            cardinality = self._slicing.slices[number].cardinality
            if cardinality is not None:
                Bounds(cardinality.min, cardinality.max).check(self._script, count)
        for sorting in self._nested.values():
            sorting.close()

    def _condition(self, piece: Slice, value: str, kind: str) -> str | None:
        """What holds for the occurrences of a slice, in Python; None when it cannot be told at a glance."""
        told = [test.condition(self._script, value, kind, self._elements) for test in piece.tests or ()]
        return " and ".join(("True", *filter(None, told))) if None not in told else None

    def _enter(self, number: int, value: str, kind: str) -> None:
        piece, script = self._slicing.slices[number], self._script
        if self._slicing.ordered:
            script.doubt(f"{self._last} > {number}")
            script.say(f"{self._last} = {number}")
        if number in self._counts:
            script.say(f"{self._counts[number]} += 1")
        piece.branch.write(script, value, kind, self._elements)
        if number in self._nested:
            self._nested[number].add(value, kind)


def _failing(piece: Slice, item: Item, scope: Scope) -> list[Test]:
    return [test for test in piece.tests or () if not test.matches(item, scope)]


def _nearest_item(piece: Slice, left: list[Item], scope: Scope) -> str:
    """The item outside all slices that comes nearest to this one, and what keeps it out."""
    if not left:
        return ""
    nearest = min(left[:_LOOKED_AT], key=lambda item: len(_failing(piece, item, scope)))
    reasons = " and ".join(instead(test, nearest, scope) for test in _failing(piece, nearest, scope))
    return f"; nearest: {nearest.expression}, whose {reasons}" if reasons else ""


def _nearest_slice(slices: Sequence[Slice], item: Item, scope: Scope) -> str | None:
    """The slice an item comes nearest to, and what keeps it out."""
    known = [piece for piece in slices if piece.tests]
    if not known:
        return None
    nearest = min(known, key=lambda piece: len(_failing(piece, item, scope)))
    missing = _failing(nearest, item, scope)
    here = " and ".join(instead(test, item, scope) for test in missing)
    return f"nearest: {nearest.name}, if {' and '.join(map(str, missing))}; here {here}"
