"""Paths in JSON records: dotted going in (``residents``, ``patient.id``), ``$.a.b[0]`` coming out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from interop.json_codec import Json
from interop.location import SourcePath

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def json_path(path: SourcePath, *, root: str = "$") -> str:
    """``("a", "b", 0, "c d")`` as ``$.a.b[0]['c d']`` (RFC 9535 normalised where a name is not plain)."""
    steps = (_step(step) for step in path)
    return root + "".join(steps)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _PLAIN.fullmatch(step) else f"['{step}']"


def value_at(node: Json, path: str | None) -> Json:
    """The value at a dotted path of member names; None when there is nothing (or no path)."""
    if path is None:
        return None
    for name in path.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node


def items_at(document: Json, path: str | None) -> list[tuple[str, Json]] | None:
    """The items of the list at a dotted path, each with its own path; None when there is no list."""
    found = document if path is None else value_at(document, path)
    if not isinstance(found, list):
        return None
    root = json_path(tuple(path.split("."))) if path else "$"
    return list(_numbered(found, root))


def _numbered(items: list[Json], root: str) -> Iterator[tuple[str, Json]]:
    return ((f"{root}[{number}]", item) for number, item in enumerate(items))


def set_at(path: str | None, content: Json) -> Json:
    """A document that holds ``content`` at a dotted path and nothing else."""
    for name in reversed(path.split(".") if path else ()):
        content = {name: content}
    return content
