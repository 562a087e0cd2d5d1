"""The address of a definition: ``url`` of a conformance resource is absolute, so that others can name it.

Source: FHIR R4 references.html#canonical.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.definitions import ElementDefinition
from interop.outcome import Issue
from interop.validation.assertion import NOTHING, Assertion, Known
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
"""Resources that others name by canonical. Source: FHIR R4 resource.html#canonical, metadataresource."""


def canonical_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    """Once, where the type itself is compiled."""
    return CanonicalForm() if known.element is None and "canonical" in element.type_codes else None


@dataclass(frozen=True, slots=True)
class CanonicalForm:
    """A canonical is an absolute URL or ``#id`` of a contained resource."""

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        value = item.value
        if item.type != "canonical" or not isinstance(value, str) or ":" in value or value.startswith("#"):
            return NOTHING
        text = f"{value!r} is not an absolute URL; a canonical is absolute or, for a contained resource, #id"
        return (Issue("canonical-form", text, item.expression, scope.run.policy.beyond_text),)


@dataclass(frozen=True, slots=True)
class CanonicalUrl:
    """``url`` has a scheme."""

    trigger: ClassVar[str] = "url"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        url = item.members.get("url")
        if not isinstance(url, str) or not url or ":" in url or url.startswith("#"):
            return NOTHING
        text = f"{url!r} is not absolute; a definition is named by an absolute URL"
        return (Issue("canonical-form", text, f"{item.expression}.url", hint="use the full http address or a urn:"),)
