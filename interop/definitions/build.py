"""Makes the shipped definitions from HL7's package: ``python -m interop.definitions.build PACKAGE_TGZ [OUTPUT]``.

Keeps what machines need (names, types, cardinalities, targets, bindings, invariants, codes, hierarchies) and drops
prose. The same package always gives the same bytes.
"""

from __future__ import annotations

import base64
import sys
import zlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from interop.definitions.core import FILE_NAME, MAGIC
from interop.definitions.package import Package
from interop.json_codec import Json, JsonObject, dumps, loads

KINDS = ("StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap")
"""Packed one by one."""
BALED = ("SearchParameter",)
"""Packed together, a kind in one piece: many small ones that are seldom asked for."""

_KEPT = {
    "StructureDefinition": frozenset(
        [
            "resourceType",
            "url",
            "version",
            "name",
            "kind",
            "abstract",
            "type",
            "baseDefinition",
            "derivation",
            "context",
            "contextInvariant",
            "snapshot",
        ]
    ),
    "ValueSet": frozenset(["resourceType", "url", "version", "name", "compose", "contained", "id"]),
    "CodeSystem": frozenset(
        [
            "resourceType",
            "url",
            "version",
            "name",
            "caseSensitive",
            "valueSet",
            "hierarchyMeaning",
            "content",
            "supplements",
            "filter",
            "property",
            "concept",
            "compositional",
        ]
    ),
    "ConceptMap": frozenset(
        [
            "resourceType",
            "url",
            "version",
            "name",
            "sourceUri",
            "sourceCanonical",
            "targetUri",
            "targetCanonical",
            "group",
        ]
    ),
    "SearchParameter": frozenset(
        ["resourceType", "url", "version", "code", "base", "type", "expression", "target", "component"]
    ),
}
_ELEMENT = frozenset(
    [
        "id",
        "path",
        "sliceName",
        "min",
        "max",
        "base",
        "type",
        "contentReference",
        "constraint",
        "binding",
        "slicing",
        "isModifier",
        "mustSupport",
        "representation",
        "maxLength",
        "extension",
    ]
)
_VALUE_PREFIXES = ("fixed", "pattern", "minValue", "maxValue")
_PROSE = frozenset({"definition", "description", "comment", "designation", "requirements", "xpath"})
_KEPT_EXTENSIONS = frozenset(
    "http://hl7.org/fhir/StructureDefinition/" + name
    for name in (
        "structuredefinition-fhir-type",
        "regex",
        "elementdefinition-maxValueSet",
        "elementdefinition-bestpractice",
        "elementdefinition-profile-element",
        "minLength",
        "valueset-supplement",
    )
)
_WORDS_SIZE = 32_768  # the window of deflate: a longer dictionary is not looked at
_SAMPLE = 40


def compact(resource: JsonObject) -> JsonObject:
    """The resource without prose."""
    kind = resource["resourceType"]
    kept = {key: value for key, value in resource.items() if key in _KEPT[kind]}
    if kind == "StructureDefinition" and "snapshot" in kept:
        kept["snapshot"] = {"element": [_element(e) for e in kept["snapshot"]["element"]]}
    # A search parameter's component names its definition: that is no prose.
    trimmed: JsonObject = _without_prose(kept, _PROSE - {"definition"} if kind == "SearchParameter" else _PROSE)
    return trimmed


def _element(row: JsonObject) -> JsonObject:
    kept = {key: value for key, value in row.items() if key in _ELEMENT or key.startswith(_VALUE_PREFIXES)}
    for name in ("isModifier", "mustSupport"):
        if kept.get(name) is False:
            del kept[name]
    return kept


def _without_prose(node: Json, prose: frozenset[str]) -> Json:
    if isinstance(node, list):
        return [_without_prose(item, prose) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for key, value in node.items():
        if key in prose:
            continue
        if key == "extension":
            value = [e for e in value if e["url"] in _KEPT_EXTENSIONS]
            if not value:
                continue
        kept[key] = _without_prose(value, prose)
    return kept


def pack(resources: Iterable[JsonObject], package: Mapping[str, str | None]) -> bytes:
    """The file's bytes. Order of input does not matter: entries are sorted by kind, url and version."""
    texts, types = _gathered(resources)
    words = {kind: _words(list(texts[kind].values())) for kind in KINDS}
    entries: JsonObject = {}
    bales: JsonObject = {}
    body = bytearray()
    for kind in KINDS:
        for (url, version), text in sorted(texts[kind].items()):
            packer = zlib.compressobj(9, zdict=words[kind])
            blob = packer.compress(text) + packer.flush()
            exact = int(_has_fraction(loads(text)))
            entries.setdefault(kind, {}).setdefault(url, {})[version] = [len(body), len(blob), exact]
            body += blob
    for kind in BALED:
        blob = zlib.compress(b"[" + b",".join(text for _, text in sorted(texts[kind].items())) + b"]", 9)
        bales[kind] = [len(body), len(blob)]
        body += blob
    head = zlib.compress(
        dumps(
            {
                "package": dict(package),
                "types": dict(sorted(types.items())),
                "words": {kind: base64.b64encode(text).decode() for kind, text in words.items()},
                "entries": entries,
                "bales": bales,
            }
        ),
        9,
    )
    return MAGIC + len(head).to_bytes(4, "big") + head + bytes(body)


def _gathered(resources: Iterable[JsonObject]) -> tuple[dict[str, dict[tuple[str, str], bytes]], dict[str, str]]:
    """The text of each resource by kind, then by url and version; and each type with its kind."""
    texts: dict[str, dict[tuple[str, str], bytes]] = {kind: {} for kind in (*KINDS, *BALED)}
    types: dict[str, str] = {}
    for resource in resources:
        kind = resource.get("resourceType", "")
        if kind not in texts or "url" not in resource:
            continue
        key = resource["url"], resource.get("version", "")
        texts[kind][key] = dumps(compact(resource))
        if kind == "StructureDefinition" and resource.get("derivation") != "constraint":
            abstract = " abstract" if resource.get("abstract") else ""
            types[resource["type"]] = resource["kind"] + abstract
    return texts, types


def _has_fraction(node: Json) -> bool:
    if isinstance(node, dict | list):
        return any(_has_fraction(item) for item in (node.values() if isinstance(node, dict) else node))
    return isinstance(node, Decimal)


def _words(texts: list[bytes]) -> bytes:
    """What entries of one kind have in common: a run of middle-sized ones."""
    ordered = sorted(texts, key=lambda text: (len(text), text))
    middle = len(ordered) // 2
    return b"".join(ordered[middle : middle + _SAMPLE])[-_WORDS_SIZE:]


def build(package: Path) -> bytes:
    """Read an HL7 package and pack it."""
    loaded = Package.load(package)
    return pack(loaded.resources(), {"name": loaded.name, "version": loaded.version})


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    output = Path(arguments[1]) if len(arguments) == 2 else Path(__file__).with_name(FILE_NAME)
    data = build(Path(arguments[0]))
    output.write_bytes(data)
    sys.stdout.write(f"{output}: {len(data):,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
