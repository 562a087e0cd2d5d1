"""Stable ids: the same business identifiers give the same uuid in every run, on every node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha1
from json.encoder import encode_basestring
from uuid import UUID

NAMESPACE = UUID("6b1f5a52-5a0e-5c7b-9d53-6f0f7f3c1d11")
"""Fixed for ever: changing it would make every resource a stranger to its earlier versions."""

_START = NAMESPACE.bytes
_LONE = "surrogatepass"  # half a character, as JSON can hold one, names a thing as well as any text
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


def stable_uuid(*parts: str) -> str:
    """A version 5 uuid of the parts, lower case. ("ab", "c") and ("a", "bc") differ.

    Raises ValueError when there are no parts, or only empty ones: nothing identifies nothing.
    Source: RFC 9562 section 5.5.
    """
    if not any(parts):
        raise ValueError(f"no identifying value among {parts!r}")
    return _uuid(sha1(_START + _written(parts).encode(errors=_LONE) + b"]", usedforsecurity=False).hexdigest())


def uuids_of(*start: str) -> Callable[..., str]:
    """``stable_uuid`` for many names that begin alike: ``uuids_of("a")("b")`` is ``stable_uuid("a", "b")``.

    Both take one part at least.
    """
    begun = sha1(_START + _written(start).encode(errors=_LONE) + b", ", usedforsecurity=False)

    def uuid(*parts: str) -> str:
        hashed = begun.copy()
        hashed.update(_written(parts)[1:].encode(errors=_LONE) + b"]")
        return _uuid(hashed.hexdigest())

    return uuid


def _written(parts: Sequence[str]) -> str:
    """What json.dumps makes of the parts, without the bracket at the end."""
    return "[" + ", ".join(map(encode_basestring, parts))


def _uuid(digest: str) -> str:
    """Source: RFC 9562 section 5.5."""
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{_VARIANT[digest[16]]}{digest[17:20]}-{digest[20:32]}"


def full_url(*parts: str) -> str:
    """``urn:uuid:`` and the stable uuid of the parts (R4 bundle.html#bundle-unique)."""
    return f"urn:uuid:{stable_uuid(*parts)}"
