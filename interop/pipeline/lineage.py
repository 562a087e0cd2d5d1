"""Back: from a value in something we sent to the cell of the file it came from, kept as it came.

Lineage is not stored, it is found again: a message remembers the files, the record in them, the mapping and the moment
it was made; the mapping run once more over the same files says where every value came from. Whether it made the very
same thing again is checked and told, because a mapping may have been changed since.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from interop.bundle import Envelope
from interop.errors import CatalogueError, ContentError
from interop.json_codec import Json, JsonObject
from interop.location import SourcePointer
from interop.mapping import Mapped
from interop.mapping.trace import read_location
from interop.node import Node
from interop.relay.originals import Kept, Provenance

LARGEST = 64 << 20
"""Bytes of originals that are read into memory to find one value; beyond that the files are better fetched."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where one value came from.

    value       what the message has there; None where it has nothing
    source      the place in the original; ``raw``: what it says there, None where it is a whole row
    rule        the mapping's rule
    original    the kept file that ``source`` names; None for what no file says (a constant of the mapping)
    reproduced  the mapping as it is today makes the same resource of the same files; False: read the rest as a hint
    """

    expression: str
    value: Json
    source: SourcePointer
    raw: str | None
    rule: str
    provenance: Provenance
    original: Kept | None
    reproduced: bool

    def as_json(self) -> JsonObject:
        made, kept = self.provenance, self.original
        return {
            "expression": self.expression,
            "value": self.value,
            "source": str(self.source),
            "raw": self.raw,
            "rule": self.rule,
            "mapping": made.mapping,
            "version": made.version,
            "record": made.record,
            "mapped_at": made.mapped_at.isoformat(),
            "original": {"name": kept.name, "sha256": kept.sha256, "size": kept.size} if kept else None,
            "reproduced": self.reproduced,
        }


def lineage(node: Node, organisation: str, message: str, expression: str, *, by: str) -> Lineage:
    """The origin of the value at ``expression`` in the document a message carries, or in the Bundle it is.

    ``Bundle.entry[3].resource.birthDate``. Reading the originals is audited as the reading it is. Raises CatalogueError
    ``not-found`` (no such message), ContentError ``no-original`` (not made from files), ``original-too-large``,
    ``no-lineage`` (there is nothing at that place, or no rule made it).
    """
    sent = _sent(node, organisation, message)
    made = next(iter(node.originals.of_message(organisation, message)), None)
    if made is None:
        hint = "messages we write ourselves, such as answers, have no original"
        raise ContentError("this message was not made from files", code="no-original", where=message, hint=hint)
    mapped = _again(node, organisation, message, made, by)
    found = mapped.trace.within(sent).find(expression)
    if found is None:
        raise ContentError(
            f"no rule made what stands at {expression!r}",
            code="no-lineage",
            hint="ask for a place in the document, such as Bundle.entry[3].resource.birthDate",
        )
    pointer, raw, rule = found
    value, owner = _at(sent, expression)
    kept = next((one for one in made.originals if one.name == pointer.file), None)
    return Lineage(expression, value, pointer, raw, rule, made, kept, reproduced=_reproduced(mapped, owner))


def _sent(node: Node, organisation: str, message: str) -> JsonObject:
    story, body = node.history.story(organisation, message), node.history.body(organisation, message)
    if story is None or body is None:
        raise CatalogueError(f"there is no message {message!r} here", code="not-found", hint="list them: GET /messages")
    bundle = node.translator.read(body, story.content_type)
    return (Envelope.read(bundle).document if bundle.get("type") == "message" else None) or bundle


def _again(node: Node, organisation: str, message: str, made: Provenance, by: str) -> Mapped:
    size = sum(kept.size for kept in made.originals)
    if size > LARGEST:
        raise ContentError(
            f"the originals are {size:,} bytes, more than the {LARGEST:,} that are read to find one value",
            code="original-too-large",
            hint="fetch them with interop original, and look with interop mapping explain",
        )
    read = node.originals.read
    files = {kept.name: b"".join(read(organisation, kept, about=message, by=by)) for kept in made.originals}
    mapping = node.translator.mapping(made.mapping)
    with closing(mapping.stream(files)) as records:
        record = next((record for record in records if record.key == made.record), None)
    if record is None:
        raise ContentError(
            f"{made.mapping} no longer finds record {made.record!r} in the originals",
            code="no-lineage",
            hint="the mapping was changed since; fetch the originals with interop original",
        )
    return mapping.apply(record, now=made.mapped_at)


def _at(bundle: JsonObject, expression: str) -> tuple[Json, JsonObject | None]:
    """(the value at the place, the innermost resource it stands in)."""
    node: Json = bundle
    owner: JsonObject | None = None
    for step in read_location(expression):
        if isinstance(step, str) and isinstance(node, list):
            node = node[0] if len(node) == 1 else None
        if isinstance(step, str):
            node = node.get(step) if isinstance(node, dict) else None
        else:
            node = node[step] if isinstance(node, list) and step < len(node) else None
        if isinstance(node, dict) and node.get("resourceType") not in (None, "Bundle"):
            owner = node
    return node, owner


def _reproduced(mapped: Mapped, sent: JsonObject | None) -> bool:
    """Whether the mapping makes of the record what was sent, the narrative left aside: that is written afterwards."""
    if sent is None:
        return False
    again = mapped.bundle()
    resources = [entry.get("resource", {}) for entry in again.get("entry", ())]
    same = [one for one in resources if one.get("id") == sent.get("id")]
    return any(_told(one) == _told(sent) for one in same)


def _told(resource: Json) -> Json:
    """Without narrative, wherever it stands, and without the number of its edition: both are added afterwards."""
    if isinstance(resource, dict):
        kept = {name: _told(value) for name, value in resource.items() if not _added(name, value)}
        return {name: value for name, value in kept.items() if name != "meta" or value}
    return [_told(value) for value in resource] if isinstance(resource, list) else resource


def _added(name: str, value: Json) -> bool:
    return (name == "text" and isinstance(value, dict)) or name == "versionId"
