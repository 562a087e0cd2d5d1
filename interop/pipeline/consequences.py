"""What follows from a document: every rule is asked, and what it wants done is submitted once, with the document.

All of it is done in the write that accepts or files the document, so it is there when the document is, and not at all
when the document is not. The rules themselves are asked before, because they read and think; in the write it is only
looked whether what they saw is still all there is. What was done once is written down under the rule's own key and not
done again, whether the document comes twice, a process dies, or two documents prove the same thing. How to add a rule:
``pipeline.rules``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from interop.bundle import Envelope
from interop.errors import ContentError
from interop.events import log, place
from interop.identifiers import ods_code_fault
from interop.json_codec import JsonObject
from interop.node import Node
from interop.pipeline import rules
from interop.pipeline.addressing import addressed, put
from interop.pipeline.disclosing import shares
from interop.pipeline.rules import Direction, Registered
from interop.practice.follow_up import FollowUp
from interop.reading import Document
from interop.relay.alarms import Alarm
from interop.relay.consequences import Consequence, Watch
from interop.relay.history import Latest, Sought
from interop.relay.message import Accepted

_AFTER_A_FAULT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Cause:
    """A document that was just accepted or filed. ``id``: the message's, or the inbox entry's."""

    organisation: str
    id: str
    kind: str
    person: str
    at: datetime
    document: JsonObject
    direction: Direction


@dataclass(frozen=True, slots=True)
class Asked:
    """What one rule answers, and to what: the answer holds for as long as those are the earlier documents.

    fault  the rule failed; nothing of its answer counts
    """

    rule: Registered
    earlier: tuple[str, ...]
    wanted: tuple[Wanted, ...] = ()
    look_at: datetime | None = None
    fault: Exception | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A follow-up with the codes of what is wrong with it: a document that is not valid is not sent."""

    follow_up: FollowUp
    faults: tuple[str, ...] = ()


def ask(node: Node, cause: Cause) -> tuple[Asked, ...]:
    """Ask every rule that looks at such documents. Call it before the write, which it would hold up: rules read."""
    return tuple(_ask(node, rule, cause) for rule in rules.RULES if _looks_at(rule, cause))


def follow(node: Node, cause: Cause, asked: Sequence[Asked] = ()) -> None:
    """Do what the rules want. Call it in the write that accepts or files the document.

    asked  their answers, from ``ask``; one that no longer holds, because another document came first, is asked again
    """
    before = {answer.rule.name: answer for answer in asked}
    for rule in rules.RULES:
        if _looks_at(rule, cause):
            answer = before.get(rule.name)
            if answer is None or answer.earlier != node.history.newest_ids(_sought(node, rule, cause)):
                answer = _ask(node, rule, cause)
            _do(node, cause, answer)


def look_again(node: Node, organisation: str) -> int:
    """Ask the rules whose answer time alone may have changed; how many were asked."""
    due = node.consequences.due(organisation, node.now())
    for watch in due:
        rule = next((rule for rule in rules.RULES if rule.name == watch.rule), None)
        node.store.write(lambda _, watch=watch, rule=rule: _look(node, watch, rule))  # type: ignore[misc]  # bound now
    return len(due)


def _look(node: Node, watch: Watch, rule: Registered | None) -> None:
    newest = node.history.newest(Sought(watch.organisation, watch.person, (watch.kind,), limit=1))
    if rule is None or not newest:  # the rule was taken out, or its document withdrawn
        node.consequences.look_again(watch.organisation, watch.person, watch.kind, watch.rule, None)
        return
    [found] = newest
    document = _read(node, found)
    cause = Cause(watch.organisation, found.id, watch.kind, watch.person, found.at, document, rule.where[0])
    answer = _ask(node, rule, cause)
    if answer.fault is not None:
        later = node.now() + _AFTER_A_FAULT
        node.consequences.look_again(watch.organisation, watch.person, watch.kind, watch.rule, later)
    _do(node, cause, answer)


def _looks_at(rule: Registered, cause: Cause) -> bool:
    return cause.kind in rule.on and cause.direction in rule.where


def _sought(node: Node, rule: Registered, cause: Cause) -> Sought:
    since = cause.at - rule.within if rule.within is not None else None
    return Sought(cause.organisation, cause.person, rule.on, rule.earlier, since, without=cause.id)


