"""The lexical forms of FHIR's primitive types.

Source: FHIR R4 datatypes.html#primitive (the regular expressions and value ranges there).
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable
from decimal import Decimal

from interop.json_codec import Json

Right = Callable[[Json], object]
"""True for a value that is right beyond doubt. Misshapen values may raise TypeError."""

Fault = Callable[[Json], str | None]
"""Says what is wrong with a value, found and wanted; None when nothing is."""

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?)?)?)?"
)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?")
_CODE = re.compile(r"[^\s]+(\s[^\s]+)*")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_OID = re.compile(r"urn:oid:[0-2](\.(0|[1-9]\d*))+")
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Possessive: nothing is given back, so a file of 100 MB costs no memory besides itself.
_BASE64 = re.compile(r"[A-Za-z0-9+/]*+={0,2}")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
LONGEST = 1024 * 1024
_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _text_fault(value: Json) -> str | None:
    if type(value) is not str:
        return f"found {_kind(value)}, a string is wanted"
    if not value:
        return "the value is empty; leave the element out instead"
    if value.isspace():
        return "the value is only white space; leave the element out instead"
    if _CONTROL.search(value):
        return "the value holds a control character; only tab, carriage return and line feed are allowed"
    if len(value) > LONGEST:
        return f"the value has {len(value)} characters, at most {LONGEST} are allowed"
    return None


def _string(value: Json) -> str | None:
    # The common case first: printable text passes with two tests in C.
    if type(value) is str and value.isprintable() and not value.isspace() and value and len(value) <= LONGEST:
        return None
    return _text_fault(value)


def _pattern(wanted: str, expression: re.Pattern[str]) -> Fault:
    match = expression.fullmatch

    def fault(value: Json) -> str | None:
        if type(value) is str and match(value):
            return None
        return _text_fault(value) or f"{_shown(value)} is not {wanted}"

    return fault


def _uri(value: Json) -> str | None:
    if type(value) is str and value and " " not in value and value.isprintable():
        return _urn_fault(value) if value.startswith(("urn:uuid:", "urn:oid:", "uuid:", "oid:")) else None
    return _text_fault(value) or f"{_shown(value)} is not a URI: it holds white space"


def _urn_fault(value: str) -> str | None:
    if not value.startswith("urn:"):
        return f"{value!r} is not a URI FHIR knows: it begins with urn:{value.partition(':')[0]}:"
    if value.startswith("urn:oid:") and not _OID.fullmatch(value):
        return f"{value!r} is not an OID (urn:oid:1.2.3)"
    if value.startswith("urn:uuid:") and not _UUID.fullmatch(value.lower().split("#")[0].split("|")[0]):
        return f"{value!r} is not a UUID (urn:uuid: and 8-4-4-4-12 hexadecimal digits)"
    return None


def _identity(value: Json) -> str | None:
    if type(value) is str and _ID.fullmatch(value):
        return None
    fault = _text_fault(value)
    if fault:
        return fault
    if len(value) > 64:
        return f"{_shown(value)} has {len(value)} characters, an id has at most 64"
    return f"{_shown(value)} is not an id (letters, digits, '-' and '.' only)"


def _boolean(value: Json) -> str | None:
    return None if value is True or value is False else f"found {_kind(value)} {_shown(value)}, true or false is wanted"


def _integer(low: int, high: int) -> Fault:
    def fault(value: Json) -> str | None:
        if type(value) is not int:
            return f"found {_kind(value)} {_shown(value)}, a whole number is wanted"
        return None if low <= value <= high else f"{value} is outside {low} to {high}"

    return fault


def _decimal(value: Json) -> str | None:
    if type(value) in (int, Decimal, float):
        return None
    return f"found {_kind(value)} {_shown(value)}, a number is wanted"


def _calendar_fault(value: str, year: str, month: str | None, day: str | None) -> str | None:
    if year == "0000":
        return f"{value!r}: there is no year 0000"
    if month is not None and not 1 <= int(month) <= 12:
        return f"{value!r}: there is no month {month}"
    if day is None or month is None or "01" <= day <= "28":
        return None
    longest = 29 if month == "02" and isleap(int(year)) else _DAYS[int(month)]
    if not 1 <= int(day) <= longest:
        return f"{value!r}: there is no day {day} in {year}-{month}"
    return None


def _date(value: Json) -> str | None:
    found = _DATE.fullmatch(value) if type(value) is str else None
    if found is None:
        return _text_fault(value) or f"{_shown(value)} is not a FHIR date (YYYY, YYYY-MM or YYYY-MM-DD)"
    return _calendar_fault(value, *found.groups())


def _date_time(value: Json) -> str | None:
    found = _DATE_TIME.fullmatch(value) if type(value) is str else None
    if found is None:
        wanted = "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz"
        return _text_fault(value) or f"{_shown(value)} is not a FHIR dateTime ({wanted})"
    year, month, day, hour, _, zone = found.groups()
    if hour is not None and zone is None:
        return f"{value!r} has a time, so it must have a time zone (Z or +hh:mm)"
    return _calendar_fault(value, year, month, day)


def _instant(value: Json) -> str | None:
    found = _DATE_TIME.fullmatch(value) if type(value) is str else None
    if found is None or found.group(6) is None:
        return _text_fault(value) or f"{_shown(value)} is not a FHIR instant (YYYY-MM-DDThh:mm:ss+zz:zz)"
    return _calendar_fault(value, *found.group(1, 2, 3))


def _base64(value: Json) -> str | None:
    if type(value) is str and value:
        text = value if value.isalnum() else _SPACE.sub("", value)
        if text and len(text) % 4 == 0 and _BASE64.fullmatch(text):
            return None
    return _text_fault(value) or f"{_shown(value)} is not base64"


def _anything(value: Json) -> str | None:
    return None if type(value) is str else f"found {_kind(value)}, a string is wanted"


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    return "null" if value is None else "a number"


def _shown(value: Json) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


FAULTS: dict[str, Fault] = {
    "boolean": _boolean,
    "integer": _integer(-(2**31), 2**31 - 1),
    "unsignedInt": _integer(0, 2**31 - 1),
    "positiveInt": _integer(1, 2**31 - 1),
    "decimal": _decimal,
    "string": _string,
    "markdown": _string,
    "code": _pattern("a code (no white space at the ends, single spaces inside)", _CODE),
    "id": _identity,
    "uri": _uri,
    "url": _uri,
    "canonical": _uri,
    "oid": _pattern("an OID (urn:oid:1.2.3)", _OID),
    "uuid": _pattern("a UUID (urn:uuid: and 8-4-4-4-12 hexadecimal digits)", _UUID),
    "date": _date,
    "dateTime": _date_time,
    "instant": _instant,
    "time": _pattern("a FHIR time (hh:mm:ss)", _TIME),
    "base64Binary": _base64,
    "xhtml": _anything,
    "System.String": _string,
    "System.Boolean": _boolean,
    "System.Date": _date,
    "System.DateTime": _date_time,
    "System.Time": _pattern("a FHIR time (hh:mm:ss)", _TIME),
    "System.Decimal": _decimal,
    "System.Integer": _integer(-(2**31), 2**31 - 1),
}
"""What can be wrong with a value, by primitive type code."""


# One expression in C for nearly all there are; the rest (29 February, a leap second) is told by the fault.
_SURE_DAY = r"(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
_SURE_DATE = re.compile(_SURE_DAY).fullmatch
_SURE_MOMENT = re.compile(
    _SURE_DAY + r"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)", re.ASCII
).fullmatch
_SURE_UUID = _UUID.fullmatch
_REMEMBERED = 4096
_SHORT = 64
_known_uris: set[str] = set()
_known_codes: set[str] = set()


def _right_text(value: Json) -> bool:
    if type(value) is str and value.isprintable() and not value.isspace() and 0 < len(value) <= LONGEST:
        return True
    return _string(value) is None


def _right_uri(value: Json) -> bool:
    """Systems and canonicals are few and come again and again."""
    if value in _known_uris or _SURE_UUID(value) is not None:
        return True
    if _uri(value) is not None:
        return False
    if len(_known_uris) < _REMEMBERED and type(value) is str and value.startswith("http"):
        _known_uris.add(value)
    return True


def _right_code(value: Json) -> bool:
    """The same codes come again and again."""
    if value in _known_codes:
        return True
    if _CODE.fullmatch(value) is None:
        return False
    if len(_known_codes) < _REMEMBERED and len(value) < _SHORT:
        _known_codes.add(value)
    return True


def _right_date_time(value: Json) -> bool:
    return _SURE_MOMENT(value) is not None or _SURE_DATE(value) is not None or _date_time(value) is None


def _right_date(value: Json) -> bool:
    return _SURE_DATE(value) is not None or _date(value) is None


def _right_instant(value: Json) -> bool:
    return _SURE_MOMENT(value) is not None or _instant(value) is None


def _faultless(fault: Fault) -> Right:
    return lambda value: fault(value) is None


RIGHT: dict[str, Right] = {name: _faultless(fault) for name, fault in FAULTS.items()} | {
    "string": _right_text,
    "System.String": _right_text,
    "markdown": _right_text,
    "code": _right_code,
    "id": _ID.fullmatch,
    "uri": _right_uri,
    "url": _right_uri,
    "canonical": _right_uri,
    "date": _right_date,
    "dateTime": _right_date_time,
    "instant": _right_instant,
}
"""What is surely right, by primitive type code: the same truth as ``FAULTS``, told faster where it can be."""

_TEXT = f"{{0}}.isprintable() and {{0}} >= '!' and len({{0}}) <= {LONGEST}"
CONDITIONS: dict[Right, str] = {
    _right_text: _TEXT,
    _right_code: "{0} in known_codes",
    _right_uri: "{0} in known_uris",
    _right_date_time: "sure_moment({0}) or sure_date({0})",
    _right_date: "sure_date({0})",
    _right_instant: "sure_moment({0})",
    RIGHT["boolean"]: "{0} is True or {0} is False",
    RIGHT["decimal"]: "type({0}) is int or type({0}) is decimal",
}
"""The same once more, as conditions in Python that most right values meet, for functions written out: {0} is the value.

A string without control characters that begins with more than a space is neither empty nor only white space.
"""
KNOWN: dict[str, object] = {
    "known_codes": _known_codes,
    "known_uris": _known_uris,
    "sure_moment": _SURE_MOMENT,
    "sure_date": _SURE_DATE,
    "decimal": Decimal,
}
"""What the conditions refer to."""
