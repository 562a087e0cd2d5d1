"""HL7 v2 messages out of files: framing, batches and line ends taken off, one record a message, oddities said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.encoding import decode
from interop.sources.hl7v2 import TORN, Delimiters, delimiters_of, is_segment_name, parse_segment
from interop.sources.record import Reading, SourceFile, SourceRecord
from interop.sources.spec import SourceSpec
from interop.sources.tabular import matches

_FRAMING = str.maketrans("", "", "\x0b\x1c")  # MLLP start and end of block
_LINE_END = re.compile(r"\r\n|\r|\n")
_ENVELOPE = ("FHS", "BHS", "BTS", "FTS")

# MSH-18 (HL7 table 0211) as Python names its codecs.
_CHARACTER_SETS = {
    "ASCII": "ascii",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "8859/1": "latin-1",
    "8859/15": "iso8859-15",
}

# A segment and the one it must come after (HL7 v2.8 chapter 3, the ADT structures).
_COMES_AFTER = {
    "EVN": "MSH",
    "PID": "EVN",
    "PD1": "PID",
    "NK1": "PID",
    "PV1": "PID",
    "PV2": "PV1",
    "OBX": "PID",
    "AL1": "PID",
    "DG1": "PV1",
    "PR1": "PV1",
    "GT1": "PID",
    "IN1": "PID",
    "IN2": "IN1",
    "IN3": "IN1",
}
_NEEDED = {"ADT": ("EVN", "PID", "PV1")}


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


def read_hl7v2(spec: SourceSpec, files: Mapping[str, bytes]) -> Reading:
    """Every message of every matching file. A message that cannot be taken apart is an error, the others are read."""
    records: list[SourceRecord] = []
    issues: list[Issue] = []
    for name, data in files.items():
        if matches(name, spec.file):
            for found in _messages(SourceFile(name, data), _encodings(data, spec)):
                if isinstance(found, Issue):
                    issues.append(found)
                else:
                    records.append(found)
    return Reading(tuple(records), tuple(issues))


def _encodings(data: bytes, spec: SourceSpec) -> tuple[str, ...]:
    """What the first message says it is written in (MSH-18), else what the mapping allows."""
    start = data.find(b"MSH")
    if start < 0 or len(data) <= start + 3:
        return spec.encodings
    head = re.split(rb"[\r\n]", data[start : start + 4096], maxsplit=1)[0].decode("latin-1")
    fields = head.split(head[3])
    declared = _CHARACTER_SETS.get(re.split(r"[~^]", fields[17])[0].strip().upper()) if len(fields) > 17 else None
    return tuple(dict.fromkeys((declared, *spec.encodings))) if declared else spec.encodings


def _messages(file: SourceFile, encodings: Sequence[str]) -> Iterator[SourceRecord | Issue]:
    text, issues = decode(file.name, file.data, encodings)
    yield from issues
    if text is None:
        return
    current: list[tuple[int, str]] = []
    stray: list[tuple[int, str]] = []
    count, promised = 0, ""
    for number, raw in enumerate(_LINE_END.split(text.translate(_FRAMING)), 1):
        line = raw.lstrip()
        if line[:3] in ("MSH", *_ENVELOPE) and current:
            yield _message(file, current)
            current = []
        if line.startswith("MSH"):
            count += 1
            current = [(number, line)]
        elif line.startswith("BTS"):
            promised = line.split(line[3])[1].strip() if len(line) > 4 else ""
        elif line and line[:3] not in _ENVELOPE:
            (current or stray).append((number, raw))
    if current:
        yield _message(file, current)
    yield from _file_issues(file, stray, count, promised)
    if not text.strip():
        said = "the file is empty; an HL7 v2 message begins with MSH|"
        yield _issue("hl7v2-empty", said, file, severity=Severity.FATAL)


def _file_issues(file: SourceFile, stray: Sequence[tuple[int, str]], count: int, promised: str) -> Iterator[Issue]:
    if stray:
        number, line = stray[0]
        start = line[:3] if is_segment_name(line[:3]) else "text"
        text = f"{len(stray)} line(s) from line {number} on ({start} …) belong to no message: one begins with MSH"
        hint = "send the whole message, MSH first; check that the file is HL7 v2 (pipes), not XML, CSV or JSON"
        yield _issue("hl7v2-no-msh", text, file, hint=hint, line=number)
    if promised.isdigit() and int(promised) != count:
        text = f"the batch trailer promises {promised} messages, the batch holds {count}"
        yield _issue("hl7v2-batch-count", text, file, severity=Severity.WARNING)


def _message(file: SourceFile, lines: Sequence[tuple[int, str]]) -> SourceRecord | Issue:
    delimiters = delimiters_of(lines[0][1])
    if isinstance(delimiters, str):
        return _issue("hl7v2-delimiters", delimiters, file, hint="begin the message with MSH|^~\\&|", line=lines[0][0])
    tree: JsonObject = {}
    order: list[str] = []
    places: list[tuple[str, int]] = []
    issues: list[Issue] = []
    for number, line in lines:
        name, fields = parse_segment(line, delimiters)
        if not is_segment_name(name):
            issues.append(_not_a_segment(file, number, line, order[-1]))
            name, fields = TORN, {"1": [[[line]]]}
        tree.setdefault(name, []).append(fields)
        order.append(name)
        places.append((name, number))
    tree["segments"] = order
    pointer = _Places(file.name, tuple(places))
    issues += _order_issues(tree, pointer, delimiters)
    return SourceRecord(tree, (file,), _control_id(tree, file, lines[0][0]), pointer, tuple(issues))


def _not_a_segment(file: SourceFile, number: int, line: str, before: str) -> Issue:
    text = f"line {number} is no segment: it begins with {line[:3]!r}; perhaps a line break inside {before}"
    hint = "write a line break inside a field as \\.br\\"
    return _issue("hl7v2-segment-name", text, file, hint=hint, line=number)


def _control_id(tree: JsonObject, file: SourceFile, line: int) -> str:
    node = tree["MSH"][0].get("10") or [[[""]]]
    value = "".join(sub for component in node[0][:1] for sub in component[:1])
    return value or f"{file.name} line {line}"


def _order_issues(tree: JsonObject, pointer: _Places, delimiters: Delimiters) -> Iterator[Issue]:
    order: list[str] = tree["segments"]
    numbers: dict[str, int] = {}
    for place, name in enumerate(order):
        number = numbers[name] = numbers.get(name, -1) + 1
        before = _COMES_AFTER.get(name)
        if before in tree and before not in order[:place]:
            text = f"{name} stands before {before}; {before} first is the order of HL7 v2"
            hint = "correct the order in the sending system; the values were read all the same"
            yield _found("hl7v2-segment-order", text, pointer, (name, number), hint, Severity.WARNING)
    kind = (tree["MSH"][0].get("9") or [[]])[0]
    if not kind or not kind[0]:
        text = "MSH-9 is empty: what kind of message this is cannot be told"
        yield _found(
            "hl7v2-message-type", text, pointer, ("MSH", 0, "9"), "fill in MSH-9, such as ADT^A01", Severity.ERROR
        )
        return
    for name in _NEEDED.get(kind[0][0], ()):
        if name not in tree:
            event = delimiters.component.join(sub for component in kind[:2] for sub in component[:1])
            text = f"{event} has no {name} segment; HL7 v2 asks for one"
            severity = Severity.ERROR if name == "PID" else Severity.WARNING
            yield _found(
                "hl7v2-segment-missing",
                text,
                pointer,
                ("MSH", 0),
                f"send {name} in every {kind[0][0]} message",
                severity,
            )


def _found(code: str, text: str, pointer: _Places, path: SourcePath, hint: str, severity: Severity) -> Issue:
    name, number = path[0], path[1]
    line = pointer.line(str(name), number) if isinstance(number, int) else None
    return Issue(code, text, severity=severity, source=pointer(path), hint=hint, line=line)


def _issue(
    code: str,
    text: str,
    file: SourceFile,
    *,
    hint: str | None = None,
    severity: Severity = Severity.ERROR,
    line: int | None = None,
) -> Issue:
    return Issue(code, text, severity=severity, source=SourcePointer(file.name), hint=hint, line=line)
