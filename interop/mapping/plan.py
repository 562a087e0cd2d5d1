"""A compiled mapping as data: what each resource is made of, and which rule makes each part.

The compiler builds it, ``generate`` turns it into Python for the way forward, ``inverse`` walks it for the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from interop.json_codec import Json
from interop.mapping.faults import Place
from interop.mapping.paths import SourceExpression

Reader: TypeAlias = Callable[[Json], Json]
"""A raw source value to a FHIR value; None for no value. Raises Refusal."""


class Kept(dict[tuple[int, frozenset[str] | None], tuple[Json, Json]]):
    """What expressions made of the nodes of one record, so that it is made once.

    failed  conditions that the data allowed no answer to: (what the condition mentions, the row, why)
    """

    def __init__(self) -> None:
        super().__init__()
        self.failed: list[tuple[tuple[str, ...], Json, str]] = []


COMPOSITION = "composition"
"""The name rules use for the document's Composition, as if it were a group."""


class Condition(Protocol):
    """A compiled ``when``."""

    def holds(self, row: Json, record: Json, kept: Kept) -> bool: ...

    def undo(self) -> tuple[tuple[SourceExpression, Json], ...]:
        """The source values that make it hold, as far as it names them."""
        ...

    def otherwise(self) -> tuple[tuple[SourceExpression, Json], ...]:
        """The source values of a record for which it does not hold, where the mapping says them (``else``)."""
        ...

    @property
    def reads(self) -> tuple[SourceExpression, ...]: ...

    @property
    def names(self) -> tuple[str, ...]:
        """What a FHIRPath condition mentions."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class Leaf:
    """One rule's value at one place of the resource.

    number   index of the rule in its group, for findings and lineage
    path     the target as written: ``name[official].family``
    above    the targets of the lists around the rule: ``contact.``
    note     why the rule is as it is;  standard: the field of the standard it serves
    type     FHIR type of the value written here
    kind     source, constant, reference or compute
    reader   source: raw value -> FHIR value;  compute: row -> FHIR value
    writer   FHIR value -> local value, or None for one-way
    many     the target is a list, and this leaf may give several items
    each     several sources each give one item (no ``join``)
    """

    number: int
    path: str
    place: Place
    type: str
    kind: str
    sources: tuple[SourceExpression, ...] = ()
    reader: Reader | None = None
    writer: Reader | None = None
    constant: Json = None
    default: Json = None
    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # compute: the names its expression mentions
    condition: Condition | None = None
    many: bool = False
    each: bool = False
    spreads: bool = False  # the writer takes the whole list
    copies: bool = False  # a list of FHIR datatypes copied item by item
    piece: tuple[str, int] | None = None  # it reads one piece of its cell: separator, number
    required: bool = False
    always: bool = False
    selector: bool | None = None
    reverse: bool = True
    plain: bool = False  # text that only needs trimming: the generated code does it in line
    quick: Callable[[str], Json] | None = None  # ``reader`` for one trimmed, filled text
    carries_text: bool = False  # a refused value is kept as an identifier without a system
    codes: frozenset[tuple[str | None, str]] = frozenset()  # what its code table may write: system, code
    note: str = ""
    standard: str = ""
    above: str = ""

    @property
    def target(self) -> str:
        """The path from the resource on: ``contact.name[official].family``."""
        return self.above + self.path

    @property
    def strong(self) -> bool:
        """Says something about this record, so the object around it is worth having."""
        return self.kind in ("source", "compute") or (self.kind == "constant" and self.condition is not None)


@dataclass(slots=True, eq=False)
class Branch:
    """An object: a resource, or a part of one. ``type`` is a type name or a backbone path (``Patient.contact``)."""

    type: str
    slots: dict[str, Slot] = field(default_factory=dict)

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf below, loops included."""
        for slot in self.slots.values():
            for entry in slot.entries.values():
                yield from _leaves(entry)

    @property
    def strong(self) -> bool:
        return any(leaf.strong for leaf in self.leaves()) or any(self.loops())

    @property
    def refers(self) -> bool:
        return any(leaf.kind == "reference" for leaf in self.leaves())

    def loops(self) -> Iterator[Loop]:
        for slot in self.slots.values():
            for entry in slot.entries.values():
                if isinstance(entry, Loop):
                    yield entry
                    yield from entry.branch.loops()
                elif isinstance(entry, Branch):
                    yield from entry.loops()


@dataclass(slots=True, eq=False)
class Slot:
    """One member of an object: its items by label; without brackets the label is ""."""

    name: str
    many: bool
    entries: dict[str, Entry] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Choice:
    """Several rules for one place, each but the last with a condition: the first that gives a value wins."""

    leaves: list[Leaf]


@dataclass(slots=True, eq=False)
class Loop:
    """One list item per row of a source list."""

    number: int
    path: str
    place: Place
    rows: SourceExpression
    split: str | None
    branch: Branch
    condition: Condition | None = None
    reverse: bool = True
    note: str = ""
    standard: str = ""
    above: str = ""

    def as_leaf(self) -> Leaf:
        """A list without a row, told like a rule that found no value."""
        return Leaf(
            number=self.number,
            path=self.path,
            place=self.place,
            type=self.branch.type,
            kind="source",
            sources=(self.rows,),
            above=self.above,
        )


Entry: TypeAlias = Leaf | Choice | Branch | Loop


def _leaves(entry: Entry) -> Iterator[Leaf]:
    if isinstance(entry, Leaf):
        yield entry
    elif isinstance(entry, Choice):
        yield from entry.leaves
    else:
        yield from (entry if isinstance(entry, Branch) else entry.branch).leaves()


@dataclass(slots=True, kw_only=True, eq=False)
class GroupPlan:
    """A compiled group. ``identity`` empty: record, group and row name the resource."""

    name: str
    create: str
    place: Place
    root: Branch
    rows: SourceExpression | None = None
    split: str | None = None
    condition: Condition | None = None
    identity: tuple[SourceExpression, ...] = ()
    url: SourceExpression | None = None  # FHIR sources: the fullUrl to keep
    select: tuple[tuple[tuple[str, ...], Json], ...] = ()
    reverse: bool = True
    note: str = ""
    standard: str = ""

    def references(self) -> set[str]:
        """The groups its resources refer to."""
        return {name for leaf in self.root.leaves() for name in leaf.groups}


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyPlan:
    """What a section without entries says, when its condition holds."""

    value: Mapping[str, Json]  # emptyReason as CodeableConcept
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPlan:
    """A section of the Composition. ``codings``: the same heading in each code system that has one."""

    title: str
    codings: tuple[Mapping[str, str], ...]
    entries: tuple[str, ...]
    text: tuple[SourceExpression, ...]
    condition: Condition | None
    when_empty: tuple[EmptyPlan, ...]
    sections: tuple[SectionPlan, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPlan:
    """A whole compiled mapping. ``order``: the groups, those referred to first; ``early``: groups in a circle."""

    groups: Mapping[str, GroupPlan]
    order: tuple[str, ...]
    early: frozenset[str]
    composition: GroupPlan | None = None
    sections: tuple[SectionPlan, ...] = ()
    backwards: tuple[tuple[SourceExpression, str], ...] = ()
    drop: tuple[SourceExpression, ...] = ()

    @property
    def copies(self) -> bool:
        """Some group keeps its fullUrl, so References may be copied as they stand."""
        return any(group.url is not None for group in self.groups.values())
