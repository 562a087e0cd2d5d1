"""Where rules write: target paths resolved against the R4 definitions into the tree of a plan."""

from __future__ import annotations

from dataclasses import dataclass

from interop.definitions import Definitions
from interop.errors import DefinitionError
from interop.mapping.faults import Faults, Place
from interop.mapping.paths import PathError, TargetStep, read_target_path
from interop.mapping.plan import Branch, Choice, Entry, Leaf, Loop, Slot
from interop.mapping.primitives import PRIMITIVES


@dataclass(frozen=True, slots=True)
class Spot:
    """A resolved target: the member ``slot`` of some object, the item's label, and the FHIR type that goes there.

    owner  type path of the object, element the name in the definitions (``value[x]``): for reference targets
    """

    slot: Slot
    label: str
    type: str
    owner: str
    element: str


@dataclass(frozen=True, slots=True)
class Targets:
    """Resolves target paths and grows branches. Every fault goes to ``faults``."""

    definitions: Definitions
    faults: Faults

    def spot(self, root: Branch, path: str, place: Place) -> Spot | None:
        """The spot ``path`` names below ``root``, branches on the way made; None with a fault when there is none."""
        try:
            steps = read_target_path(path)
        except PathError as error:
            self.faults.add(place, str(error))
            return None
        branch = root
        for step in steps[:-1]:
            found = self._branch(branch, step, place)
            if found is None:
                return None
            branch = found
        return self._spot(branch, steps[-1], place)

    def _branch(self, owner: Branch, step: TargetStep, place: Place) -> Branch | None:
        spot = self._spot(owner, step, place)
        if spot is None:
            return None
        if step[1] == "":
            self.faults.add(
                place, f"{step[0]}[] makes a new item each time, so nothing can stand below it", "give it a label"
            )
            return None
        if spot.type in PRIMITIVES:
            hint = f"for an extension of it write _{step[0]}" if not step[0].startswith("_") else None
            self.faults.add(place, f"{owner.type}.{step[0]} is a {spot.type}: nothing stands below it", hint)
            return None
        entry = spot.slot.entries.get(spot.label)
        if entry is None:
            entry = spot.slot.entries[spot.label] = Branch(spot.type)
        if not isinstance(entry, Branch):
            first = entry.place if isinstance(entry, Leaf | Loop) else entry.leaves[0].place
            self.faults.add(place, f"{owner.type}.{step[0]} is written as a whole at {first}, and in part here")
            return None
        return entry

    def _spot(self, owner: Branch, step: TargetStep, place: Place) -> Spot | None:
        name, label = step
        plain = name.removeprefix("_")
        known = self.definitions.child(owner.type, plain)
        if known is None:
            self.faults.unknown(place, f"{owner.type} has no element", name, self.names(owner.type))
            return None
        type_code, many = known
        if name != plain:
            type_code, many = "Element", False
        if type_code == "Resource":
            self.faults.add(
                place, f"{owner.type}.{name} holds whole resources", "make it a group of its own and refer to it"
            )
            return None
        if label is not None and not many:
            self.faults.add(place, f"{owner.type}.{name} holds one value, so it has no items", f"take [{label}] away")
            return None
        slot = owner.slots.setdefault(name, Slot(name, many))
        if label == "":
            label = f"+{len(slot.entries) + 1}"
        return Spot(slot, label or "", type_code, owner.type, plain)

    def names(self, type_path: str) -> list[str]:
        """The element names of a type as instances have them, choices spelled out."""
        names: list[str] = []
        structure = self.definitions.structure(type_path.partition(".")[0])
        for name in self.definitions.order(type_path):
            element = structure.element(f"{type_path}.{name}") if structure and name.endswith("[x]") else None
            if element is None:
                names.append(name)
            else:
                names += [name[:-3] + code[:1].upper() + code[1:] for code in element.type_codes]
        return names

    def refer_types(self, spot: Spot) -> frozenset[str]:
        """The resource types a Reference at this spot may name; empty = any."""
        try:
            structure = self.definitions.structure(spot.owner.partition(".")[0])
        except DefinitionError:
            return frozenset()
        if structure is None:
            return frozenset()
        stems = (spot.element, *(f"{spot.element.removesuffix('Reference')}[x]",))
        elements = (structure.element(f"{spot.owner}.{stem}") for stem in stems)
        types = [ref for element in elements if element for ref in element.types if ref.code == "Reference"]
        named = {url.rpartition("/")[2] for ref in types for url in ref.target_profiles}
        return frozenset() if "Resource" in named else frozenset(named)

    def put(self, spot: Spot, entry: Entry) -> None:
        """Set an entry at a spot; a second one is a fault unless conditions say which of them is meant."""
        earlier = spot.slot.entries.get(spot.label)
        if earlier is None:
            spot.slot.entries[spot.label] = entry
            return
        if isinstance(entry, Loop) or isinstance(earlier, Loop):
            spot.slot.entries[f"{spot.label}+{len(spot.slot.entries)}"] = entry
            return
        if isinstance(entry, Leaf) and isinstance(earlier, Leaf | Choice):
            leaves = [*(earlier.leaves if isinstance(earlier, Choice) else [earlier]), entry]
            if all(leaf.condition is not None for leaf in leaves[:-1]):
                spot.slot.entries[spot.label] = Choice(leaves)
                return
            if leaves[-1].condition is not None and all(leaf.condition is not None for leaf in leaves[1:]):
                spot.slot.entries[spot.label] = Choice([*leaves[1:], leaves[0]])
                return
            first = leaves[0].place
        elif isinstance(earlier, Branch):
            first = next((leaf.place for leaf in earlier.leaves()), spot_place(entry))
        else:
            first = spot_place(earlier)
        hint = "give both a `when`" + (", or give each its own [label]" if spot.slot.many else "")
        what = f"{spot.owner}.{spot.slot.name}"
        self.faults.add(spot_place(entry), f"{what} is written twice, first at {first}", hint)


def spot_place(entry: Entry) -> Place:
    """Where the rule of an entry stands."""
    if isinstance(entry, Branch):
        return next(leaf.place for leaf in entry.leaves())
    return entry.leaves[0].place if isinstance(entry, Choice) else entry.place
