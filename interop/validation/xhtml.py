"""The rules for narrative (txt-1, txt-2): the elements and attributes XHTML may use, and that it says something.

Source: FHIR R4 narrative.html#xhtml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from lxml import etree

from interop.json_codec import Json
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.glance import Glance, by_checking
from interop.validation.item import Item
from interop.validation.plain_narrative import is_plain

if TYPE_CHECKING:
    from interop.validation.scope import Scope
    from interop.validation.script import Script

XHTML = "http://www.w3.org/1999/xhtml"

# fmt: off
# Packed: a list to look things up in, not to read.
ELEMENTS = frozenset({
    "p", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "a", "span", "em", "strong", "small", "big", "tt", "i",
    "b", "sub", "sup", "abbr", "acronym", "address", "bdo", "blockquote", "center", "cite", "code", "dd", "del",
    "dfn", "dl", "dt", "font", "hr", "img", "ins", "kbd", "li", "ol", "pre", "q", "s", "samp", "strike", "u",
    "ul", "var", "table", "caption", "col", "colgroup", "thead", "tbody", "tfoot", "tr", "td", "th", "map",
    "area", "dir",
})
# fmt: on
# fmt: off
# Packed: a list to look things up in, not to read.
ATTRIBUTES = frozenset({
    "title", "style", "class", "id", "lang", "dir", "accesskey", "tabindex", "xml:lang", "xml:space", "span",
    "align", "valign", "char", "charoff", "abbr", "axis", "headers", "scope", "rowspan", "colspan", "width",
    "height", "border", "cellpadding", "cellspacing", "frame", "rules", "summary", "cite", "datetime", "start",
    "type", "value", "compact", "nowrap", "bgcolor", "face", "size", "color", "clear", "hspace", "vspace",
    "noshade", "shape", "coords", "usemap", "longdesc", "alt", "src", "name", "href", "hreflang", "rel", "rev",
    "charset", "target",
})
# fmt: on
SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp", "cid", "data"})
_REMEMBERED = 2048


@dataclass(frozen=True, slots=True)
class NarrativeForm:
    """The ``div`` of a Narrative is the XHTML that FHIR allows (txt-1) and is not empty (txt-2)."""

    trigger: ClassVar[str] = "div"

    def glance(self, key: str) -> Glance:
        return _NarrativeGlance(by_checking(self, key))

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        div = item.members.get("div")
        if not isinstance(div, str):
            return NOTHING
        found, anchors = faults(div)
        if not found and not anchors:
            return NOTHING
        at = f"{item.expression}.div"
        issues = [Issue("narrative", text, at, rule="txt-1", hint="see the XHTML that FHIR allows") for text in found]
        for anchor in anchors:
            if scope.contained(anchor.partition("/")[0]) is None:
                text = f"link '#{anchor}' leads nowhere in this narrative, and no contained resource has that id"
                issues.append(Issue("narrative", text, at, rule="txt-1", hint="add an element with that id or name"))
        return issues


@dataclass(frozen=True, slots=True)
class _NarrativeGlance:
    closer: Glance

    def __call__(self, value: Json, scope: Scope) -> bool:
        return is_plain(value["div"]) or self.closer(value, scope)

    def write(self, script: Script, value: str) -> None:
        script.doubt(f"not {script.bind(is_plain)}({value}['div']) and not {script.bind(self.closer)}({value}, scope)")


@lru_cache(maxsize=_REMEMBERED)
def faults(div: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every fault of one narrative, each said once; and the internal links that lead to nothing inside it."""
    if is_plain(div):
        return (), ()
    if "<!DOCTYPE" in div or "<!ENTITY" in div:
        return ("the narrative brings a document type; FHIR forbids it",), ()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(_entities_named(div), parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        return (f"the narrative is not well-formed XHTML: {fault}",), ()
    return tuple(dict.fromkeys((*_tree_faults(root), *_link_faults(root)))), tuple(_loose_anchors(root))


def _link_faults(root: etree._Element) -> Iterator[str]:
    """A link in a narrative leads where a reader can go: http, https, mailto, tel, or inside the page."""
    for link in root.iter(f"{{{XHTML}}}a"):
        scheme, colon, _ = str(link.get("href") or "").partition(":")
        if colon and scheme.isalpha() and scheme.lower() not in SCHEMES:
            said = " ".join(_text(link).split())
            yield f"a reader cannot follow a link with scheme {scheme!r}: {link.get('href')!r} ({said})"


def _loose_anchors(root: etree._Element) -> Iterator[str]:
    targets = {value for element in root.iter() for value in (element.get("id"), element.get("name")) if value}
    for element in root.iter(f"{{{XHTML}}}a", f"{{{XHTML}}}img"):
        place = element.get("href") or element.get("src") or ""
        if place.startswith("#") and len(place) > 1 and place[1:] not in targets:
            yield place[1:]


def _tree_faults(root: etree._Element) -> Iterator[str]:
    if root.tag != f"{{{XHTML}}}div":
        yield f"the narrative must be one <div xmlns={XHTML!r}>, found <{root.tag}>"
        return
    for element in root.iter():
        if callable(element.tag):
            continue  # a comment or an instruction
        namespace, _, name = element.tag.rpartition("}")
        if namespace != f"{{{XHTML}" or name not in ELEMENTS:
            yield f"<{name}> is not allowed in a narrative"
            continue
        for attribute in element.attrib:
            if not _allowed(str(attribute)):
                yield f"attribute {attribute!r} is not allowed on <{name}> in a narrative"
    if not _text(root).strip() and root.find(f".//{{{XHTML}}}img") is None:
        yield "the narrative is empty (txt-2)"


def _text(element: etree._Element) -> str:
    return "".join(str(piece) for piece in element.itertext())


def _allowed(attribute: str) -> bool:
    name = attribute.replace("{http://www.w3.org/XML/1998/namespace}", "xml:")
    return name in ATTRIBUTES


_NAMED = {
    "nbsp": "#160",
    "copy": "#169",
    "reg": "#174",
    "pound": "#163",
    "deg": "#176",
    "middot": "#183",
    "eacute": "#233",
}


def _entities_named(div: str) -> str:
    """XHTML's own entities, which an XML parser without its document type does not know."""
    for name, number in _NAMED.items():
        if f"&{name};" in div:
            div = div.replace(f"&{name};", f"&{number};")
    return div
