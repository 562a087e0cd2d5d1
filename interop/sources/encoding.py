"""Bytes to text: the encodings a mapping allows, tried in order, and a finding that says what to change."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper

from interop.location import SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.record import SourceFile

_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CHUNK = 1 << 20
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_UTF8 = ("utf-8", "utf8", "utf_8")

# What a file begins with that is no text at all, and what to do about it.
_NO_TEXT = (
    (b"PK\x03\x04", "an Excel workbook or another zip file", "say `format: xlsx` in the mapping, or save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or one with a password", "save it as CSV or .xlsx"),
    (b"%PDF", "a PDF document", "export the data itself"),
    (b"\x1f\x8b", "compressed with gzip", "unpack it first"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A file whose encoding is settled: all of it can be decoded.

    fallback  codec for single bytes that ``encoding`` cannot be; None when there are none
    """

    file: SourceFile
    encoding: str
    fallback: str | None = None

    def lines(self) -> Lines:
        """Its lines with their ends, anew from the start."""
        return Lines(self)


class Lines(Iterator[str]):
    """The lines of a text; use it in a ``with`` statement, which closes the file.

    odd  whether, since this was last cleared, a line held bytes of the fallback encoding
    """

    def __init__(self, text: Text):
        self.odd = False
        self._stream = text.file.open()
        if text.fallback is None:
            self._lines: Iterator[str] = TextIOWrapper(self._stream, encoding=text.encoding, newline="")
        else:
            self._lines = self._mixed(self._stream, text.encoding, _handler(text.fallback))

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        return next(self._lines)

    def _mixed(self, stream: Iterator[bytes], encoding: str, errors: str) -> Iterator[str]:
        for raw in stream:
            try:
                line = raw.decode(encoding)
            except UnicodeDecodeError:
                self.odd = True
                line = raw.decode(encoding, errors)
            yield from _LINE.findall(line)


def settle(file: SourceFile, encodings: Sequence[str]) -> tuple[Text | None, tuple[Issue, ...]]:
    """The text of a file and what is to be said about its encoding; None when no allowed encoding fits.

    A byte order mark decides by itself and is taken off. Reading by another than the first allowed encoding is said
    as information, because a wrong guess shows only in the letters. Where most is UTF-8 and some is not, each byte is
    read by what it can be, and the reader names the rows.
    """
    with file.open() as stream:
        head = stream.read(2048)
    if (refused := _no_text(file, head)) is not None:
        return None, (refused,)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return _marked(file, encoding)
    for number, encoding in enumerate(encodings):
        if _first_fault(file, encoding) is not None:
            continue
        if number == 0:
            return Text(file, encoding), _doubt(file, encoding)
        if encodings[0].lower() in _UTF8 and _is_mixed(file):
            return Text(file, "utf-8", encoding), ()
        found = f"not {encodings[0]}: read as {encoding}"
        hint = f"check the accented letters and signs, or save the file as {encodings[0]}"
        return Text(file, encoding), (_issue(file, "source-encoding", found, hint, Severity.INFORMATION),)
    return None, (_refusal(file, encodings),)


def mixed_issue(pointer: SourcePointer, text: Text) -> Issue:
    """The finding about one row of a file in two encodings."""
    said = f"holds letters that are not {text.encoding}, unlike the rest of the file: they were read as {text.fallback}"
    hint = f"check the accented letters of this row; save the whole file as {text.encoding}"
    return Issue("source-encoding-mixed", said, severity=Severity.WARNING, source=pointer, hint=hint)


def _no_text(file: SourceFile, head: bytes) -> Issue | None:
    for mark, what, hint in _NO_TEXT:
        if head.startswith(mark):
            return _issue(file, "source-other-format", f"is {what}, wanted is text", hint, Severity.FATAL)
    if head.count(0) * 4 > len(head) > 0 and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = "every second byte is empty: it looks like UTF-16 without its mark, or is no text"
        return _issue(file, "source-other-format", text, "save the file as UTF-8", Severity.FATAL)
    return None


def _marked(file: SourceFile, encoding: str) -> tuple[Text | None, tuple[Issue, ...]]:
    fault = _first_fault(file, encoding)
    if fault is None:
        return Text(file, encoding), ()
    name = encoding.removesuffix("-sig")
    text = f"begins with the mark of {name}, but byte {fault[0]} is not {name}"
    return None, (_issue(file, "source-encoding", text, "export the file again as UTF-8", Severity.FATAL),)


def _first_fault(file: SourceFile, encoding: str) -> tuple[int, int] | None:
    """Where the file stops being what ``encoding`` can decode: the byte's offset and the byte. None: nowhere."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset = 0
    with file.open() as stream:
        while True:
            chunk = stream.read(_CHUNK)
            held = decoder.getstate()[0]
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeError as fault:
                start = fault.start if isinstance(fault, UnicodeDecodeError) else 0
                spot = max(offset - len(held) + start, 0)
                stream.seek(spot)
                return spot, (stream.read(1) or b"\0")[0]
            if not chunk:
                return None
            offset += len(chunk)


def _is_mixed(file: SourceFile) -> bool:
    """Whether some lines are UTF-8 beyond ASCII although others are not UTF-8."""
    with file.open() as stream:
        for line in stream:
            if not line.isascii():
                try:
                    line.decode()
                except UnicodeDecodeError:
                    continue
                return True
    return False


def _doubt(file: SourceFile, encoding: str) -> tuple[Issue, ...]:
    """A file read by an encoding that reads everything, although it is plainly UTF-8."""
    if encoding.lower() in _UTF8 or _first_fault(file, "utf-8") is not None or _first_fault(file, "ascii") is None:
        return ()
    text = f"was read as {encoding}, the first encoding the mapping names, but all of it is UTF-8"
    hint = "put utf-8 first in `encodings:` of the mapping"
    return (_issue(file, "source-encoding", text, hint, Severity.WARNING),)


def _refusal(file: SourceFile, encodings: Sequence[str]) -> Issue:
    wanted = " or ".join(encodings)
    spot, byte = _first_fault(file, encodings[0]) or (0, 0)
    line = _line_of(file, spot)
    windows = _first_fault(file, "cp1252") is None
    guess = '; it looks like Windows-1252, what Excel\'s plain "CSV" saves' if windows else ""
    found = f"byte 0x{byte:02X} on line {line} is not {wanted}{guess}"
    kind = "CSV UTF-8" if file.name.lower().endswith(".csv") else "UTF-8"
    hint = f'save it as "{kind}", or add its encoding to the mapping: encodings: [utf-8, cp1252]'
    return _issue(file, "source-encoding", found, hint, Severity.FATAL, line=line)


def _line_of(file: SourceFile, offset: int) -> int:
    line = 1
    with file.open() as stream:
        while offset > 0 and (chunk := stream.read(min(offset, _CHUNK))):
            line += chunk.count(b"\n")
            offset -= len(chunk)
    return line


def _handler(encoding: str) -> str:
    """The name of a decoding error handler that reads single bytes by another encoding."""
    name = f"interop-as-{encoding}"
    try:
        codecs.lookup_error(name)
    except LookupError:
        codecs.register_error(name, lambda fault: _by_another(fault, encoding))
    return name


def _by_another(fault: UnicodeError, encoding: str) -> tuple[str, int]:
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    return fault.object[fault.start : fault.end].decode(encoding, "replace"), fault.end


def _issue(file: SourceFile, code: str, text: str, hint: str, severity: Severity, *, line: int | None = None) -> Issue:
    return Issue(code, text, severity=severity, source=SourcePointer(file.name), hint=hint, line=line)
