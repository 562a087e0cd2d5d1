"""HL7 v2 text (2.3 to 2.8): a message to a plain tree and back, delimiters read from the message itself.

A segment is a dict of fields by number; a field a list of repetitions; a repetition a list of components; a
component a list of sub-components, which are text with the escapes undone. What is empty is an empty list, so that
the tree writes back to the text it came from. HL7's "delete this value" stays two quote signs, ``DELETE``.

    {"MSH": [{"1": …}], "PID": [{"5": [[["ASHWORTH"], ["EDITH"]]]}], "segments": ["MSH", "PID"]}

Source: HL7 v2.8 chapter 2, sections 2.5 (delimiters), 2.7 (escape sequences).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from interop.json_codec import Json, JsonObject

DELETE = '""'
"""A field holding this asks the receiver to delete its value; an empty field says nothing (2.8 section 2.5.3)."""

TORN = "(text)"
"""The name under which a line that is no segment is kept, raw, in its place."""

_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
# Escapes that format text rather than stand for a character: kept as they are, both ways.
_FORMATTING = re.compile(r"H|N|\.(?!br$)[a-z]{2}[+-]?[0-9]*|[CM][0-9A-F]{4,6}|Z[^\\]*")


@dataclass(frozen=True)
class Delimiters:
    """MSH-1 and MSH-2. All but field and component may be absent (empty): then the message has none of them."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""

    @property
    def encoding_characters(self) -> str:
        """MSH-2 as it is written."""
        return self.component + self.repetition + self.escape + self.subcomponent + self.truncation

    @cached_property
    def escaped(self) -> dict[str, str]:
        """Each character that must be escaped in text, with the letter that stands for it."""
        pairs = {
            self.field: "F",
            self.component: "S",
            self.repetition: "R",
            self.escape: "E",
            self.subcomponent: "T",
            self.truncation: "P",
        }
        return {sign: letter for sign, letter in pairs.items() if sign}

    @cached_property
    def meanings(self) -> dict[str, str]:
        """Each escape letter with the character it stands for."""
        return {letter: sign for sign, letter in self.escaped.items()} | {".br": "\n"}


def delimiters_of(msh: str) -> Delimiters | str:
    """The delimiters an MSH segment declares, or why they cannot be used."""
    if len(msh) < 5:
        return f"MSH ends after {len(msh)} characters; MSH|^~\\& is the least"
    declared = msh[4:].split(msh[3], 1)[0]
    if not 1 <= len(declared) <= 5:
        return f"MSH-2 is {declared!r}: 1 to 5 encoding characters are wanted, such as ^~\\&"
    signs = [msh[3], *declared]
    if len(set(signs)) != len(signs) or any(sign.isalnum() or sign.isspace() for sign in signs):
        return f"MSH-1 and MSH-2 are {''.join(signs)!r}: different signs are wanted, no letters, digits or blanks"
    return Delimiters(msh[3], *declared, *[""] * (5 - len(declared)))


def parse_segment(line: str, delimiters: Delimiters) -> tuple[str, JsonObject]:
    """The name and the fields of one segment line."""
    name, *fields = line.split(delimiters.field)
    if name in ("MSH", "FHS", "BHS"):
        # The delimiters themselves are data here and are not taken apart.
        head = {"1": [[[delimiters.field]]], "2": [[[fields[0] if fields else ""]]]}
        return name, head | {str(n): _field(text, delimiters) for n, text in enumerate(fields[1:], 3)}
    return name, {str(n): _field(text, delimiters) for n, text in enumerate(fields, 1)}


def is_segment_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _field(text: str, delimiters: Delimiters) -> list[list[list[str]]]:
    if not text:
        return []
    return [
        [
            [unescape(sub, delimiters) for sub in _split(component, delimiters.subcomponent)] if component else []
            for component in _split(repetition, delimiters.component)
        ]
        if repetition
        else []
        for repetition in _split(text, delimiters.repetition)
    ]


def _split(text: str, sign: str) -> list[str]:
    return text.split(sign) if sign else [text]


