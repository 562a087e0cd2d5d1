"""The web of care looked at for holes: who is missing, who cannot be reached, who has left, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from interop.json_codec import JsonObject
from interop.practice.around import Around, around
from interop.practice.coordinator import Tenure, history
from interop.reading import Document
from interop.reading.people import GROUPS

SOON = timedelta(days=28)
"""A member who leaves within this time is told of in advance."""
WANTED = {
    "health": "Nobody from health care is recorded.",
    "social": "Nobody from social care is recorded.",
    "family": "No family or friend is recorded. Is there really nobody, or has nobody asked?",
}
OFFERED = {
    "voluntary": "Nobody from a voluntary or community group is recorded. Would the person like somebody?",
    "advocate": "No advocate is recorded. If nobody speaks for the person, one may be needed.",
}


class Weight(IntEnum):
    """How much a finding asks for: mend it now, mend it soon, or think about it."""

    NOW = 0
    SOON = 1
    CONSIDER = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One hole in the web. ``kind``: co-ordinator, nobody, telephone, out-of-hours, left, leaving, not-yet, history."""

    weight: Weight
    kind: str
    text: str
    who: str | None = None

    def as_json(self) -> JsonObject:
        told: JsonObject = {"weight": self.weight.name.lower(), "kind": self.kind, "text": self.text}
        return {**told, "who": self.who} if self.who else told


@dataclass(frozen=True, slots=True)
class Standing:
    """One member at one moment. ``state``: in the team, has left, joins later."""

    one: Around
    state: str

    @property
    def current(self) -> bool:
        return self.state == "in the team"


@dataclass(frozen=True, slots=True)
class Web:
    """Everyone around the person at one moment, and what is wrong with it, the most pressing first."""

    members: tuple[Standing, ...]
    findings: tuple[Finding, ...]
    history: tuple[Tenure, ...]

    def in_group(self, group: str) -> tuple[Standing, ...]:
        return tuple(standing for standing in self.members if standing.one.member.group == group)

    def as_json(self) -> JsonObject:
        return {
            "members": [_as_json(standing) for standing in self.members],
            "findings": [finding.as_json() for finding in self.findings],
            "coordinators": [
                {"name": t.who.member.name, "from": t.start, "to": t.end, "fault": t.fault} for t in self.history
            ],
        }


def _as_json(standing: Standing) -> JsonObject:
    one, member = standing.one, standing.one.member
    told: JsonObject = {
        "name": member.name,
        "role": one.role,
        "group": GROUPS[member.group],
        "organisation": one.site.name if one.site else None,
        "odsCode": one.site.ods if one.site else None,
        "phones": list(member.phones),
        "outOfHours": one.out_of_hours,
        "emails": list(one.emails),
        "from": member.start,
        "to": member.end,
        "state": standing.state,
        "coordinator": member.coordinator and standing.current,
        "visits": member.visits,
        "note": one.note,
    }
    return {name: value for name, value in told.items() if value not in (None, [])}


def web_of_care(document: Document, now: datetime) -> Web:
    """The web as it stands at ``now``: a member whose time is over then has left, whenever the document was written."""
    members = tuple(Standing(one, _state(document, one, now)) for one in around(document))
    past = tuple(history(document))
    found = [
        *_coordinator(document, members, past),
        *_gaps(members),
        *_reach(members),
        *_leavers(document, members, now),
    ]
    found.sort(key=lambda finding: finding.weight)
    return Web(members, tuple(found), past)


def _state(document: Document, one: Around, now: datetime) -> str:
    if document.calendar.is_past(one.member.end, now.isoformat()):
        return "has left"
    start = document.calendar.moment(one.member.start)
    return "joins later" if start is not None and start.astimezone(UTC) > now.astimezone(UTC) else "in the team"


def _coordinator(document: Document, members: Sequence[Standing], past: Sequence[Tenure]) -> Iterator[Finding]:
    named = [s for s in members if s.current and s.one.member.coordinator]
    if not named:
        yield Finding(Weight.NOW, "co-ordinator", "No named care co-ordinator: nobody answers for this person's care.")
    elif len(named) > 1:
        who = " and ".join(s.one.member.name or "somebody without a name" for s in named)
        yield Finding(Weight.NOW, "co-ordinator", f"More than one named care co-ordinator at once: {who}.")
    for one in named:
        if one.one.member.accepted is None:
            name = one.one.member.name
            told = f"{name or 'The care co-ordinator'} is named, but no acceptance is recorded."
            yield Finding(Weight.NOW, "co-ordinator", told, name)
    told_already = {s.one.member.name for s in named if s.one.member.accepted is None or len(named) > 1}
    for tenure in past:
        if tenure.fault and tenure.who.member.name not in told_already:
            yield Finding(Weight.SOON, "history", tenure.fault, tenure.who.member.name)


def _gaps(members: Sequence[Standing]) -> Iterator[Finding]:
    there = {s.one.member.group for s in members if s.current and not s.one.is_person}
    yield from (Finding(Weight.SOON, "nobody", text) for group, text in WANTED.items() if group not in there)
    yield from (Finding(Weight.CONSIDER, "nobody", text) for group, text in OFFERED.items() if group not in there)


def _reach(members: Sequence[Standing]) -> Iterator[Finding]:
    current = [s.one for s in members if s.current and not s.one.is_person]
    for one in current:
        if not one.member.phones:
            weight = Weight.NOW if one.member.coordinator else Weight.SOON
            yield Finding(weight, "telephone", f"No telephone number for {one.in_words}.", one.member.name)
    if current and not any(one.out_of_hours for one in current):
        told = "Nobody has an out-of-hours number: whom does a night carer ring?"
        yield Finding(Weight.NOW, "out-of-hours", told)


def _leavers(document: Document, members: Sequence[Standing], now: datetime) -> Iterator[Finding]:
    show = document.calendar.show
    for standing in members:
        one, end = standing.one, document.calendar.moment(standing.one.member.end)
        if standing.state == "has left":
            told = f"{one.in_words} left on {show(one.member.end)}: do not ring them about this person."
            yield Finding(Weight.CONSIDER, "left", told, one.member.name)
        elif standing.state == "joins later":
            told = f"{one.in_words} joins on {show(one.member.start)}."
            yield Finding(Weight.CONSIDER, "not-yet", told, one.member.name)
        elif end is not None and end.astimezone(UTC) <= now.astimezone(UTC) + SOON:
            told = f"{one.in_words} leaves on {show(one.member.end)}: who takes over?"
            yield Finding(Weight.SOON, "leaving", told, one.member.name)
