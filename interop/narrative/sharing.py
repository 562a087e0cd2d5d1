"""Who may be told what, as a table for any page."""

from __future__ import annotations

from interop.narrative.blocks import Block, Column, Table, Words
from interop.reading import Document
from interop.reading.consent import BASES, Sharing, sharings

_COLUMNS = (
    Column("Person"),
    Column("About"),
    Column("Decision"),
    Column("On whose say, and when"),
    Column("Note", True),
)


def sharing_table(document: Document) -> list[Block]:
    """Every decision about sharing, those in force first; nothing recorded is no consent, and says so."""
    rows = [_row(document, sharing) for sharing in sharings(document)]
    if not rows:
        return [Words(("Not recorded. Nobody may be told because nobody objected: ask first.",))]
    return [Table.of("Who may be told what", _COLUMNS, rows)]


def _row(document: Document, sharing: Sharing) -> tuple[str | None, ...]:
    show = document.calendar.show
    until = f"until {show(sharing.until)}" if sharing.until else None
    over = f"NOT IN FORCE{f': {sharing.why_ended}' if sharing.why_ended else ''}"
    basis = BASES.get(sharing.basis or "")
    by = " ".join(part for part in (basis, f"({sharing.by})" if sharing.by else "") if part)
    decided = show(sharing.decided)
    return (
        ", ".join(part for part in (sharing.person, sharing.relationship) if part) or None,
        ", ".join(sharing.topics_in_words) or None,
        {True: "May be told", False: "MUST NOT be told", None: None}[sharing.allowed],
        ", ".join(part for part in (by, decided) if part) or None,
        "; ".join(part for part in (None if sharing.in_force else over, until, sharing.note) if part) or None,
    )
