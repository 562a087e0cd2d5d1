"""A mapped record gone through once more with every value marked: what lineage is asked of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Protocol

from interop.json_codec import Json, JsonObject
from interop.location import SourcePath
from interop.mapping.forward import Forward, GroupWay, Origin
from interop.mapping.paths import SourceExpression, follow, locate, rows_of
from interop.mapping.plan import GroupPlan, MappingPlan, SectionPlan
from interop.mapping.run import Run


class Made(Protocol):
    """Who made what: the origin of each resource by fullUrl, the Composition's fullUrl ("" when there is none)."""

    @property
    def origins(self) -> Mapping[str, Origin]: ...

    @property
    def document(self) -> tuple[str, list[str]]: ...


class Retracing:
    """One record's mapping, done again group by group as somebody asks."""

    __slots__ = ("_forward", "_made", "_plan", "_run")

    def __init__(self, plan: MappingPlan, forward: Forward, run: Run, made: Made):
        self._plan, self._forward, self._run, self._made = plan, forward, run, made

    def retrace(self, url: str) -> tuple[JsonObject, Run, SourcePath] | None:
        """One resource built again, every value marked."""
        origin = self._made.origins.get(url)
        way = self._forward.composition if url == self._made.document[0] else None
        at: SourcePath = ()
        if origin is not None:
            way, at = self._forward.ways[origin.group.name], origin.at
        if way is None:
            return None
        row = _row(way.plan.rows, way.plan.split, self._run.record.tree, at)
        built, again = self._build(way, row, at)
        return built or {}, again, at

    def attempt(self, group: str) -> tuple[Run, SourcePath] | None:
        """The run of a group that made nothing, with its first row; None where it made something or has no row."""
        way = self._forward.ways.get(group)
        if way is None or self._run.made.get(group):
            return None
        tree = row = self._run.record.tree
        at: SourcePath = ()
        if way.rows is not None:
            rows = way.rows(tree, ())
            if not rows:
                return None
            at, row = rows[0]
        return self._build(way, row, at)[1], at

    def section(self, codes: Set[str]) -> tuple[tuple[SourcePath, ...], tuple[str, ...]] | None:
        """Of the section with one of these codes: the places of its text, and its groups."""
        for section in every(self._plan.sections):
            if any(coding["code"] in codes for coding in section.codings):
                tree = self._run.record.tree
                return tuple(locate(tree, source.steps) for source in section.text), section.entries
        return None

    def table(self, group: str) -> SourcePath | None:
        """Where the list stands that a group goes through."""
        plan = self._plan.groups.get(group)
        return None if plan is None or plan.rows is None else locate(self._run.record.tree, plan.rows.steps)

    def referrers(self, group: str) -> tuple[str, ...]:
        """The groups that refer to it."""
        return tuple(name for name, plan in self._plan.groups.items() if group in plan.references())

    def conditions(self, group: str) -> tuple[SourcePath, ...]:
        """The cells on which it hangs whether a group without rows makes anything."""
        plan: GroupPlan | None = self._plan.groups.get(group)
        if plan is None or plan.rows is not None or plan.condition is None:
            return ()
        tree = self._run.record.tree
        return tuple(locate(tree, source.steps) for source in plan.condition.reads)

    def _build(self, way: GroupWay, row: Json, at: SourcePath) -> tuple[JsonObject | None, Run]:
        run = self._run
        again = Run(run.record, run.now, run.mapping, way.plan.name, way.plan.create, run.made, quiet=True)
        return way.traced(row, run.record.tree, at, again), again


def _row(rows: SourceExpression | None, split: str | None, tree: Json, at: SourcePath) -> Json:
    if rows is None or split is None:
        return follow(tree, at)
    return next(row for path, row in rows_of(rows.steps, split)(tree, ()) if path == at)


def every(sections: Sequence[SectionPlan]) -> Iterator[SectionPlan]:
    """Sections and those inside them."""
    for section in sections:
        yield section
        yield from every(section.sections)
