"""Slices: every item goes to the first slice it matches; each slice has its own cardinality and its own rules.

Source: FHIR R4 profiling.html#slicing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from interop.json_codec import Json
from interop.outcome import Issue, Severity
from interop.validation.branch import Branch
from interop.validation.cardinality import Cardinality
from interop.validation.discriminator import Test, instead
from interop.validation.glance import Glance, Group, Occurrence, never
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Elements, Scope

_LOOKED_AT = 50  # items compared to find the nearest: a hint must not cost more than the check

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


Way = tuple[int, tuple[Glance, ...], Glance | None]
"""(number of a slice, what tells its items, what passes them: None when there is nothing more to ask)."""


@dataclass(frozen=True, slots=True)
class _Ways:
    """The slices at a glance, for items of one type after the other."""

    slices: tuple[Slice, ...]
    elements: Elements
    _by_kind: dict[str, tuple[Way, ...]] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Way, ...]:
        """The ways an item of a type may go, in order, the default last."""
        found = self._by_kind.get(kind)
        if found is None:
            ways = [self._way(number, piece, kind) for number, piece in enumerate(self.slices)]
            found = self._by_kind[kind] = tuple(sorted(ways, key=lambda way: self.slices[way[0]].name == DEFAULT))
        return found

    def _way(self, number: int, piece: Slice, kind: str) -> Way:
        tests = [test.glance(kind, self.elements) for test in piece.tests or ()]
        judge = piece.branch.glance(kind, self.elements) or never if piece.branch.says_something else None
        return number, tuple(test or _not_told for test in tests), judge


def _not_told(value: Json, scope: Scope) -> bool:
    """Whether the item belongs to the slice cannot be told at a glance, so nothing can."""
    raise TypeError("not to be told at a glance")


@dataclass(frozen=True, slots=True)
class Slicing:
    """The slices of one element. rules: closed, open or openAtEnd."""

    element: str
    slices: tuple[Slice, ...]
    rules: str
    ordered: bool
    rule: str

    def glance(self, elements: Elements) -> Group:
        if any(piece.tests is None and piece.name != DEFAULT for piece in self.slices):
            needed = any(piece.cardinality is not None and piece.cardinality.min for piece in self.slices)
            return lambda found, scope: not found and not needed
        ways, ordered, unmatched = _Ways(self.slices, elements), self.ordered, self.rules == "open"
        counts = tuple(
            (number, group)
            for number, piece in enumerate(self.slices)
            for group in (piece.cardinality, piece.nested)
            if group is not None
        )
        asked = tuple((number, group.glance(elements)) for number, group in counts)

        def glance(found: list[Occurrence], scope: Scope) -> bool:
            own: dict[int, list[Occurrence]] = {}
            last = 0
            for occurrence in found:
                kind, value = occurrence
                for number, tests, judge in ways.of(kind):  # noqa: B007  read after the loop
                    for test in tests:
                        if not test(value, scope):
                            break
                    else:
                        break
                else:
                    if not unmatched:
                        return False
                    continue
                if (ordered and number < last) or (judge is not None and not judge(value, scope)):
                    return False
                last = number
                own.setdefault(number, []).append(occurrence)
            for number, group in asked:
                if not group(own.get(number, []), scope):
                    return False
            return True

        return glance

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
        if self.rules == "open" or any(piece.tests is None and piece.name != DEFAULT for piece in self.slices):
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
