"""XML records that are not FHIR: elements as members, attributes as ``@name``, repeated elements as lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from interop.errors import ContentError
from interop.json_codec import Json, JsonObject
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.json_path import value_at
from interop.sources.record import SourceFile, SourceRecord
from interop.sources.safe_xml import LARGEST, events, let_go
from interop.sources.spec import SourceSpec
from interop.sources.unusable import unusable
from interop.xml_codec import parse

WHOLE = 16 << 20
"""Bytes. A document up to this size is read whole, so that a fault anywhere in it is known before its first record."""


@dataclass(frozen=True, slots=True)
class _Places:
    file: str
    root: str

    def __call__(self, path: SourcePath) -> SourcePointer:
        return SourcePointer(self.file, path=self.root + "".join(map(_step, path)))


def _step(step: str | int) -> str:
    """XPath counts from 1; text has no step of its own."""
    if isinstance(step, int):
        return f"[{step + 1}]"
    return "/text()" if step == "#text" else f"/{step}"


def read_xml(spec: SourceSpec, files: Sequence[SourceFile]) -> Iterator[SourceRecord | Issue]:
    """The records of every file. Namespaces are left off names: ``<p:name>`` is ``name``."""
    for file in files:
        found = False
        try:
            for place, tree in _long(file, spec) if file.size > WHOLE else _whole(file, spec):
                found = True
                key = value_at(tree, spec.key)
                yield SourceRecord(tree, (file,), _text(key) or f"{file.name}{place}", _Places(file.name, place))
        except ContentError as fault:
            yield unusable(fault, file.name, more="; the records before it were read" if found else "")
            continue
        if not found:
            text, hint = f"holds no element at {spec.at!r}", "export the file again, or change `at:` in the mapping"
            spot = SourcePointer(file.name)
            yield Issue("xml-no-records", text, severity=Severity.FATAL, source=spot, hint=hint)


def _text(key: Json) -> str:
    """A key that has attributes is its text."""
    value = key.get("#text") if isinstance(key, dict) else key
    return value.strip() if isinstance(value, str) else ""


def _whole(file: SourceFile, spec: SourceSpec) -> list[tuple[str, Json]]:
    root = parse(file.data, file=file.name)
    level = [(f"/{_local(root)}", root)]
    for name in spec.at.split(".") if spec.at else ():
        level = [
            (f"{place}/{name}[{number}]", child)
            for place, element in level
            for number, child in enumerate((c for c in element if _local(c) == name), 1)
        ]
    return [(place, record_tree(element)) for place, element in level]


def _long(file: SourceFile, spec: SourceSpec) -> Iterator[tuple[str, Json]]:
    """The same, from a document that is never held whole: a record is let go of once it has been read."""
    wanted = spec.at.split(".") if spec.at else []
    if not wanted:
        if file.size > LARGEST:
            text = f"is {file.size:,} bytes, and one record; a record has at most {LARGEST:,}"
            raise ContentError(text, code="xml-too-large", hint="name the repeated element in the mapping: `at:`")
        yield from _whole(file, spec)
        return
    place: list[str] = []
    numbers: list[dict[str, int]] = []
    fits = [True]  # whether the way down to each open element is the wanted one
    with file.open() as stream:
        for event, element in events(stream, file.name, ("start", "end")):
            depth = len(place)
            if event == "start":
                name = _local(element)
                number = _count(numbers[-1], name) if numbers else 0
                place.append(f"{name}[{number}]" if numbers else name)
                numbers.append({})
                fits.append(fits[-1] and (depth == 0 or (depth <= len(wanted) and wanted[depth - 1] == name)))
                continue
            if fits[-1] and depth == len(wanted) + 1:
                yield "/" + "/".join(place), record_tree(element)
            place.pop()
            numbers.pop()
            if fits.pop() and depth > len(wanted) + 1:
                continue
            if not _inside_record(fits, len(place), len(wanted)):
                let_go(element)


def _inside_record(fits: list[bool], depth: int, wanted: int) -> bool:
    """Whether an element that ends is part of a record still open."""
    return depth > wanted and all(fits[: wanted + 2])


def _count(numbers: dict[str, int], name: str) -> int:
    numbers[name] = numbers.get(name, 0) + 1
    return numbers[name]


def record_tree(element: etree._Element) -> Json:
    """An element as a record: always an object."""
    tree = _tree(element)
    return tree if isinstance(tree, dict) else {"#text": tree}


def _tree(element: etree._Element) -> Json:
    members: JsonObject = {f"@{etree.QName(str(name)).localname}": str(text) for name, text in element.attrib.items()}
    groups: dict[str, list[Json]] = {}
    for child in element:
        groups.setdefault(_local(child), []).append(_tree(child))
    for name, items in groups.items():
        members[name] = items[0] if len(items) == 1 else items
    text = "".join([element.text or "", *(child.tail or "" for child in element)])
    if not members:
        return text
    return members | {"#text": text} if text.strip() else members


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
