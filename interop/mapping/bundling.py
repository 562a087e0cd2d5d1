"""The ``bundle:`` block: what the resources of a record become, and what the Bundle is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from interop.bundle import Entry
from interop.identifiers import NHS_NUMBER
from interop.json_codec import Json
from interop.mapping import blocks
from interop.mapping.blocks import place_of, read_block
from interop.mapping.document import Document
from interop.mapping.faults import Faults
from interop.mapping.leaves import transforms_of
from interop.mapping.paths import SourceExpression, fetch, locate
from interop.mapping.plan import MappingPlan
from interop.mapping.refusal import Refusal
from interop.mapping.run import point, told
from interop.mapping.shape import Shape
from interop.mapping.transform import Transform, text_of
from interop.mapping.transforms import make
from interop.mapping.yaml_tree import Item
from interop.outcome import Issue
from interop.sources import SourceRecord

TYPES = ("document", "collection", "message-event")


@dataclass(frozen=True, slots=True)
class TimePlan:
    """Where the moment of the event stands: the first of ``sources`` that holds anything."""

    sources: tuple[SourceExpression, ...]
    steps: tuple[Transform, ...]

    def read(self, record: SourceRecord) -> tuple[datetime | None, Issue | None]:
        """The moment; None with a finding when there is none, or it cannot be read."""
        for source in self.sources:
            raw = fetch(record.tree, source.steps)
            if raw is not None and told(raw).strip():
                return self._moment(raw, record, source)
        spot = point(record, locate(record.tree, self.sources[0].steps))
        text = "is empty, but it dates the whole message; the moment of mapping is used instead"
        return None, Issue(
            "bundle-time", text, "Bundle.timestamp", source=spot, value="", hint="fill it in at the source"
        )

    def _moment(
        self, raw: Json, record: SourceRecord, source: SourceExpression
    ) -> tuple[datetime | None, Issue | None]:
        value = raw
        try:
            for step in self.steps:
                value = step.forward(value)
            moment = datetime.fromisoformat(str(value))
            if moment.tzinfo is not None:
                return moment, None
            reason = f"{told(raw)!r} has no time of day"
        except Refusal as refusal:
            reason = refusal.text
        except ValueError:
            reason = f"{told(raw)!r} is not a time"
        text = f"{reason}; the moment of mapping is used instead"
        spot = point(record, locate(record.tree, source.steps))
        return None, Issue("bundle-time", text, "Bundle.timestamp", source=spot, value=told(raw))


@dataclass(frozen=True, slots=True)
class BundlePlan:
    """What the resources become. ``event``: the parts of the event code, joined with ``^``."""

    type: str = "collection"
    kind: str = ""
    person: str | None = None
    event: tuple[SourceExpression, ...] = ()
    identity: tuple[SourceExpression, ...] = ()
    time: TimePlan | None = None
    profiles: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[SourceExpression, ...]:
        return (*self.identity, *self.event, *(self.time.sources if self.time else ()))

    def event_of(self, tree: Json) -> str | None:
        """``ADT^A03``, or None where the record names no event."""
        parts = [text_of(raw) for source in self.event if (raw := fetch(tree, source.steps)) is not None]
        return "^".join(part for part in parts if part) or None


def nhs_number_of(entries: Iterable[Entry]) -> str | None:
    """The first NHS number among the resources' identifiers."""
    identifiers = (i for entry in entries for i in entry.resource.get("identifier") or ())
    return next((str(i["value"]) for i in identifiers if i.get("system") == NHS_NUMBER and "value" in i), None)


def read_bundle_plan(document: Document, plan: MappingPlan, shape: Shape, faults: Faults) -> BundlePlan:
    """The compiled block; without one, a document where the mapping has a Composition, else a collection."""
    if document.bundle is None:
        return BundlePlan(type="document" if plan.composition else "collection")
    item = document.bundle
    found = read_block(item, blocks.BUNDLE, "bundle", faults)
    kind = found.get("type", "collection")
    if kind not in TYPES:
        faults.unknown(place_of(item, "type"), "no bundle type", kind, TYPES)
    if kind == "document" and plan.composition is None:
        faults.add(place_of(item, "type"), "a document needs `composition:`")
    person = found.get("person")
    if person is not None and person not in plan.groups:
        faults.unknown(place_of(item, "person"), "no group", person, plan.groups)
    return BundlePlan(
        type=kind,
        kind=found.get("kind", ""),
        person=person,
        event=_paths(found.get("event", ()), item, "event", shape),
        identity=_paths(found.get("identity", ()), item, "identity", shape),
        profiles=found.get("profile", ()),
        time=_time(found.get("time"), item, shape, faults),
    )


def _paths(texts: Iterable[str], item: Item, key: str, shape: Shape) -> tuple[SourceExpression, ...]:
    paths = (shape.path(text, place_of(item, key)) for text in texts)
    return tuple(path for path in paths if path is not None)


def _time(item: Item | None, block: Item, shape: Shape, faults: Faults) -> TimePlan | None:
    """``time: PATH`` (ISO or HL7 text) or ``time: {source: PATH or list, transform: …}``."""
    if item is None:
        return None
    if not isinstance(item.value, dict):
        texts = tuple(str(child.value) for child in item.items())
        sources = _paths(texts, block, "time", shape)
        return TimePlan(sources, (make("datetime", ["iso", "hl7"], shape.zone),)) if sources else None
    found = read_block(item, blocks.TIME, "time", faults)
    sources = _paths(found.get("source", ()), item, "source", shape)
    steps = transforms_of(found.get("transform"), shape, faults)
    if "source" not in found:
        faults.add(item.place, "time without 'source'")
    if not sources or steps is None:
        return None
    return TimePlan(sources, tuple(steps) or (make("datetime", ["iso", "hl7"], shape.zone),))
