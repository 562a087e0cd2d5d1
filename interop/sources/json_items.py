"""The items of a list in a JSON document, one at a time: a long list is never held whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from interop import json_codec
from interop.errors import ContentError
from interop.json_codec import Json
from interop.location import SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.json_path import items_at, json_path, value_at
from interop.sources.record import SourceFile

WHOLE = 16 << 20
"""Bytes. A document up to this size is read whole, so that a fault anywhere in it is known before its first item."""

LARGEST = 64 << 20
"""Bytes. The largest single item, and the largest document that is not a list."""

_CHUNK = 1 << 20
_TOKEN = re.compile(rb'\s*("(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+)', re.DOTALL)

Found = tuple[str, Json] | Issue
"""An item with its path in the document, or what is wrong."""


def read_items(file: SourceFile, at: str | None, *, alone: bool = False) -> Iterator[Found]:
    """The items of the list at a dotted path. A fatal Issue: the file cannot be used, or not beyond this point.

    alone  an object there counts as the only item
    """
    if file.size > WHOLE:
        yield from _long(file, at, alone=alone)
    else:
        yield from _whole(file, at, alone=alone)


def _whole(file: SourceFile, at: str | None, *, alone: bool) -> Iterator[Found]:
    try:
        document = json_codec.loads(file.data, file=file.name)
    except ContentError as fault:
        yield _fatal(file, fault.code, fault.text, fault.hint)
        return
    found = items_at(document, at)
    if found is not None:
        yield from found
        return
    only = value_at(document, at) if at else document
    if alone and isinstance(only, dict):
        yield json_path(tuple(at.split("."))) if at else "$", only
    else:
        yield _no_records(file, at, alone=alone)


def _no_records(file: SourceFile, at: str | None, *, alone: bool) -> Issue:
    if alone:
        text = f"holds no record at {at!r}" if at else "is not a JSON object or a list of them"
    else:
        text = f"holds no list at {at!r}" if at else "holds no list"
    return _fatal(file, "json-no-records", text, "export the file again, or change `at:` in the mapping")


def _long(file: SourceFile, at: str | None, *, alone: bool) -> Iterator[Found]:
    tokens = _Tokens(file)
    root = json_path(tuple(at.split("."))) if at else "$"
    try:
        if not tokens.enter_list(at.split(".") if at else ()):
            if file.size <= LARGEST:
                yield from _whole(file, at, alone=alone)
            else:
                said = f"is {file.size:,} bytes and holds no list at {at or '$'}; a record has at most {LARGEST:,}"
                yield _fatal(file, "json-too-large", said, "export the records as a list, or name it: `at:`")
            return
        for number, (line, data) in enumerate(tokens.items()):
            place = f"{root}[{number}]"
            try:
                yield place, json_codec.loads(data, file=file.name)
            except ContentError as fault:
                text = f"{fault.text} (the item begins on line {line})"
                yield Issue(fault.code, text, source=SourcePointer(file.name, path=place), hint=fault.hint, line=line)
    except _BrokenError as fault:
        text = f"not JSON: {fault}; the items before it were read"
        yield _fatal(file, "content-json", text, "export the file again; it may have been cut off", fault.line)
    finally:
        tokens.close()


class _BrokenError(Exception):
    """The document is not JSON from some line on."""

    def __init__(self, text: str, line: int):
        super().__init__(f"{text} on line {line}")
        self.line = line


class _Tokens:
    """The tokens of a document, from a window that slides over the file."""

    def __init__(self, file: SourceFile):
        self._stream = file.open()
        self._window = self._stream.read(_CHUNK).removeprefix(b"\xef\xbb\xbf")
        self._at = 0  # where the next token is looked for
        self._line, self._counted = 1, 0  # the line at place ``_counted``

    def close(self) -> None:
        self._stream.close()

    def enter_list(self, path: Sequence[str]) -> bool:
        """Move behind the ``[`` of the list at the path of member names; False where there is none."""
        for name in path:
            if self._next() != b"{" or not self._find_member(name):
                return False
        return self._next() == b"["

    def items(self) -> Iterator[tuple[int, bytes]]:
        """Each item of the list entered: the line it begins on, and its bytes."""
        if self._peek() == b"]":
            return
        while True:
            yield self._line_here(), self._value()
            token = self._next()
            if token == b"]":
                return
            if token != b",":
                raise _BrokenError(f"found {token[:20]!r} between two items, wanted a comma", self._line_here())
            self._peek()

    def _find_member(self, name: str) -> bool:
        wanted = json_codec.dumps(name)
        while (key := self._next()) != b"}":
            if self._next() != b":":
                raise _BrokenError("a member without a colon", self._line_here())
            if key == wanted:
                return True
            self._value()
            if self._next() != b",":
                return False
        return False

    def _value(self) -> bytes:
        """The bytes of one whole value."""
        self._drop()
        token, end = self._token(self._at)
        start, depth = end - len(token), 0
        while True:
            depth += (token in b"[{") - (token in b"]}")
            if depth < 0 or (depth == 0 and token in b",:"):
                raise _BrokenError(f"found {token!r}, wanted a value", self._line_here())
            if depth == 0:
                self._at = end
                return self._window[start:end]
            if end - start > LARGEST:
                raise _BrokenError(f"an item is longer than {LARGEST:,} bytes", self._line_here())
            token, end = self._token(end)

    def _next(self) -> bytes:
        token, self._at = self._token(self._at)
        return token

    def _peek(self) -> bytes:
        """The token that comes next; the place is then where it begins."""
        token, end = self._token(self._at)
        self._at = end - len(token)
        return token

    def _token(self, at: int) -> tuple[bytes, int]:
        """The token at or after a place in the window, and where it ends. One at the window's edge may go on."""
        while True:
            match = _TOKEN.match(self._window, at)
            if match is not None and match.end() < len(self._window):
                return match[1], match.end()
            more = self._stream.read(max(_CHUNK, len(self._window)))
            if not more:
                if match is None:
                    raise _BrokenError("the file ends inside the list", self._line_here())
                return match[1], match.end()
            self._window += more

    def _drop(self) -> None:
        """Forget what lies behind, once it is worth the copying."""
        if self._at > _CHUNK:
            self._line_here()
            self._window = self._window[self._at :]
            self._at = self._counted = 0

    def _line_here(self) -> int:
        self._line += self._window.count(b"\n", self._counted, self._at)
        self._counted = max(self._at, self._counted)
        return self._line


def _fatal(file: SourceFile, code: str, text: str, hint: str | None, line: int | None = None) -> Issue:
    return Issue(code, text, severity=Severity.FATAL, source=SourcePointer(file.name), hint=hint, line=line)
