"""What follows from a cell that could not be used: findings of judging, told at that cell instead of at its row.

A cell the mapping refused leaves a hole in the resource; judging the resource finds the hole, and often a rule that no
longer holds, and can name only the row. One mistake then reads like many. Nothing is left out here: such a finding
points at the cell that has to be mended first. Where it is beyond doubt that the hole is the refused cell's, the
finding is for information: the refusal is the one error. Where it is only likely, it keeps its severity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from interop.location import SourcePointer
from interop.mapping.trace import Reach
from interop.outcome import Issue, Severity

FOLLOWS = frozenset(
    {
        "missing-element",
        "cardinality",
        "invariant",
        "answer-missing",
        "code-required",
        "entry-unlinked",
        "completeness-mandatory-missing",
        "completeness-required-absent",
    }
)
"""Codes of findings that something is not there, or that parts do not go together."""

_DOUBTFUL = frozenset({"time-ambiguous"})
"""Warnings that a cell was used in part only."""

_LINK_ID = re.compile(r"'(?:[\w-]+\.)*([\w-]+)' .*must be answered")

Cell = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The cells of one record that the mapping could not use, each with the finding that says so."""

    cells: Mapping[Cell, Issue]

    @classmethod
    def of(cls, told: Iterable[Issue]) -> Refused:
        """The refusals among the mapping's own findings; of several at one cell the first counts."""
        found: dict[Cell, Issue] = {}
        for issue in told:
            if issue.source is not None and _refuses(issue):
                found.setdefault(cell_of(issue.source), issue)
        return cls(found)

    def at(self, place: SourcePointer | None) -> Issue | None:
        """The refusal at a cell, or at the group of fields around it."""
        if place is None:
            return None
        cell = cell_of(place)
        if cell in self.cells:
            return self.cells[cell]
        return next((issue for issue in self.cells.values() if _holds(issue, place)), None)

    def likely(self, issue: Issue, reach: Reach | None) -> Issue | None:
        """The refused cell of the same resource, or of the resource that therefore was not made and is referred to."""
        if reach is None:
            return None
        looked_at = dict.fromkeys(map(cell_of, reach.cells))
        rows = dict.fromkeys((*cell[:3], None, None) for cell in looked_at if cell[2] is not None)
        own = [self.cells[cell] for cell in (*looked_at, *rows) if cell in self.cells]
        inside = [cause for cause in own if _near(cause.source, issue.source)] or own
        named = [cause for cause in inside if cause.expression and cause.expression in issue.text]
        if inside:
            return (named or inside)[0]
        if reach.of_row and issue.source is not None:
            inside = [cause for cause in self.cells.values() if _near(cause.source, issue.source)]
            if inside:
                return inside[0] if len(inside) == 1 else None
        beyond = [cause for cause in self.cells.values() if _group(cause) in reach.not_made]
        return beyond[0] if len(beyond) == 1 else None

    def answer(self, issue: Issue, reach: Reach | None) -> Issue | None:
        """The refused answer to the question a finding misses: the rule's label is the end of its linkId."""
        question = _LINK_ID.match(issue.text) if issue.code == "answer-missing" else None
        if question is None or reach is None:
            return None
        for cell in dict.fromkeys(map(cell_of, reach.cells)):
            cause = self.cells.get(cell)
            labels = re.findall(r"\[([^\]]*)\]", cause.rule or "") if cause is not None else ()
            whole = (
                issue.source is None or issue.source.row is None or cause is None or _near(cause.source, issue.source)
            )
            if any(label and (label == question[1] or question[1].startswith(label)) for label in labels) and whole:
                return cause
        return None


def moved(issue: Issue, cause: Issue, *, sure: bool) -> Issue:
    """The finding at the cell it follows from; for information where that is beyond doubt."""
    hint = f"it follows from this cell, which could not be used: {cause.text}"
    stops = cause.severity in (Severity.ERROR, Severity.FATAL)
    severity = Severity.INFORMATION if sure and stops else issue.severity
    return replace(issue, source=cause.source, value=cause.value, hint=hint, severity=severity)


def _refuses(issue: Issue) -> bool:
    stops = issue.severity in (Severity.ERROR, Severity.FATAL) or issue.code in _DOUBTFUL
    return stops and issue.source is not None and any((issue.source.row, issue.source.column, issue.source.path))


def cell_of(place: SourcePointer) -> Cell:
    """What makes a place the same cell; a workbook's cell may be told with its letter or without."""
    return place.file, place.sheet, place.row, place.column, place.path if place.column is None else None


def _holds(issue: Issue, place: SourcePointer) -> bool:
    """Whether the refusal is of the whole group of fields (JSON) the place stands in."""
    if issue.code != "source-shape" or issue.source is None or issue.source.file != place.file:
        return False
    path, inner = issue.source.path or "", place.path or ""
    return inner.startswith(path) and inner[len(path) : len(path) + 1] in ("", ".", "[")


def _near(cell: SourcePointer | None, place: SourcePointer | None) -> bool:
    """Whether the cell stands in the row the finding points at."""
    if cell is None or place is None or cell.file != place.file or cell.sheet != place.sheet:
        return False
    if cell.row is not None or place.row is not None:
        return cell.row == place.row
    return (cell.path or "").startswith(place.path or "")


def _group(issue: Issue) -> str:
    """The group of the rule that refused: ``care-home/red-bag#patient birthDate (…)`` gives ``patient``."""
    return (issue.rule or "").partition("#")[2].partition(" ")[0]
