"""What is odd about an HL7 v2 message as such: order and presence of segments, its head, escapes that are none.

Source: HL7 v2.8 chapter 2 (2.14.9 MSH, tables 0104 and 0211, 2.7 escapes) and chapter 3 (the ADT structures).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from interop.json_codec import JsonObject
from interop.location import SourcePath
from interop.outcome import Severity
from interop.sources.hl7v2 import Delimiters, first_text, is_escape

Found = tuple[str, SourcePath, str, str, Severity]
"""A finding: code, place, text, hint, severity."""

CHARACTER_SETS = {
    "ASCII": "ascii",
    "ISO IR6": "ascii",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    **{f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
    **{f"ISO-8859-{part}": f"iso8859-{part}" for part in (1, 15)},
    "WINDOWS-1252": "cp1252",
    "CP1252": "cp1252",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
    "KS X 1001": "euc_kr",
    "ISO IR87": "iso2022_jp",
}
"""MSH-18 (table 0211, and what systems write instead) as Python names its codecs."""

_VERSIONS = ("2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2", "2.9")

# A segment and the one it must come after.
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


def checked(tree: JsonObject, delimiters: Delimiters) -> Iterator[Found]:
    """Every finding about the message in ``tree``."""
    yield from _order(tree)
    yield from _head(tree)
    yield from _presence(tree, delimiters)


def _order(tree: JsonObject) -> Iterator[Found]:
    order: list[str] = tree["segments"]
    numbers: dict[str, int] = {}
    for place, name in enumerate(order):
        number = numbers[name] = numbers.get(name, -1) + 1
        before = _COMES_AFTER.get(name)
        if before in tree and before not in order[:place]:
            text = f"{name} stands before {before}; {before} first is the order of HL7 v2"
            hint = "correct the order in the sending system; the values were read all the same"
            yield "hl7v2-segment-order", (name, number), text, hint, Severity.WARNING


def _head(tree: JsonObject) -> Iterator[Found]:
    msh = tree["MSH"][0]
    version = first_text(msh.get("12")).strip()
    if version and version not in _VERSIONS:
        text = f"the version {version!r} is none of HL7 v2's ({_VERSIONS[0]} to {_VERSIONS[-1]})"
        hint = "correct MSH-12; the message was read as any version is"
        yield "hl7v2-version", ("MSH", 0, "12"), text, hint, Severity.WARNING
    for number, repetition in enumerate(msh.get("18") or ()):
        name = first_text(repetition).strip()
        if name and name.upper() not in CHARACTER_SETS:
            text = f"the character set {name!r} is not known; the letters were read as the mapping says"
            hint = "write one of HL7 table 0211, such as UNICODE UTF-8 or 8859/1"
            yield "hl7v2-character-set", ("MSH", 0, "18", number), text, hint, Severity.WARNING


def _presence(tree: JsonObject, delimiters: Delimiters) -> Iterator[Found]:
    kind = (tree["MSH"][0].get("9") or [[]])[0]
    if not kind or not kind[0]:
        text = "MSH-9 is empty: what kind of message this is cannot be told"
        yield "hl7v2-message-type", ("MSH", 0, "9"), text, "fill in MSH-9, such as ADT^A01", Severity.ERROR
        return
    for name in _NEEDED.get(kind[0][0], ()):
        if name not in tree:
            event = delimiters.component.join(sub for component in kind[:2] for sub in component[:1])
            text = f"{event} has no {name} segment; HL7 v2 asks for one"
            hint = f"send {name} in every {kind[0][0]} message"
            severity = Severity.ERROR if name == "PID" else Severity.WARNING
            yield "hl7v2-segment-missing", ("MSH", 0), text, hint, severity


def broken_escapes(line: str, place: tuple[str, int], delimiters: Delimiters) -> Iterator[Found]:
    """Fields of a segment in which the escape sign opens no escape sequence, or one that never closes."""
    sign = delimiters.escape
    if not sign or sign not in line:
        return
    name, *fields = line.split(delimiters.field)
    skipped = 1 if name in ("MSH", "FHS", "BHS") else 0  # MSH-2 is the delimiters themselves
    for number, text in enumerate(fields[skipped:], 1 + 2 * skipped):
        if (wrong := next(_broken(text, delimiters), None)) is not None:
            said = f"{wrong!r} is no escape sequence of HL7 v2; it stays in the text as it stands"
            hint = f"write {sign}E{sign} for a plain {sign}"
            yield "hl7v2-escape", (*place, str(number)), said, hint, Severity.WARNING


def _broken(text: str, delimiters: Delimiters) -> Iterator[str]:
    """The escape sequences of a field that are none. Delimiters end whatever is open."""
    sign = delimiters.escape
    for piece in _pieces(delimiters)(text):
        parts = piece.split(sign)
        inside = False
        for number, part in enumerate(parts[1:], 1):
            inside = not inside
            if not inside:
                continue
            if number == len(parts) - 1:
                yield sign + part[:12]
            elif not is_escape(part, delimiters):
                yield sign + part[:12] + sign
                inside = False


def _pieces(delimiters: Delimiters) -> Callable[[str], list[str]]:
    signs = delimiters.component + delimiters.repetition + delimiters.subcomponent
    return re.compile(f"[{re.escape(signs)}]").split if signs else lambda text: [text]
