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
    backwards {path: constant}             what only the local format needs

    rule = target + one of source | value | code | reference | compute
           (+ transform, translate, default, empty, required, when, always, selector, reverse)
         | for + target + rules            one list item per row

This module reads and joins files; whether a rule makes sense is ``compiler``'s question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from interop.json_codec import Json
from interop.mapping import blocks
from interop.mapping.blocks import place_of, read_block
from interop.mapping.faults import Faults, Place
from interop.mapping.yaml_tree import Item, read_yaml

PREFIXES = {
    "sct": "http://snomed.info/sct",
    "dmd": "https://dmd.nhs.uk",
    "loinc": "http://loinc.org",
    "ucum": "http://unitsofmeasure.org",
    "heading": "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings",
    "section": "https://interop.example/fhir/CodeSystem/section",
    "care-need": "https://interop.example/fhir/CodeSystem/care-need",
    "flag-category": "https://interop.example/fhir/CodeSystem/flag-category",
}
"""Code systems every mapping may name by a short word. dm+d: https://dmd.nhs.uk as UK Core names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a group: what goes where. ``loop`` rules hold the rules of each item in ``rules``."""

    item: Item
    target: str = ""
    sources: tuple[str, ...] = ()
    value: Json = None
    code: str | None = None
    references: tuple[str, ...] = ()
    compute: str | None = None
    transform: Item | None = None
    translate: str | None = None
    default: Json = None
    empty: tuple[str, ...] = ()
    required: bool = False
    when: Item | None = None
    always: bool = False
    selector: bool | None = None
    reverse: bool = True
    loop: str | None = None
    split: str | None = None
    rules: tuple[Rule, ...] = ()

    def place(self, key: str = "target") -> Place:
        return place_of(self.item, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A kind of resource the mapping creates, once per record or once per row of ``loop``."""

    item: Item
    name: str
    create: str
    loop: str | None = None
    split: str | None = None
    when: Item | None = None
    identity: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    select: tuple[tuple[str, Json, Place], ...] = ()
    reverse: bool = True

    def place(self, key: str = "group") -> Place:
        return place_of(self.item, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptySection:
    """What to say of a section that has no entries: a list-empty-reason code, and words."""

    reason: str
    place: Place
    text: str | None = None
    when: Item | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section of a document: a heading, and whose resources stand under it."""

    item: Item
    title: str
    code: str = ""
    entries: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    when: Item | None = None
    when_empty: tuple[EmptySection, ...] = ()
    sections: tuple[Section, ...] = ()

    def place(self, key: str = "title") -> Place:
        return place_of(self.item, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    item: Item
    rules: tuple[Rule, ...] = ()
    sections: tuple[Section, ...] = ()
    profiles: tuple[str, ...] = ()


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
    backwards: dict[str, tuple[str, Place]] = field(default_factory=dict)

    def place(self, key: str = "mapping") -> Place:
        return place_of(self.item, key)


def read_document(path: Path, root: Path, faults: Faults) -> Document | None:
    """The mapping at ``path`` joined with its pieces; None when nothing in it can be used.

    ``root`` is the folder of all mappings: places are told relative to it, and pieces are looked up there too.
    """
    item = _read_file(path, root, faults)
    if item is None:
        return None
    found = read_block(item, blocks.MAPPING, "the mapping", faults)
    if "mapping" not in found:
        faults.add(item.place, "the file says no name", "begin it with `mapping: <system>/<event>`")
    document = Document(item=item, name=found.get("mapping", path.stem), path=path, root=root)
    document.version, document.title = found.get("version", ""), found.get("title", "")
    document.source, document.bundle = found.get("source"), found.get("bundle")
    if "composition" in found:
        document.composition = _composition(found["composition"], faults)
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
        group = _group(child, faults)
        if group is not None:
            document.groups.append(group)
    for key, reason in found.get("drop", {}).items():
        document.drop[key] = reason, item.members()["drop"].keys[key]


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
    item = _read_file(path, document.root, faults)
    if item is not None:
        found = read_block(item, blocks.PIECE, "the piece", faults)
        _join(document, item, found, (*trail, path), faults)


def _read_file(path: Path, root: Path, faults: Faults) -> Item | None:
    try:
        name = str(path.resolve().relative_to(root.resolve()))
    except ValueError:
        name = path.name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        faults.add(Place(name, 1, 1), f"cannot be read: {error.strerror}")
        return None
    except UnicodeDecodeError as error:
        faults.add(Place(name, 1, 1), f"byte {error.start} is not UTF-8", "save the file as UTF-8")
        return None
    return read_yaml(text, name, faults)


def _group(item: Item, faults: Faults) -> Group | None:
    found = read_block(item, blocks.GROUP, "a group", faults)
    missing = [key for key in ("group", "create") if key not in found]
    if missing:
        faults.add(item.place, f"a group without {' and '.join(repr(key) for key in missing)}")
        return None
    select = []
    for child in found.get("select", ()):
        chosen = read_block(child, blocks.SELECT, "a select entry", faults)
        if "target" in chosen and "is" in chosen:
            select.append((chosen["target"], chosen["is"], place_of(child, "target")))
    return Group(
        item=item,
        name=found["group"],
        create=found["create"],
        loop=found.get("for"),
        split=found.get("split"),
        when=found.get("when"),
        identity=found.get("identity", ()),
        profiles=found.get("profile", ()),
        rules=_rules(found, faults),
        select=tuple(select),
        reverse=found.get("reverse", True),
    )


def _rules(found: dict[str, Json], faults: Faults) -> tuple[Rule, ...]:
    return tuple(_rule(child, faults) for child in found.get("rules", ()))


def _rule(item: Item, faults: Faults) -> Rule:
    found = read_block(item, blocks.RULE, "a rule", faults)
    plain = {key: found[key] for key in _SAME_NAME if key in found}
    return Rule(
        item=item,
        sources=found.get("source", ()),
        references=found.get("reference", ()),
        loop=found.get("for"),
        rules=_rules(found, faults),
        **plain,
    )


_SAME_NAME = (
    "target", "value", "code", "compute", "transform", "translate", "default", "empty", "required", "when", "always",
    "selector", "reverse", "split",
)  # fmt: skip


def _composition(item: Item, faults: Faults) -> Composition:
    found = read_block(item, blocks.COMPOSITION, "composition", faults)
    sections = tuple(_section(child, faults) for child in found.get("sections", ()))
    return Composition(item=item, rules=_rules(found, faults), sections=sections, profiles=found.get("profile", ()))


def _section(item: Item, faults: Faults) -> Section:
    found = read_block(item, blocks.SECTION, "a section", faults)
    if "title" not in found:
        faults.add(item.place, "a section without 'title'")
    return Section(
        item=item,
        title=found.get("title", ""),
        code=found.get("code", ""),
        entries=found.get("entries", ()),
        text=found.get("text", ()),
        when=found.get("when"),
        when_empty=_when_empty(found.get("when-empty"), faults),
        sections=tuple(_section(child, faults) for child in found.get("sections", ())),
    )


def _when_empty(item: Item | None, faults: Faults) -> tuple[EmptySection, ...]:
    """``notasked``, or ``{reason, text, when}``, or a list of those."""
    if item is None:
        return ()
    reasons = []
    for child in item.items():
        if isinstance(child.value, str):
            reasons.append(EmptySection(reason=child.value, place=child.place))
            continue
        found = read_block(child, blocks.EMPTY_REASON, "when-empty", faults)
        if "reason" in found:
            reasons.append(
                EmptySection(
                    reason=found["reason"],
                    place=place_of(child, "reason"),
                    text=found.get("text"),
                    when=found.get("when"),
                )
            )
        else:
            faults.add(child.place, "when-empty without 'reason'")
    return tuple(reasons)
