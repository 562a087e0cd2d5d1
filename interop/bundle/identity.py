"""Stable ids: the same business identifiers give the same uuid in every run, on every node."""

from __future__ import annotations

import json
from uuid import UUID, uuid5

NAMESPACE = UUID("6b1f5a52-5a0e-5c7b-9d53-6f0f7f3c1d11")
"""Fixed for ever: changing it would make every resource a stranger to its earlier versions."""


def stable_uuid(*parts: str) -> str:
    """A version 5 uuid of the parts, lower case. ("ab", "c") and ("a", "bc") differ.

    Raises ValueError when there are no parts, or only empty ones: nothing identifies nothing.
    Source: RFC 9562 section 5.5.
    """
    if not any(parts):
        raise ValueError(f"no identifying value among {parts!r}")
    return str(uuid5(NAMESPACE, json.dumps(parts, ensure_ascii=False)))


def full_url(*parts: str) -> str:
    """``urn:uuid:`` and the stable uuid of the parts (R4 bundle.html#bundle-unique)."""
    return f"urn:uuid:{stable_uuid(*parts)}"
