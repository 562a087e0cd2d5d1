"""The code systems and extensions a reader has to recognise, by name."""

from __future__ import annotations

CANONICAL = "https://interop.example/fhir"

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
CARE_NEED = f"{CANONICAL}/CodeSystem/care-need"
FLAG_CATEGORY = f"{CANONICAL}/CodeSystem/flag-category"
TEAM_GROUP = f"{CANONICAL}/CodeSystem/care-team-group"
CONTACT_KIND = f"{CANONICAL}/CodeSystem/contact-kind"
CHECKLIST = f"{CANONICAL}/Questionnaire/red-bag-checklist"

ALERT_DETAIL = f"{CANONICAL}/StructureDefinition/alert-detail"
DOCUMENT_LOCATION = f"{CANONICAL}/StructureDefinition/document-location"
DOSE_TEXT = f"{CANONICAL}/StructureDefinition/dose-text"
LAST_GIVEN = f"{CANONICAL}/StructureDefinition/last-given"
MEDICATION_CHANGE = f"{CANONICAL}/StructureDefinition/medication-change"
GOAL_IMPORTANCE = f"{CANONICAL}/StructureDefinition/goal-importance"
ROLE_IN_WORDS = f"{CANONICAL}/StructureDefinition/role-in-words"
SUGGESTED_STRATEGIES = f"{CANONICAL}/StructureDefinition/suggested-strategies"
VISITS = f"{CANONICAL}/StructureDefinition/visits"
ACCEPTANCE = f"{CANONICAL}/StructureDefinition/coordinator-acceptance"
UKCORE_CHANGE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationChangeSummary"
TIMEZONES = (
    "http://hl7.org/fhir/StructureDefinition/timezone",
    "http://hl7.org/fhir/StructureDefinition/tz-code",
)

DISCHARGE_SUMMARY = "373942005"
CARE_COORDINATOR = "768820003"
REVIEW_OF_CARE_PLAN = "425268008"
NOT_FOR_CPR = "450476008"
FOR_CPR = "450475007"
NO_KNOWN_ALLERGY = "716186003"