def unescape(text: str, delimiters: Delimiters) -> str:
    """Text with its escape sequences undone: \\F\\ \\S\\ \\T\\ \\R\\ \\E\\ \\P\\, \\Xhh…\\ and \\.br\\ (a line break).

    Formatting sequences (\\H\\, \\N\\, \\.sp\\ …) and broken ones stay as they are.
    """
    sign = delimiters.escape
    if not sign or sign not in text:
        return text
    pieces = text.split(sign)
    out, inside = [pieces[0]], False
    for number, piece in enumerate(pieces[1:], 1):
        inside = not inside
        if not inside:
            out.append(piece)
        elif number == len(pieces) - 1:
            out.append(sign + piece)  # an escape that never closes
        elif (meaning := _meaning(piece, delimiters)) is not None:
            out.append(meaning)
        elif _FORMATTING.fullmatch(piece):
            out.append(sign + piece + sign)
        else:
            out.append(sign + piece)  # not an escape: the next sign may open one
            inside = False
    return "".join(out)


def _meaning(name: str, delimiters: Delimiters) -> str | None:
    if name in delimiters.meanings:
        return delimiters.meanings[name]
    if name[:1] == "X" and len(name) % 2 and re.fullmatch(r"[0-9A-Fa-f]+", name[1:]):
        # Hexadecimal bytes: text in UTF-8 where it is that, else one character a byte (Latin-1).
        data = bytes.fromhex(name[1:])
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("latin-1")
    return None


def is_escape(name: str, delimiters: Delimiters) -> bool:
    """Whether what stands between two escape signs is an escape sequence: one that means text, or formats it."""
    return _meaning(name, delimiters) is not None or _FORMATTING.fullmatch(name) is not None


def escape(text: str, delimiters: Delimiters) -> str:
    """Text with everything escaped that a delimiter or a line end would break. The inverse of ``unescape``."""
    sign = delimiters.escape
    if not sign:
        return text
    kept = re.compile(f"{re.escape(sign)}(?:{_FORMATTING.pattern}){re.escape(sign)}")
    out, last = [], 0
    for match in kept.finditer(text):
        out += [_escape_plain(text[last : match.start()], delimiters), match[0]]
        last = match.end()
    return "".join([*out, _escape_plain(text[last:], delimiters)])


def _escape_plain(text: str, delimiters: Delimiters) -> str:
    sign = delimiters.escape
    special = delimiters.escaped

    def written(character: str) -> str:
        if character in special:
            return f"{sign}{special[character]}{sign}"
        if character == "\n":
            return f"{sign}.br{sign}"
        return f"{sign}X{ord(character):02X}{sign}" if ord(character) < 32 else character

    return "".join(map(written, text))


def write(tree: JsonObject, *, line_end: str = "\r") -> str:
    """A message tree as HL7 v2 text, each segment ended by ``line_end`` (the standard says carriage return).

    Segments stand in the order of ``tree["segments"]``, where that is absent in the order of the tree.
    MSH-1 and MSH-2 say which delimiters to write with; the usual ones where they are absent.
    """
    msh: JsonObject = (tree.get("MSH") or [{}])[0]
    field_sign = first_text(msh.get("1")) or "|"
    declared = delimiters_of(f"MSH{field_sign}{first_text(msh.get('2')) or Delimiters().encoding_characters}")
    if isinstance(declared, str):
        raise ValueError(declared)
    return "".join(_write_segment(name, fields, declared) + line_end for name, fields in _in_order(tree))


def _in_order(tree: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    seen: dict[str, int] = {}
    names = tree.get("segments") or [n for n, group in tree.items() if n != "segments" for _ in group]
    for name in names:
        number = seen.get(name, 0)
        seen[name] = number + 1
        yield name, tree[name][number]


def _write_segment(name: str, fields: JsonObject, delimiters: Delimiters) -> str:
    if name == TORN:
        return first_text(fields.get("1"))
    first = 3 if name == "MSH" else 1
    last = max((int(number) for number in fields), default=0)
    written = [_write_field(fields.get(str(number)), delimiters) for number in range(first, last + 1)]
    head = [name, delimiters.encoding_characters] if name == "MSH" else [name]
    return delimiters.field.join([*head, *written])


def _write_field(repetitions: Json, delimiters: Delimiters) -> str:
    return delimiters.repetition.join(
        delimiters.component.join(
            delimiters.subcomponent.join(escape(sub, delimiters) for sub in component) for component in repetition
        )
        for repetition in repetitions or ()
    )


def first_text(field: Json) -> str:
    """The first sub-component of a field (or of a part of it); empty when there is none."""
    node = field
    while isinstance(node, list):
        node = node[0] if node else ""
    return node or ""
