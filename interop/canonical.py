"""Whose names our profiles, codes and extensions bear: one base for all of them, ours until an adopter rebases.

``interop profiles rebase BASE --out FOLDER`` writes profiles, mappings and examples under another base; the environment
variable ``INTEROP_CONTENT`` names that folder, and every room then speaks of the adopter's base.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import orjson

OURS: Final = "https://interop.example/fhir"
"""The base of what we ship. ``.example`` can never be anybody's address (RFC 2606)."""

PACKAGE: Final = "interop.uk.care"
"""The profile package whose ``canonical`` is the base."""

VARIABLE: Final = "INTEROP_CONTENT"
_ROOM = Path(__file__).parent


def _content() -> Path:
    """Where profiles/, mappings/ and examples/ stand: the adopter's, inside the installed package, or beside it."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    inside = _ROOM / "shipped"
    return inside if inside.is_dir() else _ROOM.parent


def _base(content: Path) -> str:
    """The base as the profile package states it. A package without one is ours: whoever loads it says what is wrong."""
    try:
        stated = orjson.loads((content / "profiles" / PACKAGE / "package.json").read_bytes()).get("canonical")
    except (OSError, ValueError, AttributeError):
        return OURS
    return stated.rstrip("/") if isinstance(stated, str) and stated else OURS


CONTENT: Final = _content()
BASE: Final = _base(CONTENT)


def rebased(text: str, base: str = BASE) -> str:
    """Words written under our base, under another."""
    return text if base == OURS else text.replace(f"{OURS}/", f"{base}/")
