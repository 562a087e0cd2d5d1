"""The faults of a mapping file, each with the line it stands in and a caret under the spot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from interop.definitions import Definitions
from interop.errors import MappingError
from interop.json_codec import JsonObject
from interop.mapping import Mapping, load
from interop.mapping.document import mapping_root

_FAULT = re.compile(r"^(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<text>.*)$", re.DOTALL)
_WIDEST = 160
"""Longest line shown beside a fault; of longer ones, the part around the spot."""


@dataclass(frozen=True, slots=True)
class ShownFault:
    """One fault. ``excerpt``: the line it stands in, ``caret``: column in the excerpt, from 0; None where unknown."""

    file: str
    line: int
    column: int
    text: str
    excerpt: str | None = None
    caret: int = 0

    def __str__(self) -> str:
        head = f"{self.file}:{self.line}:{self.column}: {self.text}"
        if self.excerpt is None:
            return head
        number = f"{self.line:>5} | "
        return f"{head}\n{number}{self.excerpt}\n{' ' * (len(number) - 2)}| {' ' * self.caret}^"

    def as_json(self) -> JsonObject:
        found = {"file": self.file, "line": self.line, "column": self.column, "text": self.text}
        return found | ({"excerpt": self.excerpt} if self.excerpt is not None else {})


@dataclass(frozen=True, slots=True)
class Checked:
    """One mapping file: compiled, or its faults. ``path`` is the file."""

    path: Path
    mapping: Mapping | None
    faults: tuple[ShownFault, ...] = ()

    def as_json(self) -> JsonObject:
        found: JsonObject = {"file": str(self.path), "valid": not self.faults}
        if self.mapping is not None:
            plan = self.mapping.plan
            found |= {"mapping": self.mapping.name, "version": self.mapping.version, "groups": len(plan.groups)}
        return found | {"faults": [fault.as_json() for fault in self.faults]}


def check(path: Path, definitions: Definitions) -> Checked:
    """Compile a mapping file. Raises CatalogueError when there is no such file."""
    try:
        return Checked(path, load(path, definitions=definitions))
    except MappingError as error:
        root = _root(path)
        return Checked(path, None, tuple(_shown(fault, root) for fault in error.faults))


def _root(path: Path) -> Path:
    try:
        return mapping_root(path, path.read_text(encoding="utf-8-sig", errors="replace"))
    except OSError:
        return path.parent


def _shown(fault: str, root: Path) -> ShownFault:
    """A fault as ``Fault`` words it, with its line."""
    found = _FAULT.match(fault)
    if found is None:
        return ShownFault(root.name, 1, 1, fault)
    line, column = int(found["line"]), int(found["column"])
    plain = ShownFault(found["file"], line, column, found["text"])
    try:
        lines = (root / found["file"]).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return plain
    if not 1 <= line <= len(lines):
        return plain
    text = lines[line - 1].replace("\t", " ")
    start = max(0, column - _WIDEST // 2) if len(text) > _WIDEST else 0
    excerpt = ("…" if start else "") + text[start : start + _WIDEST]
    return ShownFault(found["file"], line, column, found["text"], excerpt, column - 1 - start + bool(start))
