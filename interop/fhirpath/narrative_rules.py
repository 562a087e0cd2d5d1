"""FHIR's rules for the XHTML of a narrative: txt-1 (which elements and attributes) and txt-2 (some content)."""

from __future__ import annotations

from lxml import etree

XHTML = "{http://www.w3.org/1999/xhtml}"
# Source: FHIR R4 narrative.html#xhtml: HTML 4 chapters 7 to 11 (but 4) and 15, <a> and <img>.
_ELEMENTS = frozenset(
    """
    div p span br h1 h2 h3 h4 h5 h6 hr pre blockquote address em strong dfn code samp kbd var cite abbr acronym q sub
    sup ins del ul ol li dl dt dd table caption thead tfoot tbody colgroup col tr th td tt i b big small strike s u
    font a img map area bdo center
    """.split()  # noqa: SIM905 - a list of words, not a hundred quotes
)
_ATTRIBUTES = frozenset(
    """
    title style class id lang dir accesskey tabindex span width align valign char charoff abbr axis headers scope
    rowspan colspan name href rel rev shape coords src alt longdesc height usemap ismap type value start compact cite
    datetime border frame rules cellpadding cellspacing summary nowrap bgcolor color size face clear noshade target
    """.split()  # noqa: SIM905 - a list of words, not a hundred quotes
)


def is_plain_xhtml(text: str) -> bool:
    """Well formed, a ``div`` with some content, and nothing that runs, loads or is not formatting."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    if root.tag != f"{XHTML}div":
        return False
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    allowed = all(_is_allowed(element) for element in elements)
    return allowed and (
        any(str(part).strip() for part in root.itertext()) or any(e.tag == f"{XHTML}img" for e in elements)
    )


def _is_allowed(element: etree._Element) -> bool:
    name = str(element.tag).removeprefix(XHTML)
    if name not in _ELEMENTS:
        return False
    return all(attribute in _ATTRIBUTES or str(attribute).startswith("{") for attribute in element.attrib)
