"""What follows from a cell that could not be used: findings of judging, told at that cell instead of at its row.

A cell the mapping refused leaves a hole in the resource; judging the resource finds the hole, and often a rule that no
longer holds, and can name only the row. One mistake then reads like many. Nothing is left out here: such a finding
keeps its words and its severity, and points at the cell that has to be mended first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from interop.location import SourcePointer
from interop.mapping.trace import Trace
from interop.outcome import Issue, Outcome, Severity

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


def following(judged: Outcome, told: Iterable[Issue], trace: Trace) -> Outcome:
    """The findings of judging, each that follows from a refused cell pointing at that cell.

    told   the mapping's own findings about the same record
    trace  the lineage of the Bundle that was judged
    """
    refused = {_cell(issue.source): issue for issue in told if issue.source is not None and _refuses(issue)}
    if not refused:
        return judged
    return Outcome.of(_moved(issue, refused, trace) for issue in judged)


def _refuses(issue: Issue) -> bool:
    stops = issue.severity in (Severity.ERROR, Severity.FATAL)
    return stops and issue.source is not None and any((issue.source.row, issue.source.column, issue.source.path))


Cell = tuple[str | int | None, ...]


def _cell(place: SourcePointer) -> Cell:
    """What makes a place the same cell; a workbook's cell may be told with its letter or without."""
    return place.file, place.sheet, place.row, place.column, place.path if place.column is None else None


def _moved(issue: Issue, refused: dict[Cell, Issue], trace: Trace) -> Issue:
    if issue.code not in FOLLOWS or (issue.source is not None and _cell(issue.source) in refused):
        return issue
    cause = _cause(issue, refused, trace)
    if cause is None:
        return issue
    hint = f"it follows from this cell, which could not be used: {cause.text}"
    return replace(issue, source=cause.source, value=cause.value, hint=hint)


def _cause(issue: Issue, refused: dict[Cell, Issue], trace: Trace) -> Issue | None:
    """The refused cell of the same resource, or of the resource that therefore was not made and is referred to."""
    reach = trace.reach(issue.expression)
    if reach is None:
        return None
    looked_at = dict.fromkeys(map(_cell, reach.cells))
    rows = dict.fromkeys((*cell[:3], None, None) for cell in looked_at if cell[2] is not None)
    own = [refused[cell] for cell in (*looked_at, *rows) if cell in refused]
    inside = [cause for cause in own if _near(cause.source, issue.source)] or own
    named = [cause for cause in inside if cause.expression and cause.expression in issue.text]
    if inside:
        return (named or inside)[0]
    if reach.of_row and issue.source is not None:
        inside = [cause for cause in refused.values() if _near(cause.source, issue.source)]
        if inside:
            return inside[0] if len(inside) == 1 else None
    beyond = [cause for cause in refused.values() if _group(cause) in reach.not_made]
    return beyond[0] if len(beyond) == 1 else None


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
