"""Checks of a whole compiled resource: what must be there, what cannot stand together, codes that do not exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from interop.definitions import Definitions
from interop.definitions.elements import ElementDefinition, StructureDefinition
from interop.mapping.faults import Faults, Place, nearest
from interop.mapping.plan import Branch, Choice, Entry, GroupPlan, Leaf, Loop, Slot
from interop.terminology import Terminology, snomed_fault

SNOMED = "http://snomed.info/sct"

Told = tuple[str | None, str, Place]
"""A code a rule writes: system (None where the element is a plain code), code, where."""


@dataclass(slots=True)
class Soundness:
    """Walks what groups make. Faults are told at the rule, or at the group where a rule is missing."""

    definitions: Definitions
    faults: Faults
    terminology: Terminology = field(init=False)

    def __post_init__(self) -> None:
        self.terminology = Terminology(self.definitions)

    def check(self, group: GroupPlan, *, whole: bool) -> None:
        """``whole``: every rule of the group was compiled, so what is missing is missing."""
        structure = self.definitions.structure(group.create)
        if structure is not None and group.root.slots:
            if whole:
                self._required(group, structure)
            self._branch(group.root)

    def _required(self, group: GroupPlan, structure: StructureDefinition) -> None:
        """Elements of the resource itself that R4 wants at least one of and no rule writes."""
        for element in structure.elements:
            if element.min and element.path.count(".") == 1 and not _written(element, group.root):
                name = element.path.partition(".")[2]
                often = f"{element.min}..{'*' if element.max is None else element.max}"
                text = f"{group.create} needs {name} ({often}), and no rule of {group.name!r} writes it"
                self.faults.add(group.place, text, f"add a rule with `target: {name}`")

    def _branch(self, branch: Branch) -> None:
        structure = self.definitions.structure(branch.type.partition(".")[0])
        chosen: dict[str, list[Slot]] = {}
        for slot in branch.slots.values():
            element = _element(structure, branch.type, slot.name) if structure is not None else None
            if element is not None:
                if element.path.endswith("[x]"):
                    chosen.setdefault(element.path, []).append(slot)
                self._codes(element, slot)
                self._most(element, slot)
            for entry in slot.entries.values():
                if isinstance(entry, Branch):
                    self._branch(entry)
                elif isinstance(entry, Loop):
                    self._branch(entry.branch)
        for path, slots in chosen.items():
            self._one_choice(path, slots)

    def _one_choice(self, path: str, slots: list[Slot]) -> None:
        """Two types of a choice element that are always both written."""
        sure = [leaf for slot in slots if (leaf := _surely(slot)) is not None]
        together = all(leaf.kind == "constant" for leaf in sure) or len({leaf.sources for leaf in sure}) == 1
        if len(sure) > 1 and together:
            text = f"{path} holds one value, and this rule and that of {sure[0].place} always both write it"
            self.faults.add(sure[1].place, text, "give both a `when`")

    def _most(self, element: ElementDefinition, slot: Slot) -> None:
        """More items than an element may have, all of them certain."""
        most = element.max
        if most is None or most <= 1 or not slot.many:
            return
        sure = [leaf for entry in slot.entries.values() if (leaf := _certain(entry)) is not None]
        if len(sure) > most:
            text = f"{element.path} holds at most {most}, this is number {most + 1}"
            self.faults.add(sure[most].place, text)

    def _codes(self, element: ElementDefinition, slot: Slot) -> None:
        binding = element.binding
        for system, code, place in _told(slot.entries.values()):
            if system == SNOMED and (wrong := snomed_fault(code)) is not None:
                self.faults.add(place, f"{code!r} is no SNOMED CT code: {wrong}")
            elif binding is not None and binding.strength == "required" and binding.value_set:
                self._bound(binding.value_set, system, code, place)

    def _bound(self, value_set: str, system: str | None, code: str, place: Place) -> None:
        if self.terminology.contains(value_set, system, code) is not False:
            return
        known = self.terminology.expand(value_set) or ()
        codes = sorted({str(coding.code) for coding in known})
        name = value_set.partition("|")[0].rpartition("/")[2]
        near = nearest(code, codes)
        hint = f"known: {', '.join(codes[:25])}" if codes else None
        if near and near != code:
            hint = f"did you mean {near!r}?"
        of = f" of {system}" if system else ""
        self.faults.add(place, f"{code!r}{of} is not in {name}, which R4 requires here", hint)


def _element(structure: StructureDefinition, owner: str, name: str) -> ElementDefinition | None:
    plain = name.removeprefix("_")
    found = structure.element(f"{owner}.{plain}")
    if found is not None or name != plain:
        return found
    for element in structure.children(owner):
        stem = element.path.rpartition(".")[2]
        if stem.endswith("[x]") and plain.startswith(stem[:-3]) and plain[len(stem) - 3 :][:1].isupper():
            return element
    return None


def _written(element: ElementDefinition, root: Branch) -> bool:
    name = element.path.partition(".")[2]
    stem = name.removesuffix("[x]")
    if stem == name:
        return name in root.slots or f"_{name}" in root.slots
    return any(slot.removeprefix("_").startswith(stem) for slot in root.slots)


def _surely(slot: Slot) -> Leaf | None:
    """A leaf that always writes the slot's value when there is one."""
    entry = next(iter(slot.entries.values()), None)
    return entry if isinstance(entry, Leaf) and entry.condition is None and not slot.name.startswith("_") else None


def _certain(entry: Entry) -> Leaf | None:
    if isinstance(entry, Leaf):
        return entry if entry.kind == "constant" and entry.condition is None else None
    if isinstance(entry, Branch):
        leaves = list(entry.leaves())
        return leaves[0] if leaves and all(_certain(leaf) for leaf in leaves) else None
    return None


def _told(entries: Iterable[Entry]) -> Iterator[Told]:
    """Every code the entries of one slot write: plain codes, Codings, CodeableConcepts."""
    for entry in entries:
        if isinstance(entry, Leaf | Choice):
            for leaf in [entry] if isinstance(entry, Leaf) else entry.leaves:
                yield from _of_leaf(leaf)
        elif isinstance(entry, Branch):
            if entry.type == "CodeableConcept" and "coding" in entry.slots:
                yield from _told(entry.slots["coding"].entries.values())
            elif entry.type == "Coding":
                yield from _of_coding(entry)


def _of_leaf(leaf: Leaf) -> Iterator[Told]:
    if leaf.type == "code":
        values = [leaf.constant, leaf.default] if leaf.kind == "constant" else [leaf.default]
        yield from ((None, str(value), leaf.place) for value in values if value is not None)
    for system, code in leaf.codes:
        yield None if leaf.type == "code" else system, code, leaf.place


def _of_coding(branch: Branch) -> Iterator[Told]:
    constants: dict[str, Leaf] = {}
    for name in ("system", "code"):
        slot = branch.slots.get(name)
        entry = slot.entries.get("") if slot is not None else None
        if isinstance(entry, Leaf) and entry.kind == "constant":
            constants[name] = entry
    if len(constants) == 2:  # system and code
        yield str(constants["system"].constant), str(constants["code"].constant), constants["code"].place
