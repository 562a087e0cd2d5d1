"""Known to be none, not asked, withheld, not recorded: four different facts that must never become one another."""

from __future__ import annotations

from enum import StrEnum

from interop.reading.document import Section


class Presence(StrEnum):
    """What an empty space on a page means."""

    RECORDED = "recorded"
    NONE_KNOWN = "none known"
    NOT_ASKED = "not asked"
    ASKED_UNKNOWN = "asked, not known"
    WITHHELD = "withheld"
    NOT_STARTED = "not started"
    NOT_RECORDED = "not recorded"


REASONS = {
    "nilknown": Presence.NONE_KNOWN,
    "notasked": Presence.NOT_ASKED,
    "withheld": Presence.WITHHELD,
    "notstarted": Presence.NOT_STARTED,
    "unavailable": Presence.NOT_RECORDED,
}
"""R4 CodeSystem list-empty-reason. A reason we do not know says nothing: not recorded."""

NULL_FLAVOURS = {
    "NI": Presence.NOT_RECORDED,
    "UNK": Presence.NOT_RECORDED,
    "NAV": Presence.NOT_RECORDED,
    "NASK": Presence.NOT_ASKED,
    "ASKU": Presence.ASKED_UNKNOWN,
    "MSK": Presence.WITHHELD,
}
"""v3-NullFlavor, which UK Core lets an allergy carry in place of a substance."""
NULL_FLAVOUR = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"


def presence(section: Section | None) -> Presence:
    """What a section says about its own content; no section at all is not recorded."""
    if section is None:
        return Presence.NOT_RECORDED
    if section.entries:
        return Presence.RECORDED
    return REASONS.get(section.empty_reason or "", Presence.NOT_RECORDED)
