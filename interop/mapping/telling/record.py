"""The findings of judging one mapped record, told to its owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from interop.definitions import Definitions
from interop.json_codec import JsonObject
from interop.location import SourcePath, SourcePointer
from interop.mapping.run import Mark, Run, point, told
from interop.mapping.telling.consequences import FOLLOWS, Refused, cell_of, moved
from interop.mapping.telling.lacks import Cell, Lack, looked_in, of_section, unlinked
from interop.mapping.telling.once import once
from interop.mapping.telling.rules import Mentions, Rules, looked_at
from interop.mapping.telling.summed import summed
from interop.mapping.telling.words import plain
from interop.mapping.trace import Trace
from interop.outcome import Issue, Outcome

_LISTED = 10
"""Cells of one rule that are named one by one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an information standard asks for: a FHIRPath over a type of resource, or a section by its codes."""

    on: str = ""
    expression: str = ""
    codes: frozenset[str] = frozenset()


def nothing(issue: Issue) -> Asked | None:
    """No finding is of an information standard."""
    return None


class Telling:
    """Tells findings at the cells they come from, in plain words. Made once for a set of definitions."""

    def __init__(self, definitions: Definitions):
        self._definitions = definitions
        self._rules = Rules(definitions)

    def tell(
        self, judged: Outcome, mapped: Iterable[Issue], trace: Trace, asked: Callable[[Issue], Asked | None] = nothing
    ) -> Outcome:
        """The findings of judging with their sources, each at its cell.

        mapped  the mapping's own findings about the same record
        trace   the lineage of the Bundle that was judged
        asked   what a finding of an information standard asks for
        """
        placed = judged.traced(trace.find)
        # A value that stands and cannot be what it is there for spoils rules about it as one that was refused does.
        spoilt = [issue for issue in placed if issue.code == "primitive"]
        record = _Record(self._definitions, self._rules, Refused.of((*once(mapped), *spoilt)), trace, asked)
        return Outcome.of(record.told(issue) for issue in placed)

    @staticmethod
    def once(found: Iterable[Issue], *, every: bool = False) -> tuple[Issue, ...]:
        """The mapping's own findings: those that only repeat another for information, unread fields summed up.

        every  unread fields one by one
        """
        issues = once(found)
        return issues if every else summed(issues)


@dataclass(frozen=True, slots=True)
class _Record:
    definitions: Definitions
    rules: Rules
    refused: Refused
    trace: Trace
    asked: Callable[[Issue], Asked | None]

    def told(self, issue: Issue) -> Issue:
        found = self.trace.part(issue.expression)
        if found is None:
            return self._about_all(issue)
        resource, *_, run = found
        cause = self.refused.at(issue.source) if issue.code == "primitive" else None
        if cause is not None and cause.code != "primitive":
            return moved(issue, cause, sure=True)  # the cell was told to hold what no value may
        lack = Lack.of(issue)
        cells = looked_in(lack, issue, self.trace, self.definitions) if lack is not None else []
        asked = self.asked(issue)
        if asked is not None and asked.codes:
            cells = list(of_section(asked.codes, self.trace, run))
        element = cells[0].element if cells else ""
        marks, others = self._marks(issue, asked, resource)
        if self.refused.cells and issue.code in FOLLOWS:
            followed = self._followed(issue, cells, (*marks, *others), run)
            if followed is not None:
                return plain(followed, lack, element)
        if cells and not (lack and lack.count):
            issue = _at(issue, cells, run)
        return plain(_at_all(issue, marks or others, others if marks else (), run), lack, element)

    def _about_all(self, issue: Issue) -> Issue:
        """A finding about the Bundle as a whole; where one cell alone could not be used, it is told there."""
        if issue.code != "invariant":
            return issue
        causes = tuple(self.refused.cells.values())
        return plain(moved(issue, causes[0], sure=False) if len(causes) == 1 else issue, None)

    def _marks(self, issue: Issue, asked: Asked | None, resource: JsonObject) -> tuple[Sequence[Mark], Sequence[Mark]]:
        """The cells that the finding's rule looks at, under its place and elsewhere in the resource."""
        mentions = self.rules.mentions(issue, resource, self.trace.bundle or {})
        if asked is not None and asked.expression and resource.get("resourceType") == asked.on:
            mentions = Mentions.of(asked.expression)
        return looked_at(mentions, issue, self.trace) if mentions is not None else ((), ())

    def _followed(self, issue: Issue, cells: Sequence[Cell], marks: Sequence[Mark], run: Run) -> Issue | None:
        """The finding at the refused cell it follows from; None where it follows from none."""
        here = self.refused.at(issue.source) if issue.source is not None and issue.source.column else None
        if here is not None:
            return moved(issue, here, sure=True)  # what is said of a refused cell is said because of it
        pointers = [point(run.record, cell.path) for cell in cells]
        pointers += [point(run.record, mark.path) for mark in marks if mark.path is not None]
        if issue.code == "entry-unlinked":
            pointers = unlinked(issue, self.trace)
        sure = next(filter(None, map(self.refused.at, pointers)), None)
        reach = self.trace.reach(issue.expression)
        sure = sure or self.refused.answer(issue, reach) or self._element(issue, reach)
        if sure is not None:
            return moved(issue, sure, sure=True)
        if marks and not any(mark.at for mark in marks):
            return None  # every cell it looks at could be used
        likely = self.refused.likely(issue, reach)
        return moved(issue, likely, sure=False) if likely is not None else None

    def _element(self, issue: Issue, reach: object) -> Issue | None:
        """``code-required``: the refused cell that would have given the code."""
        if issue.code != "code-required" or reach is None:
            return None
        found = self.trace.part(issue.expression)
        if found is None:
            return None
        resource, inner, _, run = found
        wanted = ".".join((str(resource.get("resourceType")), *(step for step in inner if isinstance(step, str))))
        rows = {mark.at for at, mark in found[2].values.items() if at[: len(inner)] == inner}
        for mark in run.missed:
            if mark.path is not None and mark.at in rows and f"{run.create}.{mark.element}".startswith(wanted):
                return self.refused.at(point(run.record, mark.path))
        return None


