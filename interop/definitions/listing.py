"""What the files of a package are: kind, url and version of each resource, and which could not be read and why."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import orjson

from interop.definitions.cache import Cache, code_digest, digest
from interop.definitions.core import core_facts
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject, loads
from interop.xml_codec import FHIR, decode, parse

_TAGS = tuple(f"{{{FHIR}}}{name}" for name in ("url", "version", "fhirVersion"))


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One resource of a package, still as bytes. ``name`` is its path inside the package.

    fhir_version  the release it says it is written for; None when it says nothing
    """

    name: str
    kind: str
    url: str | None
    version: str
    data: bytes
    fhir_version: str | None = None

    def resource(self) -> JsonObject:
        """Parse it. Raises ContentError naming the file."""
        if self.name.endswith(".xml"):
            return decode(self.data, core_facts(), file=self.name)
        found: JsonObject = loads(self.data, file=self.name)
        return found


@dataclass(frozen=True, slots=True)
class Listing:
    """Which files are resources; and of those that could not be read, name and fault."""

    files: tuple[PackageFile, ...]
    faults: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, sheets: Mapping[str, bytes]) -> Listing:
        """Each file opened and looked at."""
        files: list[PackageFile] = []
        faults: list[tuple[str, str]] = []
        for name, data in sheets.items():
            try:
                if _is_manifest(name):
                    _read_manifest(name, data)
                elif (found := _recognise(name, data)) is not None:
                    files.append(found)
            except ContentError as fault:
                faults.append((name, fault.text))
        return cls(tuple(files), tuple(faults))

    @classmethod
    def kept(cls, sheets: Mapping[str, bytes], cache: Cache, content: str) -> Listing:
        """The same, each file opened only when the content is new. ``content``: the hash of all sheets."""
        key = digest(code_digest("listing"), content)
        listing = cls._known(cache.get(key), sheets)
        if listing is None:
            listing = cls.of(sheets)
            cache.put(key, listing._as_json())
        return listing

    @classmethod
    def _known(cls, found: Json, sheets: Mapping[str, bytes]) -> Listing | None:
        """What was found before in files of the very same content; None when that is of no use."""
        try:
            files = tuple(
                PackageFile(name, kind, url, version, sheets[name], fhir)
                for name, kind, url, version, fhir in found["files"]
            )
            return cls(files, tuple((name, text) for name, text in found["faults"]))
        except (KeyError, TypeError, ValueError):
            return None

    def _as_json(self) -> JsonObject:
        files = [[f.name, f.kind, f.url, f.version, f.fhir_version] for f in self.files]
        return {"files": files, "faults": [list(fault) for fault in self.faults]}


def manifest(sheets: Mapping[str, bytes]) -> JsonObject:
    """The first package.json that says something."""
    for name, data in sheets.items():
        if _is_manifest(name):
            with suppress(ContentError):
                if found := _read_manifest(name, data):
                    return found
    return {}


def _is_manifest(name: str) -> bool:
    return name.rpartition("/")[2] == "package.json"


def _read_manifest(name: str, data: bytes) -> JsonObject:
    found = loads(data, file=name)
    if not isinstance(found, dict):
        raise ContentError("not an object", code="package-file", where=name)
    return found


def _recognise(name: str, data: bytes) -> PackageFile | None:
    """The file's kind, url and versions; None when it is not a resource. Raises ContentError."""
    if name.endswith(".xml"):
        return _recognise_xml(name, data)
    try:
        found = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        found = loads(data, file=name)  # says where the fault is
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        return None
    url, version, fhir = (_text(found.get(key)) for key in ("url", "version", "fhirVersion"))
    return PackageFile(name, found["resourceType"], url, version or "", data, fhir)


def _recognise_xml(name: str, data: bytes) -> PackageFile | None:
    root = parse(data, file=name)
    if not root.tag.startswith(f"{{{FHIR}}}"):
        return None
    url, version, fhir = (None if (found := root.find(tag)) is None else found.get("value") for tag in _TAGS)
    return PackageFile(name, root.tag.rpartition("}")[2], url, version or "", data, fhir)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
