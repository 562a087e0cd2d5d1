"""One mistake, one error: what the mapping found again because of something it has told already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from interop.mapping.telling.consequences import Refused, cell_of
from interop.outcome import Issue, Severity

_ECHOES = frozenset({"source-required", "bundle-time"})
"""Findings that a cell gives nothing, which may have been told of it in other words."""


def once(found: Iterable[Issue]) -> tuple[Issue, ...]:
    """The findings of reading and mapping one record; an echo of another is for information."""
    issues = tuple(found)
    causes = Refused.of(issue for issue in issues if issue.code not in _ECHOES)
    spoken: set[object] = set()
    told = []
    for issue in issues:
        if issue.severity in (Severity.ERROR, Severity.FATAL) and issue.source is not None:
            cause = causes.at(issue.source)
            cell = cell_of(issue.source)
            if cause is not None and cause is not issue and (issue.code in _ECHOES or cause.code == "source-shape"):
                issue = _echo(issue, cause.text)
            elif issue.code in _ECHOES:
                if cell in spoken:
                    issue = _echo(issue, "it is empty")
                spoken.add(cell)
        told.append(issue)
    return tuple(told)


def _echo(issue: Issue, cause: str) -> Issue:
    hint = f"it follows from this cell, which could not be used: {cause}"
    return replace(issue, severity=Severity.INFORMATION, hint=hint)
