"""One resource taken apart by the rules that would have made it: local values, rows, and what was left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from interop.json_codec import Json, JsonObject
from interop.mapping.paths import SourceExpression, Steps, fetch
from interop.mapping.pieces import Pieces
from interop.mapping.plan import Branch, Choice, Condition, Entry, Kept, Leaf, Loop, Slot
from interop.mapping.primitives import PRIMITIVES, is_json_of
from interop.mapping.refusal import Refusal
from interop.mapping.run import UNPROVED, unlabelled
from interop.mapping.selection import of_item
from interop.mapping.trace import ResourcePath, location
from interop.mapping.tree import put
from interop.outcome import Issue, Severity


@dataclass(slots=True, eq=False)
class Fragment:
    """Part of a row: the local values one resource or one list item gives.

    table   steps to the row's list from the record (empty: the record itself); ``origin`` who gave it
    cells   path in the row -> value;  ``record_cells`` the same for absolute paths
    guesses values that conditions ask for: used where no rule gives one
    links   references from here: (groups that may be meant, reference)
    """

    table: Steps
    origin: str
    split: str | None = None
    cells: dict[Steps, Json] = field(default_factory=dict)
    record_cells: dict[Steps, Json] = field(default_factory=dict)
    guesses: dict[Steps, Json] = field(default_factory=dict)
    record_guesses: dict[Steps, Json] = field(default_factory=dict)
    links: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    children: list[Fragment] = field(default_factory=list)


@dataclass(slots=True)
class Undoing:
    """Takes one resource apart.

    used     paths whose values have found their place
    derived  values that a one-way rule may have made: (that rule, the rule that took it, the value, its row)
    """

    name: str
    issues: list[Issue] = field(default_factory=list)
    used: set[ResourcePath] = field(default_factory=set)
    rows: list[Fragment] = field(default_factory=list)
    derived: list[tuple[Leaf, Leaf, Json, Fragment]] = field(default_factory=list)

    def branch(self, branch: Branch, node: Json, path: ResourcePath, into: Fragment) -> None:
        """Read an object's members back into ``into``."""
        if not isinstance(node, dict):
            return
        for slot in branch.slots.values():
            value = node.get(slot.name)
            if value is None:
                continue
            if slot.many:
                items = value if isinstance(value, list) else [value]
                self._items(slot, items, (*path, slot.name), into)
            else:
                for entry in slot.entries.values():
                    self._entry(entry, value, (*path, slot.name), into)

    def _entry(self, entry: Entry, value: Json, path: ResourcePath, into: Fragment) -> None:
        if isinstance(entry, Branch):
            self.branch(entry, value, path, into)
        elif isinstance(entry, Loop):
            self._row(entry, value, path, into)
        else:
            leaves = [entry] if isinstance(entry, Leaf) else entry.leaves
            for leaf in leaves:
                if self.leaf(leaf, value, path, into):
                    others = (one for one in leaves if one.kind == "source" and not one.reverse)
                    self.derived += [(other, leaf, value, into) for other in others]
                    return

    def settle(self) -> None:
        """Take back what a one-way rule makes of the rest of the row: the sender need not have said it."""
        for other, leaf, value, row in self.derived:
            if len(other.sources) != 1 or len(leaf.sources) != 1:
                continue
            cells = row.cells if row.table else row.record_cells
            said: JsonObject = {}
            for steps, cell in cells.items():
                if steps and steps != leaf.sources[0].steps:
                    put(said, steps, cell)
            if _made_again(other, said) == value:
                cells.pop(leaf.sources[0].steps, None)

    # -- lists -------------------------------------------------------------------------------------------------

    def _items(self, slot: Slot, items: list[Json], path: ResourcePath, into: Fragment) -> None:
        free = dict(enumerate(items))
        for entry in _most_telling_first(slot):
            if isinstance(entry, Branch):
                number = self._pick(entry, free)
                if number is not None:
                    self.branch(entry, free.pop(number), (*path, number), into)
            elif isinstance(entry, Loop):
                selector = of_item(entry.branch)
                for number in [n for n, item in free.items() if selector.matches(item, lenient=True)]:
                    self._row(entry, free.pop(number), (*path, number), into)
            else:
                self._leaf_items(entry, free, path, into, last=_last_leaf(slot))

    def _pick(self, branch: Branch, free: dict[int, Json]) -> int | None:
        """The item the branch's constants mean; a number kept without a system counts as the one that was refused."""
        selector = of_item(branch)
        for lenient in (False, True):
            for number, item in free.items():
                if selector.matches(item, lenient=lenient):
                    return number
        if any(leaf.carries_text for leaf in branch.leaves()):
            return next((n for n, item in free.items() if _is_unproved(item)), None)
        return None

    def _leaf_items(
        self, entry: Leaf | Choice, free: dict[int, Json], path: ResourcePath, into: Fragment, *, last: Leaf | None
    ) -> None:
        """Items for a rule that fills the list itself; the last such rule takes all plain values that are left."""
        for leaf in [entry] if isinstance(entry, Leaf) else entry.leaves:
            if leaf.kind == "constant":
                numbers = [n for n, item in free.items() if item == leaf.constant][:1]
                if numbers:
                    self.leaf(leaf, free.pop(numbers[0]), (*path, numbers[0]), into)
            elif not leaf.reverse and leaf.codes:
                for number in [n for n, item in free.items() if _is_of_table(item, leaf)]:
                    self.used.add((*path, number))  # another rule carries what this code was made from
                    del free[number]
            elif leaf.copies or leaf.spreads or leaf.each:
                self._all_items(leaf, free, path, into)
            elif leaf.kind == "reference":
                for number in list(free):
                    if self.leaf(leaf, free[number], (*path, number), into):
                        del free[number]
            elif leaf.type in PRIMITIVES and leaf is last and len(free) > 1:
                self._all_items(leaf, free, path, into)
            else:
                self._one_item(leaf, free, path, into)

    def _all_items(self, leaf: Leaf, free: dict[int, Json], path: ResourcePath, into: Fragment) -> None:
        """Everything that is left is this rule's."""
        if free and leaf.reverse and self.leaf(leaf, list(free.values()), path, into):
            self.used |= {(*path, number) for number in free}
        elif leaf.copies:
            return  # the next copying rule may take them
        free.clear()

    def _one_item(self, leaf: Leaf, free: dict[int, Json], path: ResourcePath, into: Fragment) -> None:
        """A coded list: the first item the code table knows; any other list: the first item."""
        for number in list(free):
            quiet = len(free) > 1 and leaf.type not in PRIMITIVES
            if self.leaf(leaf, free[number], (*path, number), into, quiet=quiet):
                del free[number]
                return

    def _row(self, loop: Loop, item: Json, path: ResourcePath, into: Fragment) -> None:
        if not loop.reverse:
            self.used.add(path)
            return
        absolute = loop.rows.absolute or not into.table
        row = Fragment(loop.rows.steps, f"{self.name}.{loop.path}", loop.split)
        (self.rows if absolute else into.children).append(row)
        self.branch(loop.branch, item, path, row)
        self._condition(loop, row)
        self.otherwise(loop.branch, row)

    # -- values ------------------------------------------------------------------------------------------------

    def leaf(self, leaf: Leaf, value: Json, path: ResourcePath, into: Fragment, *, quiet: bool = False) -> bool:
        """Read one value back; False when this leaf did not make it."""
        if leaf.kind == "constant":
            if value != leaf.constant:
                return False
            self._condition(leaf, into)
        elif leaf.kind == "reference":
            literal = value if isinstance(value, str) else value.get("reference") if isinstance(value, dict) else None
            if not isinstance(literal, str):
                return False
            into.links.append((leaf.groups, literal))
            self.used.add(path if isinstance(value, str) else (*path, "reference"))
            return True
        elif leaf.kind in ("moment", "variable"):
            pass
        elif leaf.kind == "compute" or leaf.writer is None or not leaf.reverse:
            if leaf.kind == "source" and not leaf.reverse:
                self.used.add(path)
            return False
        elif not self._written(leaf, value, path, into, quiet=quiet):
            return False
        self.used.add(path)
        return True

    def _written(self, leaf: Leaf, value: Json, path: ResourcePath, into: Fragment, *, quiet: bool) -> bool:
        try:
            if leaf.type in PRIMITIVES and not all(
                is_json_of(item, leaf.type) for item in (value if isinstance(value, list) else [value])
            ):
                raise TypeError(leaf.type)
            if isinstance(value, list) and not leaf.spreads:
                local: Json = [leaf.writer(item) for item in value] if leaf.writer else []
            else:
                local = leaf.writer(value) if leaf.writer else None
        except Refusal as refusal:
            if quiet and refusal.severity is not Severity.INFORMATION:
                return False
            self._refused(leaf, refusal, path)
            local = refusal.instead
        except (AttributeError, KeyError, TypeError, ValueError):
            wanted = Refusal("reverse-value", f"is not a {leaf.type} as the mapping would write it")
            self._refused(leaf, wanted, path)
            local = None
        if local is None:
            return False
        shared = [(leaf.sources[0], local)] if leaf.copies else _shared(leaf.sources, local)
        for source, part in shared:
            self._put(source, part, leaf, path, into)
        self._condition(leaf, into)
        return True

    def _put(self, source: SourceExpression, value: Json, leaf: Leaf, path: ResourcePath, into: Fragment) -> None:
        cells = into.record_cells if source.absolute or not into.table else into.cells
        known = cells.setdefault(source.steps, value)
        if isinstance(known, Pieces) and isinstance(value, Pieces) and (both := known.beside(value)) is not None:
            cells[source.steps] = both
        elif known != value:
            text = f"{source.text!r} is {known!r} already, {value!r} has no place"
            self._refused(leaf, Refusal("reverse-conflict", text, severity=Severity.WARNING), path)

    def _condition(self, rule: Leaf | Loop, into: Fragment) -> None:
        for source, value in rule.condition.undo() if rule.condition else ():
            cells = into.record_guesses if source.absolute or not into.table else into.guesses
            cells.setdefault(source.steps, value)

    def otherwise(self, branch: Branch, into: Fragment) -> None:
        """What conditions say of cells (``else``) that nothing was read back into."""
        for slot in branch.slots.values():
            for entry in slot.entries.values():
                if isinstance(entry, Branch):
                    self.otherwise(entry, into)
                elif not isinstance(entry, Loop):
                    for leaf in [entry] if isinstance(entry, Leaf) else entry.leaves:
                        otherwise(leaf.condition, into)

    def _refused(self, leaf: Leaf, refusal: Refusal, path: ResourcePath) -> None:
        self.issues.append(
            Issue(
                refusal.code,
                refusal.text,
                location(path),
                refusal.severity,
                rule=f"{self.name} {unlabelled(leaf.path)} ({leaf.place.file}:{leaf.place.line})",
                hint=refusal.hint,
            )
        )


