"""Who is told which actions of a meeting are theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from interop.bundle import Entry, stable_uuid
from interop.practice.around import custodian
from interop.practice.follow_up import FollowUp
from interop.practice.letter import Part, Site, person_key
from interop.practice.meeting import Agreed, Meeting, meeting
from interop.practice.notice import Notice, entry_of
from interop.reading import Document
from interop.reading.transfer import person

ACTIONS_KIND, DISPLAY = "meeting-actions", "Actions from a meeting"


def action_notices(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
    """To each organisation the actions it owns, and no more of the meeting; one that is kept names who is to be rung.

    What was told of an action before (the same words, owner, day and standing) is not told again.
    """
    found = meeting(after)
    if found is None:
        return ()
    earlier = meeting(before) if before is not None else None
    known = {_told(one) for one in earlier.actions} if earlier and earlier.number == found.number else set()
    keeper = custodian(after)
    fresh = [one for one in found.actions if _told(one) not in known and one.status not in ("completed", "cancelled")]
    return list(_notices(after, found, fresh, keeper, now))


def _told(one: Agreed) -> tuple[str | None, ...]:
    return (one.number, one.what, one.owner, one.due, one.status)


def _notices(
    after: Document, found: Meeting, fresh: Sequence[Agreed], keeper: Site | None, now: datetime
) -> Iterator[FollowUp]:
    owned: dict[str, list[Agreed]] = {}
    by_hand = []
    for one in fresh:
        if one.site and one.site.ods and not (keeper and one.site.key == keeper.key):
            owned.setdefault(one.site.ods, []).append(one)
        elif not (one.site and keeper and one.site.key == keeper.key):
            by_hand.append(one)
    for ods, actions in owned.items():
        yield _notice(after, found, actions, (actions[0].site,), (ods,), now)
    if by_hand:
        yield _notice(after, found, by_hand, (), (), now)


def _notice(
    after: Document,
    found: Meeting,
    actions: Sequence[Agreed],
    sites: tuple[Site | None, ...],
    recipients: tuple[str, ...],
    now: datetime,
) -> FollowUp:
    whom = person(after)
    told = tuple(_sentence(after, found, one) for one in actions)
    first = "Ring these, who cannot be sent a message. " if not recipients else ""
    key = (
        ACTIONS_KIND,
        person_key(after),
        found.number or "",
        *recipients,
        *(str(part) for a in actions for part in _told(a)),
    )
    facts = (Part("Actions", "plan-and-requested-actions", tuple(_alone(after, one) for one in actions)),)
    title = f"Actions for {whom.called or whom.name or 'a person'} from a meeting"
    to = tuple(site for site in sites if site) or tuple(Site(one.owner or "Somebody") for one in actions)
    notice = Notice(ACTIONS_KIND, DISPLAY, title, key, (first + told[0], *told[1:]), to, facts)
    reason = first + " ".join(told)
    return FollowUp(
        ACTIONS_KIND, f"{ACTIONS_KIND}/{stable_uuid(*key)}", notice.document(after, now), recipients, reason
    )


def _sentence(after: Document, found: Meeting, one: Agreed) -> str:
    show, who = after.calendar.show, one.owner or "Somebody"
    missed = "" if found.was_there(one.owner) else f" {who} was not at the meeting of {show(found.start)}."
    what = (one.what or "not recorded").rstrip(".")
    return f"{who}, by {show(one.due) or 'a day not recorded'}: {what}.{missed}"


def _alone(after: Document, one: Agreed) -> Entry:
    """The action without the meeting it came from: who else was there, and what was said, stays with the meeting."""
    return entry_of(after, one.task, {name: value for name, value in one.task.items() if name != "encounter"})