def _ask(node: Node, rule: Registered, cause: Cause) -> Asked:
    """A rule's fault is its answer: whatever it does wrong, the document itself must not be lost."""
    now, held = node.now(), node.history.newest(_sought(node, rule, cause))
    earlier = tuple(one.id for one in held)
    if rule.newest_only and any(one.at > cause.at for one in held):
        return Asked(rule, earlier)
    timeline = [(one.at, _read(node, one)) for one in held] + [(cause.at, cause.document)]
    documents = [Document.of(document) for _, document in sorted(timeline, key=lambda pair: pair[0])]
    try:
        found = rule.judge(documents, now, node.settings.names)
        wanted = tuple(_judged(node, one) for one in found if one.keeper in (None, cause.organisation))
        due = rule.next_look(documents[-1], now) if rule.next_look is not None else None
    except Exception as fault:  # noqa: BLE001  see above
        return Asked(rule, earlier, fault=fault)
    return Asked(rule, earlier, wanted, due if due is None or due > now else None)  # due already: it was just asked


def _judged(node: Node, wanted: FollowUp) -> Wanted:
    outcome = node.translator.judge(wanted.bundle, kind=wanted.kind)
    return Wanted(wanted, tuple(sorted({issue.code for issue in outcome.errors})) if not outcome.ok else ())


def _do(node: Node, cause: Cause, answer: Asked) -> None:
    rule = answer.rule
    if answer.fault is not None:
        log.error("worker_failed", worker=f"rule {rule.name}", message=cause.id, fault=place(answer.fault))
        text = (
            f"The rule {rule.name} failed on a {cause.kind}: {type(answer.fault).__name__}. The document itself is"
            " safe; see to what the rule would have asked for by hand."
        )
        node.alarms.sound(Alarm(cause.organisation, "rule-failed", cause.id, text))
        return
    for wanted in answer.wanted:
        _submit_once(node, rule, cause, wanted)
    if rule.next_look is not None:
        node.consequences.look_again(cause.organisation, cause.person, cause.kind, rule.name, answer.look_at)


def _submit_once(node: Node, rule: Registered, cause: Cause, found: Wanted) -> None:
    ours, wanted = cause.organisation, found.follow_up
    if node.consequences.known(ours, wanted.kind, wanted.key):
        return
    if found.faults:
        codes = ", ".join(found.faults)
        text = f"The rule {rule.name} wanted to send a {wanted.kind} that is not valid ({codes}). Tell them by hand."
        node.alarms.sound(Alarm(ours, "follow-up-invalid", cause.id, text))
        return
    to, unknown = _recipients(node, cause, wanted.recipients)
    divided = shares(node, wanted.bundle, wanted.kind, to)
    item = addressed(node, ours, wanted.bundle, kind=wanted.kind, to=divided.whole)
    accepted = put(node, item, divided, actor=f"rule {rule.name}")
    if not isinstance(accepted, Accepted):
        return  # the outbox has raised its alarm: this identifier stands for something else
    node.consequences.record(Consequence(ours, wanted.kind, wanted.key, item.id, cause.id, cause.person))
    for name in unknown:
        whom = name if ods_code_fault(name) is None else f"the person's {name}"
        text = f"A {wanted.kind} is for {whom}, and no partner of this node is that: tell them by hand."
        node.alarms.sound(Alarm(ours, "follow-up-recipient-unknown", f"{item.id}/{name}", text))
    if not divided.to:
        text = f"A {wanted.kind} was written down and goes to nobody else: read it, and act on it here."
        node.alarms.sound(Alarm(ours, "follow-up", item.id, text))
    action, fields = "message_queued" if divided.to else "message_recorded", {"kind": wanted.kind, "message": item.id}
    node.store.after_commit(lambda: log.info(action, organisation=ours, **fields))


def _recipients(node: Node, cause: Cause, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(ODS codes to send to, names nobody could be found for). Nobody sends to themselves."""
    circle = node.persons.circle(cause.organisation, cause.person)
    found: dict[str, None] = {}
    unknown: list[str] = []
    for name in names:
        held = (name,) if ods_code_fault(name) is None else circle.get(name, ())
        known = [ods for ods in held if node.settings.role_of(ods) is not None]
        found |= dict.fromkeys(known)
        if not known:
            unknown.append(name)
    found.pop(cause.organisation, None)
    return tuple(found), tuple(unknown)


def _read(node: Node, held: Latest) -> JsonObject:
    """The document in a stored message, or the Bundle it is."""
    bundle = node.translator.read(held.body, held.content_type)
    try:
        return Envelope.read(bundle).document or bundle
    except ContentError:  # an event: a Bundle without an envelope
        return bundle
