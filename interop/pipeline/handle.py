"""What a received message means for us: judged, matched to a person, answered; once in effect, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interop.bundle import Envelope, Party, response, stable_uuid
from interop.bundle.message import ResponseCode
from interop.events import log
from interop.json_codec import JsonObject, dumps
from interop.node import Node
from interop.outcome import Outcome
from interop.pipeline import editing
from interop.pipeline.consequences import Cause, ask, follow
from interop.pipeline.receive import ACKNOWLEDGEMENT
from interop.relay.acks import Step
from interop.relay.inbox import Held, Item
from interop.relay.message import Message, Rung
from interop.relay.persons import Answer, Demographics
from interop.subject import Subject
from interop.translator import FHIR_JSON

PAYLOAD_REFUSED = "20009"


def handle(node: Node, held: Held) -> None:
    """Everything a received message means for us, in one transaction: it happens once or not at all."""
    bundle = node.translator.read(held.item.body, held.item.content_type)
    envelope = Envelope.read(bundle)
    if envelope.response is not None:
        code = next(iter(envelope.response.itk_codes), "")
        step = Step(Rung.ACCEPTED_BY_ORGANISATION, code, evidence=held.item.identifier)
        _settle(node, held, "acknowledged", lambda: _acknowledged(node, held.item, step))
        return
    content = envelope.document or bundle
    outcome = node.translator.judge(content, kind=held.item.kind)
    subject = Subject.of(content)
    known = node.persons.lookup(
        held.item.organisation, subject.key or "", Demographics(subject.family, subject.birth_date)
    )
    verdict = decide(outcome, known)
    # A bare document that names nobody: its receipt was the answer.
    answer = _answer(node, held.item, bundle, verdict, outcome) if envelope.sender_ods is not None else None

    cause = _cause(held.item, content, subject) if verdict.filed else None
    asked = ask(node, cause) if cause is not None else ()

    def apply() -> None:
        if cause is not None:
            role = node.settings.role_of(held.item.sender)
            node.persons.join(cause.organisation, cause.person, role or "other", held.item.sender)
            follow(node, cause, asked)
            item = held.item
            editing.receive(node, editing.Editing(item.organisation, item.kind, content, item.id, item.sender))
        if answer is not None:
            node.outbox.put(answer, (held.item.sender,))

    _settle(node, held, "filed" if verdict.filed else "refused", apply)


def _cause(item: Item, content: JsonObject, subject: Subject) -> Cause | None:
    if subject.key is None:
        return None
    return Cause(item.organisation, item.id, item.kind, subject.key, item.received_at, content, "received")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What we tell the sender: the response code of FHIR messaging and the ITK code that says why."""

    code: ResponseCode
    itk_code: str
    filed: bool


def decide(outcome: Outcome, known: Answer) -> Verdict:
    """Content first, then identity. Nothing wrong is filed, and nobody is filed as somebody else."""
    if not outcome.ok:
        return Verdict("fatal-error", PAYLOAD_REFUSED, filed=False)
    accepted = known.standing.itk_code == "30001"
    return Verdict("ok" if accepted else "fatal-error", known.standing.itk_code, filed=accepted)


def _answer(node: Node, item: Item, bundle: JsonObject, verdict: Verdict, outcome: Outcome) -> Message:
    identifier = stable_uuid("answer", item.organisation, item.sender, item.identifier)
    body = response(
        bundle,
        code=verdict.code,
        itk_code=verdict.itk_code,
        sender=Party(item.organisation, node.settings.name_of(item.organisation)),
        identifier=identifier,
        timestamp=node.now(),
        issues=outcome.errors,
    )
    return Message(
        organisation=item.organisation,
        identifier=identifier,
        kind=ACKNOWLEDGEMENT,
        content_type=FHIR_JSON,
        body=dumps(body),
        person=item.person,
        correlates=item.identifier,
    )


def _settle(node: Node, held: Held, effect: str, apply: Callable[[], None]) -> None:
    if node.inbox.settle(held, [effect], apply):
        item = held.item
        log.info("message_settled", organisation=item.organisation, partner=item.sender, kind=item.kind, status=effect)


def _acknowledged(node: Node, item: Item, step: Step) -> None:
    """Our message has its business answer."""
    node.acknowledgements.record(item.organisation, item.correlates or "", item.sender, step)
    log.info("acknowledgement_received", organisation=item.organisation, partner=item.sender, code=step.code)
