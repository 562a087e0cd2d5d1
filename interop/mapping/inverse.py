"""The way back: a Bundle, whoever made it, as a record in the local format, and a finding for all that has no place.

1. Every resource is claimed by the group that would have made it (``claims``) and taken apart by its rules
   (``undoing``) into fragments of rows.
2. Fragments of one row find each other by the references between their resources.
3. The rows are written into one tree, and the tree into files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from interop import sources
from interop.bundle import Entry, Index
from interop.json_codec import Json, JsonObject
from interop.mapping.claims import Claim, Claims, selectors_of
from interop.mapping.derived import underived
from interop.mapping.joining import join_rows
from interop.mapping.loose_ends import without_strays
from interop.mapping.losses import contents, losses_of, told_by
from interop.mapping.paths import Steps, follow
from interop.mapping.pieces import Pieces
from interop.mapping.plan import COMPOSITION, MappingPlan, SectionPlan
from interop.mapping.selection import Selector, parts, reach
from interop.mapping.transforms import make
from interop.mapping.tree import has, put
from interop.mapping.undoing import Fragment
from interop.outcome import Issue, Severity
from interop.sources import Format, SourceSpec
from interop.sources.fhir_writing import shaped

_SEGMENTS = ["MSH", "EVN", "PID", "PD1", "NK1", "PV1", "PV2", "OBX", "AL1", "DG1", "PR1", "GT1", "IN1"]


@dataclass(frozen=True, slots=True)
class LocalRecord:
    """A Bundle in the local format: the record as a tree, its files, and what could not be carried."""

    tree: JsonObject
    files: dict[str, bytes]
    losses: tuple[Issue, ...]


@dataclass(slots=True)
class Inverse:
    """A plan made runnable backwards."""

    plan: MappingPlan
    spec: SourceSpec
    mapping: str
    selectors: dict[str, Selector] = field(init=False)

    def __post_init__(self) -> None:
        self.selectors = selectors_of(self.plan)

    def run(
        self, bundle: JsonObject, forward: Callable[[JsonObject], Iterable[Entry]], moment: Steps = ()
    ) -> LocalRecord:
        """The record. Bad content never raises: it is a loss that is told.

        forward  maps a local tree to resources: what it makes again was not lost
        moment   FHIR: the path the Bundle's own time goes to, where nothing else was written there
        """
        index = Index(tuple(map(without_strays, contents(bundle)) if self.plan.copies else contents(bundle)))
        claims = Claims.of(self.plan, index, self.selectors)
        losses: list[Issue] = []
        tree = self._tree(claims, index, losses)
        self._sections(tree, claims)
        for source, value in self.plan.backwards:
            if not has(tree, source.steps):
                put(tree, source.steps, value)
        stamp = bundle.get("timestamp")
        if self.spec.format is Format.FHIR and moment and isinstance(stamp, str) and not has(tree, moment):
            put(tree, moment, stamp)
        self._keys(tree, losses)
        if self.spec.format is Format.FHIR:
            tree = underived(shaped(tree, self.spec.versions[0]), self.plan, self.spec.follow)
        if self.spec.format is Format.HL7V2:
            tree["segments"] = _segment_order(tree)
        files = sources.write(self.spec, [tree]) if self.spec.writable else {}
        return LocalRecord(tree, files, (*losses, *losses_of(claims, index, self.mapping, told_by(forward(tree)))))

    # -- rows --------------------------------------------------------------------------------------------------

    def _tree(self, claims: Claims, index: Index, losses: list[Issue]) -> JsonObject:
        tree: JsonObject = {}
        for table in self.spec.tables:
            if not table.one:
                tree[table.name] = []
        known: list[Claim] = [claim for claim in claims.all() if claim.group.reverse]
        fragments = [claim.fragment for claim in known]
        for fragment in fragments:
            _write_all(tree, fragment.record_cells, losses, fragment.origin, self)
        rows = [f for claim in known for f in (claim.fragment, *claim.undoing.rows) if f.table]
        owners = {id(claim.fragment): claim.entry.full_url for claim in known}
        for row in join_rows(rows, owners, index):
            self._row(tree, row)
        for fragment in (f for claim in known for f in (claim.fragment, *claim.undoing.rows)):
            _write_all(tree, fragment.record_cells, losses, fragment.origin, self)
            for steps, value in fragment.record_guesses.items():
                if not has(tree, steps):
                    put(tree, steps, self.local(value))
        self._not_made(tree, claims)
        return tree

    def _not_made(self, tree: JsonObject, claims: Claims) -> None:
        """What the record says (``else``) where a group without rows made nothing."""
        for group in self.plan.groups.values():
            if group.rows is None and group.reverse and group.name not in claims.taken and group.condition is not None:
                for source, value in group.condition.otherwise():
                    if not has(tree, source.steps):
                        put(tree, source.steps, self.local(value))

    def _row(self, above: Json, row: Fragment) -> None:
        """Append one row to its list; pieces of a split cell are joined again."""
        if row.split is not None:
            piece = row.cells.get((), "")
            cell = follow(above, tuple(step for step in row.table if isinstance(step, str | int)))
            put(above, row.table, f"{cell}{row.split.strip()} {piece}" if cell else piece)
            return
        plain: Json = row.cells.get(())
        made: Json = {} if plain is None and _named(row) else [] if plain is None else self.local(plain)
        for steps, value in (row.guesses | row.cells).items():
            if steps:
                put(made, steps, self.local(value))
        table = next((t for t in self.spec.tables if (t.name,) == row.table and t.one), None)
        if table is not None:
            held = above.setdefault(table.name, {})
            held.update({key: value for key, value in made.items() if key not in held})
            made = held
        else:
            listed = follow(above, tuple(step for step in row.table if isinstance(step, str | int)))
            if not isinstance(listed, list):
                listed = []
                put(above, row.table, listed)
            listed.append(made)
        for child in row.children:
            self._row(made, child)

    def local(self, value: Json) -> Json:
        """A value as the local format spells it: text everywhere but in JSON."""
        if isinstance(value, Pieces):
            return value.text
        if self.spec.typed or isinstance(value, str):
            return value
        if isinstance(value, list):
            return " ".join(str(self.local(item)) for item in value)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int | Decimal) else value

    def _keys(self, tree: JsonObject, losses: list[Issue]) -> None:
        """The join column of every row, from the spine."""
        if not self.spec.tables:
            return
        spine = self.spec.spine
        held = tree.get(spine.name)
        key = held.get(spine.key) if isinstance(held, dict) else None
        if not key:
            text = f"the Bundle says no {spine.key!r}, so the rows are not joined to a record"
            losses.append(Issue("reverse-key", text, severity=Severity.WARNING, hint="fill it in before the import"))
            return
        for table in self.spec.tables[1:]:
            rows = tree.get(table.name) or []
            for row in rows if isinstance(rows, list) else [rows]:
                row.setdefault(table.key, key)

    def _sections(self, tree: JsonObject, claims: Claims) -> None:
        composition = claims.taken.get(COMPOSITION)
        if composition is None:
            return
        for number, section in enumerate(parts(composition.entry.resource, "section")):
            codes = set(reach(section, ("code", "coding", "code")))
            plan = next((p for p in _all(self.plan.sections) if any(c["code"] in codes for c in p.codings)), None)
            div = next(reach(section, ("text", "div")), None)
            if plan is not None and len(plan.text) == 1 and div:
                back = make("xhtml", None, None).backward
                if back is not None and not has(tree, plan.text[0].steps):
                    put(tree, plan.text[0].steps, back(div))
            reasons = set(reach(section, ("emptyReason", "coding", "code")))
            for empty in plan.when_empty if plan is not None else ():
                if empty.condition is not None and empty.value["coding"][0]["code"] in reasons:
                    for source, value in empty.condition.undo():
                        if not has(tree, source.steps):
                            put(tree, source.steps, self.local(value))
            composition.undoing.used |= {("section", number)}


def _named(row: Fragment) -> bool:
    """The row is an object with named members, not a list by number (an HL7 v2 repetition)."""
    first = next((steps[0] for steps in (*row.cells, *row.guesses) if steps), "")
    return isinstance(first, str)


def _write_all(tree: JsonObject, cells: dict[Steps, Json], losses: list[Issue], origin: str, inverse: Inverse) -> None:
    for steps, value in cells.items():
        local = inverse.local(value)
        if not has(tree, steps):
            put(tree, steps, local)
            continue
        plain = tuple(step for step in steps if isinstance(step, str | int))
        known = follow(tree, plain)
        if known != local and len(plain) == len(steps):
            text = f"{'.'.join(map(str, plain))} is {known!r} already, {local!r} (from {origin}) has no place"
            issue = Issue("reverse-conflict", text, severity=Severity.WARNING)
            if issue not in losses:
                losses.append(issue)


def _all(sections: Iterable[SectionPlan]) -> Iterator[SectionPlan]:
    for section in sections:
        yield section
        yield from _all(section.sections)


def _segment_order(tree: JsonObject) -> list[str]:
    names = [name for name in tree if isinstance(tree[name], list)]
    names.sort(key=lambda name: _SEGMENTS.index(name) if name in _SEGMENTS else len(_SEGMENTS))
    return [name for name in names for _ in tree[name]]
