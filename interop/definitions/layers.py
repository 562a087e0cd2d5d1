"""One layer of definitions: a shelf of resources and what has been read from it so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from interop.definitions.elements import StructureDefinition
from interop.definitions.parsing import read_structure
from interop.json_codec import JsonObject


class Shelf(Protocol):
    """Resources by kind, url and version ("" for none)."""

    @property
    def digest(self) -> str:
        """Hash of all it holds; "" when nobody worked it out."""

    def urls(self, kind: str) -> Iterable[str]: ...
    def versions(self, kind: str, url: str) -> Mapping[str, object]: ...
    def read(self, kind: str, url: str, version: str) -> JsonObject: ...
    def supplements(self) -> Iterable[tuple[str, str]]:
        """Url and version of code systems that may supplement another one."""


class ResourceShelf:
    """Resources given one by one; the last given wins over one of the same url and version."""

    digest = ""

    def __init__(self, resources: Iterable[JsonObject]):
        self.resources = tuple(resources)
        self._index: dict[str, dict[str, dict[str, JsonObject]]] = {}
        for resource in self.resources:
            kind, url = resource.get("resourceType"), resource.get("url")
            if isinstance(kind, str) and isinstance(url, str):
                version = resource.get("version")
                of_url = self._index.setdefault(kind, {}).setdefault(url, {})
                of_url[version if isinstance(version, str) else ""] = resource

    def urls(self, kind: str) -> Iterable[str]:
        return self._index.get(kind, {})

    def versions(self, kind: str, url: str) -> Mapping[str, object]:
        return self._index.get(kind, {}).get(url, {})

    def read(self, kind: str, url: str, version: str) -> JsonObject:
        return self._index[kind][url][version]

    def supplements(self) -> Iterable[tuple[str, str]]:
        return ((url, v) for url, versions in self._index.get("CodeSystem", {}).items() for v in versions)


class Layer:
    """A shelf and what has been read from it: shared by every Definitions that stands on it."""

    __slots__ = ("_resources", "_structures", "shelf")

    def __init__(self, shelf: Shelf):
        self.shelf = shelf
        self._resources: dict[tuple[str, str, str], JsonObject] = {}
        self._structures: dict[tuple[str, str], StructureDefinition | None] = {}

    def resource(self, kind: str, url: str, version: str) -> JsonObject:
        key = kind, url, version
        if key not in self._resources:
            self._resources[key] = self.shelf.read(*key)
        return self._resources[key]

    def published(self, url: str, version: str) -> StructureDefinition | None:
        """The structure, when its definition brings its own snapshot."""
        key = url, version
        if key not in self._structures:
            resource = self.resource("StructureDefinition", url, version)
            complete = (resource.get("snapshot") or {}).get("element")
            self._structures[key] = read_structure(resource) if complete else None
        return self._structures[key]
