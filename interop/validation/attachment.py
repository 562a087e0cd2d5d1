"""An Attachment that carries its data says the truth about its size and hash.

Source: FHIR R4 datatypes.html#Attachment (size before base64 encoding, hash is SHA-1).
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope


@dataclass(frozen=True, slots=True)
class AttachmentFacts:
    """Stated size and hash are those of the data."""

    trigger: ClassVar[str] = "data"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        members = item.members
        data = members.get("data")
        if not isinstance(data, str) or not ("size" in members or "hash" in members):
            return NOTHING
        try:
            content = binascii.a2b_base64("".join(data.split()))
        except (binascii.Error, ValueError):
            return NOTHING  # the primitive's own rule says so
        found: list[Issue] = []
        if isinstance(members.get("size"), int) and members["size"] != len(content):
            text = f"stated size is {members['size']}, the data has {len(content)} bytes"
            found.append(Issue("attachment-size", text, item.expression, hint="correct the size or the data"))
        wanted = members.get("hash")
        actual = binascii.b2a_base64(hashlib.sha1(content).digest(), newline=False).decode()  # noqa: S324  FHIR says SHA-1
        if isinstance(wanted, str) and "".join(wanted.split()) != actual:
            text = f"stated hash is {wanted}, the data has {actual}"
            found.append(Issue("attachment-hash", text, item.expression, hint="correct the hash or the data"))
        return found
