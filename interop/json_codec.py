"""JSON in and out without losing a digit: decimals stay decimal, duplicate keys and deep nesting are refused."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, TypeAlias

import orjson

from interop.errors import ContentError

Json: TypeAlias = Any
"""Any JSON value: the one place where Any is what we mean."""
JsonObject: TypeAlias = dict[str, Json]

_HALF = re.compile(r"\\u[dD][89a-fA-F]")

MAX_DEPTH = 200
"""Deepest nesting accepted. Real resources stay under 40; deeper input is an attack or an accident."""


def loads(data: bytes, *, file: str | None = None) -> Json:
    """Parse UTF-8 JSON (a byte order mark is allowed). Numbers with a fraction or exponent, and
    integers beyond 64 bits, become Decimal.

    Raises ContentError ``content-json`` (with line and column), ``content-encoding``, ``json-duplicate-key``
    or ``json-too-deep``. Source: RFC 8259; FHIR R4 json.html.
    """
    text = _text(data, file)
    try:
        value = json.loads(
            text, parse_float=_fraction, parse_int=_whole, parse_constant=_not_a_number, object_pairs_hook=_object
        )
    except json.JSONDecodeError as fault:
        spot = f"line {fault.lineno} column {fault.colno}"
        raise ContentError(
            f"not JSON: {fault.msg[0].lower()}{fault.msg[1:]} at {spot}",
            code="content-json",
            where=file,
            hint="correct it there, or export it again",
        ).found_at(fault.lineno, fault.colno) from None
    except RecursionError:
        raise _too_deep(file) from None
    except ContentError as fault:
        fault.where = file
        raise
    if (
        isinstance(value, dict | list)
        and text.count("[") + text.count("{") > MAX_DEPTH
        and _depth_exceeds(value, MAX_DEPTH)
    ):
        raise _too_deep(file)
    if _HALF.search(text):
        _refuse_halves(value, file)
    return value


def _text(data: bytes, file: str | None) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ContentError(
            f"byte {fault.start} is not UTF-8",
            code="content-encoding",
            where=file,
            hint="save the file as UTF-8",
        ).found_at(*_spot(data, fault.start)) from None


def dumps(value: Json, *, indent: bool = False) -> bytes:
    """Write JSON as UTF-8; a Decimal keeps the digits it was read with."""
    option = orjson.OPT_INDENT_2 if indent else 0
    return orjson.dumps(value, default=_exact, option=option)


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} is not JSON")


def _spot(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column of the byte where the text stops being UTF-8."""
    before = data[:offset].decode("utf-8-sig", "replace")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _refuse_halves(value: Json, file: str | None) -> None:
    """An escape may name half a character, which no text can hold: nobody could pass it on."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError as fault:
        half = f"\\u{ord(fault.object[fault.start]):04x}"
        raise ContentError(
            f"the escape {half} is half a character",
            code="content-encoding",
            where=file,
            hint="write the character itself in UTF-8",
        ) from None


def _fraction(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except ArithmeticError:
        shown = digits if len(digits) <= 40 else f"{digits[:37]}..."
        raise ContentError(f"the exponent of {shown} is beyond any number", code="content-json") from None


def _whole(digits: str) -> int | Decimal:
    """An integer; beyond 64 bits a Decimal, which can be written again."""
    return int(digits) if len(digits) < 19 else Decimal(digits)


def _object(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ContentError(
            f"key {twice!r} stands twice in one object", code="json-duplicate-key", hint="keep one of the two"
        )
    return found


def _not_a_number(text: str) -> Json:
    raise ContentError(f"{text} is not a JSON number", code="content-json")


def _too_deep(file: str | None) -> ContentError:
    return ContentError(
        f"nested more than {MAX_DEPTH} levels deep",
        code="json-too-deep",
        where=file,
        hint="no real record is; look at what wrote it",
    )


def _depth_exceeds(value: Json, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
