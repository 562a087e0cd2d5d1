"""FHIR XML in and out of the JSON form, with nothing lost: unknown elements stay visible, decimals stay exact.

Entities, document types and the network are off. What FHIR's XML cannot say in JSON stays in the result under
names no element has (``@attribute``, ``#text``, ``{namespace}name``), so that validation reports it in its place.
Source: FHIR R4 xml.html, json.html#xml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from decimal import Decimal
from itertools import zip_longest
from typing import Protocol, cast

from lxml import etree

from interop.errors import ContentError
from interop.json_codec import Json, JsonObject

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"
_DEFAULT_FHIR: dict[str, str] = {None: FHIR}  # type: ignore[dict-item]  # lxml says "default namespace" with None
_DEFAULT_XHTML: dict[str, str] = {None: XHTML}  # type: ignore[dict-item]  # as above
_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"

# Encodings whose prolog reads as ASCII, so that a document type cannot hide from the scan before parsing.
_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "iso-8859-1", "windows-1252"}
_DECLARED = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"']+)[\"']")
_PROLOG = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_INTEGER = re.compile(r"-?[1-9][0-9]{0,4000}|0")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_INTEGERS = {"integer", "positiveInt", "unsignedInt"}


class ElementFacts(Protocol):
    """What the codec must know of FHIR's types. ``interop.definitions`` answers; a dict of names will do in a test."""

    def child(self, type_name: str, element_name: str) -> tuple[str, bool] | None:
        """The type code of one child element, and whether it is a list; None when the type has no such element.

        type_name     ``Patient``, ``HumanName``, or the path of a backbone element: ``Patient.contact``
        element_name  as it stands in an instance: ``valueQuantity``, not ``value[x]``
        The type code of a backbone element is its path; of any resource, ``Resource``.
        """

    def order(self, type_name: str) -> Sequence[str]:
        """The children of a type in the order XML wants them; a choice as ``value[x]``. Empty when unknown."""


def decode(data: bytes, facts: ElementFacts, *, file: str | None = None) -> JsonObject:
    """A FHIR XML resource as its JSON form. Comments are skipped; ``div`` becomes its XHTML text.

    Raises ContentError ``content-xml`` (not well formed, with line and column), ``content-encoding``,
    ``xml-doctype``, ``xml-too-deep``, ``xml-namespace`` (not FHIR) or ``xml-resource`` (not one resource where
    one belongs).
    """
    root = parse(data, file=file)
    if etree.QName(root).namespace != FHIR:
        raise ContentError(
            f"the document is <{root.tag}>, a FHIR resource is in namespace {FHIR}",
            code="xml-namespace",
            where=file,
            hint=f'add xmlns="{FHIR}" to the first element, or send FHIR',
        ).found_at(_line(root))
    return _Decoder(facts, file).resource(root)


def encode(resource: JsonObject, facts: ElementFacts) -> bytes:
    """A resource in JSON form as UTF-8 FHIR XML, elements in the order their definitions give.

    Raises ContentError ``xml-character`` for text XML cannot hold, ``content-xml`` for a ``div`` that is not XHTML.
    """
    try:
        root = etree.Element(f"{{{FHIR}}}{resource['resourceType']}", nsmap=_DEFAULT_FHIR)
        _Encoder(facts).members(root, resource, str(resource["resourceType"]))
    except ValueError as fault:
        raise ContentError(f"XML cannot hold this text: {fault}", code="xml-character") from None
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def parse(data: bytes, *, file: str | None = None) -> etree._Element:
    """Any XML document, with entities, document types and the network off. Comments and instructions are gone.

    Raises ContentError as ``decode`` does. Source: OWASP XML External Entity Prevention.
    """
    _refuse_what_is_unsafe(data, file)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as fault:
        line, column = fault.position
        if "depth" in (fault.msg or ""):
            raise ContentError("nested more than 256 levels deep", code="xml-too-deep", where=file) from None
        raise ContentError(
            f"not XML: {fault.msg}", code="content-xml", where=_spot(file, f"line {line} column {column}")
        ).found_at(line, column) from None


def _line(element: etree._Element) -> int:
    return cast("int | None", element.sourceline) or 1  # the stubs do not know what it is


