"""The code systems and extensions a reader has to recognise, by name."""

from __future__ import annotations

from interop.canonical import BASE

CANONICAL = BASE

DOCUMENT_KIND = f"{CANONICAL}/CodeSystem/document-kind"
"""Our own kinds of document: each code is what the relay calls it."""

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
SUPPLY_DAYS = f"{CANONICAL}/StructureDefinition/supply-days"
SUGGESTED_STRATEGIES = f"{CANONICAL}/StructureDefinition/suggested-strategies"
VISITS = f"{CANONICAL}/StructureDefinition/visits"
OUT_OF_HOURS = f"{CANONICAL}/StructureDefinition/out-of-hours-phone"
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

WISH = f"{CANONICAL}/CodeSystem/wish"
CONSENT_BASIS = f"{CANONICAL}/StructureDefinition/consent-basis"
DECISION_DISCUSSED = f"{CANONICAL}/StructureDefinition/decision-discussed"
DECISION_REASON = f"{CANONICAL}/StructureDefinition/decision-reason"
ENDED_BECAUSE = f"{CANONICAL}/StructureDefinition/ended-because"
LIFE_SUSTAINING = f"{CANONICAL}/StructureDefinition/life-sustaining-treatment"
PREFERENCE_RANK = f"{CANONICAL}/StructureDefinition/preference-rank"
REVIEW_DATE = f"{CANONICAL}/StructureDefinition/review-date"
SIGNED_AND_WITNESSED = f"{CANONICAL}/StructureDefinition/signed-and-witnessed"
FLAG_DETAIL = "http://hl7.org/fhir/StructureDefinition/flag-detail"
"""R4's own extension: what a Flag is about, or what it groups."""
END_OF_LIFE_SUMMARY = "861421000000109"
WELFARE_ATTORNEY = ("816361000000101", "816381000000105")
ADVANCE_DECISION = ("816301000000100", "816321000000109")
ATTORNEY = ("POWATT", "HPOWATT")
"""v3-RoleCode: whoever holds a power of attorney."""
