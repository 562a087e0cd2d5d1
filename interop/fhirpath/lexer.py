"""Cuts the text of a FHIRPath expression into tokens."""

from __future__ import annotations

import re
from typing import NamedTuple

from interop.errors import ExpressionError


class Token(NamedTuple):
    """kind is one of: number, string, moment, time, name, quoted, variable, special, sign, end. ``at`` is 0-based."""

    kind: str
    text: str
    at: int


_TOKEN = re.compile(
    r"""
      (?P<space>\s+|//[^\n]*|/\*.*?\*/)
    | (?P<time>@T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?P<zone>Z|[+-]\d\d:\d\d)?)
    | (?P<moment>@\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<variable>%(?:[A-Za-z_][A-Za-z0-9_-]*|`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'))
    | (?P<special>\$(?:this|index|total))
    | (?P<quoted>`(?:[^`\\]|\\.)*`)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign><=|>=|!=|!~|[-+*&|=~<>.,()\[\]{}]|/(?!\*))
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


def tokens(text: str) -> list[Token]:
    """All tokens of an expression, an ``end`` token last.

    Raises ExpressionError ``expression-syntax`` with the column. Source: FHIRPath N1 section 13.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise syntax_error(_unreadable(text[at:]), text, at)
        if match["zone"]:
            raise syntax_error("a time has no time zone", text, at)
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Token(kind, _content(kind, match.group()), at))
        at = match.end()
    found.append(Token("end", "", len(text)))
    return found


def syntax_error(text: str, expression: str, at: int) -> ExpressionError:
    """A fault in the text of an expression, told with its column (1-based)."""
    return ExpressionError(
        f"{text} in {expression!r}", code="expression-syntax", where=f"column {at + 1}", hint="see hl7.org/fhirpath/N1"
    )


def _content(kind: str, text: str) -> str:
    if kind == "variable":
        return _content("quoted", text[1:]) if text[1] in "`'" else text[1:]
    if kind in {"string", "quoted"}:
        return _ESCAPE.sub(_unescape, text[1:-1])
    return text[1:] if kind in {"special", "moment", "time"} else text


def _unescape(match: re.Match[str]) -> str:
    mark = match[1]
    if len(mark) > 1:
        return chr(int(mark[1:], 16))
    return _ESCAPED.get(mark, mark)


def _unreadable(rest: str) -> str:
    if rest.startswith("/*"):
        return "comment is not closed"
    if rest[0] in "'`":
        return f"{'string' if rest[0] == chr(39) else 'name'} is not closed"
    return f"unexpected {rest[0]!r}"
