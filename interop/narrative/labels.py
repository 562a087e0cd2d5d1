"""Writes each cell's column heading on the cell, so that a table can be unfolded where there is no room for columns."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from itertools import pairwise

HEADING = "data-label"


def label_cells(page: str) -> str:
    """The page with ``data-label`` on every body cell of a table that has column headings. Nothing else changes.

    Large print and narrow screens set such a table as a list of cards: the heading stands before each value.
    """
    if "<thead" not in page:
        return page
    reader = _Cells(page)
    reader.feed(page)
    places = [0, *(place for place, _ in reader.found), len(page)]
    labels = [label for _, label in reader.found]
    pieces = [page[start:end] for start, end in pairwise(places)]
    return pieces[0] + "".join(label + piece for label, piece in zip(labels, pieces[1:], strict=True))


class _Cells(HTMLParser):
    """Finds where an attribute goes into each body cell. ``found``: (offset, attribute), in page order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._starts = [0]
        for line in page.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._headings: list[str] = []
        self._column = 0
        self._in_head = False
        self._in_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._headings = []
        elif tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self._column = 0
        elif tag == "th" and self._in_head:
            self._in_heading = True
            self._headings.append("")
        elif tag in ("td", "th") and not self._in_head:
            if self._column < len(self._headings):
                line, column = self.getpos()
                at = self._starts[line - 1] + column + 1 + len(tag)
                self.found.append((at, f' {HEADING}="{escape(self._headings[self._column].strip())}"'))
            self._column += int(dict(attrs).get("colspan") or 1)

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead":
            self._in_head = False
        elif tag == "th":
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self._headings[-1] += data
