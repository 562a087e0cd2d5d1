"""A team meeting as those who were there, and those who were not, read it: who does what by when stands first."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block, Column, Table
from interop.narrative.full_pack import Part
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.practice.meeting import Agreed, Meeting, meeting
from interop.reading import Document
from interop.reading.wording import code_words

ACTIONS = (
    Column("Who"), Column("Does what"), Column("By when"), Column("Organisation", True), Column("Standing"),
    Column("For goal", True), Column("Note", True),
)  # fmt: skip
TOLD_ABOVE = "plan-and-requested-actions"


def meeting_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page: actions by the day they are due, then the meeting and what was said."""
    read = Document.of(document)
    found = meeting(read)
    return lay_out(
        "meeting.html",
        read,
        presentation,
        meeting=found,
        start=read.calendar.show(found.start) if found else None,
        actions=_actions(read, found),
        absent=found.absent_owners() if found else (),
        parts=[Part.of(read, section) for section in read.sections if not section.has_code(TOLD_ABOVE)],
    )


def _actions(document: Document, found: Meeting | None) -> list[Block]:
    due = sorted(found.actions, key=lambda one: one.due or "9999") if found else []
    rows = [_row(document, one, found) for one in due] if found else []
    return [Table.of("Who does what by when", ACTIONS, rows)] if rows else []


def _row(document: Document, one: Agreed, found: Meeting) -> tuple[str | None, ...]:
    late = document.calendar.is_past(one.due, document.written) and one.status not in ("completed", "cancelled")
    day = document.calendar.show(one.due)
    return (
        one.owner,
        one.what,
        f"{day} OVERDUE" if late else day,
        one.site.name if one.site else None,
        code_words(one.status),
        _goal(one, found),
        one.note,
    )


def _goal(one: Agreed, found: Meeting) -> str | None:
    """The goal by its number, and where its words stand: the meeting's own record does not hold them."""
    return f"Goal {one.goal} of care plan {found.plan}" if one.goal and found.plan else one.goal
