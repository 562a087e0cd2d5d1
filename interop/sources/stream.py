"""Records one at a time, with the findings about the files kept apart, each kind told a sensible number of times."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

from interop.location import SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.record import SourceRecord

TOLD = 100
"""How many findings of one kind about one file are told; of the others only their number."""


class Stream(Iterator[SourceRecord]):
    """The records of a reading, one at a time; ``news`` gives what was found about the files on the way.

    found  records and findings in the order they are met; findings about the files as a whole come before records
           wherever the format allows to know them
    total  how many records there are, where that is known before the last has been read
    """

    def __init__(self, found: Iterator[SourceRecord | Issue], total: Callable[[], int | None] = lambda: None):
        self._found = _bounded(found)
        self._news: list[Issue] = []
        self._total = total

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> SourceRecord:
        for item in self._found:
            if isinstance(item, SourceRecord):
                return item
            if item not in self._news:  # the tables of one broken workbook all say so
                self._news.append(item)
        raise StopIteration

    @property
    def total(self) -> int | None:
        return self._total()

    def news(self) -> tuple[Issue, ...]:
        """Findings about the files since this was last asked."""
        news, self._news = tuple(self._news), []
        return news

    def close(self) -> None:
        """Let go of files and of what was kept on disk; nothing more can be read."""
        self._found.close()


def _bounded(found: Iterator[SourceRecord | Issue]) -> Generator[SourceRecord | Issue]:
    """The same, but of a finding repeated without end only the first ``TOLD``, and at the end how many more."""
    counts: dict[tuple[str, str], int] = {}
    untold: dict[tuple[str, str], Issue] = {}
    for item in found:
        if isinstance(item, SourceRecord):
            yield item
            continue
        kind = (item.code, item.source.file if item.source else "")
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= TOLD + 1:
            yield item
        elif kind not in untold or _worse(item, untold[kind]):
            untold[kind] = item
    for (code, file), issue in untold.items():
        text = f"and {counts[code, file] - TOLD - 1:,} more findings like these"
        source = SourcePointer(file) if file else None
        yield replace(issue, text=text, source=source, value=None, line=None, col=None, expression="")


def _worse(one: Issue, other: Issue) -> bool:
    order = list(Severity)
    return order.index(one.severity) < order.index(other.severity)
