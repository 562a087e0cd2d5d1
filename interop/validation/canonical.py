"""The address of a definition: ``url`` of a conformance resource is absolute, so that others can name it.

Source: FHIR R4 references.html#canonical.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.definitions import ElementDefinition
from interop.definitions.elements import BASE
from interop.outcome import Issue
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.glance import Glance, always, by_checking
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope

# fmt: off
# Packed: a list to look things up in, not to read.
METADATA_RESOURCES = frozenset({
    "ActivityDefinition", "CapabilityStatement", "ChargeItemDefinition", "CodeSystem", "CompartmentDefinition",
    "ConceptMap", "EffectEvidenceSynthesis", "EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario",
    "GraphDefinition", "ImplementationGuide", "Library", "Measure", "MessageDefinition", "NamingSystem",
    "OperationDefinition", "PlanDefinition", "Questionnaire", "ResearchDefinition", "ResearchElementDefinition",
    "RiskEvidenceSynthesis", "SearchParameter", "StructureDefinition", "StructureMap", "TerminologyCapabilities",
    "TestScript", "ValueSet",
})
# fmt: on
_AT_HAND = ("StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap", "Questionnaire", "SearchParameter")
"""Resources that others name by canonical. Source: FHIR R4 resource.html#canonical, metadataresource."""


def canonical_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    """Once, where the type itself is compiled."""
    if known.element is not None or "canonical" not in element.type_codes:
        return None
    targets = {target for ref in element.types if ref.code == "canonical" for target in ref.target_profiles}
    kinds = frozenset(target.removeprefix(BASE) for target in targets)
    # What QuestionnaireResponse.questionnaire leads to is looked at where the answers are.
    looked_at_elsewhere = element.path == "QuestionnaireResponse.questionnaire"
    return CanonicalForm(frozenset() if looked_at_elsewhere or not kinds <= METADATA_RESOURCES else kinds)


@dataclass(frozen=True, slots=True)
class CanonicalForm:
    """A canonical is an absolute URL or ``#id`` of a contained resource, and leads to a resource of the right type.

    kinds  the types it may lead to; empty for any
    """

    kinds: frozenset[str] = frozenset()

    def glance(self, key: str) -> Glance:
        return by_checking(self, key) if key == "canonical" else always

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        value = item.value
        if item.type != "canonical" or not isinstance(value, str) or value.startswith("#"):
            return NOTHING
        if ":" in value:
            return self._wrong_kind(item, value, scope)
        text = f"{value!r} is not an absolute URL; a canonical is absolute or, for a contained resource, #id"
        return (Issue("canonical-form", text, item.expression, scope.run.policy.beyond_text),)

    def _wrong_kind(self, item: Item, canonical: str, scope: Scope) -> Iterable[Issue]:
        locate = scope.run.definitions.locate
        if not self.kinds or any(locate(kind, canonical) for kind in self.kinds):
            return NOTHING
        other = next((kind for kind in _AT_HAND if kind not in self.kinds and locate(kind, canonical)), None)
        if other is None:
            return NOTHING
        text = f"{canonical} is a {other}, wanted a {' or '.join(sorted(self.kinds))}"
        return (Issue("canonical-target", text, item.expression, hint="name the canonical of what is meant"),)


@dataclass(frozen=True, slots=True)
class CanonicalUrl:
    """``url`` has a scheme."""

    trigger: ClassVar[str] = "url"

    def glance(self, key: str) -> Glance:
        return by_checking(self, key)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        url = item.members.get("url")
        if not isinstance(url, str) or not url or ":" in url or url.startswith("#"):
            return NOTHING
        text = f"{url!r} is not absolute; a definition is named by an absolute URL"
        return (Issue("canonical-form", text, f"{item.expression}.url", hint="use the full http address or a urn:"),)
