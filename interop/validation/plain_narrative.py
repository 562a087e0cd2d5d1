"""Most narratives are plain: common elements, not deep, nothing unusual. Two expressions recognise them whole.

What they do not recognise (rare entities, comments, links, images, rare elements) is judged by ``xhtml``.

In both, text and markup take turns, so that there is one way to read anything and giving back leads nowhere.
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
_VALUE = rf'="[^"{_CHARACTER}]*+"'
_OPEN = r'<div xmlns="http://www.w3.org/1999/xhtml"'
_USUAL = r"[ -%'-;=?-~\n]*+"
_TEXT = rf"{_USUAL}(?:(?:&(?:{_ENTITY});|[^{_CHARACTER}][^{_CHARACTER}]*+){_USUAL})*+"
_PHRASES = rf"{_TEXT}(?:<(?:i>{_TEXT}</i|b>{_TEXT}</b|br\s*+/)>{_TEXT})*+"
_CELL = rf'<t(?:h(?: scope="(?:row|col)")?+>{_PHRASES}</th|d>{_PHRASES}</td)>\s*+'
_ROWS = rf'(?:<tr>(?:<th scope="row">{_TEXT}</th>)?+(?:<td>{_TEXT}</td>)*+\s*+(?:{_CELL})*+</tr>\s*+)++'
_BODY = rf"(?:<thead>\s*+{_ROWS}</thead>\s*+)?+(?:<tbody>\s*+{_ROWS}</tbody>|{_ROWS})"
_TABLE = rf"<table(?: (?:{_ATTRIBUTE}){_VALUE})?+>\s*+(?:<caption>{_TEXT}</caption>\s*+)?+{_BODY}\s*+</table>"
"""Without groups, and so the quickest to read."""
_SAYS_SOMETHING = re.compile(r">\s*[^\s<&]").search


def is_plain(div: str) -> bool:
    """Whether a narrative is surely right; False means that it has to be looked at."""
    return (
        len(div) <= _LONGEST
        and (_tables().fullmatch(div) is not None or _elements().fullmatch(div) is not None)
        and _SAYS_SOMETHING(div) is not None
    )


@cache
def _tables() -> re.Pattern[str]:
    """One table after the other, which is what most narratives are."""
    return re.compile(rf"{_OPEN}>\s*+(?:{_TABLE}\s*+)++</div>")


@cache
def _elements() -> re.Pattern[str]:
    """Any of the common elements inside each other.

    What holds a group must not be possessive: the ``re`` of Python 3.11 loses track of groups there.
    """
    inner = _TEXT
    for level in range(_DEPTH):
        element = rf"<(?P<n{level}>{_ELEMENT}){_attributes(level)}\s*+>{inner}</(?P=n{level})>"
        table = f"{_TABLE}|" if level == _DEPTH - 1 else ""
        inner = rf"{_TEXT}(?:(?:{table}{element}|<[bh]r\s*+/>){_TEXT})*"
    return re.compile(rf"{_OPEN}{_attributes(_DEPTH)}\s*+>{inner}</div>")


def _attributes(level: int) -> str:
    """None, one or two of different names; ``level`` keeps the group's name apart from others."""
    second = rf"(?:\s++(?!(?P=a{level})=)(?:{_ATTRIBUTE}){_VALUE})?"
    return rf"(?:\s++(?P<a{level}>{_ATTRIBUTE}){_VALUE}{second})?"
