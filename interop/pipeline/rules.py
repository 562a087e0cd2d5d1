"""Every rule that says what follows from a document: a list one can read aloud.

A rule is a pure function in ``interop/practice/``; here it is told which documents to look at. Two shapes:

``between(name, on, rule)``  ``rule(before, after, now)``: the newest document and the one before it, of the kinds in
                             ``on``, about one person. ``before`` is None for the first. Not asked about a document that
                             is older than one already held: that is no news.
``over(name, on, rule)``     ``rule(documents, now)``: the documents of those kinds about the person, oldest first, at
                             most ``MOST`` and none older than ``within``; for what takes several documents to see.

Both give ``interop.practice.follow_up.FollowUp`` objects. Each is submitted once: ``kind`` and ``key`` are what "the
same" means, so make the key of business identifiers (bag number, item, visit id), never of the time of looking.
Recipients are ODS codes or roles of the person's circle (``gp``, ``care-home``); ``keeper`` says whose it is where
several organisations hold the same documents and one of them owes it.

``between_named`` is ``between`` for a rule that is made of the names of organisations (``Rule = make(names)``).

To add one, import it and add a line to ``RULES``. ``where``: a rule looks at what an organisation itself sends
(``sent``, the rule) or also at what it receives; with ``sent`` alone two organisations that share a document do not
both act on it. ``next_look(after, now)``: when time alone may change the answer (a visit that becomes late), the moment
to ask again; None: not before the next document. A rule that raises, or a follow-up that is not valid FHIR, raises an
alarm and never keeps the document itself back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from interop.practice import coordinator, delegation, diary_alerts, lost_items, meeting_notices, notices, safeguarding
from interop.practice.follow_up import FollowUp
from interop.practice.follow_up import Rule as Between
from interop.reading import Document
from interop.reconciliation import sign_offs

Direction = Literal["sent", "received"]
Over = Callable[[Sequence[Document], datetime], Sequence[FollowUp]]
Names = Mapping[str, str]
"""What the organisations of this node and its partners are called, by ODS code."""
NextLook = Callable[[Document, datetime], datetime | None]
MOST = 20
"""Earlier documents an ``over`` rule is shown at most: a hospital stay has five checkpoints, a month has four plans."""
WITHIN = timedelta(days=90)
"""How far back an ``over`` rule sees, unless it says otherwise: a lost thing is looked for this year, not next."""


@dataclass(frozen=True, slots=True)
class Registered:
    """One rule with what it looks at.

    on       kinds of documents, as the relay calls them
    earlier  how many documents before the newest it is shown, ``within``: none older than that
    """

    name: str
    on: tuple[str, ...]
    judge: Callable[[Sequence[Document], datetime, Names], Sequence[FollowUp]]
    earlier: int
    within: timedelta | None
    newest_only: bool
    where: tuple[Direction, ...] = ("sent",)
    next_look: NextLook | None = None


def between(
    name: str,
    on: tuple[str, ...],
    rule: Between,
    *,
    where: tuple[Direction, ...] = ("sent",),
    next_look: NextLook | None = None,
) -> Registered:
    """A rule over the newest document and the one before it."""
    return between_named(name, on, lambda _: rule, where=where, next_look=next_look)


def between_named(
    name: str,
    on: tuple[str, ...],
    rule: Callable[[Names], Between],
    *,
    where: tuple[Direction, ...] = ("sent",),
    next_look: NextLook | None = None,
) -> Registered:
    """The same for a rule that is made of what organisations are called: many messages hold only their codes."""

    def judge(documents: Sequence[Document], now: datetime, names: Names) -> Sequence[FollowUp]:
        return rule(names)(documents[-2] if len(documents) > 1 else None, documents[-1], now)

    return Registered(name, on, judge, 1, None, newest_only=True, where=where, next_look=next_look)


def over(
    name: str,
    on: tuple[str, ...],
    rule: Over,
    *,
    within: timedelta = WITHIN,
    where: tuple[Direction, ...] = ("sent",),
    next_look: NextLook | None = None,
) -> Registered:
    """A rule over all documents of its kinds."""

    def judge(documents: Sequence[Document], now: datetime, names: Names) -> Sequence[FollowUp]:
        return rule(documents, now)

    return Registered(name, on, judge, MOST, within, newest_only=False, where=where, next_look=next_look)


STAYS = ("ADT^A01", "ADT^A02", "ADT^A03", "ADT^A11", "ADT^A12", "ADT^A13")
"""Admitted, moved, discharged; and each of them cancelled."""

RULES: tuple[Registered, ...] = (
    over("item-lost", ("transfer-summary", "bag-check", "discharge-summary"), lost_items.follow_ups),
    over("medicines-sign-off", ("transfer-summary", "discharge-summary"), sign_offs, where=("received",)),
    between_named("stay-notices", STAYS, notices.StayNotices),
    between("coordinator-notices", ("web-of-care", "care-plan"), coordinator.coordinator_notices),
    between("meeting-actions", ("mdt-meeting",), meeting_notices.action_notices),
    over(
        "missed-visits",
        ("care-diary",),
        diary_alerts.diary_follow_ups,
        within=timedelta(days=14),
        next_look=diary_alerts.next_deadline,
    ),
    between("safeguarding-lead", ("safeguarding-concern",), safeguarding.alert_lead),
    between("delegation-refused", ("delegation",), delegation.refusals, next_look=delegation.next_change),
)
"""Every rule of a node, in the order they are asked."""
