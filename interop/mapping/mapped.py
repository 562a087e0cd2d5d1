"""What one record became: its resources, its document, its findings, and the way back to every cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from interop.bundle import Entry
from interop.bundle.document import assemble_collection, assemble_document
from interop.json_codec import JsonObject
from interop.mapping.trace import Trace
from interop.outcome import Issue
from interop.sources import SourceRecord


@dataclass(frozen=True)
class Mapped:
    """One record mapped. Findings of the record itself come first, then the mapping's, then what nobody read.

    resources    in the order of the mapping's groups, the Composition not among them
    person       NHS number of the group the mapping calls the person, or None
    event        of a message-event: ``A03``
    identifier   Bundle.identifier: the same business key gives the same one
    kind         what the relay calls it: ``transfer-summary``
    """

    record: SourceRecord
    resources: tuple[Entry, ...]
    composition: JsonObject | None
    identifier: JsonObject
    kind: str
    type: str
    profiles: tuple[str, ...]
    timestamp: datetime
    person: str | None
    event: str | None
    found: tuple[Issue, ...]
    unread: Callable[[], tuple[Issue, ...]]
    base_trace: Trace

    @cached_property
    def issues(self) -> tuple[Issue, ...]:
        return (*self.record.issues, *self.found, *self.unread())

    @cached_property
    def _bundle(self) -> JsonObject:
        if self.type == "document" and self.composition is not None:
            url = f"urn:uuid:{self.composition['id']}"
            made = assemble_document(
                self.composition, self.resources, identifier=self.identifier, timestamp=self.timestamp, full_url=url
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
