"""Out: an organisation's own records, mapped, judged and queued; what cannot be sent is kept and explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from interop.errors import AccessError, ContentError, TransitionError
from interop.events import log
from interop.node import Node
from interop.outcome import Issue, Outcome
from interop.pipeline.addressing import addressed, put
from interop.pipeline.consequences import Asked, Cause, ask, follow
from interop.pipeline.disclosing import Shares, shares
from interop.pipeline.editing import CODES, Editing, OutOfDate, edit, stamped
from interop.pipeline.order import Order, Submission, media_type
from interop.relay.debts import Event
from interop.relay.editions import Edition
from interop.relay.message import Accepted, Conflict, Message
from interop.relay.original_file import OriginalFile, gather
from interop.relay.originals import Making
from interop.relay.persons import Demographics
from interop.relay.quarantine import Draft
from interop.subject import Subject
from interop.translator import Translated


@dataclass(frozen=True, slots=True)
class _Intake:
    """An order in hand: its files as they are kept, what it calls now, and the version of its mapping."""

    order: Order
    files: tuple[OriginalFile, ...]
    now: datetime
    version: str

    def making(self, record: Translated) -> Making:
        return Making(self.order.mapping, self.version, record.key, self.now, self.files)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A good record as the message it becomes, and what rules say follows from it."""

    record: Translated
    item: Message
    divided: Shares
    cause: Cause | None
    asked: tuple[Asked, ...]


def submit(node: Node, order: Order) -> tuple[Submission, ...]:
    """Map, judge and store every record of the files; on disk when this returns.

    A record that cannot be sent is quarantined with every finding; one record's fault never keeps another back. The
    files are kept as they came, each once, and every record cites them. Raises CatalogueError, MappingError,
    AccessError ``unknown-recipient`` or ContentError ``replay-key`` before any record is stored, and TransitionError
    when nothing came of it but ``identifier-conflict``, or an edition that is out of date (``pipeline.editing``): that
    record then stands in quarantine.
    """
    for ods in order.to:
        if node.settings.role_of(ods) is None:
            raise AccessError(
                f"{ods} is not a partner of this node", code="unknown-recipient", hint="name it under [[partners]]"
            )
    intake = _taken(node, order)
    translated = node.translator.translate(order.mapping, {f.name: f.content for f in intake.files}, now=intake.now)
    if order.only is not None:
        translated = _the_one(translated, order.only)
    elif order.made_from is not None:
        translated = _alone(translated)
    done: list[Submission] = []
    for record in translated:
        done.append(_submit(node, intake, record))
        if done[-1].status in ("queued", "recorded"):
            intake = replace(intake, order=replace(intake.order, replays=None))  # the first to go out takes its place
    if done and all(_turned_away(each) for each in done):
        fault = _turned_away(done[0]) or done[0].issues[0]
        hint = fault.hint
        if done[0].status == "quarantined":
            hint = "; ".join(filter(None, (hint, f"yours is kept as record {done[0].id}")))
        raise TransitionError(fault.text, code=fault.code, hint=hint)
    return tuple(done)


def _turned_away(done: Submission) -> Issue | None:
    """Why nothing came of a record that is good in itself: its identifier or its edition is taken."""
    if done.status == "refused":
        return done.issues[0]
    return next((issue for issue in done.issues if issue.code in CODES), None)


def _taken(node: Node, order: Order) -> _Intake:
    """The order with its large files stored: records cite what is there."""
    version = node.translator.mapping(order.mapping).version
    intake = _Intake(order, gather(order.files, media_type), node.now(), version)
    node.originals.stage(order.organisation, intake.files)
    return intake


def _the_one(translated: Iterable[Translated], key: str) -> Iterator[Translated]:
    """The record a correction is for: the files may hold others, which are not asked for."""
    found = [record for record in translated if record.key == key]
    if not found:
        raise ContentError(
            f"the corrected files hold no record {key!r}", code="replay-key", hint="send the corrected record itself"
        )
    return iter(found)


def _alone(translated: Iterable[Translated]) -> Iterator[Translated]:
    """An edition is said of one document: of several it would be true of one at most."""
    first = list(islice(translated, 2))
    if len(first) > 1:
        raise ContentError(
            "the files hold several records, and one edition was named for all of them",
            code="edition-of-many",
            hint="submit each alone, or let each record say its own in CarePlan.meta.versionId",
        )
    return iter(first)


def _submit(node: Node, intake: _Intake, record: Translated) -> Submission:
    order = intake.order
    if not record.sendable or record.bundle is None:
        return _quarantine(node, intake, record)
    divided = shares(node, record.bundle, record.kind, order.to)
    if order.to and not divided.to:
        return _quarantine(node, intake, replace(record, outcome=record.outcome + Outcome.of(divided.issues)))
    item = addressed(node, order.organisation, record.bundle, kind=record.kind, to=divided.whole, event=record.event)
    cause = _cause(node, intake, record, item)
    ready = _Ready(record, item, divided, cause, ask(node, cause) if cause is not None else ())
    try:
        accepted, made = node.store.write(lambda _: _accept(node, intake, ready))
    except OutOfDate as late:
        return _quarantine(node, intake, replace(record, outcome=record.outcome + Outcome.of([late.issue])))
    if isinstance(accepted, Conflict):
        hint = "a corrected record needs a new business key or time"
        conflict = Issue("identifier-conflict", str(accepted), hint=hint)
        return Submission(record.key, record.kind, "refused", item.id, (), (conflict,))
    status = "queued" if divided.to else "recorded"
    log.info(f"message_{status}", organisation=order.organisation, kind=item.kind, message=item.id)
    number = made.number if made else None
    issues = (*record.outcome.issues, *divided.issues)
    return Submission(record.key, record.kind, status, item.id, divided.to, issues, number)


def _accept(node: Node, intake: _Intake, ready: _Ready) -> tuple[Accepted | Conflict, Edition | None]:
    """All that follows from one good record, inside one transaction. Raises OutOfDate, and nothing has happened."""
    order, record, item = intake.order, ready.record, ready.item
    bundle = record.bundle or {}
    made = edit(node, Editing(order.organisation, record.kind, bundle, item.id, order.actor, order.made_from))
    if made is not None:
        bundle = stamped(bundle, record.kind, made)
        item = addressed(node, order.organisation, bundle, kind=record.kind, to=ready.divided.whole, event=record.event)
    accepted = put(node, item, ready.divided, actor=order.actor, made=made)
    if isinstance(accepted, Accepted):
        node.originals.cite(order.organisation, item.id, intake.making(record))
        _learn(node, order.organisation, record, item)
        if order.replays is not None:
            node.quarantine.replayed(order.organisation, order.replays, item.id, by=order.actor, reason=order.reason)
        if accepted.new and ready.cause is not None:
            follow(node, ready.cause, ready.asked)
    return accepted, made


def _cause(node: Node, intake: _Intake, record: Translated, item: Message) -> Cause | None:
    """The record as something that may have consequences; None when it is about nobody we know, or not new."""
    ours = intake.order.organisation
    if item.person is None or record.bundle is None or node.history.story(ours, item.id) is not None:
        return None
    return Cause(ours, item.id, item.kind, item.person, item.as_of or intake.now, record.bundle, "sent")


def _quarantine(node: Node, intake: _Intake, record: Translated) -> Submission:
    order = intake.order
    draft = Draft(
        order.organisation,
        order.mapping,
        record.key,
        intake.files,
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
