"""The closed set of transforms: what each does to a value, and how it is undone.

A transform is made once, when the mapping is compiled, from its argument in the file. ``forward`` takes a value as the
source has it (trimmed text; number or bool from JSON) and gives the FHIR value; ``backward`` undoes it, or is None for
one-way. Both raise Refusal. ``mappings/README.md`` lists them for analysts.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import tzinfo

from interop.bundle import stable_uuid
from interop.json_codec import Json
from interop.mapping.datatypes import DATATYPES, copier
from interop.mapping.date_reader import DateReader, quick_reading
from interop.mapping.dates import DateFormat, clashing
from interop.mapping.numbers import integer, number
from interop.mapping.people import name
from interop.mapping.places import address
from interop.mapping.quantities import quantity
from interop.mapping.refusal import Refusal
from interop.mapping.registers import identifier, register_number
from interop.mapping.transform import (
    DATES,
    ArgumentError,
    Maker,
    Transform,
    no_argument,
    plain,
    same,
    spell,
    text_argument,
    text_of,
)
from interop.mapping.uk_values import nhs_number, ods_code, phone, postcode
from interop.mapping.wording import part, words


def _prefix(argument: Json, zone: tzinfo | None) -> Transform:
    start = text_argument(argument, "prefix")

    def take_off(value: Json) -> str:
        if not str(value).startswith(start):
            raise Refusal("reverse-prefix", f"{value!r} does not begin with {start!r}")
        return str(value)[len(start) :]

    return Transform("prefix", lambda value: start + text_of(value), take_off)


def _split(argument: Json, zone: tzinfo | None) -> Transform:
    separator = text_argument(argument, "split")

    def split(value: Json) -> list[str]:
        return [piece.strip() for piece in text_of(value).split(separator) if piece.strip()]

    return Transform("split", split, lambda values: separator.join(values), gives_many=True)


def _join(argument: Json, zone: tzinfo | None) -> Transform:
    separator = text_argument(argument, "join")

    def join(values: Json) -> str:
        parts = (
            [text_of(value) for value in values if value is not None] if isinstance(values, list) else [text_of(values)]
        )
        return separator.join(part for part in parts if part)

    return Transform("join", join, lambda value: str(value).split(separator), takes_many=True)


def _lines(argument: Json, zone: tzinfo | None) -> Transform:
    separator = None if argument is None else text_argument(argument, "lines")
    pattern = re.compile(r"\s*(?:\r\n|\r|\n|,)\s*" if separator is None else rf"\s*{re.escape(separator)}\s*")

    def split(value: Json) -> list[str]:
        return [line for line in pattern.split(text_of(value)) if line]

    return Transform("lines", split, lambda values: (separator or ", ").join(values), gives_many=True)


def _date(argument: Json, zone: tzinfo | None) -> Transform:
    reader = _date_reader(argument, zone, clock=False)
    read = quick_reading(reader)
    return Transform("date", lambda value: read(text_of(value)), lambda v: reader.write(str(v)), DATES, plain=read)


def _datetime(argument: Json, zone: tzinfo | None) -> Transform:
    reader = _date_reader(argument, zone, clock=True)
    if zone is None and any("offset" not in form.precision for form in reader.formats if form.tokens):
        raise ArgumentError("datetime needs `zone:` in the source, or XXX in the format")
    gives = frozenset({"dateTime", "instant"})
    read = quick_reading(reader)
    return Transform("datetime", lambda value: read(text_of(value)), lambda v: reader.write(str(v)), gives, plain=read)


def _date_reader(argument: Json, zone: tzinfo | None, *, clock: bool) -> DateReader:
    return DateReader(date_formats(argument), zone, clock)


def date_formats(argument: Json) -> tuple[DateFormat, ...]:
    """The formats a date transform is given: one or a list, each a pattern or {format, pivot}."""
    if argument is None:
        raise ArgumentError("a format is wanted, as in {date: dd/MM/yyyy}")
    formats = []
    for entry in argument if isinstance(argument, list) else [argument]:
        pattern, pivot = (entry.get("format"), entry.get("pivot")) if isinstance(entry, dict) else (entry, None)
        if not isinstance(pattern, str) or not (pivot is None or isinstance(pivot, int)):
            raise ArgumentError(f"{entry!r} is not a date format")
        try:
            formats.append(DateFormat.of(pattern, pivot))
        except ValueError as error:
            raise ArgumentError(str(error)) from None
    if clash := clashing(tuple(formats)):
        one, other, text = clash
        raise ArgumentError(f"{text!r} would be one date as {one} and another as {other}: allow one of the two formats")
    return tuple(formats)


_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]?([0-5]\d)(?:[:.]?([0-5]\d))?")


def _time(argument: Json, zone: tzinfo | None) -> Transform:
    pattern = "HH:mm" if argument is None else text_argument(argument, "time")
    if pattern not in ("HH:mm", "HH:mm:ss", "HHmm", "HHmmss"):
        raise ArgumentError(f"{pattern!r} is not a time format; known: HH:mm, HH:mm:ss, HHmm, HHmmss")

    def read(value: Json) -> str:
        match = _CLOCK.fullmatch(text_of(value))
        if match is None:
            raise Refusal("time-unreadable", f"{text_of(value)!r} is not a time as {pattern}")
        return f"{match[1].zfill(2)}:{match[2]}:{match[3] or '00'}"

    def write(value: Json) -> str:
        hour, minute, second = str(value).split(":")
        return pattern.replace("HH", hour).replace("mm", minute).replace("ss", second[:2])

    return Transform("time", read, write, frozenset({"time"}))


YES = ("yes", "y", "true", "t", "1", "on", "✓", "✔", "☑", "ticked", "checked")
NO = ("no", "n", "false", "f", "0", "off", "✗", "✘", "☐", "unticked", "unchecked")


def _boolean(argument: Json, zone: tzinfo | None) -> Transform:
    yes: tuple[str, ...] = YES
    no: tuple[str, ...] = NO
    say_yes, say_no = "Yes", "No"
    if argument is not None:
        if not isinstance(argument, dict) or set(argument) != {"true", "false"}:
            raise ArgumentError("boolean takes nothing or {true: [Y], false: [N]}")
        lists = [v if isinstance(v, list) else [v] for v in (argument["true"], argument["false"])]
        say_yes, say_no = str(lists[0][0]), str(lists[1][0])
        yes, no = (tuple(str(word).casefold() for word in words) for words in lists)

    def read(value: Json) -> bool:
        if isinstance(value, bool):
            return value
        word = text_of(value).casefold()
        if word not in yes and word not in no:
            known = ", ".join((*yes, *no))
            raise Refusal(
                "boolean-unreadable", f"{text_of(value)!r} is neither yes nor no", f"known spellings: {known}"
            )
        return word in yes

    return Transform("boolean", read, lambda value: say_yes if value is True else say_no, frozenset({"boolean"}))


def _concept(argument: Json, zone: tzinfo | None) -> Transform:
    """Words nobody has coded, where a CodeableConcept is wanted as a whole."""
    no_argument(argument, "concept")
    words = frozenset({"CodeableConcept"})
    return Transform("concept", lambda value: {"text": text_of(value)}, lambda value: value.get("text"), words)


def _fhir(argument: Json, zone: tzinfo | None) -> Transform:
    read = _date_reader("iso", zone, clock=True).read if zone is not None else None
    copy, undo = copier(argument, (lambda value: read(text_of(value))) if read is not None else None)
    return Transform("fhir", copy, undo, DATATYPES)


def _uuid(argument: Json, zone: tzinfo | None) -> Transform:
    no_argument(argument, "uuid")
    kinds = frozenset({"uri", "uuid", "string"})
    return Transform("uuid", lambda value: "urn:uuid:" + stable_uuid(text_of(value)), None, kinds)


def _bundle_identifier(argument: Json, zone: tzinfo | None) -> Transform:
    """The Bundle.identifier another record of a mapping has, from its identity values: what this document replaces."""
    name = text_argument(argument, "bundle-identifier")

    def identifier(values: Json) -> str | None:
        parts = [
            "".join(spell(value).split()).casefold() for value in (values if isinstance(values, list) else [values])
        ]
        return "urn:uuid:" + stable_uuid(name, "bundle", *parts) if any(parts) else None

    return Transform("bundle-identifier", identifier, None, frozenset({"uri", "uuid", "string"}), takes_many=True)


def _base64_text(value: Json) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise Refusal("reverse-base64", "the attachment is not UTF-8 text") from None


def _xhtml(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    paragraphs = (" <br/>".join(part.splitlines()) for part in re.split(r"\n\s*\n", escaped))
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{"".join(f"<p>{part}</p>" for part in paragraphs)}</div>'


def _xhtml_text(value: Json) -> str:
    text = re.sub(r"\s*<br\s*/?>", "\n", re.sub(r"</(p|div|tr|li|h\d)>\s*", "\n\n", str(value)))
    text = re.sub(r"<[^>]*>", "", text)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text.strip()


TRANSFORMS: Mapping[str, Maker] = {
    "text": plain("text", same),
    "trim": plain("trim", same),
    "upper": plain("upper", str.upper),
    "lower": plain("lower", str.lower),
    "prefix": _prefix,
    "split": _split,
    "join": _join,
    "lines": _lines,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "number": number,
    "integer": integer,
    "quantity": quantity,
    "boolean": _boolean,
    "words": words,
    "part": part,
    "uuid": _uuid,
    "bundle-identifier": _bundle_identifier,
    "name": name,
    "address": address,
    "identifier": identifier,
    "register-number": register_number,
    "nhs-number": plain("nhs-number", nhs_number),
    "ods-code": plain("ods-code", ods_code),
    "phone": plain("phone", phone),
    "postcode": plain("postcode", postcode),
    "base64": plain("base64", lambda text: base64.b64encode(text.encode()).decode(), _base64_text, "base64Binary"),
    "xhtml": plain("xhtml", _xhtml, _xhtml_text, "xhtml"),
    "concept": _concept,
    "fhir": _fhir,
}
"""Every transform by the name a mapping gives it."""


def make(name: str, argument: Json, zone: tzinfo | None) -> Transform:
    """The transform of this name. Raises KeyError for an unknown name, ArgumentError for a wrong argument."""
    return TRANSFORMS[name](argument, zone)
