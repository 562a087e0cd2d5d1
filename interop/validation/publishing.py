"""What HL7 asks of the definitions it publishes itself: each names the work group that owns it.

Source: the extension structuredefinition-wg; asked for only where ``Policy.publishing`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.definitions.elements import BASE
from interop.outcome import Issue
from interop.validation.assertion import NOTHING
from interop.validation.item import Item
from interop.validation.questionnaire import rows

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_HL7 = ("http://hl7.org/", "http://terminology.hl7.org/")
_WORK_GROUP = f"{BASE}structuredefinition-wg"


@dataclass(frozen=True, slots=True)
class OwningWorkGroup:
    """A definition in HL7's namespace has the extension with its work group."""

    trigger: ClassVar[str] = "url"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        url = item.members.get("url")
        if not scope.run.policy.publishing or not isinstance(url, str) or not url.startswith(_HL7):
            return NOTHING
        if any(extension.get("url") == _WORK_GROUP for extension in rows(item.members.get("extension"))):
            return NOTHING
        text = "HL7 publishes no definition without the work group that owns it"
        return (Issue("work-group", text, item.expression, hint=f"add the extension {_WORK_GROUP}"),)
