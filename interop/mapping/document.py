"""The mapping file as its author wrote it: typed parts that know their place.

The format, key by key, is described for analysts in ``mappings/README.md`` and as data in ``blocks``. In one view::

    mapping, version, title, note          what it is
    source   {format, zone, tables|file…}  how a record is read (``sources.SourceSpec``)
    use      [pieces/…yaml]                files whose groups come first; from this file's folder, or the root
    prefixes {sct: http://snomed.info/sct} short names for code systems
    bundle   {type, kind, person, identity, event}
    composition {rules, sections}          for documents
    groups   [{group, create, for, split, when, identity, profile, rules, select, reverse}]
    drop     {path: reason}                fields nobody reads, on purpose
    respelled {path: reason}               fields that may come back otherwise, on purpose
    backwards {path: constant}             what only the local format needs

    rule = target + one of source | value | code | reference | compute
           (+ transform, translate, default, empty, required, when, always, selector, reverse)
         | for + target + rules            one list item per row

This module reads and joins files, ``authored`` their groups and rules; whether a rule makes sense is ``compiler``'s
question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from interop.canonical import BASE
from interop.json_codec import Json
from interop.mapping import blocks
from interop.mapping.authored import Composition, EmptySection, Group, Rule, Section, read_composition, read_group
from interop.mapping.blocks import place_of, read_block
from interop.mapping.faults import Faults, Place
from interop.mapping.yaml_tree import Item, read_yaml

__all__ = ["Composition", "Document", "EmptySection", "Group", "Rule", "Section", "mapping_root", "read_document"]

PREFIXES = {
    "sct": "http://snomed.info/sct",
    "dmd": "https://dmd.nhs.uk",
    "loinc": "http://loinc.org",
    "ucum": "http://unitsofmeasure.org",
    "heading": "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings",
    "section": f"{BASE}/CodeSystem/section",
    "care-need": f"{BASE}/CodeSystem/care-need",
    "flag-category": f"{BASE}/CodeSystem/flag-category",
}
"""Code systems every mapping may name by a short word. dm+d: https://dmd.nhs.uk as UK Core names it."""


@dataclass(slots=True, kw_only=True)
class Document:
    """A mapping file with its pieces read in."""

    item: Item
    name: str
    path: Path
    root: Path
    version: str = ""
    title: str = ""
    source: Item | None = None
    bundle: Item | None = None
    composition: Composition | None = None
    prefixes: dict[str, str] = field(default_factory=lambda: dict(PREFIXES))
    groups: list[Group] = field(default_factory=list)
    drop: dict[str, tuple[str, Place]] = field(default_factory=dict)
    respelled: dict[str, tuple[str, Place]] = field(default_factory=dict)
    backwards: dict[str, tuple[str, Place]] = field(default_factory=dict)
    pieces: set[Path] = field(default_factory=set)

    def place(self, key: str = "mapping") -> Place:
        return place_of(self.item, key)


def read_document(path: Path, root: Path | None, faults: Faults) -> Document | None:
    """The mapping at ``path`` joined with its pieces; None when nothing in it can be used.

    ``root`` is the folder of all mappings: places are told relative to it, and pieces are looked up there too. By
    default it is where the mapping's own name leads from.
    """
    text = _text(path, path.name, faults)
    if text is None:
        return None
    root = root or mapping_root(path, text)
    item = read_yaml(text, _told(path, root), faults)
    if item is None:
        return None
    found = read_block(item, blocks.MAPPING, "the mapping", faults)
    if "mapping" not in found:
        faults.add(item.place, "the file says no name", "begin it with `mapping: <system>/<event>`")
    document = Document(item=item, name=found.get("mapping", path.stem), path=path, root=root)
    document.version, document.title = found.get("version", ""), found.get("title", "")
    document.source = found.get("source")
    _blocks(document, found, faults)
    backwards = found.get("backwards", {})
    document.backwards = {k: (v, place_of(item.members()["backwards"], k)) for k, v in backwards.items()}
    _join(document, item, found, (path.resolve(),), faults)
    return document


def _join(document: Document, item: Item, found: dict[str, Json], trail: tuple[Path, ...], faults: Faults) -> None:
    """Add a file's pieces, then its own groups, prefixes and drops. ``trail``: the files that led here."""
    for name in found.get("use", ()):
        _use(document, name, place_of(item, "use"), trail, faults)
    document.prefixes |= found.get("prefixes", {})
    for child in found.get("groups", ()):
        group = read_group(child, faults)
        if group is not None:
            document.groups.append(group)
    for key, reason in found.get("drop", {}).items():
        document.drop[key] = reason, item.members()["drop"].keys[key]
    for key, reason in found.get("respelled", {}).items():
        document.respelled[key] = reason, item.members()["respelled"].keys[key]


def _blocks(document: Document, found: dict[str, Json], faults: Faults) -> None:
    """The blocks a document has once: the mapping's own, else that of the first piece that has one."""
    document.bundle = document.bundle or found.get("bundle")
    if document.composition is None and "composition" in found:
        document.composition = read_composition(found["composition"], faults)


def _use(document: Document, name: str, place: Place, trail: tuple[Path, ...], faults: Faults) -> None:
    folders = (trail[-1].parent, document.path.parent, document.root)
    path = next((p for p in (folder / name for folder in folders) if p.is_file()), None)
    if path is None:
        near = sorted(str(p.relative_to(folders[0])) for p in folders[0].rglob("*.yaml"))
        faults.unknown(place, "no piece", name, near)
        return
    path = path.resolve()
    if path in trail:
        circle = " → ".join(step.name for step in (*trail[trail.index(path) :], path))
        faults.add(place, f"pieces use each other in a circle: {circle}")
        return
    if path in document.pieces:
        return  # two pieces may build on a third
    document.pieces.add(path)
    item = _read_file(path, document.root, faults)
    if item is not None:
        found = read_block(item, blocks.PIECE, "the piece", faults)
        _blocks(document, found, faults)
        _join(document, item, found, (*trail, path), faults)


def mapping_root(path: Path, text: str) -> Path:
    """The folder of all mappings: where the file's own name (``care-home/red-bag``) leads from, else its folder."""
    said = _NAME.search(text)
    name = said[1] if said else path.stem
    parts = len(Path(name).parts)
    if path.resolve().with_suffix("").as_posix().endswith(name) and 0 < parts < len(path.resolve().parts):
        return path.resolve().parents[parts - 1]
    return path.resolve().parent


_NAME = re.compile(r"^mapping:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)


def _told(path: Path, root: Path) -> str:
    """A file as faults name it: from the folder of all mappings."""
    try:
        return str(path.resolve().relative_to(root.resolve()))
    except ValueError:
        return path.name


def _read_file(path: Path, root: Path, faults: Faults) -> Item | None:
    name = _told(path, root)
    text = _text(path, name, faults)
    return read_yaml(text, name, faults) if text is not None else None


def _text(path: Path, name: str, faults: Faults) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        faults.add(Place(name, 1, 1), f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        faults.add(Place(name, 1, 1), f"byte {error.start} is not UTF-8", "save the file as UTF-8")
    return None
