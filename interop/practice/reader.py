"""Who reads a document, as far as it decides what they may see."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a reader may see.

    full        everything
    restricted  nothing that is labelled restricted (R) or very restricted (V)
    emergency   as restricted, but alerts, communication needs and decisions about treatment that are labelled R are
                told: whoever comes at night needs them to keep the person and themselves safe. V never is.
    """

    FULL = "full"
    RESTRICTED = "restricted"
    EMERGENCY = "emergency"
