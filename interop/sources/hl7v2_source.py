"""HL7 v2 messages out of files: each a record, its letters read as its own head says, oddities told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.hl7v2 import TORN, delimiters_of, first_text, is_segment_name, parse_segment
from interop.sources.hl7v2_checks import CHARACTER_SETS, broken_escapes, checked
from interop.sources.hl7v2_frames import Frame, frames
from interop.sources.record import SourceFile, SourceRecord
from interop.sources.spec import SourceSpec


@dataclass(frozen=True, slots=True)
class _Places:
    """``("PID", 0, "5", 0, 1, 0)`` as ``PID-5.2``: repetitions in brackets, the first sub-component unsaid."""

    file: str
    lines: tuple[tuple[str, int], ...]

    def __call__(self, path: SourcePath) -> SourcePointer:
        return SourcePointer(self.file, path=hl7_path(path) or None)

    def line(self, name: str, number: int) -> int | None:
        """The line of the file on which the ``number``-th (from 0) segment of that name stands."""
        found = [line for segment, line in self.lines if segment == name]
        return found[number] if number < len(found) else None


def hl7_path(path: SourcePath) -> str:
    """A path in a message tree as HL7 people write it: ``PID-5.2``, ``NK1[2]-3[2].1.2``."""
    name, segment, number, repetition, component, sub = (*path, *[None] * (6 - len(path)))[:6]
    text = str(name or "")
    if isinstance(segment, int) and segment > 0:
        text += f"[{segment + 1}]"
    if number is not None:
        text += f"-{number}"
    if isinstance(repetition, int) and repetition > 0:
        text += f"[{repetition + 1}]"
    if isinstance(component, int):
        text += f".{component + 1}"
    if isinstance(sub, int) and sub > 0:
        text += f".{sub + 1}"
    return text


def read_hl7v2(spec: SourceSpec, files: Sequence[SourceFile]) -> Iterator[SourceRecord | Issue]:
    """Every message of every file. A message that cannot be taken apart is an error, the others are read."""
    for file in files:
        for found in frames(file):
            yield found if isinstance(found, Issue) else _message(file, found, spec.encodings)


def _message(file: SourceFile, frame: Frame, encodings: Sequence[str]) -> SourceRecord | Issue:
    decoded = _decoded(frame, encodings)
    number = frame.lines[0][0]
    if decoded is None:
        return _undecodable(file, frame, encodings)
    lines, used = decoded
    delimiters = delimiters_of(lines[0])
    if isinstance(delimiters, str):
        hint = "begin the message with MSH|^~\\&|"
        return Issue("hl7v2-delimiters", delimiters, source=SourcePointer(file.name), hint=hint, line=number)
    tree: JsonObject = {}
    order: list[str] = []
    places: list[tuple[str, int]] = []
    issues: list[Issue] = []
    pointer = _Places(file.name, ())
    for (number, _), line in zip(frame.lines, lines, strict=True):
        name, fields = parse_segment(line, delimiters)
        if not is_segment_name(name):
            issues.append(_not_a_segment(file, number, line, order[-1]))
            name, fields = TORN, {"1": [[[line]]]}
        spot = name, len(tree.setdefault(name, []))
        for code, path, text, hint, severity in broken_escapes(line, spot, delimiters) if name != TORN else ():
            issues.append(Issue(code, text, severity=severity, source=pointer(path), hint=hint, line=number))
        tree[name].append(fields)
        order.append(name)
        places.append((name, number))
    tree["segments"] = order
    pointer = _Places(file.name, tuple(places))
    issues += [_found(pointer, *found) for found in checked(tree, delimiters)]
    if used is not None:
        issues.append(_read_as(pointer, *used))
    key = first_text(tree["MSH"][0].get("10")) or f"{file.name} line {frame.lines[0][0]}"
    return SourceRecord(tree, (file,), key, pointer, tuple(issues))


def _decoded(frame: Frame, encodings: Sequence[str]) -> tuple[list[str], tuple[str, str] | None] | None:
    """The lines as text; and, where the message is not in the character set wanted first, that one and the one used."""
    declared = _declared(frame.lines[0][1])
    wanted = tuple(dict.fromkeys((declared, *encodings))) if declared else encodings
    data = b"\r".join(raw for _, raw in frame.lines)
    for encoding in wanted:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        lines = text.split("\r")
        if len(lines) == len(frame.lines):
            return lines, (wanted[0], encoding) if encoding != wanted[0] else None
    return None


def _declared(msh: bytes) -> str | None:
    """What the message says it is written in: the first character set of MSH-18 that is known."""
    head = msh[:4096].decode("latin-1")
    fields = head.split(head[3]) if len(head) > 3 else []
    names = re.split(r"[~^]", fields[17]) if len(fields) > 17 else []
    return next(
        (CHARACTER_SETS[name.strip().upper()] for name in names if name.strip().upper() in CHARACTER_SETS), None
    )


def _undecodable(file: SourceFile, frame: Frame, encodings: Sequence[str]) -> Issue:
    wanted = _declared(frame.lines[0][1]) or encodings[0]
    number, found = frame.lines[0][0], "its bytes are"
    for number, raw in frame.lines:
        try:
            raw.decode(wanted)
        except UnicodeDecodeError as fault:
            found = f"byte 0x{raw[fault.start]:02X} on line {number} is"
            break
        except UnicodeError:
            break
    said = " or ".join(dict.fromkeys((wanted, *encodings)))
    hint = "send UTF-8 and say UNICODE UTF-8 in MSH-18, or name the encoding in the mapping: `encodings:`"
    spot = SourcePointer(file.name)
    return Issue("source-encoding", f"{found} not {said}", severity=Severity.FATAL, source=spot, hint=hint, line=number)


def _read_as(pointer: _Places, wanted: str, used: str) -> Issue:
    text = f"not {wanted}: read as {used}"
    hint = "check the accented letters, and say the true character set in MSH-18"
    spot = pointer(("MSH", 0, "18"))
    return Issue("source-encoding", text, severity=Severity.INFORMATION, source=spot, hint=hint)


def _not_a_segment(file: SourceFile, number: int, line: str, before: str) -> Issue:
    text = f"line {number} is no segment: it begins with {line[:3]!r}; perhaps a line break inside {before}"
    hint = "write a line break inside a field as \\.br\\"
    if len(line) < 3:
        text = f"line {number} is {line!r}, not even a segment's name: the message may have been cut off"
        hint = "send the message again"
    return Issue("hl7v2-segment-name", text, source=SourcePointer(file.name), hint=hint, line=number)


def _found(pointer: _Places, code: str, path: SourcePath, text: str, hint: str, severity: Severity) -> Issue:
    name, number = path[0], path[1]
    line = pointer.line(str(name), number) if isinstance(number, int) else None
    return Issue(code, text, severity=severity, source=pointer(path), hint=hint, line=line)
