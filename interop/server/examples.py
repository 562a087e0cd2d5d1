"""The examples in the OpenAPI description: small, synthetic, and true to what the endpoints take and give."""

from __future__ import annotations

from interop.canonical import BASE
from interop.json_codec import JsonObject

PATIENT: JsonObject = {
    "resourceType": "Patient",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
    "name": [{"use": "official", "family": "Ashworth", "given": ["Edith"]}],
    "birthDate": "1938-08-14",
}
DOCUMENT: JsonObject = {
    "resourceType": "Bundle",
    "type": "document",
    "identifier": {"system": "https://tools.ietf.org/html/rfc4122", "value": "0bcb5098-ce5a-4a85-a547-2574f90310e4"},
    "timestamp": "2026-11-14T02:10:00+00:00",
    "entry": [
        {
            "fullUrl": "urn:uuid:fa2a75a7-4257-422d-92a4-cf537f078e13",
            "resource": {
                "resourceType": "Composition",
                "status": "final",
                "type": {"coding": [{"system": "http://snomed.info/sct", "code": "371535009"}]},
                "date": "2026-11-14T02:10:00+00:00",
                "author": [{"display": "Rosewood House"}],
                "title": "Transfer summary",
            },
        }
    ],
}
MESSAGE: JsonObject = {
    "resourceType": "Bundle",
    "type": "message",
    "identifier": {"system": "https://tools.ietf.org/html/rfc4122", "value": "1c1f5f0e-7a8e-4e7e-9b1a-0f5f0c3b2a10"},
    "timestamp": "2026-11-14T02:10:05+00:00",
    "entry": [
        {
            "fullUrl": "urn:uuid:6b8e4a52-0f35-4f3e-8a4f-5f7a1f0f9d11",
            "resource": {
                "resourceType": "MessageHeader",
                "eventCoding": {
                    "system": f"{BASE}/CodeSystem/message-event",
                    "code": "transfer-summary",
                },
                "destination": [
                    {
                        "endpoint": "urn:nhs-uk:addressing:ods:RXE99",
                        "receiver": {
                            "identifier": {
                                "system": "https://fhir.nhs.uk/Id/ods-organization-code",
                                "value": "RXE99",
                            }
                        },
                    }
                ],
                "sender": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "VNX01"}},
                "source": {"endpoint": "urn:nhs-uk:addressing:ods:VNX01"},
                "focus": [{"reference": "urn:uuid:9d0f1b0a-2c0f-4a37-9d3c-7a0c7b6f2f55"}],
            },
        },
        {"fullUrl": "urn:uuid:9d0f1b0a-2c0f-4a37-9d3c-7a0c7b6f2f55", "resource": DOCUMENT},
    ],
}
RECEIPT: JsonObject = {
    "resourceType": "OperationOutcome",
    "id": "5f0f6c51-0d5e-5a52-9ac8-6f3dcf1b8f7e",
    "issue": [
        {
            "severity": "information",
            "code": "informational",
            "details": {
                "coding": [{"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-ITKResponseCode", "code": "20013"}],
                "text": "received",
            },
            "diagnostics": "received at 2026-11-14T02:10:06+00:00; sha256 3b1c…",
        }
    ],
}
OUTCOME: JsonObject = {
    "resourceType": "OperationOutcome",
    "issue": [
        {
            "severity": "error",
            "code": "value",
            "details": {
                "coding": [
                    {
                        "system": f"{BASE}/CodeSystem/issue-code",
                        "code": "nhs-number-check-digit",
                    }
                ],
                "text": "'9990000019' fails the check digit: the last digit is 9, the first nine ask for 8",
            },
            "expression": ["Patient.identifier[0].value"],
        }
    ],
}
SUBMITTED: JsonObject = {
    "records": [
        {
            "key": "RH-014",
            "status": "queued",
            "id": "5f0f6c51-0d5e-5a52-9ac8-6f3dcf1b8f7e",
            "kind": "transfer-summary",
            "recipients": ["RXE99", "Y99901"],
            "issues": [],
        },
        {
            "key": "RH-021",
            "status": "quarantined",
            "id": "0d6c4f2a-94a7-4f5c-8f65-1f5a8e1c7b77",
            "kind": "transfer-summary",
            "recipients": [],
            "issues": [
                {
                    "code": "nhs-number-check-digit",
                    "severity": "error",
                    "text": "'9990000019' fails the check digit: the last digit is 9, the first nine ask for 8",
                    "source": 'residents.csv row 3, column "NHS Number"',
                }
            ],
        },
    ]
}
