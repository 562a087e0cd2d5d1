"""The web of care as whoever picks up the telephone reads it: whom to ring first, what is missing, then everybody."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block, Column, Table
from interop.narrative.full_pack import Part
from interop.narrative.layout import lay_out
from interop.narrative.picture import web_of_care_svg, web_of_care_words
from interop.narrative.presentation import STANDARD, Presentation
from interop.practice.coordinator import Tenure
from interop.practice.web_of_care import Standing, Web, Weight, web_of_care
from interop.reading import Document
from interop.reading.people import GROUPS

HEADINGS = {
    Weight.NOW: "Put right now",
    Weight.SOON: "Put right soon",
    Weight.CONSIDER: "Think about",
}
MEMBERS = (
    Column("Name"), Column("Role and organisation"), Column("Telephone"), Column("Out of hours", True),
    Column("In the team"), Column("Visits and notes", True),
)  # fmt: skip
TENURES = (
    Column("Care co-ordinator"),
    Column("From"),
    Column("To", True),
    Column("Accepted"),
    Column("To check", True),
)
TOLD_ABOVE = ("professional-contacts", "personal-contacts")


def web_page(document: JsonObject, presentation: Presentation = STANDARD, at: datetime | None = None) -> str:
    """A self-contained HTML page of the web of care as it stands at a moment; without one, when it was written."""
    read = Document.of(document)
    moment = at or read.calendar.moment(read.written) or datetime.max.replace(tzinfo=UTC)
    web = web_of_care(read, moment)
    when = moment.isoformat() if at else None
    return lay_out(
        "web_of_care.html",
        read,
        presentation,
        web=web,
        at=read.calendar.show(when) if when else None,
        coordinators=[s for s in web.members if s.current and s.one.member.coordinator],
        nights=[s for s in web.members if s.current and s.one.out_of_hours],
        holes=[(title, found) for weight, title in HEADINGS.items() if (found := _of(web, weight))],
        # The picture is our own template's output, already escaped.
        picture=Markup(web_of_care_svg(document, when)),  # noqa: S704
        heard=web_of_care_words(read, when),
        groups=_groups(read, web),
        history=_history(read, web.history),
        parts=[Part.of(read, s) for s in read.sections if not any(s.has_code(code) for code in TOLD_ABOVE)],
    )


def _of(web: Web, weight: Weight) -> list[str]:
    return [finding.text for finding in web.findings if finding.weight is weight]


def _groups(document: Document, web: Web) -> list[tuple[str, list[Block]]]:
    """Each group with its members, those in the team before those who have left; an empty group is said."""
    found: list[tuple[str, list[Block]]] = []
    for group, title in GROUPS.items():
        members = sorted(web.in_group(group), key=lambda standing: not standing.current)
        rows = [_row(document, standing) for standing in members]
        if rows or group != "other":
            found.append((title, [Table.of(title, MEMBERS, rows)] if rows else []))
    return found


def _row(document: Document, standing: Standing) -> tuple[str | None, ...]:
    one, member, show = standing.one, standing.one.member, document.calendar.show
    name = member.name or "Name not recorded"
    marked = name if standing.current else f"{standing.state.upper()}: {name}"
    star = " (named care co-ordinator)" if member.coordinator and standing.current else ""
    time = [f"from {show(member.start)}" if member.start else "", f"to {show(member.end)}" if member.end else ""]
    site = one.site.name if one.site else None
    told = [member.visits, one.note, f"Email {', '.join(one.emails)}" if one.emails else None]
    return (
        marked + star,
        ", ".join(part for part in (one.role, site) if part) or None,
        ", ".join(member.phones) or None,
        one.out_of_hours,
        " ".join(part for part in time if part) or None,
        "; ".join(part for part in told if part) or None,
    )


def _history(document: Document, tenures: tuple[Tenure, ...]) -> list[Block]:
    show = document.calendar.show
    rows = [(t.who.member.name, show(t.start), show(t.end), show(t.who.member.accepted), t.fault) for t in tenures]
    return [Table.of("Care co-ordinators", TENURES, rows)] if rows else []
