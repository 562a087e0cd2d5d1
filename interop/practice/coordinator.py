"""The one named care co-ordinator: who it is, who it was, and who is told when that changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from interop.bundle import stable_uuid
from interop.json_codec import JsonObject
from interop.practice.around import Around, around, custodian
from interop.practice.follow_up import FollowUp
from interop.practice.letter import Part, Site, person_key
from interop.practice.notice import Notice, entry_of
from interop.practice.plan_change import folded
from interop.reading import Document
from interop.reading.nodes import child, children, codings, text
from interop.reading.systems import CARE_COORDINATOR
from interop.reading.transfer import person

KIND, DISPLAY = "coordinator-notice", "Change of care co-ordinator"


@dataclass(frozen=True, slots=True)
class Handover:
    """Who answers for the person's care from now on, and who did before.

    since  the first day of the new co-ordinator, as in the data; None: not recorded
    """

    now: Around
    before: tuple[Around, ...]
    since: str | None

    def sentence(self, called: str | None) -> str:
        """Who hands over to whom, from when, and how the new one is reached."""
        show = self.now.document.calendar.show
        whose = f"{called}'s" if called else "this person's"
        day = f"From {show(self.since)} " if self.since else "From a day not recorded "
        reach = ", ".join(self.now.member.phones) or "no telephone number is recorded"
        takes = f"{self.now.in_words} (telephone {reach}) is {whose} named care co-ordinator."
        names = " and ".join(one.member.name or "somebody without a name" for one in self.before)
        former = f" {names} {'hand' if len(self.before) > 1 else 'hands'} over to them." if names else ""
        accepted = f" Accepted {show(self.now.member.accepted)}." if self.now.member.accepted else ""
        nights = f" Out of hours: {self.now.out_of_hours}." if self.now.out_of_hours else ""
        return f"{day}{takes}{former}{accepted}{nights}"


def in_force(document: Document) -> list[Around]:
    """The named co-ordinators whose time has not ended. The profile asks for exactly one."""
    return [one for one in around(document) if one.member.coordinator and one.member.current]


def handover(before: Document, after: Document) -> Handover | None:
    """The change between two versions of a web of care; None where the co-ordinator is the same, or not one."""
    was, now = in_force(before), in_force(after)
    if len(now) != 1 or {folded(one.member.name) for one in was} == {folded(now[0].member.name)}:
        return None
    return Handover(now[0], tuple(was), now[0].member.start)


def coordinator_notices(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
    """A notice to the organisation of every member of the web of care, where the co-ordinator is another.

    One for each organisation with an ODS code, but for the one that made the change; those who have none (family, a
    befriender) are named in one more, which is kept: somebody rings them. Without an earlier version nobody was told
    otherwise, and the web of care itself says who it is.
    """
    change = handover(before, after) if before is not None else None
    if change is None or before is None:
        return ()
    everyone = [one for one in (*around(after), *change.before) if one.member.current or one in change.before]
    keeper = custodian(after)
    sites: dict[str, Site] = {}
    by_hand: dict[str, Around] = {}
    for one in everyone:
        if one.site and keeper and one.site.key == keeper.key:
            continue
        if one.site and one.site.ods:
            sites.setdefault(one.site.ods, one.site)
        elif folded(one.member.name) not in {folded(change.now.member.name), *map(_name, change.before)}:
            by_hand.setdefault(_name(one), one)
    made = [_sent(after, change, site, now) for site in sites.values()]
    return [*made, _kept(after, change, tuple(by_hand.values()), now)] if by_hand else made


def _name(one: Around) -> str:
    return folded(one.member.name)


def _key(after: Document, change: Handover, whom: str) -> tuple[str, ...]:
    """The same hand-over of the same person to the same receiver is one notice, however often it is found."""
    return (KIND, person_key(after), _name(change.now), change.since or "", whom)


def _sent(after: Document, change: Handover, site: Site, now: datetime) -> FollowUp:
    sentence = change.sentence(person(after).called or person(after).name)
    key = _key(after, change, site.key)
    notice = Notice(KIND, DISPLAY, "Change of care co-ordinator", key, (sentence,), (site,), _facts(after, change))
    return FollowUp(KIND, f"{KIND}/{stable_uuid(*key)}", notice.document(after, now), (site.ods or "",), sentence)


def _kept(after: Document, change: Handover, left: Sequence[Around], now: datetime) -> FollowUp:
    sentence = change.sentence(person(after).called or person(after).name)
    whom = "; ".join(f"{one.in_words}: {', '.join(one.member.phones) or 'no number is recorded'}" for one in left)
    ring = f"Ring these, who cannot be sent a message: {whom}."
    key = _key(after, change, "by telephone")
    sites = tuple(Site(one.member.name or one.in_words) for one in left)
    title = "Change of care co-ordinator: who to ring"
    notice = Notice(KIND, DISPLAY, title, key, (sentence, ring), sites, _facts(after, change))
    return FollowUp(KIND, f"{KIND}/{stable_uuid(*key)}", notice.document(after, now), (), ring)


def _facts(after: Document, change: Handover) -> tuple[Part, ...]:
    """The web of care with its co-ordinators alone: nobody else's number travels with the news."""
    team = change.now.team
    kept = [one for one in children(team, "participant") if _is_coordinator(one)]
    return (
        Part("Care co-ordinator", "professional-contacts", (entry_of(after, team, {**team, "participant": kept}),)),
    )


def _is_coordinator(participant: JsonObject) -> bool:
    return any(code == CARE_COORDINATOR for role in children(participant, "role") for _, code in codings(role))


@dataclass(frozen=True, slots=True)
class Tenure:
    """One co-ordinator's time, and what is odd about where it meets the next one's."""

    who: Around
    start: str | None
    end: str | None
    fault: str | None


def history(document: Document) -> list[Tenure]:
    """Every co-ordinator, the latest first, with gaps, overlaps and missing days said at the earlier of two."""
    known = [one for one in around(document) if _is_coordinator(one.participant)]
    known.sort(key=lambda one: one.member.start or "", reverse=True)
    found = []
    for later, one in zip((None, *known), known, strict=False):
        period = child(one.participant, "period")
        found.append(Tenure(one, text(period, "start"), text(period, "end"), _fault(document, one, later)))
    return found


def _fault(document: Document, one: Around, later: Around | None) -> str | None:
    name, show = one.member.name or "somebody without a name", document.calendar.show
    if one.member.start is None:
        return f"When {name} began is not recorded."
    if one.member.coordinator and one.member.accepted is None:
        return f"When {name} accepted is not recorded."
    if later is None:
        return f"Nobody has followed {name}, whose time ended on {show(one.member.end)}." if one.member.end else None
    if one.member.end is None:
        return f"{name} and {later.member.name} are both named at once."
    end, start = document.calendar.moment(one.member.end), document.calendar.moment(later.member.start)
    if end is None or start is None:
        return None
    if start < end:
        return (
            f"{name} and {later.member.name} were both named from {show(later.member.start)} to {show(one.member.end)}."
        )
    if start > end + timedelta(days=1):
        return f"Nobody was named between {show(one.member.end)} and {show(later.member.start)}."
    return None
