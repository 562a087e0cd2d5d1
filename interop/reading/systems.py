"""The code systems and extensions a reader has to recognise, by name."""

from __future__ import annotations

CANONICAL = "https://interop.example/fhir"

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
HEADINGS = "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings"
LOCAL_SECTION = f"{CANONICAL}/CodeSystem/section"
CARE_NEED = f"{CANONICAL}/CodeSystem/care-need"
FLAG_CATEGORY = f"{CANONICAL}/CodeSystem/flag-category"
ITEM_PRESENT = f"{CANONICAL}/CodeSystem/item-present"
TEAM_GROUP = f"{CANONICAL}/CodeSystem/care-team-group"
CONTACT_KIND = f"{CANONICAL}/CodeSystem/contact-kind"
CHECKLIST = f"{CANONICAL}/Questionnaire/red-bag-checklist"

ALERT_DETAIL = f"{CANONICAL}/StructureDefinition/alert-detail"
DOCUMENT_LOCATION = f"{CANONICAL}/StructureDefinition/document-location"
DOSE_TEXT = f"{CANONICAL}/StructureDefinition/dose-text"
LAST_GIVEN = f"{CANONICAL}/StructureDefinition/last-given"
MEDICATION_CHANGE = f"{CANONICAL}/StructureDefinition/medication-change"
CONTACT_NOTE = f"{CANONICAL}/StructureDefinition/contact-note"
VISITS = f"{CANONICAL}/StructureDefinition/visits"
ACCEPTANCE = f"{CANONICAL}/StructureDefinition/coordinator-acceptance"
UKCORE_CHANGE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationChangeSummary"
TIMEZONES = (
    "http://hl7.org/fhir/StructureDefinition/timezone",
    "http://hl7.org/fhir/StructureDefinition/tz-code",
)

TRANSFER_SUMMARY = "371535009"
DISCHARGE_SUMMARY = "373942005"
CARE_COORDINATOR = "768820003"
NOT_FOR_CPR = "450476008"
FOR_CPR = "450475007"
NO_KNOWN_ALLERGY = "716186003"
