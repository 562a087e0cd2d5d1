"""The parts of a mapping file as their author wrote them: groups, rules, sections, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interop.json_codec import Json
from interop.mapping import blocks
from interop.mapping.blocks import place_of, read_block
from interop.mapping.faults import Faults, Place
from interop.mapping.yaml_tree import Item


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
    note: str = ""
    standard: str = ""

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
    url: str | None = None
    profiles: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    select: tuple[tuple[str, Json, Place], ...] = ()
    reverse: bool = True
    note: str = ""
    standard: str = ""

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
    codes: tuple[str, ...] = ()
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


def read_group(item: Item, faults: Faults) -> Group | None:
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
        url=found.get("url"),
        profiles=found.get("profile", ()),
        rules=_rules(found, faults),
        select=tuple(select),
        reverse=found.get("reverse", True),
        note=found.get("note", ""),
        standard=found.get("standard", ""),
    )


def _rules(found: dict[str, Json], faults: Faults) -> tuple[Rule, ...]:
    return tuple(rule for child in found.get("rules", ()) for rule in _rule(child, faults))


def _rule(item: Item, faults: Faults) -> Iterator[Rule]:
    """A rule; one with ``cases`` is a rule for each of them."""
    found = read_block(item, blocks.RULE, "a rule", faults)
    if "cases" not in found:
        yield _made(item, found, faults)
        return
    if stray := found.keys() - _BESIDE_CASES:
        faults.add(item.keys[min(stray)], f"`{min(stray)}` means nothing beside `cases`", "say it in each case")
    shared = {key: found[key] for key in _BESIDE_CASES - {"cases"} if key in found}
    for number, child in enumerate(found["cases"]):
        case = read_block(child, blocks.CASE, "a case", faults)
        if "when" not in case and number + 1 < len(found["cases"]):
            faults.add(child.place, "a case without `when` takes everything: those after it never come to it")
        yield _made(child, {**shared, **case}, faults)


def _made(item: Item, found: dict[str, Json], faults: Faults) -> Rule:
    plain = {key: found[key] for key in _SAME_NAME if key in found}
    return Rule(
        item=item,
        sources=found.get("source", ()),
        references=found.get("reference", ()),
        loop=found.get("for"),
        rules=_rules(found, faults),
        **plain,
    )


_BESIDE_CASES = {"cases", "target", "always", "selector", "reverse", "note", "standard"}

_SAME_NAME = (
    "target", "value", "code", "compute", "transform", "translate", "default", "empty", "required", "when", "always",
    "selector", "reverse", "split", "note", "standard",
)  # fmt: skip


def read_composition(item: Item, faults: Faults) -> Composition:
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
        codes=found.get("code", ()),
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