def otherwise(condition: Condition | None, into: Fragment) -> None:
    """The ``else`` values of a condition, where no cell has one yet."""
    for source, value in condition.otherwise() if condition is not None else ():
        on_record = source.absolute or not into.table
        cells = into.record_cells if on_record else into.cells
        guesses = into.record_guesses if on_record else into.guesses
        if source.steps not in cells:
            guesses.setdefault(source.steps, value)


def _shared(sources: tuple[SourceExpression, ...], local: Json) -> Iterator[tuple[SourceExpression, Json]]:
    """One local value for one source, a list shared out in order; the last source takes what is over."""
    if len(sources) == 1:
        yield sources[0], local[0] if isinstance(local, list) and len(local) == 1 else local
        return
    values = local if isinstance(local, list) else [local]
    for number, source in enumerate(sources[:-1]):
        if number < len(values):
            yield source, values[number]
    rest = [str(value) for value in values[len(sources) - 1 :]]
    if rest:
        yield sources[-1], " ".join(rest)


def _most_telling_first(slot: Slot) -> list[Entry]:
    def rank(entry: Entry) -> int:
        if isinstance(entry, Branch):
            selector = of_item(entry)
            return 0 if selector.hard else 1 if selector.soft else 4
        if isinstance(entry, Loop):
            return 2 if of_item(entry.branch).hard else 5
        return 3

    return sorted(slot.entries.values(), key=rank)


def _last_leaf(slot: Slot) -> Leaf | None:
    leaves = [entry for entry in slot.entries.values() if isinstance(entry, Leaf) and entry.kind == "source"]
    return leaves[-1] if leaves else None


def _made_again(leaf: Leaf, said: JsonObject) -> Json:
    """What a rule makes of a row; None for nothing."""
    if leaf.condition is not None and not leaf.condition.holds(said, said, Kept()):
        return None
    raw = fetch(said, leaf.sources[0].steps)
    try:
        return leaf.reader(raw) if leaf.reader is not None and raw is not None else None
    except Refusal:
        return None


def _is_of_table(item: Json, leaf: Leaf) -> bool:
    """Whether the item is a coding that the leaf's code table writes."""
    if not isinstance(item, dict):
        return False
    return (item.get("system"), item.get("code")) in leaf.codes or (None, item.get("code")) in leaf.codes


def _is_unproved(item: Json) -> bool:
    return isinstance(item, dict) and "system" not in item and (item.get("type") or {}).get("text") == UNPROVED
