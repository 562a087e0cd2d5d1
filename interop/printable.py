"""Words out of somebody's file, made safe to show: no control characters, nothing that turns the reading direction."""

from __future__ import annotations

import re

_UNSHOWN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def printable(text: str) -> str:
    """The text with U+FFFD for every character a terminal would obey or XML forbids. Tabs and line feeds stay.

    Source: XML 1.0 production 2 (Char); Unicode UAX #9 (explicit directional formatting).
    """
    return _UNSHOWN.sub("\ufffd", text)
