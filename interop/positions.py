"""Where a finding stands in the text that was read: its FHIRPath location as line and column, in JSON and in XML.

Nothing is looked for when there is nothing to say, and what no finding asks about is passed over unread.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from interop.outcome import Issue, Outcome

Spot: TypeAlias = tuple[int, int]
"""Line and column, both from 1; columns count characters."""
Step: TypeAlias = tuple[str, int | None]
"""A JSON member or XML element, and which one of several; None where the location gives no index."""

_STEP = re.compile(r"(\{[^}]*\}[^.\[\]]+|[^.\[\]()]+)(?:\.ofType\(([^)]*)\))?(?:\[(\d+)\])?(?:\.|$)")
_SPACE = re.compile(r"[ \t\r\n]*")
_MARKS = r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+'
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
_SKIP: Callable[[str, int], tuple[object, int]] = _DECODER.scan_once  # type: ignore[attr-defined]  # not in the stubs
"""Reads one JSON value in C: gives it and the offset of its end."""
_REPEATED = "json-duplicate-key"
_ITSELF, _COMPANION, _NULL = range(3)
"""What was seen, best first: the member itself, its ``_`` companion, a null."""
_FHIR = ("http://hl7.org/fhir", "http://www.w3.org/1999/xhtml")


def located(outcome: Outcome, data: bytes, content_type: str = "application/fhir+json") -> Outcome:
    """The same findings, each with the line and column of its element, or of the nearest one around it that exists.

    ``data`` is what was judged. A finding that has its line keeps it. Never raises: broken text gives what was
    found before the break.
    """
    if all(issue.line is not None for issue in outcome):
        return outcome
    root = _Want()
    paths = [_path(issue) for issue in outcome]
    for path in paths:
        root.ask(path)
    if "xml" in content_type:
        find = _find_in_xml(data, root)
    else:
        find = _find_in_json(data, root, repeated=any(issue.code == _REPEATED for issue in outcome))
    return Outcome.of(_placed(issue, path, root, find) for issue, path in zip(outcome, paths, strict=True))


def steps(expression: str) -> Iterator[Step]:
    """The members a location leads through, below its root: ``value.ofType(Quantity)`` is ``valueQuantity``."""
    found = _STEP.finditer(expression)
    next(found, None)
    for name, kind, index in (match.groups() for match in found):
        chosen = f"{name}{kind[:1].upper()}{kind[1:]}" if kind else name
        yield chosen, None if index is None else int(index)


def _path(issue: Issue) -> tuple[Step, ...]:
    """To the element, or to the member of it that the finding names."""
    path = tuple(steps(issue.expression))
    return path if issue.member is None else (*path, (issue.member, None))


def _placed(issue: Issue, path: Iterable[Step], root: _Want, find: Callable[[int], Spot]) -> Issue:
    offset = root.nearest(path)
    if issue.line is not None or offset is None:
        return issue
    line, col = find(offset)
    return replace(issue, line=line, col=col)


@dataclass(slots=True)
class _Member:
    """A named member somebody asks about. ``seen``: rank and offset of the best so far, of equals the first."""

    items: dict[int, _Want] = field(default_factory=dict)
    seen: Spot | None = None


@dataclass(slots=True)
class _Want:
    """A value somebody asks about, and what they ask about inside it."""

    members: dict[str, _Member] = field(default_factory=dict)
    seen: Spot | None = None

    def ask(self, path: Iterable[Step]) -> None:
        node = self
        for name, index in path:
            node = node.members.setdefault(name, _Member()).items.setdefault(index or 0, _Want())

    def nearest(self, path: Iterable[Step]) -> int | None:
        """The offset of the last step that exists; a step without an index means the member, not its first item."""
        node, found = self, self.seen
        for name, index in path:
            member = node.members[name]
            node = member.items[index or 0]
            here = (member.seen or node.seen) if index is None else (node.seen or member.seen)
            found = here or found
            if node.seen is None:
                break
        return None if found is None else found[1]


def _see(node: _Want | _Member, rank: int, offset: int) -> None:
    if node.seen is None or (rank, offset) < node.seen:
        node.seen = (rank, offset)


def _find_in_json(data: bytes, root: _Want, *, repeated: bool) -> Callable[[int], Spot]:
    """Marks what is wanted with its offset; gives what turns an offset into a spot.

    ``repeated``: the text was refused for a name that stands twice, so that name is all there is to show.
    """
    text = data.decode("utf-8-sig", "replace")
    scan = _JsonScan(text)
    with suppress(ValueError, IndexError, StopIteration, RecursionError):  # broken text, as in XML below
        start = scan.space(0)
        _see(root, _ITSELF, (_repeated_name(text) if repeated else None) or start)
        scan.value(start, root)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def spot(offset: int) -> Spot:
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    return spot


class _JsonScan:
    """One pass over a JSON text that goes only where something is wanted. Offsets in, offset of the end out."""

    def __init__(self, text: str):
        self._text = text

    def space(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def value(self, at: int, want: _Want | None) -> int:
        if want is None or not want.members or self._text[at] != "{":
            return _SKIP(self._text, at)[1]
        return self._list(at, "}", lambda _, start: self._member(start, want))

    def _member(self, at: int, want: _Want) -> int:
        if self._text[at] != '"':
            raise ValueError("a member begins with its name")
        read, end = _SKIP(self._text, at)
        name = str(read)
        start = self.space(self.space(end) + 1)
        member = want.members.get(name) or want.members.get(name.removeprefix("_"))
        if member is None:
            return _SKIP(self._text, start)[1]
        rank = _COMPANION if name.startswith("_") else _ITSELF
        _see(member, rank, at)
        if self._text[start] == "[":
            return self._list(start, "]", lambda index, item: self._item(item, member.items.get(index), rank, item))
        return self._item(start, member.items.get(0), rank, at)

    def _item(self, at: int, want: _Want | None, rank: int, shown: int) -> int:
        if want is not None:
            _see(want, _NULL if self._text.startswith("null", at) else rank, shown)
        return self.value(at, want)

    def _list(self, at: int, end: str, each: Callable[[int, int], int]) -> int:
        """The members or items between brackets; ``each`` takes number and offset."""
        at = self.space(at + 1)
        number = 0
        while self._text[at] != end:
            at = self.space(each(number, at))
            number += 1
            if self._text[at] == ",":
                at = self.space(at + 1)
        return at + 1


def _repeated_name(text: str) -> int | None:
    """The offset of the first member whose name its object has already."""
    open_objects: list[set[str] | None] = []
    before = ""
    for token in re.finditer(_MARKS, text):
        mark = token[0]
        if mark in "{[":
            open_objects.append(set() if mark == "{" else None)
        elif mark in "}]":
            open_objects[-1:] = []
        elif mark[0] == '"' and before in "{," and open_objects and (names := open_objects[-1]) is not None:
            if mark in names:
                return token.start()
            names.add(mark)
        before = mark
    return None


class _Doctype(Exception):  # noqa: N818  a way to stop the parser, not an error
    pass


def _find_in_xml(data: bytes, root: _Want) -> Callable[[int], Spot]:
    """As ``_find_in_json``. The parser tells line and column itself; they are kept in a list, in reading order."""
    from xml.parsers import expat  # JSON needs none of it

    spots: list[Spot] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    frames: list[tuple[_Want | None, dict[str, int]]] = []

    def opened(name: str, _: object) -> None:
        want = root if not frames else _wanted(name, *frames[-1])
        frames.append((want, {}))
        if want is not None:
            spots.append((parser.CurrentLineNumber, parser.CurrentColumnNumber + 1))
            _see(want, _ITSELF, len(spots) - 1)

    def doctype(*_: object) -> None:
        raise _Doctype

    parser.StartElementHandler = opened
    parser.EndElementHandler = lambda _: frames.pop()
    parser.StartDoctypeDeclHandler = doctype
    with suppress(expat.ExpatError, _Doctype, ValueError, LookupError):  # broken text: whoever judged it has said so
        parser.Parse(data, True)
    return spots.__getitem__


def _wanted(name: str, around: _Want | None, counts: dict[str, int]) -> _Want | None:
    if around is None:
        return None
    space, _, local = name.rpartition(" ")
    if local[:1].isupper() and local not in around.members:
        return around  # the resource inside <resource> or <contained> is the same step
    label = local if space in ("", *_FHIR) else f"{{{space}}}{local}"
    number = counts[label] = counts.get(label, -1) + 1
    member = around.members.get(label)
    return None if member is None else member.items.get(number)