def _spot(file: str | None, place: str) -> str:
    return f"{file} {place}" if file else place


def _refuse_what_is_unsafe(data: bytes, file: str | None) -> None:
    if not data.strip():
        raise ContentError("not XML: the document is empty", code="content-xml", where=file)
    head = data.removeprefix(b"\xef\xbb\xbf")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = data[2:].replace(b"\x00", b"")  # UTF-16 reads as ASCII without its zeros
    declared = _DECLARED.match(head)
    if declared and declared[1].decode("ascii", "replace").lower() not in _ENCODINGS:
        raise ContentError(
            f"encoding {declared[1].decode('ascii', 'replace')!r} is not read here",
            code="content-encoding",
            where=file,
            hint="save the file as UTF-8, the encoding FHIR asks for",
        )
    prolog = _PROLOG.match(head)
    if prolog and head[prolog.end() :].startswith(b"<!DOCTYPE"):
        raise ContentError(
            "the document brings a document type (<!DOCTYPE …>), which FHIR forbids",
            code="xml-doctype",
            where=file,
            hint="remove the <!DOCTYPE …> declaration and write entities out",
        ).found_at(head.count(b"\n", 0, prolog.end()) + 1)


class _Decoder:
    def __init__(self, facts: ElementFacts, file: str | None):
        self._child = facts.child
        self._file = file

    def resource(self, element: etree._Element) -> JsonObject:
        name = _name(element)
        return {"resourceType": name, **self.members(element, name, resource=True)}

    def members(self, element: etree._Element, type_name: str, *, resource: bool = False) -> JsonObject:
        found: JsonObject = {}
        for key, value in element.attrib.items():
            attribute = str(key)
            if attribute.startswith(_SCHEMA_INSTANCE):
                continue
            is_id = attribute == "id" and not resource
            is_url = attribute == "url" and type_name in ("Extension", "")
            found[attribute if is_id or is_url else f"@{attribute}"] = str(value)
        groups: dict[str, list[etree._Element]] = {}
        for child in element:
            name = _name(child)
            if (name == "id" and not resource) or (name == "url" and type_name == "Extension"):
                name = f"<{name}>"  # FHIR writes these as attributes; as an element nobody knows them
            groups.setdefault(name, []).append(child)
        for name, items in groups.items():
            self._member(found, name, items, type_name)
        if stray := _stray_text(element):
            found["#text"] = stray
        return found

    def _member(self, found: JsonObject, name: str, items: list[etree._Element], type_name: str) -> None:
        type_code, is_list = self._child(type_name, name) or _guess(name, items[0])
        is_list = is_list or len(items) > 1  # too many is for validation to say: keep them all
        if type_code == "Resource":
            values: list[Json] = [self._wrapped(item) for item in items]
        elif type_code == "xhtml":
            values = [_xhtml(item) for item in items]
        elif _is_primitive(type_code):
            self._primitives(found, name, items, (type_code, is_list))
            return
        else:
            values = [self.members(item, type_code) for item in items]
        found[name] = values if is_list else values[0]

    def _primitives(self, found: JsonObject, name: str, items: list[etree._Element], fact: tuple[str, bool]) -> None:
        type_code, is_list = fact
        values = [_value(item.get("value"), type_code) for item in items]
        extras = [self._extra(item) for item in items]
        if any(value is not None for value in values):
            found[name] = values if is_list else values[0]
        if any(extra is not None for extra in extras):
            found[f"_{name}"] = extras if is_list else extras[0]

    def _extra(self, item: etree._Element) -> JsonObject | None:
        """What a primitive says beside its value: id, extensions; ``{}`` when it says nothing at all (ele-1)."""
        extra = self.members(item, "Element")
        has_value = extra.pop("@value", None) is not None
        return None if has_value and not extra else extra

    def _wrapped(self, item: etree._Element) -> JsonObject:
        """The one resource in a ``contained`` or ``resource``. Source: FHIR R4 fhir-base.xsd, ResourceContainer."""
        if len(item) != 1:
            raise ContentError(
                f"<{_name(item)}> holds {len(item)} resources, exactly one belongs there",
                code="xml-resource",
                where=_spot(self._file, f"line {item.sourceline}"),
            ).found_at(_line(item))
        return self.resource(item[0])


