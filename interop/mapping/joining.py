"""Fragments of rows joined to rows: references between resources say which of them come from one row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from interop.bundle import Index
from interop.mapping.paths import Steps
from interop.mapping.undoing import Fragment


def join_rows(fragments: Sequence[Fragment], owners: Mapping[int, str], index: Index) -> list[Fragment]:
    """One fragment a row, in the order of their first parts.

    owners  id of a fragment -> fullUrl of the resource it is the whole of (list items have none)

    A resource that several rows refer to (one nurse in two teams) gives its values to each of them.
    """
    by_url: dict[str, list[Fragment]] = {}
    for fragment in fragments:
        url = owners.get(id(fragment))
        if url is not None:
            by_url.setdefault(url, []).append(fragment)
    rows = _Rows(fragments)
    shared: set[int] = set()
    for fragment in fragments:
        for _, literal in fragment.links:
            entry = index.entry(literal)
            for other in by_url.get(entry.full_url, ()) if entry else ():
                if other is not fragment and _same_table(fragment, other) and not rows.join(fragment, other):
                    rows.lend(fragment, other)
                    shared.add(id(other))
    rows.join_agreeing(owners, index)
    return rows.merged()


def _same_table(one: Fragment, other: Fragment) -> bool:
    return one.table == other.table and one.split is None and other.split is None


class _Rows:
    """Which fragments make one row (a disjoint set), and what is lent between rows."""

    def __init__(self, fragments: Sequence[Fragment]):
        self._parts = {id(fragment): [fragment] for fragment in fragments}
        self._lent: list[tuple[Fragment, Fragment]] = []

    def join(self, one: Fragment, other: Fragment) -> bool:
        """Make them one row; False when that row would have two parts of one origin."""
        ours, theirs = self._parts[id(one)], self._parts[id(other)]
        if ours is theirs:
            return True
        if {part.origin for part in ours} & {part.origin for part in theirs}:
            return False
        ours += theirs
        for part in theirs:
            self._parts[id(part)] = ours
        return True

    def lend(self, borrower: Fragment, lender: Fragment) -> None:
        self._lent.append((borrower, lender))

    def join_agreeing(self, owners: Mapping[int, str], index: Index) -> None:
        """Unlinked resources of one type whose rows share a value and contradict nowhere: one round of observations."""
        open_rows: dict[tuple[Steps, str], list[list[Fragment]]] = {}
        for parts in self._each():
            kinds = {entry.type for part in parts if (entry := index.entry(owners.get(id(part), ""))) is not None}
            if len(kinds) != 1 or parts[0].split is not None:
                continue
            waiting = open_rows.setdefault((parts[0].table, kinds.pop()), [])
            if not any(_agree(row, parts) and self.join(row[0], parts[0]) for row in waiting):
                waiting.append(parts)

    def _each(self) -> list[list[Fragment]]:
        return list({id(parts): parts for parts in self._parts.values()}.values())

    def merged(self) -> list[Fragment]:
        rows = []
        for parts in self._each():
            row = Fragment(parts[0].table, parts[0].origin, parts[0].split)
            lent = [lender for borrower, lender in self._lent if any(part is borrower for part in parts)]
            for part in (*parts, *lent):
                for steps, value in part.cells.items():
                    row.cells.setdefault(steps, value)
                for steps, value in part.guesses.items():
                    row.guesses.setdefault(steps, value)
                row.children += part.children
            rows.append(row)
        return rows


def _agree(one: Iterable[Fragment], other: Iterable[Fragment]) -> bool:
    ours = {steps: value for part in one for steps, value in part.cells.items()}
    theirs = {steps: value for part in other for steps, value in part.cells.items()}
    both = ours.keys() & theirs.keys()
    return bool(both) and all(ours[steps] == theirs[steps] for steps in both)
