"""The names messages are made of: code systems, extensions and endpoint forms, with the displays we write."""

from __future__ import annotations

from interop.canonical import BASE

MESSAGE_EVENT = f"{BASE}/CodeSystem/message-event"
HANDLING = f"{BASE}/StructureDefinition/message-handling"
ITK_RESPONSE = "https://fhir.hl7.org.uk/CodeSystem/UKCore-ITKResponseCode"
ODS_ENDPOINT = "urn:nhs-uk:addressing:ods:"

# Displays as the code systems give them (UK Core codesystems/CodeSystem-UKCore-ITKResponseCode).
DISPLAYS: dict[str, dict[str, str]] = {
    MESSAGE_EVENT: {
        "transfer-summary": "Transfer summary",
        "discharge-summary": "Discharge summary",
        "response": "Response to a message",
    },
    ITK_RESPONSE: {
        "10008": "Handling Specification Business Rule Error",
        "10009": "Unreadable message received",
        "20002": "Unrecognised Recipient Organisation",
        "20003": "Unrecognised Sender",
        "20006": "ITK header validation failure",
        "20007": "Duplicate Message received",
        "20009": "Payload validation failure",
        "20012": "Unauthorised Sender",
        "20013": "Success",
        "20015": "Message too large",
        "30001": "Patient known here. (e.g. Patient is registered here)",
        "30002": "Patient not known here. (aka 'patient record not present in system')",
        "30003": "Patient no longer at this clinical setting",
    },
}