def _name(element: etree._Element) -> str:
    name = etree.QName(element)
    return name.localname if name.namespace in (FHIR, XHTML) else str(element.tag)


def _guess(name: str, element: etree._Element) -> tuple[str, bool]:
    """The kind of an element nobody defines: text where it has a value, otherwise an object of its own."""
    if name in ("extension", "modifierExtension"):
        return "Extension", True
    if etree.QName(element).namespace == XHTML:
        return "xhtml", False
    return ("string" if element.get("value") is not None else ""), False


def _is_primitive(type_code: str) -> bool:
    """FHIR's primitive types begin with a small letter; ``System.String`` is the type of id and url."""
    return type_code[:1].islower() or type_code.startswith("System.")


def _value(text: str | None, type_code: str) -> Json:
    """The JSON value of a primitive; text that its type does not allow stays text, for validation to name."""
    if text is None:
        return None
    if type_code == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if type_code in _INTEGERS or type_code == "decimal":
        if _INTEGER.fullmatch(text):
            return int(text)
        if type_code == "decimal" and _DECIMAL.fullmatch(text):
            return Decimal(text)
    return text


def _stray_text(element: etree._Element) -> str:
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    return " ".join(piece.strip() for piece in pieces if piece.strip())


def _xhtml(element: etree._Element) -> str:
    alone = deepcopy(element)
    alone.tail = None
    etree.cleanup_namespaces(alone, top_nsmap=_DEFAULT_XHTML)  # prefixes inherited from the resource are not the text's
    return etree.tostring(alone, encoding="unicode")


class _Encoder:
    def __init__(self, facts: ElementFacts):
        self._facts = facts

    def members(self, parent: etree._Element, node: JsonObject, type_name: str) -> None:
        is_resource = self._is_resource(node, type_name)
        names = dict.fromkeys(key.removeprefix("_") for key in node if key != "resourceType" or not is_resource)
        for name in self._in_order(names, type_name):
            value = node.get(name)
            if (
                name.startswith("@")
                or (name == "id" and not is_resource)
                or (name == "url" and type_name == "Extension")
            ):
                parent.set(name.removeprefix("@"), str(value))
            elif name == "#text":
                parent.text = str(value)
            else:
                self._member(parent, name, (value, node.get(f"_{name}")), type_name)

    def _in_order(self, names: dict[str, None], type_name: str) -> list[str]:
        order = self._facts.order(type_name)
        places = {name: place for place, name in enumerate(order) if not name.endswith("[x]")}
        choices = [(name.removesuffix("[x]"), place) for place, name in enumerate(order) if name.endswith("[x]")]

        def place_of(name: str) -> int:
            stem = (
                place for stem, place in choices if name.startswith(stem) and name[len(stem) : len(stem) + 1].isupper()
            )
            return places[name] if name in places else next(stem, len(order))

        return sorted(names, key=place_of)

    def _member(self, parent: etree._Element, name: str, pair: tuple[Json, Json], type_name: str) -> None:
        values, extras = (item if isinstance(item, list) else [item] for item in pair)
        fact = self._facts.child(type_name, name)
        type_code = fact[0] if fact else ""
        for value, extra in zip_longest(values, extras):
            if name == "div" and isinstance(value, str):
                parent.append(parse(value.encode()))
                continue
            element = etree.SubElement(parent, name if name.startswith("{") else f"{{{FHIR}}}{name}")
            if isinstance(extra, dict):
                self.members(element, extra, "Element")
            if isinstance(value, dict):
                self._object(element, value, type_code)
            elif value is not None:
                element.set("value", _text(value))

    def _is_resource(self, node: JsonObject, type_name: str) -> bool:
        """ExampleScenario.instance has an element of this name, and is none."""
        return "resourceType" in node and self._facts.child(type_name, "resourceType") is None

    def _object(self, element: etree._Element, value: JsonObject, type_code: str) -> None:
        if self._is_resource(value, type_code):
            element = etree.SubElement(element, f"{{{FHIR}}}{value['resourceType']}")
            type_code = str(value["resourceType"])
        elif _local(element) in ("extension", "modifierExtension"):
            type_code = "Extension"  # also where nobody defines the element around it
        self.members(element, value, type_code)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
