"""Where a value of a FHIR record stands in its file: XPath or JSON path, through entries and followed references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from interop.json_codec import Json
from interop.location import SourcePath, SourcePointer
from interop.sources.json_path import json_path

FOLLOWED = "resource"
"""The member of a Reference that holds the resource it means, where the mapping asked for it (``follow:``)."""

FULL_URL = "fullUrl"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one resource stands. ``entry``: its Bundle.entry, empty for a resource that stands alone."""

    resource: str
    entry: str = ""

    @property
    def xml(self) -> bool:
        """XPath begins with a slash, also after the place of the Binary a document came in."""
        return self.resource.rpartition(" ")[2].startswith("/")


@dataclass(frozen=True, slots=True)
class Places:
    """Pointers of one record. ``spots``: fullUrl -> place; ``bundle``: place of the Bundle itself."""

    file: str
    tree: Json
    spots: Mapping[str, Spot]
    bundle: Spot

    def __call__(self, path: SourcePath) -> SourcePointer:
        return SourcePointer(self.file, path=self._place(path))

    def _place(self, path: SourcePath) -> str:
        if path[:1] == ("Bundle",):
            return _below(self.bundle, path[1:])
        if len(path) < 2 or not isinstance(path[1], int):
            return self._first(path) or self.bundle.resource
        return self._inside(path)

    def _first(self, path: SourcePath) -> str | None:
        """A resource type stands for its first resource."""
        rows = self.tree.get(path[0]) if path and isinstance(self.tree, dict) else None
        return self._inside((path[0], 0, *path[1:])) if isinstance(rows, list) and rows else None

    def _inside(self, path: SourcePath) -> str:
        node, at, start = self.tree, self.bundle, 0
        for number, step in enumerate(path):
            below = _step(node, step)
            if number == 1 or step == FOLLOWED:
                url = below.get(FULL_URL) if isinstance(below, dict) else None
                spot = self.spots.get(str(url))
                if spot is not None:
                    at, start = spot, number + 1
                    if path[number + 1 : number + 2] == (FULL_URL,):
                        return _below(replace(spot, resource=spot.entry or spot.resource), path[number + 1 :])
            node = below
        return _below(at, path[start:])


def _below(root: Spot, path: SourcePath) -> str:
    if root.xml:
        return root.resource + "".join(map(_xpath_step, path))
    return json_path(path, root=root.resource)


def _step(node: Json, step: str | int) -> Json:
    if isinstance(node, dict):
        return node.get(str(step))
    return node[step] if isinstance(node, list) and isinstance(step, int) and -len(node) <= step < len(node) else None


def _xpath_step(step: str | int) -> str:
    """XPath counts from 1; what FHIR JSON says beside a value stands in the same element in XML."""
    if isinstance(step, int):
        return f"[{step + 1}]"
    if step == "#text":
        return "/text()"
    return f"/{step}" if step.startswith("@") else f"/{step.removeprefix('_')}"
