"""The very bytes that will travel: a Bundle in the envelope of a message; everybody gets the copy that is theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from interop.bundle import Handling, Party, stable_uuid, wrap
from interop.json_codec import JsonObject, dumps
from interop.node import Node
from interop.pipeline.disclosing import Shares
from interop.pipeline.editing import stamped
from interop.relay.alarms import Alarm
from interop.relay.editions import Edition
from interop.relay.message import Accepted, Conflict, Message
from interop.subject import Subject
from interop.translator import FHIR_JSON


def put(node: Node, item: Message, divided: Shares, *, actor: str, made: Edition | None = None) -> Accepted | Conflict:
    """Accept the whole for those who may have it and for its sender, and each copy for those it was made for.

    item  the whole, addressed to ``divided.whole``. Call it in a write: all of them are accepted or none. ``made``: the
          edition the document is, which the copies say as well
    """
    accepted = node.outbox.put(item, divided.whole, actor=actor)
    if isinstance(accepted, Conflict):
        return accepted
    for copy in divided.copies:
        bundle = stamped(copy.bundle, item.kind, made) if made is not None else copy.bundle
        apart = replace(addressed(node, item.organisation, bundle, kind=item.kind, to=copy.to), copy_of=item.id)
        node.outbox.put(apart, copy.to, actor=actor)
    for ods, issue in divided.withheld:
        text = f"A {item.kind} was {issue.text}. {ods} has to be told another way."
        node.alarms.sound(Alarm(item.organisation, "disclosure-withheld", f"{item.id}/{ods}", text))
    return accepted


def addressed(
    node: Node, organisation: str, bundle: JsonObject, *, kind: str, to: tuple[str, ...], event: str | None = None
) -> Message:
    """A document for somebody is put into a message; anything else, or for nobody, stays the Bundle it is.

    The same Bundle for the same recipients gives the same bytes and the same identifier.

    kind   what the relay calls it; ``event``: what happened, for event messages (``ADT^A03``)
    """
    identifier = str((bundle.get("identifier") or {}).get("value", ""))
    body = bundle
    if bundle.get("type") == "document" and to:
        identifier = stable_uuid("message", organisation, identifier, *to)
        body = wrap(
            bundle,
            event=kind,
            sender=Party(organisation, node.settings.name_of(organisation)),
            destinations=[Party(ods, node.settings.name_of(ods)) for ods in to],
            identifier=identifier,
            timestamp=datetime.fromisoformat(bundle["timestamp"]),
            handling=Handling(),
        )
    return Message(
        organisation=organisation,
        identifier=identifier,
        kind=event or kind,
        content_type=FHIR_JSON,
        body=dumps(body),
        person=Subject.of(bundle).key,
        as_of=datetime.fromisoformat(bundle["timestamp"]) if "timestamp" in bundle else None,
    )
