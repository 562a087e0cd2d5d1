"""Bytes to text: the encodings a mapping allows, tried in order, and a finding that says what to change."""

from __future__ import annotations

from collections.abc import Sequence

from interop.location import SourcePointer
from interop.outcome import Issue, Severity

_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(name: str, data: bytes, encodings: Sequence[str]) -> tuple[str | None, tuple[Issue, ...]]:
    """The text of a file and what is to be said about its encoding; None when no allowed encoding fits.

    A byte order mark decides by itself and is taken off. Reading by another than the first allowed
    encoding is said as information, because a wrong guess shows only in the letters.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode_marked(name, data, encoding)
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == encodings[0]:
            return text, ()
        found = f"not {encodings[0]}: read as {encoding}"
        hint = f"check the accented letters and signs, or save the file as {encodings[0]}"
        return text, (_issue(name, "source-encoding", found, hint, Severity.INFORMATION),)
    return None, (_refusal(name, data, encodings),)


def _decode_marked(name: str, data: bytes, encoding: str) -> tuple[str | None, tuple[Issue, ...]]:
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding), ()
    except UnicodeDecodeError as fault:
        text = f"begins with the mark of {encoding}, but byte {fault.start} is not {encoding}"
        return None, (_issue(name, "source-encoding", text, "export the file again as UTF-8", Severity.FATAL),)


def _refusal(name: str, data: bytes, encodings: Sequence[str]) -> Issue:
    wanted = " or ".join(encodings)
    try:
        data.decode(encodings[0])
        spot = 0
    except UnicodeDecodeError as fault:
        spot = fault.start
    line = data.count(b"\n", 0, spot) + 1
    guess = '; it looks like Windows-1252, what Excel\'s plain "CSV" saves' if _looks_like_windows(data) else ""
    found = f"byte 0x{data[spot]:02X} on line {line} is not {wanted}{guess}"
    kind = "CSV UTF-8" if name.lower().endswith(".csv") else "UTF-8"
    hint = f'save it as "{kind}", or add its encoding to the mapping: encodings: [utf-8, cp1252]'
    return _issue(name, "source-encoding", found, hint, Severity.FATAL, line=line)


def _looks_like_windows(data: bytes) -> bool:
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in data


def _issue(name: str, code: str, text: str, hint: str, severity: Severity, *, line: int | None = None) -> Issue:
    return Issue(code, text, severity=severity, source=SourcePointer(name), hint=hint, line=line)
