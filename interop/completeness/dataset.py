"""A PRSB standard as published for machines: an ART-DECOR dataset in JSON, read as sections and fields."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from interop.errors import DefinitionError
from interop.json_codec import JsonObject
from interop.reading.nodes import children, text

_LEVELS = {"M": "mandatory", "R": "required", "O": "optional"}
_DEEPEST = 12


def read_dataset(name: str, data: JsonObject) -> JsonObject:
    """A dataset, or the first of those in the file, as a standard's data.

    A group that only wraps one other group (``record entry``) is no section of its own. A field within groups is named
    by its path, ``Performer / Name``. No field has a FHIRPath: a standard of the same sections can lend it.
    Raises DefinitionError ``standard-table`` where it is no such dataset.
    """
    found = data if "concept" in data else next(iter(children(data, "dataset")), None)
    groups = children(found, "concept") if found else []
    if found is None or not groups:
        raise DefinitionError(
            "holds no dataset with concepts",
            code="standard-table",
            where=name,
            hint="give a table (CSV, XLSX), a standard of ours (JSON), or a PRSB dataset (JSON)",
        )
    sections = {section["title"]: section for section in map(_section, _unwrapped(groups))}
    return {
        "id": PurePath(name).stem,
        "title": text(found, "name") or PurePath(name).stem,
        "version": text(found, "version") or "",
        "status": "imported",
        "sections": list(sections.values()),
    }


def _unwrapped(groups: list[JsonObject], depth: int = 0) -> list[JsonObject]:
    while len(groups) == 1 and depth < _DEEPEST:
        inner = children(groups[0], "concept")
        if not any(text(each, "type") == "group" for each in inner):
            break
        groups, depth = inner, depth + 1
    return groups


def _section(group: JsonObject) -> JsonObject:
    title = text(group, "name") or "Section"
    inner = _unwrapped([group])
    inner = children(group, "concept") if inner == [group] else inner
    fields = dict(_fields(inner, ()))
    return {
        "title": title,
        "level": _LEVELS.get(text(group, "mro") or "", "optional"),
        "codes": [],
        "source": title,
        "fields": [{"name": name, "level": level} for name, level in fields.items()],
    }


def _fields(nodes: list[JsonObject], above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        named = (*above, text(node, "name") or "Item")
        inner = children(node, "concept")
        if inner and len(named) < _DEEPEST:
            yield from _fields(inner, named)
        else:
            yield " / ".join(named), _LEVELS.get(text(node, "mro") or "", "optional")
