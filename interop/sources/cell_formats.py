"""What a number in a workbook means: its format says whether it is a date, a time, a length of time or just a number.

Source: ECMA-376 part 1, 18.8.30 (numFmt) and 18.17.4 (dates and times as serial numbers).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum, auto

_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[(?!h+\]|m+\]|s+\])[^\]]*\]", re.IGNORECASE)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_PADDED = re.compile(r"0(?=.*0)[0 \-]*")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")

_LAST_DAY = 2958465  # 31 December 9999
_NO_DAY = 60  # 29 February 1900, which Excel believes in
_DIGITS = 15  # Excel keeps no more


class Kind(Enum):
    """What a cell's format makes of its number."""

    NUMBER = auto()
    DATE = auto()
    DATETIME = auto()
    TIME = auto()
    ELAPSED = auto()


@dataclass(frozen=True, slots=True)
class CellFormat:
    """``width``: digits that a format such as ``0000000000`` or ``000 000 0000`` shows at least."""

    kind: Kind = Kind.NUMBER
    width: int = 0


PLAIN = CellFormat()

_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, 27, 28, 29, 30, 31, 34, 35, 36, *range(50, 59)), CellFormat(Kind.DATE)),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 47), CellFormat(Kind.TIME)),
    22: CellFormat(Kind.DATETIME),
    46: CellFormat(Kind.ELAPSED),
}


def cell_format(number: int, code: str | None) -> CellFormat:
    """The meaning of a number format: by its code, or by its number when it is one of those built in."""
    if code is None:
        return _BUILT_IN.get(number, PLAIN)
    code = _BRACKETS.sub("", _LITERAL.sub("", code)).split(";")[0].strip()
    if _ELAPSED.search(code):
        return CellFormat(Kind.ELAPSED)
    if _PADDED.fullmatch(code):
        return CellFormat(width=code.count("0"))
    letters = re.sub(r"am/pm|a/p", "h", code.lower())
    if letters == "general":
        return PLAIN
    time = "h" in letters or "s" in letters
    date = "y" in letters or "d" in letters or ("m" in letters and not time)
    if date:
        return CellFormat(Kind.DATETIME if time else Kind.DATE)
    return CellFormat(Kind.TIME) if time else PLAIN


class NoDateError(ValueError):
    """A number that is no date in Excel's calendar."""


def number_text(raw: str, kind: CellFormat, *, since_1904: bool) -> str:
    """A number as it stands in the file, as text: dates ISO (``2026-11-14``, ``2026-11-14T02:10``), times ``02:10``,
    lengths of time ``26:30``, numbers with at most the 15 digits Excel keeps, without exponent or needless zeros.

    Raises NoDateError, and ValueError for what is not a number.
    """
    if _NUMBER.fullmatch(raw) is None:
        raise ValueError(f"{raw[:40]!r} is not a number")
    if kind.kind is Kind.NUMBER:
        return _padded(plain_number(raw), kind.width)
    value = float(raw)
    if kind.kind is Kind.ELAPSED:
        return _elapsed(value)
    if kind.kind is Kind.TIME or 0 <= value < 1:
        return _clock(datetime(1900, 1, 1) + timedelta(seconds=round((value % 1) * 86400)))  # noqa: DTZ001  no zone is known
    moment = _moment(value, since_1904=since_1904)
    day = moment.date().isoformat()
    return day if kind.kind is Kind.DATE else f"{day}T{_clock(moment)}"


def plain_number(raw: str) -> str:
    """``1.5E+3`` as ``1500``, ``36.600000000000001`` as ``36.6``."""
    if raw.isdigit() and len(raw) <= _DIGITS:
        return raw
    try:
        value = Decimal(f"{float(raw):.{_DIGITS}g}")
    except (InvalidOperation, OverflowError):
        raise ValueError(f"{raw[:40]!r} is not a number") from None
    if not value.is_finite():
        raise ValueError(f"{raw[:40]!r} is not a number")
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_rounded(text: str) -> bool:
    """Whether a whole number has more digits than Excel keeps: the last ones are noughts it made up."""
    return text.lstrip("-").isdigit() and len(text.lstrip("-")) > _DIGITS


def _padded(text: str, width: int) -> str:
    return text.zfill(width) if width and text.isdigit() else text


def _moment(value: float, *, since_1904: bool) -> datetime:
    if not 0 <= value < _LAST_DAY + 1:
        raise NoDateError("is no date: Excel counts days from 1900 to 9999")
    if since_1904:
        start = datetime(1904, 1, 1)  # noqa: DTZ001  a cell knows no time zone
    elif int(value) == _NO_DAY:
        raise NoDateError("is 29 February 1900, a day that never was")
    else:
        start = datetime(1899, 12, 30 if value > _NO_DAY else 31)  # noqa: DTZ001  as above
    try:
        return start + timedelta(seconds=round(value * 86400))
    except OverflowError:
        raise NoDateError("is no date: Excel counts days from 1900 to 9999") from None


def _clock(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")


def _elapsed(value: float) -> str:
    seconds = round(abs(value) * 86400)
    sign = "-" if value < 0 else ""
    text = f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text
