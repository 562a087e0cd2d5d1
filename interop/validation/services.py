"""What FHIRPath asks of its surroundings while an invariant runs: resolve, memberOf, conformsTo, now."""

from __future__ import annotations

from datetime import UTC, datetime

from interop.json_codec import Json
from interop.validation.binding import coded
from interop.validation.item import NO_MEMBERS, Item
from interop.validation.references import reference_text
from interop.validation.scope import Scope


class ScopeServices:
    """The services of one resource being judged."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope):
        self._scope = scope

    def resolve(self, reference: Json) -> Json | None:
        """The resource a reference, or its text, leads to inside the input."""
        text = reference_text(reference)
        if text is None:
            return None
        found = self._scope.resolve(text)
        if found is None and text.startswith("#") and self._scope.bundle is not None:
            # Seen from the Bundle the entry is not known; ids of contained resources seldom repeat.
            found = self._scope.bundle.contained(text[1:])
        return found

    def member_of(self, code: Json, value_set: str) -> bool | None:
        """Whether a code, Coding or CodeableConcept has a code in the value set; None: could not tell."""
        kind = "code"
        if isinstance(code, dict):
            kind = "CodeableConcept" if "coding" in code or "code" not in code else "Coding"
        item = Item(code, NO_MEMBERS, kind, self._scope.place)
        codes = self._scope.run.codes
        answers = [codes.contains(value_set, system, value or "") for system, value in coded(item)]
        if True in answers:
            return True
        return None if None in answers else False

    def conforms_to(self, node: Json, profile: str) -> bool | None:
        """Whether a resource or value follows a profile; None when the profile is unknown."""
        return self._scope.run.conforms(node, profile, self._scope) if isinstance(node, dict) else None

    @property
    def now(self) -> datetime:
        """The moment of validation."""
        return datetime.now(UTC)
