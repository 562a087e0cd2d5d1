"""The board of an integrated discharge hub: who holds the next action first, and how long it has waited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from interop.json_codec import JsonObject
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.narrative.standing_sheet import StandingSheet
from interop.practice.hub import board
from interop.reading import Document


def hub_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained page. Waiting times are as of the moment the board was written."""
    read = Document.of(document)
    now = read.calendar.moment(read.written) or datetime.now(UTC)
    found = board(read, now)
    return lay_out(
        "hub.html",
        StandingSheet(read),
        presentation,
        board=found,
        at=read.calendar.show(read.written),
        ready_for=long_words(found.ready_for),
        rows=[(action, long_words(action.held)) for action in found.actions],
    )


def long_words(time: timedelta | None) -> str | None:
    """``1 day 17 h``, ``3 h 05 min``."""
    if time is None:
        return None
    minutes = int(time.total_seconds()) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days} day{'s' if days > 1 else ''} {hours} h"
    return f"{hours} h {left:02} min" if hours else f"{left} min"
