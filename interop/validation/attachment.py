"""An Attachment that carries its data says the truth about its size and hash, and keeps to what a profile allows.

Source: FHIR R4 datatypes.html#Attachment (size before base64 encoding, hash is SHA-1), extension-maxsize.html,
extension-mimetype.html.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from interop.definitions import ElementDefinition
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.glance import Glance, by_checking
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope


MEGABYTE = 1_000_000


def attachment_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    """Where a profile limits its attachments."""
    if known.element is None or (element.max_size is None and not element.mime_types):
        return None
    return AttachmentLimits(element.max_size, element.mime_types, known.rule)


@dataclass(frozen=True, slots=True)
class AttachmentLimits:
    """The extensions maxSize and mimeType on an element of a profile."""

    most: Decimal | int | None
    kinds: tuple[str, ...]
    rule: str

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if item.type != "Attachment":
            return NOTHING
        found: list[Issue] = []
        kind = item.members.get("contentType")
        if self.kinds and isinstance(kind, str) and kind not in self.kinds:
            text = f"a file of type {kind} was given, wanted {' or '.join(self.kinds)}"
            found.append(Issue("attachment-type", text, item.expression, rule=self.rule))
        if self.most is not None and (excess := too_large(item.members, self.most)) is not None:
            text, certain = excess
            severity = Severity.ERROR if certain else scope.run.policy.beyond_text
            found.append(Issue("attachment-too-large", text, item.expression, severity, self.rule, hint="send less"))
        return found


def too_large(attachment: JsonObject, most: Decimal | int) -> tuple[str, bool] | None:
    """(why, whether beyond doubt) when a file exceeds maxSize; None when it does not, or its size is not known.

    R4 counts maxSize in megabytes, HL7's own validator in bytes: what is too large for the one only is doubtful.
    """
    content = _content(attachment)
    size = len(content) if content is not None else attachment.get("size")
    if not isinstance(size, int) or size <= most:
        return None
    certain = size > most * MEGABYTE
    told = f"{most} megabytes" if certain else most
    doubt = "" if certain else "; if megabytes are meant, as R4 has it, it is not too large"
    return f"the file has {size} bytes, at most {told} are allowed{doubt}", certain


def _content(attachment: JsonObject) -> bytes | None:
    """The file itself; None when it is not here, or is not base64, as the primitive's own rule says."""
    data = attachment.get("data")
    if not isinstance(data, str):
        return None
    try:
        return binascii.a2b_base64("".join(data.split()))
    except (binascii.Error, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class AttachmentFacts:
    """Stated size and hash are those of the data."""

    trigger: ClassVar[str] = "data"

    def glance(self, key: str) -> Glance:
        return by_checking(self, key)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        members = item.members
        content = _content(members) if "size" in members or "hash" in members else None
        if content is None:
            return NOTHING
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
