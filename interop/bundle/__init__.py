"""Bundles: stable ids, documents, messages and their envelopes, transactions."""

from interop.bundle.document import (
    assemble_collection,
    assemble_document,
    composition_of,
    find,
    reachable,
    sections,
    unreached,
)
from interop.bundle.entry import Entry
from interop.bundle.envelope import Attachment, Envelope, Response
from interop.bundle.identity import full_url, stable_uuid, uuids_of
from interop.bundle.message import Handling, Party, response, wrap
from interop.bundle.references import Index, entries, references
from interop.bundle.transaction import transaction

__all__ = [
    "Attachment",
    "Entry",
    "Envelope",
    "Handling",
    "Index",
    "Party",
    "Response",
    "assemble_collection",
    "assemble_document",
    "composition_of",
    "entries",
    "find",
    "full_url",
    "reachable",
    "references",
    "response",
    "sections",
    "stable_uuid",
    "transaction",
    "unreached",
    "uuids_of",
    "wrap",
]
