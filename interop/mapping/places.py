"""A postal address in one cell as an Address, and back: its lines, and the postcode where the last words are one."""

from __future__ import annotations

import re
from datetime import tzinfo

from interop.json_codec import Json, JsonObject
from interop.mapping.transform import ArgumentError, Transform, text_of
from interop.mapping.uk_values import POSTCODE

USES = ("home", "work", "temp", "old", "billing")
"""Codes of Address.use. Source: FHIR R4 valueset-address-use."""

_LAST = re.compile(rf"^(.*?)[\s,]*\b({POSTCODE.pattern})$", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"\s*(?:\r\n|\r|\n|,)\s*")


def address(argument: Json, zone: tzinfo | None) -> Transform:
    """``address`` or ``{address: {use: home}}``. Which line is the town is not guessed: all are lines."""
    given = argument if isinstance(argument, dict) else {} if argument is None else {"use": argument}
    use = given.get("use")
    if set(given) - {"use"} or use not in (None, *USES):
        raise ArgumentError(f"address takes {{use: one of {', '.join(USES)}}}, found {argument!r}")

    def read(value: Json) -> Json:
        text = text_of(value)
        found: JsonObject = {"use": use} if use else {}
        match = _LAST.match(text)
        lines = [line for line in _BREAK.split(match[1] if match else text) if line]
        if lines:
            found["line"] = lines
        if match:
            found["postalCode"] = f"{match[3]} {match[4]}".upper()
        return found or None

    def write(value: Json) -> Json:
        members = [value.get("line") or []] + [[value[key]] for key in _MEMBERS if value.get(key)]
        written = ", ".join(str(part) for parts in members for part in parts)
        return written or value.get("text")

    return Transform("address", read, write, frozenset({"Address"}))


_MEMBERS = ("city", "district", "state", "postalCode", "country")
"""What other senders say apart, in the order an envelope has it."""
