"""Out: an organisation's own records, mapped, judged and queued; what cannot be sent is kept and explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from interop.bundle import Handling, Party, stable_uuid, wrap
from interop.errors import AccessError, ContentError, TransitionError
from interop.events import log
from interop.json_codec import JsonObject, dumps
from interop.node import Node
from interop.outcome import Issue
from interop.relay.debts import Event
from interop.relay.message import Accepted, Conflict, Message
from interop.relay.persons import Demographics
from interop.relay.quarantine import Draft
from interop.subject import Subject
from interop.translator import FHIR_JSON, Translated


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of one record.

    status  ``queued``; ``recorded`` (an event, nobody to send it to); ``quarantined``; ``refused`` (its identifier
            already stands for other bytes: those stay, and an alarm was raised)
    """

    key: str
    kind: str
    status: str
    id: str
    recipients: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()

    def as_json(self) -> JsonObject:
        return {
            "key": self.key,
            "kind": self.kind,
            "status": self.status,
            "id": self.id,
            "recipients": list(self.recipients),
            "issues": [issue.as_json() for issue in self.issues],
        }


@dataclass(frozen=True, slots=True)
class Order:
    """What an organisation asks of us: these files, by this mapping, to these recipients.

    replays  id of the quarantined record this corrects; ``only``: that record's key, the one record meant
    """

    organisation: str
    mapping: str
    files: Mapping[str, bytes]
    to: tuple[str, ...] = ()
    actor: str = "operator"
    replays: str | None = None
    only: str | None = None
    reason: str = ""


def submit(node: Node, order: Order) -> tuple[Submission, ...]:
    """Map, judge and store every record of the files; on disk when this returns.

    A record that cannot be sent is quarantined with the files it came in and every finding; one record's fault
    never keeps another back. Raises CatalogueError, MappingError, AccessError ``unknown-recipient`` or ContentError
    ``replay-key`` before anything is stored, and TransitionError ``identifier-conflict`` when nothing else came of it.
    """
    for ods in order.to:
        if node.settings.role_of(ods) is None:
            raise AccessError(
                f"{ods} is not a partner of this node", code="unknown-recipient", hint="name it under [[partners]]"
            )
    translated = node.translator.translate(order.mapping, order.files, now=node.now())
    if order.only is not None:
        translated = _the_one(translated, order.only)
    done: list[Submission] = []
    for record in translated:
        done.append(_submit(node, order, record))
        if done[-1].status in ("queued", "recorded"):
            order = replace(order, replays=None)  # the first to go out takes the quarantined one's place
    if done and all(each.status == "refused" for each in done):
        fault = done[0].issues[0]
        raise TransitionError(fault.text, code=fault.code, hint=fault.hint)
    return tuple(done)


def _the_one(translated: Iterable[Translated], key: str) -> Iterator[Translated]:
    """The record a correction is for: the files may hold others, which are not asked for."""
    found = [record for record in translated if record.key == key]
    if not found:
        raise ContentError(
            f"the corrected files hold no record {key!r}", code="replay-key", hint="send the corrected record itself"
        )
    return iter(found)


def _submit(node: Node, order: Order, record: Translated) -> Submission:
    if not record.sendable or record.bundle is None:
        return _quarantine(node, order, record)
    item = _message(node, order, record, record.bundle)
    accepted = node.store.write(lambda _: _accept(node, order, record, item))
    if isinstance(accepted, Conflict):
        hint = "a corrected record needs a new business key or time"
        conflict = Issue("identifier-conflict", str(accepted), hint=hint)
        return Submission(record.key, record.kind, "refused", item.id, (), (conflict,))
    status = "queued" if order.to else "recorded"
    log.info(f"message_{status}", organisation=order.organisation, kind=item.kind, message=item.id)
    return Submission(record.key, record.kind, status, item.id, order.to, record.outcome.issues)


def _accept(node: Node, order: Order, record: Translated, item: Message) -> Accepted | Conflict:
    """All that follows from one good record, inside one transaction."""
    accepted = node.outbox.put(item, order.to, actor=order.actor)
    if isinstance(accepted, Accepted):
        _learn(node, order.organisation, record, item)
        if order.replays is not None:
            node.quarantine.replayed(order.organisation, order.replays, item.id, by=order.actor, reason=order.reason)
    return accepted


def _message(node: Node, order: Order, record: Translated, bundle: JsonObject) -> Message:
    """The very bytes that will travel. The same record for the same recipients gives the same bytes and identifier."""
    body, identifier = bundle, record.identifier
    if bundle.get("type") == "document" and order.to:
        identifier = stable_uuid("message", order.organisation, record.identifier, *order.to)
        body = wrap(
            bundle,
            event=record.kind,
            sender=Party(order.organisation, node.settings.name_of(order.organisation)),
            destinations=[Party(ods, node.settings.name_of(ods)) for ods in order.to],
            identifier=identifier,
            timestamp=datetime.fromisoformat(bundle["timestamp"]),
            handling=Handling(),
        )
    return Message(
        organisation=order.organisation,
        identifier=identifier,
        kind=record.event or record.kind,
        content_type=FHIR_JSON,
        body=dumps(body),
        person=Subject.of(bundle).key,
        as_of=datetime.fromisoformat(bundle["timestamp"]) if "timestamp" in bundle else None,
    )


def _quarantine(node: Node, order: Order, record: Translated) -> Submission:
    draft = Draft(
        order.organisation,
        order.mapping,
        record.key,
        order.files,
        tuple(issue.as_json() for issue in record.outcome),
        recipients=order.to,
    )
    number = node.quarantine.put(draft, actor=order.actor)
    log.info("record_quarantined", organisation=order.organisation, kind=record.kind, issues=len(record.outcome.errors))
    return Submission(record.key, record.kind, "quarantined", number, (), record.outcome.issues)


def _learn(node: Node, organisation: str, record: Translated, item: Message) -> None:
    """What an organisation's own record tells us: whom it knows, who stands around them, and what it now owes."""
    subject = Subject.of(record.bundle or {})
    if subject.key is None:
        return
    node.persons.register(organisation, subject.key, Demographics(subject.family, subject.birth_date), standing=None)
    if subject.gp is not None:
        node.persons.join(organisation, subject.key, "gp", subject.gp)
    if record.event is not None:
        occurred = item.as_of or node.now()
        node.obligations.observe(Event(organisation, record.event, subject.key, occurred, item.identifier))
