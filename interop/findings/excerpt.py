"""The line a finding is about, as it stands in the file, with the part that is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from interop.printable import printable

WIDTH = 100
"""Longest piece of a line that is shown; files on one line are common."""
_BEFORE = 30
_STRING = r'"(?:[^"\\]|\\.)*"'
_MARKED = rf"{_STRING}(?:\s*:\s*(?:{_STRING}|[-+.\w]+))?|<[^>]*>?|[-+.\w]+|."


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of one line, and which part of it is meant.

    line           1-based
    text           safe to show, without its indentation; ``…`` where it is cut
    start, length  the part that is meant: 0-based, in characters; length 0 when only the line is known
    """

    line: int
    text: str
    start: int
    length: int

    @property
    def parts(self) -> tuple[str, str, str]:
        """Before the part that is meant, the part itself, and after it."""
        end = self.start + self.length
        return self.text[: self.start], self.text[self.start : end], self.text[end:]


def lines_of(data: bytes) -> Sequence[str]:
    """The lines of a text file, numbered as findings number them. What cannot be decoded is shown as U+FFFD."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return data.decode(encoding, "replace").split("\n")


def excerpt(lines: Sequence[str], line: int, col: int | None) -> Excerpt | None:
    """The piece of ``lines`` around a place (1-based); None when there is no such line, or nothing on it."""
    if not 0 < line <= len(lines):
        return None
    whole = lines[line - 1].rstrip()
    if not whole:
        return None
    indent = len(whole) - len(whole.lstrip())
    at = indent if col is None else min(col - 1, len(whole))
    first = min(indent, at)
    if len(whole) - first > WIDTH and at - first > _BEFORE:
        first = at - _BEFORE
    shown = whole[first : first + WIDTH]
    before = "…" if whole[:first].strip() else ""
    after = "…" if first + WIDTH < len(whole) else ""
    start = at - first
    meant = re.compile(_MARKED).match(shown, start) if col is not None else None
    length = meant.end() - start if meant else 0
    text = printable(shown).replace("\t", " ")
    return Excerpt(line, f"{before}{text}{after}", start + len(before), length)
