"""Bearer tokens: made once, shown once, kept only as a digest, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from interop.errors import SettingsError

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Role(StrEnum):
    """What a caller may do. Whatever is not allowed by a role is refused."""

    PARTNER = "partner"  # hand messages to this node, in its own name only
    OPERATOR = "operator"  # map, send, list, replay: for its own organisation only


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is on the line: the organisation they may speak for, and what they may do."""

    organisation: str
    name: str
    role: Role


def mint() -> tuple[str, str]:
    """A new 256-bit token and its digest. The token goes to its owner and is not kept."""
    token = secrets.token_urlsafe(32)
    return token, digest(token)


def digest(token: str) -> str:
    """What is kept of a token. One round of SHA-256 is enough: a 256-bit random value cannot be guessed."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


class Credentials:
    """Every caller this node knows, by the digest of their token."""

    def __init__(self, known: Iterable[tuple[str, Caller]]):
        """Raises SettingsError when a digest is malformed or stands for two callers."""
        self._known: list[tuple[bytes, Caller]] = []
        for text, caller in known:
            if not _DIGEST.fullmatch(text):
                raise SettingsError(
                    f"the token digest of {caller.name!r} is not 64 lower-case hex digits",
                    hint="put the digest here, not the token",
                )
            if any(text.encode("ascii") == other for other, _ in self._known):
                raise SettingsError(f"the token digest of {caller.name!r} stands twice", hint="mint a token for each")
            self._known.append((text.encode("ascii"), caller))

    def authenticate(self, token: str) -> Caller | None:
        """Whose token this is, or None. Takes the same time whoever it is: every digest is compared, to its end."""
        offered = digest(token).encode("ascii")
        found: Caller | None = None
        for known, caller in self._known:
            if hmac.compare_digest(known, offered):
                found = caller
        return found
