"""Whether a value fits a FHIR primitive type, and how plain text becomes one.

Source: FHIR R4 datatypes.html#primitive.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from interop.json_codec import Json
from interop.mapping.numbers import decimal_of, whole_number
from interop.mapping.refusal import Refusal
from interop.mapping.transform import STRINGS, text_of

_DAY = r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"
_CLOCK = r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d{2}:\d{2})"
_FORMS = {
    "code": re.compile(r"[^\s]+(\s[^\s]+)*"),
    "id": re.compile(r"[A-Za-z0-9\-.]{1,64}"),
    "uri": re.compile(r"\S*"),
    "url": re.compile(r"\S*"),
    "canonical": re.compile(r"\S*"),
    "oid": re.compile(r"urn:oid:[0-2](\.(0|[1-9]\d*))+"),
    "uuid": re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "date": re.compile(_DAY),
    "dateTime": re.compile(rf"{_DAY}|\d{{4}}-\d{{2}}-\d{{2}}{_CLOCK}"),
    "instant": re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}{_CLOCK}"),
    "time": re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"),
    "base64Binary": re.compile(r"(\s*[0-9a-zA-Z+/=]){4,}\s*"),
}
_WANTED = {
    "date": ("a FHIR date (YYYY, YYYY-MM or YYYY-MM-DD)", 'add `transform: {date: "dd/MM/yyyy"}` or its own format'),
    "dateTime": ("a FHIR dateTime (a date, or date and time with offset)", "add `transform: {datetime: …}`"),
    "instant": ("a FHIR instant (date and time with offset)", "add `transform: {datetime: …}`"),
    "time": ("a FHIR time (HH:MM:SS)", "add `transform: time`"),
    "boolean": ("true or false", "add `transform: boolean`"),
}
WHOLE = {"integer": None, "positiveInt": 1, "unsignedInt": 0}
"""Whole-number types and their smallest value."""

PRIMITIVES = frozenset({*STRINGS, *_FORMS, *WHOLE, "boolean", "decimal", "xhtml"})


def fit(value: Json, type_code: str) -> Json:
    """A source scalar as a value of a primitive type. Raises Refusal ``value-type`` or ``number-unreadable``."""
    if type_code == "boolean":
        if isinstance(value, bool) or value in ("true", "false"):
            return value is True or value == "true"
        raise _misfit(text_of(value), type_code)
    if isinstance(value, bool):
        raise Refusal(
            "value-type", f"{text_of(value)!r} is true or false, wanted {_WANTED.get(type_code, ('a text',))[0]}"
        )
    text = text_of(value)
    if type_code == "decimal":
        return decimal_of(text)
    if type_code in WHOLE:
        number = whole_number(text)
        least = WHOLE[type_code]
        if least is not None and number < least:
            raise Refusal("value-type", f"{text!r} is not a {type_code} (at least {least})")
        return number
    form = _FORMS.get(type_code)
    if form is not None and not form.fullmatch(text):
        raise _misfit(text, type_code)
    return text


def text_fitter(type_code: str) -> Callable[[str], Json] | None:
    """``fit`` for a trimmed, filled text; None where any such text fits."""
    if type_code == "boolean" or type_code == "decimal" or type_code in WHOLE:
        return lambda text: fit(text, type_code)
    form = _FORMS.get(type_code)
    if form is None:
        return None
    match = form.fullmatch

    def fitted(text: str) -> Json:
        if match(text) is None:
            raise _misfit(text, type_code)
        return text

    return fitted


def _misfit(text: str, type_code: str) -> Refusal:
    wanted, hint = _WANTED.get(type_code, (f"a FHIR {type_code}", None))
    return Refusal("value-type", f"{text!r} is not {wanted}", hint)


def is_json_of(value: Json, type_code: str) -> bool:
    """Whether JSON has a value of this primitive type in the right kind: text, number, true or false."""
    if type_code == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if type_code == "decimal" or type_code in WHOLE:
        whole = isinstance(value, int) and abs(value) < 10**18
        return whole or (type_code == "decimal" and isinstance(value, Decimal))
    return isinstance(value, str)


def constant_fault(value: Json, type_code: str) -> str | None:
    """Why a constant does not fit a primitive type, or None."""
    if type_code not in PRIMITIVES:
        return f"a plain value does not fit {type_code}"
    if isinstance(value, dict | list):
        return f"{type_code} holds a plain value"
    try:
        fit(value, type_code)
    except Refusal as refusal:
        return refusal.text
    return None


def constant(value: Json, type_code: str) -> Json:
    """A constant as JSON has it: numbers in a text element become text."""
    fitted = fit(value, type_code)
    return Decimal(fitted) if isinstance(fitted, Decimal) else fitted
