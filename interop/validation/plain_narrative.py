"""Most narratives are plain: only tags seen before, nothing unusual. Those are told by two scans instead of a tree.

What is not beyond doubt here (entities, comments, links, images, tags never seen) is judged by ``xhtml``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

_HEAD = '<div xmlns="http://www.w3.org/1999/xhtml"'
_OPENING = re.compile(r"<[^/<>][^<>]*>")
_TEXT = re.compile(r">\s*[^\s<&]")
_TAG = re.compile(r'<([a-z][a-z0-9]*)((?:\s+[a-z]+="[^"<&]*")*)\s*/?>')
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_TARGETS = frozenset({"href", "src", "id", "name"})
_REMEMBERED = 4096
_seen: set[str] = set()


def is_plain(div: str, allows: Callable[[str, str], bool]) -> bool:
    """Whether a narrative is surely right; False means that it has to be looked at.

    ``allows``: whether an element may stand in a narrative with an attribute ("" for none).
    """
    if not div.startswith(_HEAD) or "<!" in div or _TEXT.search(div) is None:
        return False
    tags = set(_OPENING.findall(div))
    if not tags <= _seen:
        new = {tag for tag in tags - _seen if _is_allowed(tag, allows)}
        if len(_seen) < _REMEMBERED:
            _seen.update(new)
        if not tags <= _seen | new:
            return False
    try:
        expat.ParserCreate().Parse(div, True)
    except (expat.ExpatError, ValueError):
        return False
    return True


def _is_allowed(tag: str, allows: Callable[[str, str], bool]) -> bool:
    found = _TAG.fullmatch(tag)
    if found is None:
        return False
    for name, value in _ATTRIBUTE.findall(found[2]):
        if name == "xmlns":
            if f'xmlns="{value}"' not in _HEAD:
                return False
        elif name in _TARGETS or not allows(found[1], name):
            return False
    return allows(found[1], "")
