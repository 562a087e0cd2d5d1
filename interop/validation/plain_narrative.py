"""Most narratives are plain: common elements, not deep, nothing unusual. One expression recognises them whole.

What it does not recognise (rare entities, comments, links, images, rare elements) is judged by ``xhtml``.
"""

from __future__ import annotations

import re
from functools import cache

_DEPTH = 6
_LONGEST = 100_000
_ELEMENT = (
    r"t(?:[rdh]|able|body|head|foot)|[pbi]|div|li|[uo]l|span|caption|em|strong|h[1-6]|d[ltd]|pre|code|small|su[bp]"
    r"|blockquote"
)
_ATTRIBUTE = r"class|style|scope|title|colspan|rowspan|lang|xml:lang|dir|align|valign|border|width|height|summary"
_CHARACTER = r"<>&\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_ENTITY = r"amp|lt|gt|quot|apos|#(?:3[2-9]|[4-9]\d|[1-9]\d{2,3})"
_TEXT = re.compile(r">\s*[^\s<&]")


def is_plain(div: str) -> bool:
    """Whether a narrative is surely right; False means that it has to be looked at."""
    return len(div) <= _LONGEST and _plain().fullmatch(div) is not None and _TEXT.search(div) is not None


@cache
def _plain() -> re.Pattern[str]:
    """Made when the first narrative comes.

    Text and markup take turns, so that there is one way to read anything and giving back leads nowhere. What holds
    a group must not be possessive: the ``re`` of Python 3.11 loses track of groups there. Rows of plain cells, which
    is what most narratives consist of, are read without groups.
    """
    text = rf"[^{_CHARACTER}]*+(?:&(?:{_ENTITY});[^{_CHARACTER}]*+)*+"
    cell = rf'<t(?:h(?: scope="(?:row|col)")?+>{text}</th>|d>{text}</td>)\s*+'
    rows = rf"(?:<tr>\s*+(?:{cell})*+</tr>\s*+)++"
    inner = text
    for level in range(_DEPTH):
        element = rf"<(?P<n{level}>{_ELEMENT}){_attributes(level)}\s*+>{inner}</(?P=n{level})>"
        inner = rf"{text}(?:(?:{rows}|{element}|<[bh]r\s*+/>){text})*"
    return re.compile(rf'<div xmlns="http://www.w3.org/1999/xhtml"{_attributes(_DEPTH)}\s*+>{inner}</div>')


def _attributes(level: int) -> str:
    """None, one or two of different names; ``level`` keeps the group's name apart from others."""
    value = rf'="[^"{_CHARACTER}]*+"'
    second = rf"(?:\s++(?!(?P=a{level})=)(?:{_ATTRIBUTE}){value})?"
    return rf"(?:\s++(?P<a{level}>{_ATTRIBUTE}){value}{second})?"
