"""The way forward: one record through all groups of a plan, to resources with stable ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from interop.bundle import Entry, stable_uuid, uuids_of
from interop.json_codec import Json, JsonObject
from interop.location import SourcePath
from interop.mapping.generate import Build, compile_branch
from interop.mapping.loose_ends import kept_url
from interop.mapping.paths import SourceExpression, fetch, fetcher, rows_of
from interop.mapping.plan import COMPOSITION, GroupPlan, MappingPlan
from interop.mapping.run import Run
from interop.mapping.sections import fill_sections
from interop.mapping.transform import spell

Rows = Callable[[Json, SourcePath], list[tuple[SourcePath, Json]]]


@dataclass(slots=True)
class Origin:
    """Which group and row made a resource."""

    group: GroupPlan
    at: SourcePath
    resource: JsonObject
    links: list[str]


@dataclass
class GroupWay:
    """One group ready to run. ``traced`` is the same function with origins marked, made when first asked for."""

    plan: GroupPlan
    build: Build
    rows: Rows | None
    identity: tuple[tuple[bool, Callable[[Json], Json]], ...]

    @classmethod
    def of(cls, plan: GroupPlan) -> GroupWay:
        rows = rows_of(plan.rows.steps, plan.split) if plan.rows is not None else None
        return cls(
            plan, compile_branch(plan.root, plan.create, always=plan.name == COMPOSITION), rows, fetchers(plan.identity)
        )

    @cached_property
    def traced(self) -> Build:
        return compile_branch(self.plan.root, self.plan.create, traced=True, always=self.plan.name == COMPOSITION)


def fetchers(sources: tuple[SourceExpression, ...]) -> tuple[tuple[bool, Callable[[Json], Json]], ...]:
    """Each source as (absolute, function from the node it starts at to the raw value)."""
    return tuple((source.absolute, fetcher(source.steps)) for source in sources)


def identity_values(sources: tuple[tuple[bool, Callable[[Json], Json]], ...], row: Json, record: Json) -> list[str]:
    """The values that name a thing, written alike whatever their spaces and case."""
    return ["".join(spell(fetch(record if absolute else row)).split()).casefold() for absolute, fetch in sources]


@dataclass(slots=True)
class Forward:
    """A plan made runnable. ``system`` is the first part of the mapping's name: ids are stable within it."""

    plan: MappingPlan
    system: str
    mapping: str
    ways: Mapping[str, GroupWay] = field(init=False)
    composition: GroupWay | None = field(init=False)
    named: Mapping[str, Callable[..., str]] = field(init=False)  # by resource type: ids of business identifiers

    def __post_init__(self) -> None:
        self.ways = {name: GroupWay.of(self.plan.groups[name]) for name in self.plan.order}
        self.composition = GroupWay.of(self.plan.composition) if self.plan.composition else None
        self.named = {group.create: uuids_of(self.system, group.create) for group in self.plan.groups.values()}

    def rehearse(self, run: Run) -> None:
        """Find out which rows of groups in a reference circle will make a resource."""
        run.quiet = True
        for name in self.plan.early:
            way = self.ways[name]
            run.made[name] = {at: self._url(way, at, row, run) for at, row, _ in self._build(way, run)}
        run.quiet = False

    def resources(self, run: Run) -> tuple[dict[str, list[Entry]], dict[str, Origin]]:
        """Entries by group, and the origin of each by fullUrl."""
        self.rehearse(run)
        entries: dict[str, list[Entry]] = {}
        origins: dict[str, Origin] = {}
        for name, way in self.ways.items():
            foreseen = run.made.get(name, {})
            made = run.made[name] = {}
            listed = entries[name] = []
            for at, row, resource in self._build(way, run):
                url = foreseen.get(at) or self._url(way, at, row, run)
                url, new = _place(url, resource, origins)
                made[at] = url
                if new:
                    resource["id"] = url[9:]
                    origins[url] = Origin(way.plan, at, resource, run.links)
                    listed.append(Entry(url, resource))
        return entries, origins

    def document(self, run: Run, url: str) -> JsonObject | None:
        """The Composition, its sections filled. ``run.links`` is what it refers to."""
        way = self.composition
        if way is None:
            return None
        run.group, run.create = COMPOSITION, "Composition"
        tree, run.links = run.record.tree, []
        composition: JsonObject = way.build(tree, tree, (), run)
        composition["id"] = url[9:]
        sections = fill_sections(self.plan.sections, tree, run.made, run.kept)
        if sections:
            composition["section"] = sections
            run.links += _listed(sections)
        return composition

    def _build(self, way: GroupWay, run: Run) -> Iterator[tuple[SourcePath, Json, JsonObject]]:
        plan, tree = way.plan, run.record.tree
        run.group, run.create = plan.name, plan.create
        holds = plan.condition.holds if plan.condition is not None else None
        for at, row in self._rows(way, run):
            if holds is None or holds(row, tree, run.kept):
                run.links = []
                resource = way.build(row, tree, at, run)
                if resource is not None:
                    yield at, row, resource

    @staticmethod
    def _rows(way: GroupWay, run: Run) -> list[tuple[SourcePath, Json]]:
        """The rows of the group, gone through once for all groups over the same list."""
        plan = way.plan
        if plan.rows is None or way.rows is None:
            return [((), run.record.tree)]
        key = plan.rows.steps, plan.split
        if key not in run.rows:
            run.rows[key] = way.rows(run.record.tree, ())
        return run.rows[key]

    def _url(self, way: GroupWay, at: SourcePath, row: Json, run: Run) -> str:
        url = way.plan.url
        brought = kept_url(fetch(run.record.tree if url.absolute else row, url.steps)) if url else None
        if brought is not None:
            return brought
        if way.identity:
            values = identity_values(way.identity, row, run.record.tree)
            if any(values):
                return "urn:uuid:" + self.named[way.plan.create](*values)
        if run.named is None:
            run.named = uuids_of(self.mapping, run.record.key)
        return "urn:uuid:" + run.named(way.plan.name, "/".join(map(str, at)) if at else "")


def _listed(sections: list[JsonObject]) -> Iterator[str]:
    """The entries of sections and of those inside them."""
    for section in sections:
        for entry in section.get("entry", ()):
            yield entry["reference"]
        yield from _listed(section.get("section", []))


def _place(url: str, resource: JsonObject, origins: Mapping[str, Origin]) -> tuple[str, bool]:
    """The url to use, and whether the resource is new: the same thing twice is one resource, another gets a number."""
    number, free = 1, url
    while (known := origins.get(free)) is not None:
        if {**known.resource, "id": ""} == resource:
            return free, False
        number += 1
        free = "urn:uuid:" + stable_uuid(url, str(number))
    return free, True