def _at(issue: Issue, cells: Sequence[Cell], run: Run) -> Issue:
    """The finding at the cell that would have filled the element."""
    cell = cells[0]
    raw = told(run.record.value(cell.path)) if not cell.path or isinstance(cell.path[-1], str | int) else ""
    return replace(issue, source=point(run.record, cell.path), value=raw, rule=issue.rule or cell.rule)


def _at_all(issue: Issue, marks: Sequence[Mark], others: Sequence[Mark], run: Run) -> Issue:
    """The finding at the cells its rule looks at: the one, or all of them by name and the row they stand in.

    others  cells elsewhere that it looks at as well: they are named
    """
    held = _cells(marks, run)
    if not held:
        return issue
    together = point(run.record, _common([path for path, _ in held]))
    value = told(held[0][1].raw) if len(held) == 1 else None
    if len(held) == 1 and not others:
        return replace(issue, source=together, value=value)
    held = _cells((*marks, *others), run)
    named = [f"{_short(point(run.record, path), together)} {_said(mark)}" for path, mark in held[:_LISTED]]
    more = f" and {len(held) - _LISTED} more" if len(held) > _LISTED else ""
    return replace(issue, source=together, value=value, hint=f"look at {', '.join(named)}{more}")


def _cells(marks: Sequence[Mark], run: Run) -> list[tuple[SourcePath, Mark]]:
    """Each cell once, whatever was made of it."""
    found: dict[tuple[str | int | None, ...], tuple[SourcePath, Mark]] = {}
    for mark in marks:
        if mark.path is not None:
            found.setdefault(cell_of(point(run.record, mark.path)), (mark.path, mark))
    return list(found.values())


def _common(paths: Sequence[SourcePath]) -> SourcePath:
    first = paths[0]
    length = 0
    while all(len(path) > length and path[length] == first[length] for path in paths if len(first) > length) and (
        length < len(first)
    ):
        length += 1
    return first[:length]


def _short(place: SourcePointer, row: SourcePointer) -> str:
    """A cell as seen from its row."""
    if place.column is not None:
        where = "" if (place.file, place.row) == (row.file, row.row) else f"row {place.row} "
        return f"{where}“{place.column}”"
    path, around = place.path or "", row.path or ""
    return path[len(around) :].lstrip(".") if path.startswith(around) and len(path) > len(around) else path


def _said(mark: Mark) -> str:
    raw = told(mark.raw)
    return repr(raw) if raw else "(empty)"
