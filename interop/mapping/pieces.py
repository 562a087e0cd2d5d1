"""Pieces of one cell that several rules read, each its own (``part``), put together again on the way back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from interop.mapping.plan import GroupPlan, Leaf


@dataclass(frozen=True, slots=True)
class Pieces:
    """Some pieces of a text, by their number from 1."""

    separator: str
    texts: tuple[tuple[int, str], ...]

    def beside(self, other: Pieces) -> Pieces | None:
        """Both together; None where they say the same piece otherwise."""
        ours, theirs = dict(self.texts), dict(other.texts)
        if self.separator != other.separator or any(theirs.get(n, text) != text for n, text in ours.items()):
            return None
        return Pieces(self.separator, tuple(sorted((ours | theirs).items())))

    @property
    def text(self) -> str:
        """The whole text; a piece nobody gave is empty, so that the others keep their numbers."""
        known = dict(self.texts)
        return self.separator.join(known.get(number, "") for number in range(1, max(known) + 1))


def bar_the_way_back(groups: Iterable[GroupPlan]) -> None:
    """Rules for pieces run backwards only where all pieces of the cell, from the first on, have one in the group."""
    for group in groups:
        cells: dict[object, list[Leaf]] = {}
        for leaf in group.root.leaves():
            if leaf.piece is not None:
                cells.setdefault((leaf.above, leaf.sources[0], leaf.piece[0]), []).append(leaf)
        for leaves in cells.values():
            numbers = {leaf.piece[1] for leaf in leaves if leaf.piece is not None and leaf.reverse}
            if len(numbers) < 2 or numbers != set(range(1, len(numbers) + 1)):
                for leaf in leaves:
                    leaf.writer = None
