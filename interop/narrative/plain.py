"""A page in words alone, in the order a voice or a Braille display reads it: nothing shown is left out."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SPACES = re.compile(r"[ \t\r\n\f]+")
_LINES = {"p", "li", "dt", "div", "section", "header", "footer", "caption", "h3", "h4", "ul", "ol", "dl", "main"}
_UNREAD = {"style", "script", "nav", "head", "thead"}
_ROW = "\x1e"
"""Stands where a row begins until the rows are counted; no page holds it, as XML forbids it."""
_VOID = {"meta", "br", "link", "img", "hr", "col", "wbr", "input"}


def plain_text(page: str) -> str:
    """The page as plain text.

    A line holds one thing. Headings are numbered, so that a listener can say "read part 4". A table is read row by
    row: how many there are, which one this is, then each value after its column heading. A picture is told in words.
    The list of contents is left out, as there is nowhere to jump to.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.told()


class _Reader(HTMLParser):
    """Follows a page of ours (its markup is known to be regular) and writes lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._now = ""
        self._unread = 0
        self._open: list[tuple[str, str]] = []
        self._part = 0
        self._table_at = 0

    def told(self) -> str:
        self._end_line()
        folded = re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()
        return f"{folded}\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in _VOID:
            if tag == "br":
                self._end_line()
            return
        kind = named.get("class") or ""
        self._open.append((tag, kind))
        if tag in _UNREAD or (tag == "svg" and self._inside("drawn")) or (tag == "svg" and "aria-hidden" in named):
            self._unread += 1
        if self._unread:
            return
        if tag in ("svg", "text", "title", "desc"):
            self._picture(tag)
        elif tag in ("h1", "h2"):
            self._heading(tag)
        elif tag == "table":
            self._end_line()
            self._table_at = len(self._lines)
        elif tag == "tr":
            self._end_line()
            if not self._facts:
                self._lines.append(_ROW)
        elif tag in ("td", "th"):
            self._cell(named.get("data-label"), folded=self._facts)
        elif tag in _LINES:
            self._end_line()
            self._now = "- " if tag == "li" else ""

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            open_tag, kind = self._open.pop()
            if open_tag in _UNREAD or (open_tag == "svg" and self._unread):
                self._unread = max(self._unread - 1, 0)
            if open_tag == tag:
                break
        else:
            return
        if self._unread:
            return
        if tag in ("h1", "h2"):
            self._end_line()
            self._lines.append("")
        elif tag == "table":
            self._end_line()
            if "facts" not in kind:
                self._count_rows()
            self._lines.append("")
        elif tag == "dt" or (tag == "th" and self._facts):
            self._now = f"{self._now.rstrip()}: "
        elif tag in _LINES or tag in ("td", "th", "dd", "title", "desc"):
            self._end_line()

    def handle_data(self, data: str) -> None:
        if self._unread or (self._inside_tag("svg") and self._open[-1][0] not in ("title", "desc")):
            return
        words = _SPACES.sub(" ", data)
        if words != " " or (self._now and not self._now.endswith(" ")):
            self._now += words if self._now and not self._now.endswith(" ") else words.lstrip()

    @property
    def _facts(self) -> bool:
        return any(tag == "table" and "facts" in kind for tag, kind in self._open)

    def _inside(self, kind: str) -> bool:
        return any(kind in classes.split() for _, classes in self._open)

    def _inside_tag(self, tag: str) -> bool:
        return any(open_tag == tag for open_tag, _ in self._open)

    def _heading(self, tag: str) -> None:
        self._end_line()
        self._lines.append("")
        if tag == "h2":
            self._part += 1
            self._now = f"{self._part}. "

    def _picture(self, tag: str) -> None:
        self._end_line()
        if tag == "title":
            self._now = "Picture: "

    def _cell(self, label: str | None, *, folded: bool) -> None:
        if not folded:
            self._end_line()
            self._now = f"{label}: " if label else ""

    def _count_rows(self) -> None:
        """Says before each row which one it is, now that their number is known."""
        rows = "\n".join(self._lines[self._table_at :]).split(f"{_ROW}\n")
        number = len(rows) - 1
        counted = [f"\n{at} of {number}. {row}" if number > 1 else row for at, row in enumerate(rows[1:], start=1)]
        self._lines[self._table_at :] = [rows[0], *counted]

    def _end_line(self) -> None:
        line = self._now.strip()
        heading = next((said for said in reversed(self._lines) if said), "")
        silent = line in ("", "-") or line.endswith(": \u2013")  # a dash on the page: nothing to say, and no gap
        if not silent and not heading.endswith(f". {line}"):  # a caption may repeat its heading
            self._lines.append(line)
        self._now = ""
