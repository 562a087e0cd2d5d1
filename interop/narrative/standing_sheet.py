"""The head of a page about how things stand: nobody is travelling, so it names no way from one place to another."""

from __future__ import annotations

from interop.narrative.sheet import Sheet


class StandingSheet(Sheet):
    """A Sheet for notices, boards and lists."""

    @property
    def route(self) -> str | None:
        return None
