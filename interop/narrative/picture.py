"""The web of care as a picture: the person in the middle, everyone around, the named co-ordinator marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from interop.json_codec import JsonObject
from interop.narrative.pages import render
from interop.reading import Document
from interop.reading.dates import Calendar
from interop.reading.people import GROUPS, Member, care_team
from interop.reading.transfer import person
from interop.reading.wording import NOT_RECORDED

WIDTH, CARD_WIDTH, CARD_HEIGHT, GAP, HEAD = 1180, 345, 86, 12, 34
TOP, RADIUS = 84, 104
CENTRE_X, CENTRE_Y = WIDTH // 2, TOP + 176
LEFT, RIGHT, MIDDLE = 16, WIDTH - 16 - CARD_WIDTH, (WIDTH - CARD_WIDTH) // 2
COLUMNS = {
    LEFT: (TOP, ("health", "family")),
    RIGHT: (TOP, ("social", "voluntary")),
    MIDDLE: (CENTRE_Y + RADIUS + 64, ("advocate", "other")),
}
"""Where each group stands: x of its column, y where the column starts, the groups from the top."""
COLOURS = {
    "health": "#0b4a86", "social": "#0b5c5c", "family": "#8a3b12",
    "voluntary": "#4b5a10", "advocate": "#5b2a86", "other": "#44505c",
}  # fmt: skip


DOT = " \u00b7 "


@dataclass(frozen=True, slots=True)
class Card:
    """One member: where the card stands (pixels) and its lines, cut to fit; ``whole`` has them uncut."""

    y: int
    lines: tuple[str, str, str, str]
    whole: str
    curve: str
    coordinator: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """One group: heading, colour, place, and its cards. An empty group is drawn too: a gap is a finding."""

    title: str
    colour: str
    x: int
    y: int
    height: int
    cards: tuple[Card, ...]
    curve: str


def web_of_care_svg(document: JsonObject, at: str | None = None) -> str:
    """A self-contained SVG with title, description and every member in words; may stand inside HTML.

    at  the moment it is drawn for (a FHIR date or time); without it, when the document was written

    A group with nobody in it says so; somebody whose time in the team is over is drawn grey and dashed, and LEFT
    stands before the name.
    """
    read = Document.of(document)
    team = _team(read, at)
    panels = [panel for x, (y, keys) in COLUMNS.items() for panel in _column(x, y, keys, team, read.calendar)]
    whom = person(read)
    return render(
        "web_of_care.svg",
        panels=panels,
        width=WIDTH,
        height=max(panel.y + panel.height for panel in panels) + 24,
        centre=(CENTRE_X, CENTRE_Y, RADIUS),
        card=(CARD_WIDTH, CARD_HEIGHT),
        name=whom.called or whom.name,
        name_size=min(32, 300 // max(len(whom.called or whom.name or ""), 1)),
        full_name=whom.name,
        description=_description(team, panels),
        coordinators=[member.name or NOT_RECORDED for member in team if member.coordinator and member.current],
    )


def _team(document: Document, at: str | None) -> list[Member]:
    """The members as they stand at a moment; those whose time is over by then are not current."""
    team = care_team(document)
    if at is None:
        return team
    return [replace(member, current=not document.calendar.is_past(member.end, at)) for member in team]


def web_of_care_words(document: Document, at: str | None = None) -> list[tuple[str, tuple[str, ...]]]:
    """The picture for those who cannot see it or have no room for it: each group, and each member in words."""
    team = _team(document, at)
    panels = [panel for x, (y, keys) in COLUMNS.items() for panel in _column(x, y, keys, team, document.calendar)]
    named = tuple(member.name or NOT_RECORDED for member in team if member.coordinator and member.current)
    groups = [(panel.title, tuple(card.whole for card in panel.cards) or ("nobody recorded",)) for panel in panels]
    return [("Named care co-ordinator", named or (NOT_RECORDED,)), *groups]


def _column(x: int, y: int, keys: Sequence[str], team: Sequence[Member], calendar: Calendar) -> Iterator[Panel]:
    for key in keys:
        members = [member for member in team if member.group == key]
        if key == "other" and not members:
            continue
        tops = range(y + HEAD, y + HEAD + len(members) * (CARD_HEIGHT + GAP), CARD_HEIGHT + GAP)
        cards = tuple(_card(x, top, member, calendar) for top, member in zip(tops, members, strict=True))
        height = HEAD + (len(members) * (CARD_HEIGHT + GAP) if members else 44)
        tie = "" if cards and x != MIDDLE else _curve(x, y + HEAD // 2)
        yield Panel(GROUPS[key], COLOURS[key], x, y, height, cards, tie)
        y += height + 18


def _card(x: int, y: int, member: Member, calendar: Calendar) -> Card:
    reach = ", ".join(member.phones) or "phone not recorded"
    where = [member.organisation] if member.organisation else []
    since, until = calendar.show(member.start), calendar.show(member.end)
    standing = [f"from {since}"] if since else []
    standing += [f"until {until}" if member.current else f"LEFT the team {until}"] if until else []
    standing += [f"accepted {calendar.show(member.accepted)}"] if member.accepted and member.current else []
    standing += [member.visits] if member.visits and not member.accepted else []
    role = member.role or "role not recorded"
    name = member.name or "name not recorded"
    whole = (name if member.current else f"LEFT: {name}", role, DOT.join([reach, *where]), ", ".join(standing))
    return Card(
        y=y,
        lines=(_cut(whole[0], 36), _cut(whole[1], 45), _reach(member, where, 47), _cut(whole[3], 47)),
        whole="; ".join(part for part in whole if part),
        curve=_curve(x, y + CARD_HEIGHT // 2) if x != MIDDLE else "",
        coordinator=member.coordinator and member.current,
        current=member.current,
    )


def _curve(x: int, y: int) -> str:
    """The path from the person to the near edge of a card or panel at ``x``, ``y``."""
    if x == MIDDLE:
        return f"M{CENTRE_X} {CENTRE_Y + RADIUS} V{y - HEAD // 2}"
    side, edge = (-1, x + CARD_WIDTH) if x == LEFT else (1, x)
    start = CENTRE_X + side * (RADIUS - 8)
    # A line to a low card keeps to its own side, clear of the column in the middle.
    bend = (start + edge) // 2 if y < CENTRE_Y + RADIUS else edge - side * 20
    return f"M{start} {CENTRE_Y} C{bend} {CENTRE_Y} {bend} {y} {edge} {y}"


def _reach(member: Member, where: Sequence[str], limit: int) -> str:
    """Telephone and organisation in so many letters. A number is never cut: half of one is another number."""
    shown = list(member.phones)
    while len(", ".join(shown)) + 9 > limit and len(shown) > 1:
        shown.pop()
    more = len(member.phones) - len(shown)
    numbers = ", ".join(shown) + (f" and {more} more" if more else "") or "phone not recorded"
    room = limit - len(numbers) - len(DOT)
    return DOT.join([numbers, *(_cut(name, room) for name in where if room > 9)])


def _cut(words: str, limit: int) -> str:
    return words if len(words) <= limit else f"{words[: limit - 1].rstrip()}\u2026"


def _description(team: Sequence[Member], panels: Sequence[Panel]) -> str:
    """The picture in words, for those who hear the page."""
    empty = [panel.title for panel in panels if not panel.cards]
    said = [f"{panel.title}: " + " | ".join(card.whole for card in panel.cards) for panel in panels if panel.cards]
    named = [member.name or NOT_RECORDED for member in team if member.coordinator and member.current]
    said.insert(0, f"Named care co-ordinator: {', '.join(named) or NOT_RECORDED}")
    return ". ".join([*said, *(f"{title}: nobody recorded" for title in empty)]) + "."
