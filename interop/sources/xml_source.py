"""XML records that are not FHIR: elements as members, attributes as ``@name``, repeated elements as lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from interop.errors import ContentError
from interop.json_codec import Json, JsonObject
from interop.location import SourcePath, SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.json_path import value_at
from interop.sources.record import Reading, SourceFile, SourceRecord
from interop.sources.spec import SourceSpec
from interop.sources.tabular import matches
from interop.xml_codec import parse


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


def read_xml(spec: SourceSpec, files: Mapping[str, bytes]) -> Reading:
    """The records of every matching file. Namespaces are left off names: ``<p:name>`` is ``name``."""
    records: list[SourceRecord] = []
    issues: list[Issue] = []
    for name, data in files.items():
        if not matches(name, spec.file):
            continue
        file = SourceFile(name, data)
        try:
            found = list(_records(parse(data, file=name), spec))
        except ContentError as fault:
            text = f"{fault.where}: {fault.text}" if fault.where and fault.where != name else fault.text
            issues.append(_fatal(fault.code, text, name, fault.hint))
            continue
        if not found:
            text = f"holds no element at {spec.at!r}"
            issues.append(_fatal("xml-no-records", text, name, "export the file again, or change `at:` in the mapping"))
        for place, tree in found:
            key = value_at(tree, spec.key)
            records.append(SourceRecord(tree, (file,), str(key or f"{name}{place}"), _Places(name, place)))
    return Reading(tuple(records), tuple(issues))


def _records(root: etree._Element, spec: SourceSpec) -> Iterator[tuple[str, Json]]:
    level = [(f"/{_local(root)}", root)]
    for name in spec.at.split(".") if spec.at else ():
        level = [
            (f"{place}/{name}[{number}]", child)
            for place, element in level
            for number, child in enumerate((c for c in element if _local(c) == name), 1)
        ]
    return ((place, _record(element)) for place, element in level)


def _record(element: etree._Element) -> Json:
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


def _fatal(code: str, text: str, name: str, hint: str | None) -> Issue:
    return Issue(code, text, severity=Severity.FATAL, source=SourcePointer(name), hint=hint)
