"""HL7 v2 files taken apart into messages: lines, MLLP framing and batch envelopes, still as bytes.

Source: HL7 v2.8 chapter 2, sections 2.10.3 (batches); MLLP release 1 (start block 0x0B, end block 0x1C 0x0D).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from interop.location import SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.record import SourceFile

Line = tuple[int, bytes]
"""The number of a line in its file, from 1, and the line without its end."""

_CHUNK = 1 << 20
_LINE_END = re.compile(rb"\r\n|\r|\n")
_SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{2}")
_START, _END = b"\x0b", b"\x1c"
_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

LARGEST = 64 << 20
"""Bytes. A message longer than this is not read."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message as it stands in its file, MSH first."""

    lines: tuple[Line, ...]


def frames(file: SourceFile) -> Iterator[Frame | Issue]:
    """Every message of a file, one at a time, and what is wrong with the file around them."""
    with file.open() as stream:
        yield from _Splitter(file).split(_lines(stream))


@dataclass(slots=True)
class _Splitter:
    """Reading one file. Of lines that belong to no message the first is kept, and how many there are."""

    file: SourceFile
    current: list[Line] = field(default_factory=list)
    size: int = 0
    framed: int | None = None  # the line on which an open MLLP block began
    stray: Line | None = None
    strays: int = 0
    messages: int = 0
    batch: tuple[int, int] | None = None  # the open batch: its line, and the messages before it
    silent: bool = True

    def split(self, lines: Iterator[Line]) -> Iterator[Frame | Issue]:
        for number, raw in lines:
            self.silent &= not raw.strip()
            if _START in raw:
                yield from self._unfinished()
                self.framed = number
            if _END in raw:
                self.framed = None
            yield from self._line(number, raw.replace(_START, b"").replace(_END, b""))
        yield from self._message()
        yield from self._unfinished()
        yield from self._at_end()

    def _line(self, number: int, raw: bytes) -> Iterator[Frame | Issue]:
        line = raw.lstrip(b" \t\x00" + _UTF8_MARK if number == 1 else b" \t\x00")
        name = line[:3]
        if name == b"MSH" or name in _ENVELOPE:
            yield from self._message()
        if name == b"MSH":
            self.messages += 1
            self.current, self.size = [(number, line)], len(line)
        elif name in _ENVELOPE:
            yield from self._envelope(number, line)
        elif line:
            self._inside(number, raw)

    def _inside(self, number: int, raw: bytes) -> None:
        if self.current:
            self.size += len(raw)
            self.current += [(number, raw)] if self.size <= LARGEST else []
        else:
            self.stray = self.stray or (number, raw)
            self.strays += 1

    def _message(self) -> Iterator[Frame | Issue]:
        if self.current and self.size > LARGEST:
            text = f"the message is longer than {LARGEST:,} bytes and was not read"
            yield self._issue("hl7v2-too-long", text, Severity.ERROR, self.current[0][0], "send documents apart")
        elif self.current:
            yield Frame(tuple(self.current))
        self.current = []

    def _envelope(self, number: int, line: bytes) -> Iterator[Issue]:
        if line.startswith(b"BHS"):
            yield from self._open_batch()
            self.batch = number, self.messages
        elif line.startswith(b"BTS"):
            promised = line.split(line[3:4])[1].strip() if len(line) > 4 else b""
            held = self.messages - (self.batch[1] if self.batch else 0)
            if promised.isdigit() and int(promised[:18]) != held:
                text = f"the batch trailer promises {promised[:18].decode()} messages, the batch holds {held}"
                yield self._issue("hl7v2-batch-count", text, Severity.WARNING, None, None)
            self.batch = None

    def _open_batch(self) -> Iterator[Issue]:
        if self.batch is not None:
            text = f"the batch that begins on line {self.batch[0]} has no trailer (BTS): messages may have been cut off"
            yield self._issue("hl7v2-truncated", text, Severity.WARNING, self.batch[0], "send the whole batch again")
            self.batch = None

    def _unfinished(self) -> Iterator[Issue]:
        if self.framed is not None:
            text = f"the MLLP block that begins on line {self.framed} never ends: its message may have been cut off"
            yield self._issue("hl7v2-truncated", text, Severity.WARNING, self.framed, "send the message again")
            self.framed = None

    def _at_end(self) -> Iterator[Issue]:
        yield from self._open_batch()
        if self.stray is not None:
            number, line = self.stray
            start = line[:3].decode() if _SEGMENT.fullmatch(line[:3]) else "text"
            text = f"{self.strays} line(s) from line {number} on ({start} …) belong to no message: one begins with MSH"
            hint = "send the whole message, MSH first; check that the file is HL7 v2 (pipes), not XML, CSV or JSON"
            yield self._issue("hl7v2-no-msh", text, Severity.ERROR, number, hint)
        if self.silent:
            said = "the file is empty; an HL7 v2 message begins with MSH|"
            yield self._issue("hl7v2-empty", said, Severity.FATAL, None, None)

    def _issue(self, code: str, text: str, severity: Severity, line: int | None, hint: str | None) -> Issue:
        return Issue(code, text, severity=severity, source=SourcePointer(self.file.name), hint=hint, line=line)


def _lines(stream: BinaryIO) -> Iterator[Line]:
    """Lines ended by CR (the standard), LF or both, from a window over the file. UTF-16 is turned into UTF-8."""
    rest, number = stream.read(2), 0
    if rest in _UTF16_MARKS:
        data = (rest + stream.read()).decode("utf-16", "replace").encode()
        yield from enumerate(_LINE_END.split(data), 1)
        return
    while chunk := stream.read(_CHUNK):
        rest += chunk
        # A CR at the very end may be half of CR LF.
        whole, held = (rest[:-1], rest[-1:]) if rest.endswith(b"\r") else (rest, b"")
        *done, rest = _LINE_END.split(whole)
        rest += held
        for line in done:
            number += 1
            yield number, line
        if len(rest) > LARGEST:  # no line of a message: a file of another kind, let go of
            number += 1
            yield number, rest
            rest = b""
    for line in _LINE_END.split(rest):
        number += 1
        yield number, line
