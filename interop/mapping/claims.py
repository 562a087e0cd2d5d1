"""Running backwards, which group each resource of a Bundle belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from interop.bundle import Entry, Index
from interop.json_codec import JsonObject
from interop.mapping.conditions import ConditionTable
from interop.mapping.paths import Steps
from interop.mapping.plan import COMPOSITION, GroupPlan, Kept, MappingPlan
from interop.mapping.selection import Selector, of_group, parts, reach
from interop.mapping.tree import put
from interop.mapping.undoing import Fragment, Undoing
from interop.outcome import Severity


@dataclass(slots=True, eq=False)
class Claim:
    """One resource as one group reads it."""

    group: GroupPlan
    entry: Entry
    undoing: Undoing
    fragment: Fragment


@dataclass(slots=True)
class Claims:
    """Shares out the resources. A group without rows takes one resource; one with rows takes all that are its own."""

    plan: MappingPlan
    index: Index
    selectors: Mapping[str, Selector]
    taken: dict[str, Claim] = field(default_factory=dict)  # groups without rows
    rows: list[Claim] = field(default_factory=list)

    @classmethod
    def of(cls, plan: MappingPlan, index: Index, selectors: Mapping[str, Selector]) -> Claims:
        claims = cls(plan, index, selectors)
        claims._documents()
        claims._singles()
        claims._rows()
        return claims

    def all(self) -> Iterable[Claim]:
        return (*self.taken.values(), *self.rows)

    def read(self, group: GroupPlan, entry: Entry) -> Claim:
        """The resource taken apart by the group's rules."""
        undoing = Undoing(group.name)
        table: Steps = group.rows.steps if group.rows is not None else ()
        fragment = Fragment(table, group.name, group.split)
        undoing.branch(group.root, entry.resource, (), fragment)
        undoing.settle()
        if group.url is not None:
            (fragment.record_cells if group.url.absolute else fragment.cells)[group.url.steps] = entry.full_url
        for source, value in group.condition.undo() if group.condition else ():
            guesses = fragment.record_guesses if source.absolute or not table else fragment.guesses
            guesses.setdefault(source.steps, value)
        undoing.otherwise(group.root, fragment)
        return Claim(group, entry, undoing, fragment)

    def _documents(self) -> None:
        composition = next((e for e in self.index.entries if e.type == "Composition"), None)
        if self.plan.composition is not None and composition is not None:
            self._take(self.plan.composition, composition)

    def _fits(self, group: GroupPlan, entry: Entry) -> bool:
        return entry.type == group.create and self.selectors[group.name].matches(entry.resource)

    def _take(self, group: GroupPlan, entry: Entry) -> None:
        """Claim for a group without rows, and follow its references to others like it."""
        claim = self.taken[group.name] = self.read(group, entry)
        for names, literal in (*claim.fragment.links, *_links(claim.undoing.rows)):
            referred = self.index.entry(literal)
            if referred is None:
                continue
            for name in names:
                other = self.plan.groups.get(name)
                if other is not None and other.rows is None and name not in self.taken and self._suits(other, referred):
                    self._take(other, referred)

    def _suits(self, group: GroupPlan, entry: Entry) -> bool:
        """Fits, and no group that has not found another resource says more exactly that this one is its own."""
        weight = self.selectors[group.name].weight
        others = (g for g in self.plan.groups.values() if g.rows is None and self.selectors[g.name].weight > weight)
        rivals = (g for g in others if g.name not in self.taken or self.taken[g.name].entry is entry)
        return self._fits(group, entry) and not any(self._fits(rival, entry) for rival in rivals)

    def _singles(self) -> None:
        """Groups no reference led to: by their constants, then by section, the most telling first."""
        groups = [group for group in self.plan.groups.values() if group.rows is None]
        for group in sorted(groups, key=lambda g: -self.selectors[g.name].weight):
            if group.name in self.taken:
                continue
            held = {id(claim.entry) for claim in self.taken.values()}
            fitting = [e for e in self.index.entries if self._fits(group, e)]
            # Without constants or references, a resource that another group already speaks for is not this one.
            fresh = [e for e in fitting if id(e) not in held]
            listed = self._in_sections(group, fresh)
            best = max(listed or fresh, key=lambda e: self._score(self.read(group, e)), default=None)
            if best is not None and (listed or self._alone(group, fresh)):
                self._take(group, best)

    def _alone(self, group: GroupPlan, fitting: list[Entry]) -> bool:
        """Nothing else could be meant: the constants say so, or no other group makes resources of this type."""
        rivals = [g for g in self.plan.groups.values() if g.create == group.create and g is not group]
        return (
            bool(self.selectors[group.name].hard)
            or not rivals
            or (len(fitting) == 1 and not any(g.rows for g in rivals))
        )

    def _in_sections(self, group: GroupPlan, fitting: list[Entry]) -> list[Entry]:
        """Those that stand in a section the mapping puts this group in."""
        codes = {c["code"] for s in self.plan.sections if group.name in s.entries for c in s.codings}
        urls = {url for code, url in self._section_entries() if code in codes}
        return [e for e in fitting if e.full_url in urls]

    def _section_entries(self) -> list[tuple[str, str]]:
        composition = next((e for e in self.index.entries if e.type == "Composition"), None)
        found: list[tuple[str, str]] = []
        for section in parts(composition.resource, "section") if composition else ():
            codes = [str(code) for code in reach(section, ("code", "coding", "code"))]
            for reference in reach(section, ("entry", "reference")):
                entry = self.index.entry(str(reference))
                found += [(code, entry.full_url) for code in codes if entry is not None]
        return found

    def _rows(self) -> None:
        held = {id(claim.entry) for claim in self.taken.values()}
        groups = [group for group in self.plan.groups.values() if group.rows is not None]
        pointed = self._pointed_at()
        for entry in self.index.entries:
            if id(entry) in held:
                continue
            best: tuple[int, Claim] | None = None
            for group in groups:
                if not self._fits(group, entry):
                    continue
                claim = self.read(group, entry)
                score = self._score(claim) + 2 * bool(self._in_sections(group, [entry]))
                score += group.name in pointed.get(entry.full_url, ())
                if best is None or score > best[0]:
                    best = score, claim
            if best is not None:
                self.rows.append(best[1])

    def _pointed_at(self) -> dict[str, set[str]]:
        """By resource, the groups that references from what is claimed already may mean by it."""
        found: dict[str, set[str]] = {}
        for claim in self.taken.values():
            for names, literal in (*claim.fragment.links, *_links(claim.undoing.rows)):
                entry = self.index.entry(literal)
                if entry is not None:
                    found.setdefault(entry.full_url, set()).update(names)
        return found

    def _score(self, claim: Claim) -> int:
        """How well a resource fits a group: its constants, its codes known, its condition met by what was read."""
        score = 4 * self.selectors[claim.group.name].weight
        score -= sum(2 for issue in claim.undoing.issues if issue.severity is not Severity.INFORMATION)
        if isinstance(claim.group.condition, ConditionTable):
            row: JsonObject = {}
            for steps, value in (claim.fragment.guesses | claim.fragment.cells).items():
                put(row, steps, value)
            score -= 3 * (not claim.group.condition.holds(row, row, Kept()))
        return score


def _links(rows: Iterable[Fragment]) -> list[tuple[tuple[str, ...], str]]:
    return [link for row in rows for link in (*row.links, *_links(row.children))]


def selectors_of(plan: MappingPlan) -> dict[str, Selector]:
    """The selector of every group, worked out once."""
    found = {name: of_group(group) for name, group in plan.groups.items()}
    if plan.composition is not None:
        found[COMPOSITION] = Selector()
    return found
