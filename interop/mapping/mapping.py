"""A compiled mapping: reads files, maps records forward, and runs backwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Files
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from interop import sources
from interop.bundle import Entry, stable_uuid
from interop.definitions import Definitions
from interop.errors import CatalogueError
from interop.json_codec import Json, JsonObject
from interop.location import SourcePath, SourcePointer
from interop.mapping.bundling import BundlePlan, nhs_number_of, read_bundle_plan
from interop.mapping.compiler import Compiler
from interop.mapping.document import read_document
from interop.mapping.faults import Faults
from interop.mapping.forward import Forward, Origin, fetchers, identity_values
from interop.mapping.inverse import Inverse, LocalRecord
from interop.mapping.leftovers import Leftovers
from interop.mapping.loose_ends import drop_loose_ends, hang_up_strays
from interop.mapping.mapped import Mapped
from interop.mapping.plan import COMPOSITION, MappingPlan
from interop.mapping.report import Reads, reads_of
from interop.mapping.retracing import Retracing
from interop.mapping.run import Run
from interop.mapping.shape import read_shape
from interop.mapping.source_shapes import Shape
from interop.mapping.trace import Trace
from interop.outcome import Issue
from interop.sources import Reading, SourceRecord, SourceSpec, Stream


@dataclass(frozen=True)
class Mapping:
    """One mapping file, compiled. Made by ``load``; may be shared between threads.

    system  the first part of the name, ``care-home``: resource ids are stable within it
    """

    name: str
    title: str
    version: str
    spec: SourceSpec
    bundle: BundlePlan
    plan: MappingPlan
    forward: Forward = field(repr=False)
    inverse: Inverse = field(repr=False)

    @property
    def kind(self) -> str:
        """What the relay calls the messages it makes: ``transfer-summary``."""
        return self.bundle.kind

    @property
    def system(self) -> str:
        return self.name.partition("/")[0]

    def read(self, files: Files[str, bytes | Path]) -> Reading:
        """The records in the files (name to bytes, or to a path), and what is wrong with them."""
        return sources.read(self._expecting, files)

    def stream(self, files: Files[str, bytes | Path]) -> Stream:
        """The same one record at a time, for files that are too large to be held in memory."""
        return sources.stream(self._expecting, files)

    @cached_property
    def _expecting(self) -> SourceSpec:
        """The spec, its tables knowing which columns rules read, so that a misspelt heading is noticed."""
        read: dict[str, dict[str, None]] = {}
        for pattern in sorted([str(step) for step in p] for p in self.reads.patterns if len(p) > 1):
            table, column, *_ = pattern
            theirs = self.spec.names.get(table, {}).get(column, column)
            read.setdefault(table, {})[theirs] = None
        tables = tuple(replace(t, expected=tuple(read.get(t.name, ()))) for t in self.spec.tables)
        return replace(self.spec, tables=tables)

    def apply(self, record: SourceRecord, *, now: datetime) -> Mapped:
        """One record mapped. ``now`` needs a zone: it becomes Bundle.timestamp and ``$now``. Bad data never raises."""
        run = Run(record, now, self.name)
        moment, undated = self.bundle.time.read(record) if self.bundle.time else (None, None)
        if undated is not None:
            run.issues.append(undated)
        making = _Making(self, run)
        url = ""
        if self.plan.composition is not None:
            url = "urn:uuid:" + stable_uuid(making.uuid, COMPOSITION)
            run.made[COMPOSITION] = {(): url}
        entries, making.origins = self.forward.resources(run)
        composition = self.forward.document(run, url)
        making.document = url, run.links
        if run.kept.failed:
            run.undecided()
        if self.shape.members:
            run.issues += self.shape.faults(run)
        if self._copies:
            first = (Entry(url, composition),) if composition else ()
            rows = {url: origin.at for url, origin in making.origins.items()}
            listed = [entry for made in entries.values() for entry in made]
            drop_loose_ends((*first, *listed), run, rows)
            if composition:
                hang_up_strays(composition, url, listed, run)
        resources = tuple([entry for name in self.plan.groups for entry in entries[name]])
        making.people = entries.get(self.bundle.person or "", ())
        return Mapped(record, resources, composition, moment or now, making)

    def reverse(self, bundle: JsonObject) -> LocalRecord:
        """A Bundle as a record in the local format, whoever made it, with a finding for all that has no place there."""
        time = self.bundle.time
        return self.inverse.run(bundle, self._again, time.sources[0].steps if time is not None else ())

    def _again(self, tree: JsonObject) -> tuple[Entry, ...]:
        """A local tree mapped forward, its place and time of no account."""
        made = self.apply(SourceRecord(tree, (), "again", _nowhere), now=datetime.fromtimestamp(0, UTC))
        return (*made.resources, *([Entry("", made.composition)] if made.composition else ()))

    @cached_property
    def reads(self) -> Reads:
        """Every source field the mapping reads or drops on purpose."""
        return reads_of(self.plan, self.bundle.reads, self.spec)

    @cached_property
    def leftovers(self) -> Leftovers:
        """Finds what the mapping leaves unread in a record."""
        return Leftovers.of(self.plan, self.bundle.reads, self.reads, self.spec)

    @cached_property
    def shape(self) -> Shape:
        return Shape.of(self.plan, self.spec)

    @cached_property
    def _copies(self) -> bool:
        return self.plan.copies

    @cached_property
    def _identity(self) -> tuple[tuple[bool, Callable[[Json], Json]], ...]:
        return fetchers(self.bundle.identity)


@dataclass(slots=True)
class _Making:
    """What a mapped record keeps for later questions: the run, and who made what.

    document  the Composition's fullUrl ("" when there is none), and what it refers to
    """

    mapping: Mapping
    run: Run
    origins: Files[str, Origin] = field(default_factory=dict)
    document: tuple[str, list[str]] = ("", [])  # replaced, never changed
    people: Sequence[Entry] = ()
    _uuid: str = ""

    @property
    def plan(self) -> BundlePlan:
        return self.mapping.bundle

    @property
    def uuid(self) -> str:
        """The Bundle's, of its business key or else the record's."""
        if not self._uuid:
            tree = self.run.record.tree
            values = identity_values(self.mapping._identity, tree, tree)
            self._uuid = stable_uuid(self.mapping.name, "bundle", *(values if any(values) else [self.run.record.key]))
        return self._uuid

    @property
    def found(self) -> tuple[Issue, ...]:
        return tuple(self.run.issues)

    def unread(self) -> tuple[Issue, ...]:
        return self.mapping.leftovers.issues(self.run)

    def person(self) -> str | None:
        return nhs_number_of(self.people)

    def links(self) -> Files[str, Sequence[str]] | None:
        """By fullUrl, what each resource refers to; None where it must be looked for."""
        if self.mapping._copies:
            return None
        url, links = self.document
        return {url: links, **{url: origin.links for url, origin in self.origins.items()}}

    def trace(self) -> Trace:
        return Trace(Retracing(self.mapping.plan, self.mapping.forward, self.run, self))


def _nowhere(path: SourcePath) -> SourcePointer:
    return SourcePointer("", path=".".join(map(str, path)))


def load(path: Path, *, definitions: Definitions | None = None, root: Path | None = None) -> Mapping:
    """The mapping at ``path``, compiled and checked completely.

    definitions  R4 and packages; the shipped R4 when not given
    root         the folder of all mappings; by default found from the mapping's own name

    Raises CatalogueError when there is no such file, MappingError with every fault (file, line, column, hint).
    """
    if not path.is_file():
        near = ", ".join(sorted(p.stem for p in path.parent.glob("*.yaml"))) if path.parent.is_dir() else ""
        raise CatalogueError(f"no mapping at {path}", hint=f"there are {near}" if near else None)
    faults = Faults()
    known = definitions or Definitions.core()
    document = read_document(path, root.resolve() if root else None, faults)
    if document is None:
        faults.raise_if_any(path.stem)
        raise AssertionError("a document that cannot be read has faults")
    shape = read_shape(document.source, document.item.place, faults)
    plan = Compiler(document, known, shape, faults).plan()
    bundle = read_bundle_plan(document, plan, shape, faults)
    faults.raise_if_any(document.name)
    if shape.spec is None:
        raise AssertionError("an unusable source block has faults")
    system = document.name.partition("/")[0]
    return Mapping(
        name=document.name,
        title=document.title,
        version=document.version,
        spec=shape.spec,
        bundle=bundle,
        plan=plan,
        forward=Forward(plan, system, document.name),
        inverse=Inverse(plan, shape.spec, document.name),
    )
