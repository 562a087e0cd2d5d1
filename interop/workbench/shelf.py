"""The mappings on the shelves: what each is called, reads and makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from interop.json_codec import Json, JsonObject
from interop.mapping.document import read_document
from interop.mapping.faults import Faults
from interop.workbench.cases import cases_of


@dataclass(frozen=True, slots=True)
class Listed:
    """One mapping. ``readable`` False: ``interop mapping check`` says what is wrong. ``makes``: types and groups."""

    name: str
    path: Path
    title: str = ""
    version: str = ""
    source: str = ""
    bundle: str = ""
    makes: tuple[tuple[str, int], ...] = ()
    cases: int = 0
    readable: bool = True

    @property
    def makes_words(self) -> str:
        return ", ".join(f"{kind} x {count}" if count > 1 else kind for kind, count in self.makes)

    def as_json(self) -> JsonObject:
        return {
            "name": self.name,
            "title": self.title,
            "version": self.version,
            "source": self.source,
            "bundle": self.bundle,
            "makes": dict(self.makes),
            "cases": self.cases,
            "file": str(self.path),
            "readable": self.readable,
        }


def listed(names: Iterable[str], find: Callable[[str], Path]) -> tuple[Listed, ...]:
    """Every mapping by name; the first shelf that has a name wins."""
    return tuple(_listed(name, find(name)) for name in sorted(set(names)))


def _listed(name: str, path: Path) -> Listed:
    """Read, not compiled: a list of a hundred mappings should not take a minute."""
    faults = Faults()
    document = read_document(path, None, faults)
    if document is None:
        return Listed(name, path, readable=False)
    bundle = document.bundle.plain if document.bundle is not None else {}
    kinds = Counter(group.create for group in document.groups)
    if document.composition is not None:
        kinds = Counter({"Composition": 1}) + kinds
    return Listed(
        name,
        path,
        document.title,
        document.version,
        _source(document.source.plain if document.source is not None else {}),
        " ".join(str(bundle[key]) for key in ("type", "kind") if isinstance(bundle, dict) and key in bundle),
        tuple(kinds.items()),
        len(cases_of(name, path)),
        not faults.found,
    )


def _source(block: Json) -> str:
    """``tables: csv x 8, json``; ``hl7v2``."""
    if not isinstance(block, dict):
        return ""
    tables = block.get("tables")
    if not isinstance(tables, dict):
        return str(block.get("format", ""))
    formats = Counter(str(table.get("format", "csv")) if isinstance(table, dict) else "?" for table in tables.values())
    said = ", ".join(f"{kind} x {count}" if count > 1 else kind for kind, count in formats.items())
    return f"{block.get('format', 'tables')}: {said}"


def files_in(folder: Path) -> list[Path]:
    """The mapping files below a folder; shared pieces and cases are none."""
    found = sorted(folder.rglob("*.yaml"))
    return [path for path in found if not {"pieces", "cases"} & set(path.relative_to(folder).parts[:-1])]
