"""The rules, read aloud. Adding one is a file of its own and a line here.

``RULES`` read element definitions, of types and profiles alike. ``TYPE_RULES`` judge every value of one type or
backbone element, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from interop.definitions import ElementDefinition
from interop.validation.aggregation import aggregation_rule
from interop.validation.allowed_types import allowed_types_rule, type_profiles_rule
from interop.validation.assertion import Assertion, Known, RuleFactory
from interop.validation.attachment import AttachmentFacts, attachment_rule
from interop.validation.binding import binding_rule
from interop.validation.canonical import METADATA_RESOURCES, CanonicalUrl, canonical_rule
from interop.validation.capability import SupportedSearch
from interop.validation.codesystem_content import (
    CodeSystemContent,
    DeclaredProperties,
    KnownProperty,
    OwnValueSet,
    SupplementedCodes,
)
from interop.validation.coding import CodingForm
from interop.validation.concept_map import MappedCodes
from interop.validation.contained import contained_rule
from interop.validation.differential import DifferentialForm
from interop.validation.element_row import ElementRow
from interop.validation.element_types import TypeProfile
from interop.validation.entries import DocumentLinks, EntryUrls
from interop.validation.exchange import EntryRequest, FirstEntry, ResponseStatus
from interop.validation.extension import ExtensionUse
from interop.validation.filters import FilterValues
from interop.validation.house import NhsNumber
from interop.validation.identifier import IdentifierForm
from interop.validation.invariant import invariant_rules
from interop.validation.limits import range_rule
from interop.validation.links import LinkRelations
from interop.validation.markdown import markdown_rule
from interop.validation.measure import MeasureCriteria
from interop.validation.measure_report import ReportedMeasure
from interop.validation.operation_definition import OperationProfiles
from interop.validation.publishing import OwningWorkGroup
from interop.validation.questionnaire_form import QuestionnaireConditions
from interop.validation.questionnaire_response import QuestionnaireAnswers
from interop.validation.search_parameter import CompositeParts, SearchComponents, SearchDerivation, SearchExpression
from interop.validation.searchset import SearchResults
from interop.validation.structure_definition import ContextOfExtension, SnapshotPossible
from interop.validation.target import ReferenceForm, target_rule
from interop.validation.values import fixed_rule, least_length_rule, length_rule, pattern_rule
from interop.validation.valueset_content import IncludedCodes, IncludedSystem
from interop.validation.valueset_parameters import FilterExpressions
from interop.validation.vital_signs import VitalSign
from interop.validation.xhtml import NarrativeForm


def _one(factory: RuleFactory) -> Callable[[ElementDefinition, Known], Iterable[Assertion]]:
    def several(element: ElementDefinition, known: Known) -> Iterable[Assertion]:
        assertion = factory(element, known)
        return (assertion,) if assertion is not None else ()

    return several


RULES: tuple[Callable[[ElementDefinition, Known], Iterable[Assertion]], ...] = (
    _one(allowed_types_rule),  # type.code, where a profile narrows
    _one(type_profiles_rule),  # type.profile
    _one(fixed_rule),  # fixed[x]
    _one(pattern_rule),  # pattern[x]
    _one(length_rule),  # maxLength
    _one(least_length_rule),  # the extension minLength
    _one(range_rule),  # minValue[x], maxValue[x]
    _one(binding_rule),  # binding.strength and valueSet
    _one(canonical_rule),  # the form of a canonical
    _one(markdown_rule),  # no HTML in markdown
    _one(target_rule),  # type.targetProfile
    _one(aggregation_rule),  # type.aggregation
    _one(attachment_rule),  # the extensions maxSize, mimeType
    _one(contained_rule),  # ids of contained resources
    invariant_rules,  # constraint
)

TYPE_RULES: dict[str, tuple[Callable[[], Assertion], ...]] = {
    "Attachment": (AttachmentFacts,),
    "Bundle": (EntryUrls, FirstEntry, DocumentLinks, LinkRelations, SearchResults),
    "Bundle.entry": (EntryRequest,),
    "Bundle.entry.response": (ResponseStatus,),
    "CapabilityStatement.rest.resource.searchParam": (SupportedSearch,),
    "Coding": (CodingForm,),
    "Extension": (ExtensionUse,),
    "Identifier": (IdentifierForm, NhsNumber),
    "Narrative": (NarrativeForm,),
    "Reference": (ReferenceForm,),
    "Measure": (MeasureCriteria,),
    "MeasureReport": (ReportedMeasure,),
    "Observation": (VitalSign,),
    "OperationDefinition": (OperationProfiles,),
    "Questionnaire": (QuestionnaireConditions,),
    "QuestionnaireResponse": (QuestionnaireAnswers,),
    "StructureDefinition": (SnapshotPossible, ContextOfExtension),
    "StructureDefinition.differential": (DifferentialForm,),
    "ElementDefinition": (ElementRow,),
    "ElementDefinition.type": (TypeProfile,),
    "ConceptMap": (MappedCodes,),
    "ValueSet": (FilterExpressions,),
    "ValueSet.compose.include": (IncludedSystem, IncludedCodes, FilterValues),
    "CodeSystem": (CodeSystemContent, DeclaredProperties, OwnValueSet, SupplementedCodes),
    "CodeSystem.property": (KnownProperty,),
    "SearchParameter": (CompositeParts, SearchComponents, SearchExpression, SearchDerivation),
}
for _name in METADATA_RESOURCES:
    TYPE_RULES[_name] = (CanonicalUrl, OwningWorkGroup, *TYPE_RULES.get(_name, ()))
