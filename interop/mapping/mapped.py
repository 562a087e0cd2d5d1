"""What one record became: its resources, its document, its findings, and the way back to every cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol

from interop.bundle import Entry
from interop.bundle.document import assemble_collection, assemble_document
from interop.json_codec import JsonObject
from interop.mapping.bundling import BundlePlan
from interop.mapping.trace import Trace
from interop.outcome import Issue
from interop.sources import SourceRecord


class Making(Protocol):
    """How a record was mapped: answers what most callers never ask, when somebody does."""

    @property
    def plan(self) -> BundlePlan: ...

    @property
    def uuid(self) -> str: ...

    @property
    def found(self) -> tuple[Issue, ...]: ...

    def unread(self) -> tuple[Issue, ...]: ...

    def person(self) -> str | None: ...

    def links(self) -> Mapping[str, Sequence[str]] | None: ...

    def trace(self) -> Trace: ...


@dataclass(frozen=True)
class Mapped:
    """One record mapped. Findings of the record itself come first, then the mapping's, then what nobody read.

    resources  in the order of the mapping's groups, the Composition not among them
    timestamp  the moment of the event, or of mapping
    """

    record: SourceRecord
    resources: tuple[Entry, ...]
    composition: JsonObject | None
    timestamp: datetime
    making: Making = field(repr=False)

    @property
    def kind(self) -> str:
        """What the relay calls it: ``transfer-summary``."""
        return self.making.plan.kind

    @property
    def type(self) -> str:
        return self.making.plan.type

    @property
    def profiles(self) -> tuple[str, ...]:
        return self.making.plan.profiles

    @cached_property
    def identifier(self) -> JsonObject:
        """Bundle.identifier: the same business key gives the same one."""
        return {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{self.making.uuid}"}

    @cached_property
    def person(self) -> str | None:
        """NHS number of the group the mapping calls the person, or None."""
        return self.making.person()

    @cached_property
    def event(self) -> str | None:
        """Of a message-event: ``ADT^A03``."""
        return self.making.plan.event_of(self.record.tree)

    @property
    def found(self) -> tuple[Issue, ...]:
        """The mapping's own findings."""
        return self.making.found

    @cached_property
    def base_trace(self) -> Trace:
        return self.making.trace()

    @cached_property
    def issues(self) -> tuple[Issue, ...]:
        return (*self.record.issues, *self.found, *self.making.unread())

    @cached_property
    def _bundle(self) -> JsonObject:
        if self.type == "document" and self.composition is not None:
            url = f"urn:uuid:{self.composition['id']}"
            made = assemble_document(
                self.composition,
                self.resources,
                identifier=self.identifier,
                timestamp=self.timestamp,
                full_url=url,
                links=self.making.links(),
            )
        else:
            made = assemble_collection(self.resources, identifier=self.identifier, timestamp=self.timestamp)
        if not self.profiles:
            return made
        return {"resourceType": "Bundle", "meta": {"profile": list(self.profiles)}, **made}

    def bundle(self) -> JsonObject:
        """The Bundle the mapping asks for. A message-event comes as a collection, for the envelope to wrap."""
        return self._bundle

    @cached_property
    def trace(self) -> Trace:
        """Where each value of ``bundle()`` came from."""
        return self.base_trace.within(self.bundle())
