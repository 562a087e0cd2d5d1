"""FHIR as somebody's own record: STU3 or R4, XML or JSON, a resource or a Bundle, as a tree of rows by resource type.

    {"File": {"name", "contentType"}, "Bundle": {…}, "Composition": [{…}], "Patient": [{"fullUrl": "urn:uuid:…", …}], …}

Every resource is a row of its type and has a ``fullUrl``; every Reference that means a resource of the same Bundle
says that fullUrl, however the sender wrote it. Contained resources are rows of their own. Lists are lists even with
one item. A message that wraps documents (ITK3) gives one record a document, the wrapper under ``Message``; documents
inside a Binary are read too. Entities and document types are refused, narrative is kept.
Source: FHIR STU3 and R4 bundle.html#references, documents.html, json.html, xml.html.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from interop import json_codec, xml_codec
from interop.definitions import Definitions
from interop.definitions.fhir_version import fhir_version
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject
from interop.location import SourcePointer
from interop.outcome import Issue, Severity
from interop.sources.fhir_facts import Stu3Facts
from interop.sources.fhir_places import FOLLOWED, FULL_URL, Places, Spot
from interop.sources.json_path import value_at
from interop.sources.record import SourceFile, SourceRecord
from interop.sources.spec import SourceSpec
from interop.sources.unusable import unusable

_LITERAL = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_SAME = {"R4B": "R4"}  # for a mapping they are one version
_DEEPEST = 8  # Bundles in Bundles; ITK3 needs two


@dataclass(frozen=True, slots=True)
class _Resource:
    """A resource found in a file. ``entry`` and ``place``: where the entry and the resource stand."""

    url: str
    content: JsonObject
    place: str
    entry: str = ""
    said: str = ""  # the fullUrl as it was written

    @property
    def type(self) -> str:
        return str(self.content.get("resourceType", ""))


@dataclass(frozen=True, slots=True)
class _Unit:
    """What becomes one record: a Bundle (empty for a lone resource), its resources, and the message around it."""

    bundle: JsonObject
    place: str
    resources: tuple[_Resource, ...]
    around: _Unit | None = None

    @property
    def kinds(self) -> str:
        return ", ".join(dict.fromkeys(resource.type for resource in self.resources)) or "nothing"


def read_fhir(spec: SourceSpec, files: Sequence[SourceFile]) -> Iterator[SourceRecord | Issue]:
    """One record a document (or other Bundle, or lone resource), and every finding. Bad data never raises."""
    for file in files:
        try:
            content, is_xml = _decoded(file.data, file.name, spec.versions)
            units = tuple(_units(content, f"/{content['resourceType']}" if is_xml else "$", is_xml, spec))
        except ContentError as fault:
            yield unusable(fault, file.name)
            continue
        for number, unit in enumerate(units, 1):
            missing = [name for name in spec.needs if all(resource.type != name for resource in unit.resources)]
            if missing:
                yield _lacking(file, unit, missing)
            else:
                yield _record(file, unit, number if len(units) > 1 else 0, spec, is_xml)


def _lacking(file: SourceFile, unit: _Unit, missing: list[str]) -> Issue:
    kind = f"a {unit.bundle.get('type', 'kindless')} Bundle of {unit.kinds}" if unit.bundle else f"a lone {unit.kinds}"
    text = f"holds no {' and no '.join(missing)}: it is {kind}"
    hint = f"send a document with {' and '.join(missing)}, or take a mapping made for this kind of content"
    return Issue("fhir-resource-missing", text, source=SourcePointer(file.name, path=unit.place), hint=hint)


# -- content ---------------------------------------------------------------------------------------------------


def _decoded(data: bytes, name: str, versions: Sequence[str]) -> tuple[JsonObject, bool]:
    """Bytes as FHIR JSON, and whether they were XML. Raises ContentError."""
    is_xml = data.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<"
    core = Definitions.core()
    found: Json = xml_codec.decode(data, core, file=name) if is_xml else json_codec.loads(data, file=name)
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        text = "is no FHIR resource: it has no resourceType"
        raise ContentError(text, code="fhir-no-resource", hint="send a FHIR resource or Bundle, XML or JSON")
    sign = fhir_version(found)
    version = _SAME.get(sign.version, sign.version) if sign else versions[0] if versions else "R4"
    if versions and version not in versions:
        text = f"is FHIR {version} ({sign.sign if sign else ''}), the mapping reads {' or '.join(versions)}"
        raise ContentError(text, code="fhir-version-wanted", hint="take a mapping made for this version")
    if is_xml and version == "STU3":
        found = xml_codec.decode(data, Stu3Facts(core), file=name)
    return found, is_xml


def _units(content: JsonObject, place: str, is_xml: bool, spec: SourceSpec, depth: int = 0) -> Iterator[_Unit]:
    """The records in a resource: documents in a message each are one."""
    if content.get("resourceType") != "Bundle":
        yield _Unit({}, place, tuple(_with_contained(_Resource(_url("", content, place), content, place), is_xml)))
        return
    found = tuple(_entries(content, place, is_xml))
    own = {key: value for key, value in content.items() if key not in ("entry", "resourceType")}
    whole = _Unit(own, place, tuple(one for entry in found for one in _with_contained(entry, is_xml)))
    inner = {entry.place: tuple(_inner(entry, is_xml, spec, depth)) for entry in found} if depth < _DEEPEST else {}
    if not any(inner.values()):
        yield whole
    around = _Unit(own, place, tuple(resource for resource in whole.resources if not inner.get(resource.place)))
    for units in inner.values():
        for unit in units:
            yield _Unit(unit.bundle, unit.place, unit.resources, unit.around or around)


def _entries(bundle: JsonObject, place: str, is_xml: bool) -> Iterator[_Resource]:
    items = bundle.get("entry")
    for number, item in enumerate(items if isinstance(items, list) else ()):
        content = item.get("resource") if isinstance(item, dict) else None
        if isinstance(content, dict):
            entry = f"{place}/entry[{number + 1}]" if is_xml else f"{place}.entry[{number}]"
            inside = f"{entry}/resource/{content.get('resourceType')}" if is_xml else f"{entry}.resource"
            said = str(item.get("fullUrl") or "")
            yield _Resource(_url(said, content, inside), content, inside, entry, said)


def _with_contained(resource: _Resource, is_xml: bool) -> Iterator[_Resource]:
    yield resource
    items = resource.content.get("contained")
    for number, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            step = f"/contained[{number + 1}]/{item.get('resourceType')}" if is_xml else f".contained[{number}]"
            url = _canonical(f"{resource.url}#{item.get('id', number)}")
            yield _Resource(url, item, resource.place + step)


def _inner(entry: _Resource, is_xml: bool, spec: SourceSpec, depth: int) -> Iterator[_Unit]:
    """Documents inside an entry: a Bundle, or a Binary that holds one. Other payloads stay what they are."""
    if entry.type == "Bundle" and entry.content.get("type") in ("document", "message"):
        yield from _units(entry.content, entry.place, is_xml, spec, depth + 1)
    elif entry.type == "Binary" and re.search(r"xml|json", str(entry.content.get("contentType", ""))):
        payload = entry.content.get("content") or entry.content.get("data")
        try:
            data = base64.b64decode(re.sub(r"\s+", "", str(payload or "")), validate=True)
            content, xml_inside = _decoded(data, entry.place, spec.versions)
        except (binascii.Error, ContentError):
            return  # an attachment like any other
        if content.get("resourceType") == "Bundle":
            root = f"{entry.place} (base64) {'/Bundle' if xml_inside else '$'}"
            yield from _units(content, root, xml_inside, spec, depth + 1)


# -- references ------------------------------------------------------------------------------------------------


def _canonical(url: str) -> str:
    """A fullUrl as ``urn:uuid:``: as it is where it is one, else the same for the same URL (RFC 9562 section 5.5)."""
    try:
        return f"urn:uuid:{UUID(url[9:])}" if url.startswith("urn:uuid:") else f"urn:uuid:{uuid5(NAMESPACE_URL, url)}"
    except ValueError:
        return f"urn:uuid:{uuid5(NAMESPACE_URL, url)}"


def _url(said: str, content: JsonObject, place: str) -> str:
    if said:
        return _canonical(said)
    return _canonical(f"{content.get('resourceType')}/{content['id']}" if "id" in content else place)


class _Links:
    """What the References of one unit mean: every name a resource goes by -> its fullUrl."""

    def __init__(self, unit: _Unit):
        self._names: dict[str, str] = {}
        for resource in unit.resources:
            match = _LITERAL.fullmatch(resource.said)
            for name in (resource.url, f"{resource.type}/{resource.content.get('id')}", match[1] if match else ""):
                self._names.setdefault(name, resource.url)

    def target(self, literal: str, owner: str) -> str | None:
        """The fullUrl a reference means; None where the Bundle has no such resource."""
        if literal.startswith("#"):
            return self._names.get(_canonical(f"{owner}{literal}"))
        found = self._names.get(_canonical(literal))
        match = None if found or literal.startswith("urn:") else _LITERAL.fullmatch(literal)
        return self._names.get(match[1]) if match else found

    def rewritten(self, node: Json, owner: str) -> Json:
        """A copy whose References say the fullUrl of what they mean."""
        if isinstance(node, list):
            return [self.rewritten(item, owner) for item in node]
        if not isinstance(node, dict):
            return node
        copy = {key: self.rewritten(value, owner) for key, value in node.items() if key != "contained"}
        literal = node.get("reference")
        if isinstance(literal, str):
            copy["reference"] = self.target(literal, owner) or literal
        return copy


# -- records ---------------------------------------------------------------------------------------------------


def _record(file: SourceFile, unit: _Unit, number: int, spec: SourceSpec, is_xml: bool) -> SourceRecord:
    rows: dict[str, JsonObject] = {}
    spots: dict[str, Spot] = {}
    issues: list[Issue] = []
    tree = _tree(unit, rows, spots)
    tree["File"] = {"name": file.name, "contentType": f"application/fhir+{'xml' if is_xml else 'json'}"}
    if unit.around is not None:
        tree["Message"] = _tree(unit.around, rows, spots)
    plain = deepcopy(rows) if spec.follow else {}  # so that following ends after one step
    for path in spec.follow:
        kind, *steps = path.split(".")
        for row in tree.get(kind, ()):
            _follow(row, steps, plain)
    places = Places(file.name, tree, spots, Spot(unit.place))
    issues += _repeated(unit, file)
    default = value_at(tree, "Bundle.identifier.value") or value_at(tree, "Bundle.id")
    key = value_at(tree, spec.key) if spec.key else default
    name = f"{file.name} {number}" if number else file.name
    return SourceRecord(tree, (file,), str(key or name), places, tuple(issues))


def _tree(unit: _Unit, rows: dict[str, JsonObject], spots: dict[str, Spot]) -> JsonObject:
    """The unit's rows by type. A fullUrl that stands twice keeps its first resource; the next gets one of its own."""
    links = _Links(unit)
    tree: JsonObject = {"Bundle": unit.bundle} if unit.bundle else {}
    for resource in unit.resources:
        url = resource.url
        content = links.rewritten(resource.content, url)
        content.pop("resourceType", None)
        if url in rows:
            if {**rows[url], FULL_URL: None} == {**content, FULL_URL: None}:
                continue
            url = _canonical(f"{url}#{resource.place}")
        row = {FULL_URL: url, **content}
        rows[url], spots[url] = row, Spot(resource.place, resource.entry)
        tree.setdefault(resource.type, []).append(row)
    return tree


def _follow(node: Json, steps: Sequence[str], rows: Mapping[str, JsonObject]) -> None:
    """Give the References at a path the resource they mean, itself without more resources inside."""
    if isinstance(node, list):
        for item in node:
            _follow(item, steps, rows)
    elif isinstance(node, dict):
        if steps:
            _follow(node.get(steps[0]), steps[1:], rows)
        elif (target := rows.get(str(node.get("reference")))) is not None:
            node[FOLLOWED] = target


def _repeated(unit: _Unit, file: SourceFile) -> Iterator[Issue]:
    first: dict[str, _Resource] = {}
    for resource in unit.resources:
        earlier = first.setdefault(resource.url, resource)
        if earlier is not resource:
            same = earlier.content == resource.content
            text = f"{resource.type} has the fullUrl of the {earlier.type} at {earlier.entry or earlier.place}"
            ending = (
                ", and the same content: one of them is read" if same else ": which one a reference means is unsure"
            )
            hint = "give every entry a fullUrl (urn:uuid:…) of its own"
            severity = Severity.WARNING if same else Severity.ERROR
            spot = SourcePointer(file.name, path=resource.entry or resource.place)
            yield Issue("fhir-url-repeated", text + ending, severity=severity, source=spot, hint=hint)
