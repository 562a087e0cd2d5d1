"""A compiled mapping: reads files, maps records forward, and runs backwards."""

from __future__ import annotations

from collections.abc import Mapping as Files
from dataclasses import dataclass, field
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
from interop.mapping.compiler import Compiler, mapping_root
from interop.mapping.document import read_document
from interop.mapping.faults import Faults
from interop.mapping.forward import Forward, Origin, fetchers, identity_values
from interop.mapping.inverse import Inverse, LocalRecord
from interop.mapping.mapped import Mapped
from interop.mapping.paths import SourceExpression, follow, rows_of
from interop.mapping.plan import COMPOSITION, MappingPlan
from interop.mapping.report import Reads, first_rows, reads_of, unread
from interop.mapping.run import Run
from interop.mapping.shape import read_shape
from interop.mapping.trace import Retrace, Trace
from interop.sources import Reading, SourceRecord, SourceSpec


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

    def read(self, files: Files[str, bytes]) -> Reading:
        """The records in the files, and what is wrong with them."""
        return sources.read(self.spec, files)

    def apply(self, record: SourceRecord, *, now: datetime) -> Mapped:
        """One record mapped. ``now`` needs a zone: it becomes Bundle.timestamp and ``$now``. Bad data never raises."""
        run = Run(record, now, self.name)
        moment, undated = self.bundle.time.read(record) if self.bundle.time else (None, None)
        if undated is not None:
            run.issues.append(undated)
        values = identity_values(fetchers(self.bundle.identity), record.tree, record.tree)
        uuid = stable_uuid(self.name, "bundle", *(values if any(values) else [record.key]))
        document_url = "urn:uuid:" + stable_uuid(uuid, COMPOSITION)
        if self.plan.composition is not None:
            run.made[COMPOSITION] = {(): document_url}
        entries, origins = self.forward.resources(run)
        composition = self.forward.document(run, document_url)
        return Mapped(
            record=record,
            resources=tuple(entry for name in self.plan.groups for entry in entries[name]),
            composition=composition,
            identifier={"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid}"},
            kind=self.kind,
            profiles=self.bundle.profiles,
            type=self.bundle.type,
            timestamp=moment or now,
            person=nhs_number_of(entries.get(self.bundle.person or "", [])),
            event=self.bundle.event_of(record.tree),
            found=tuple(run.issues),
            unread=lambda: unread(run, self.reads, self.plan),
            base_trace=Trace(self._retrace(run, origins, document_url), None, first_rows(self.plan)),
        )

    def reverse(self, bundle: JsonObject) -> LocalRecord:
        """A Bundle as a record in the local format, whoever made it, with a finding for all that has no place there."""
        return self.inverse.run(bundle, self._again)

    def _again(self, tree: JsonObject) -> tuple[Entry, ...]:
        """A local tree mapped forward, its place and time of no account."""
        made = self.apply(SourceRecord(tree, (), "again", _nowhere), now=datetime.fromtimestamp(0, UTC))
        return (*made.resources, *([Entry("", made.composition)] if made.composition else ()))

    @cached_property
    def reads(self) -> Reads:
        """Every source field the mapping reads or drops on purpose."""
        return reads_of(self.plan, self.bundle.reads, self.spec)

    def _retrace(self, run: Run, origins: Files[str, Origin], document_url: str) -> Retrace:
        def retrace(url: str) -> tuple[JsonObject, Run, SourcePath] | None:
            origin = origins.get(url)
            way = self.forward.composition if url == document_url else None
            at: SourcePath = ()
            if origin is not None:
                way, at = self.forward.ways[origin.group.name], origin.at
            if way is None:
                return None
            again = Run(run.record, run.now, run.mapping, way.plan.name, way.plan.create, run.made, quiet=True)
            row = _row(way.plan.rows, way.plan.split, run.record.tree, at)
            return way.traced(row, run.record.tree, at, again) or {}, again, at

        return retrace


def _nowhere(path: SourcePath) -> SourcePointer:
    return SourcePointer("", path=".".join(map(str, path)))


def _row(rows: SourceExpression | None, split: str | None, tree: Json, at: SourcePath) -> Json:
    if rows is None or split is None:
        return follow(tree, at)
    return next(row for path, row in rows_of(rows.steps, split)(tree, ()) if path == at)


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
    document = read_document(path, (root or path.parent).resolve(), faults)
    if document is not None and root is None:
        found_root = mapping_root(path, document.name)
        if found_root != path.parent.resolve():
            faults = Faults()
            document = read_document(path, found_root, faults)
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
