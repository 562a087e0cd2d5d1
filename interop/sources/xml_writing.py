"""XML records written back: the inverse of ``xml_source``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

from interop.errors import ContentError
from interop.json_codec import Json, JsonObject

# What XML 1.0 cannot hold (section 2.2); the sign of a character that was lost stands in its place.
_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xml(root: str, at: str | None, trees: Sequence[JsonObject]) -> bytes:
    """A document with the first element ``root`` and the records at a dotted path below it, as UTF-8.

    Members called ``@name`` become attributes, ``#text`` text, lists repeated elements. Raises ContentError
    ``xml-name`` for a member no element can be called after.
    """
    try:
        first = top = etree.Element(root)
        steps = at.split(".") if at else []
        for name in steps[:-1]:
            top = etree.SubElement(top, name)
        for tree in trees:
            _fill(etree.SubElement(top, steps[-1]) if steps else top, tree)
    except ValueError as fault:
        raise ContentError(f"XML cannot hold this member: {fault}", code="xml-name") from None
    return etree.tostring(first, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _fill(element: etree._Element, value: Json) -> None:
    if not isinstance(value, dict):
        element.text = _text(value) or None
        return
    for name, member in value.items():
        if name.startswith("@"):
            element.set(name[1:], _text(member))
        elif name == "#text":
            element.text = _text(member) or None
        else:
            for item in member if isinstance(member, list) else [member]:
                if item is not None:
                    _fill(etree.SubElement(element, name), item)


def _text(value: Json) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _UNFIT.sub("\ufffd", text)
