"""A missed visit alerts once, and a visit entered later takes the alert back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from interop.bundle import stable_uuid
from interop.practice.around import custodian
from interop.practice.diary import Pattern, State, Visit, patterns, state, visits
from interop.practice.follow_up import FollowUp
from interop.practice.letter import Part, Site, person_key
from interop.practice.notice import Notice, entry_of
from interop.reading import Document
from interop.reading.transfer import person

MISSED, MISSED_DISPLAY = "missed-visit", "Missed visit"
CORRECTED, CORRECTED_DISPLAY = "visit-corrected", "Visit made after all"


def diary_alerts(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
    """One alert for each visit that is missed at ``now``, one for each pattern, and one correction for each visit
    that had been counted as missed and was made after all.

    The key is made of the visit's number and its promised end: however often a missed visit is found, it is the same
    alert; a visit promised anew that is missed again is another. An alert goes to the visitor's organisation where that
    has an ODS code and is not the one that keeps the diary; else it is kept by the keeper, whose alarm it is.
    """
    known = visits(after)
    earlier = {visit.number: visit for visit in visits(before)} if before is not None else {}
    made = [_missed(after, visit, now) for visit in known if state(visit, now) is State.MISSED]
    made += [_pattern(after, found, now) for found in patterns(known, now)]
    return made + [_made(after, visit, now) for visit in known if _was_missed(earlier.get(visit.number), visit, after)]


def _was_missed(was: Visit | None, now: Visit, after: Document) -> bool:
    """Whether an alert may have gone out: no arrival was known, and the time ran out before one was written down."""
    if was is None or was.arrived is not None or now.arrived is None:
        return False
    if was.standing == "noshow":
        return True
    written, deadline = after.calendar.moment(after.written), was.deadline
    open_then = was.standing not in ("cancelled", "fulfilled")
    return bool(open_then and deadline and written and deadline.astimezone(UTC) < written.astimezone(UTC))


def _to(after: Document, visit: Visit) -> tuple[Site, ...]:
    keeper = custodian(after)
    mine = visit.site is None or visit.site.ods is None or (keeper is not None and visit.site.key == keeper.key)
    return () if mine or visit.site is None else (visit.site,)


def _key(after: Document, kind: str, visit: Visit) -> tuple[str, ...]:
    end = visit.end.astimezone(UTC).isoformat() if visit.end else ""
    return (kind, person_key(after), visit.number, end)


def _missed(after: Document, visit: Visit, now: datetime) -> FollowUp:
    key = _key(after, MISSED, visit)
    sentence = missed_sentence(after, visit)
    sites = _to(after, visit)
    facts = (Part("The visit that was promised", "visits-planned", (entry_of(after, visit.appointment),), own=True),)
    notice = Notice(MISSED, MISSED_DISPLAY, MISSED_DISPLAY, key, (sentence,), sites, facts)
    recipients = tuple(site.ods for site in sites if site.ods)
    return FollowUp(MISSED, f"{MISSED}/{stable_uuid(*key)}", notice.document(after, now), recipients, sentence)


def missed_sentence(after: Document, visit: Visit) -> str:
    """What was promised, by when somebody should have come at the latest, and whom to ring."""
    whom = person(after)
    called = whom.called or whom.name or "the person"
    what = visit.what or "a visit"
    day = _window(after, visit)
    latest = f" by {_clock(after, visit.deadline)}" if visit.deadline else ""
    reach = ", ".join(visit.phones) or "no telephone number is recorded"
    safe = f"See that {called} is safe, and ring {reach}."
    return f"Nobody is recorded as having come{latest} for “{what}”, promised {day} by {visit.visitor}. {safe}"


def _window(after: Document, visit: Visit) -> str:
    if visit.start is None or visit.end is None:
        return "at a time not recorded"
    start = after.calendar.show(visit.start.isoformat()) or ""
    return f"for {start} to {_clock(after, visit.end)}"


def _clock(after: Document, moment: datetime | None) -> str:
    return f"{moment.astimezone(after.calendar.zone):%H:%M}" if moment else "a time not recorded"


def _pattern(after: Document, found: Pattern, now: datetime) -> FollowUp:
    key = (*_key(after, "missed-visits", found.third), found.site)
    listed = "; ".join(
        f"{_window(after, visit).removeprefix('for ')}: {visit.what or 'a visit'}" for visit in found.missed
    )
    sentence = f"{found.text} Missed: {listed}."
    entries = tuple(entry_of(after, visit.appointment) for visit in found.missed)
    facts = (Part("The visits that were promised", "visits-planned", entries, own=True),)
    notice = Notice(MISSED, MISSED_DISPLAY, "Several missed visits", key, (sentence,), (), facts)
    return FollowUp(MISSED, f"missed-visits/{stable_uuid(*key)}", notice.document(after, now), (), sentence)


def _made(after: Document, visit: Visit, now: datetime) -> FollowUp:
    key = _key(after, CORRECTED, visit)
    by = visit.made_by or visit.who or "somebody"
    came = after.calendar.show(visit.arrived.isoformat()) if visit.arrived else None
    sentence = (
        f"The visit “{visit.what or 'not recorded'}”, promised {_window(after, visit)}, was made after all: {by} came "
        f"{came or 'at a time not recorded'}. An alert that it was missed no longer stands."
    )
    sites = _to(after, visit)
    entries = (entry_of(after, visit.encounter),) if visit.encounter else ()
    facts = (Part("The visit that was made", "visits-made", entries, own=True),)
    notice = Notice(CORRECTED, CORRECTED_DISPLAY, CORRECTED_DISPLAY, key, (sentence,), sites, facts)
    recipients = tuple(site.ods for site in sites if site.ods)
    return FollowUp(CORRECTED, f"{CORRECTED}/{stable_uuid(*key)}", notice.document(after, now), recipients, sentence)


def diary_follow_ups(documents: Sequence[Document], now: datetime) -> Sequence[FollowUp]:
    """The same over every diary of a person, the oldest first: what a later one says of a visit counts.

    A visit that a later diary no longer holds is judged as the last one that held it left it: leaving a line out does
    not make a visit that was promised one that was made.
    """
    latest: dict[str, tuple[Document, Visit]] = {}
    made: list[FollowUp] = []
    for document in documents:
        for visit in visits(document):
            was = latest.get(visit.number)
            if was is not None and _was_missed(was[1], visit, document):
                made.append(_made(document, visit, now))
            latest[visit.number] = (document, visit)
    missed = [_missed(document, visit, now) for document, visit in latest.values() if state(visit, now) is State.MISSED]
    newest = visits(documents[-1]) if documents else []
    return [*missed, *(_pattern(documents[-1], found, now) for found in patterns(newest, now)), *made]


def next_deadline(after: Document, now: datetime) -> datetime | None:
    """The next moment at which a visit of the diary is missed if nobody comes; None where none is waited for."""
    waited = (State.PLANNED, State.DUE, State.LATE)
    deadlines = [v.deadline for v in visits(after) if v.deadline is not None and state(v, now) in waited]
    return min(deadlines) + timedelta(seconds=1) if deadlines else None
