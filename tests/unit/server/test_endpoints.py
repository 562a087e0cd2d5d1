"""What the HTTP door promises when all is well."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from interop import validate


def test_the_capability_statement_is_valid_fhir(http: TestClient) -> None:
    response = http.get("/fhir/metadata")
    assert response.headers["content-type"] == "application/fhir+json"
    outcome = validate(response.content)
    assert outcome.ok, [str(issue) for issue in outcome.errors]
    assert response.json()["fhirVersion"] == "4.0.1"


def test_it_is_alive_and_ready(http: TestClient) -> None:
    assert http.get("/health").json() == {"status": "alive"}
    assert http.get("/ready").json() == {"status": "ready"}


def test_metrics_are_counted_by_organisation_and_name_nobody(http: TestClient) -> None:
    text = http.get("/metrics").text
    assert 'interop_sent{organisation="RXE99"}' in text
    assert 'interop_duplicate_effects{organisation="RXE99"} 0.0' in text
    assert "9990000018" not in text


def test_every_operation_is_described_with_its_errors(http: TestClient) -> None:
    paths = http.get("/openapi.json").json()["paths"]
    operations: dict[str, Any] = {f"{verb} {path}": op for path, verbs in paths.items() for verb, op in verbs.items()}
    for wanted in (
        "get /fhir/metadata",
        "post /fhir/$process-message",
        "post /fhir/Bundle",
        "post /fhir/{resource_type}/$validate",
        "post /map/{mapping}",
        "get /messages",
        "get /messages/{message}",
        "post /messages/{message}/replay",
        "get /health",
        "get /ready",
        "get /metrics",
    ):
        assert operations[wanted]["summary"], wanted
    for name, operation in operations.items():
        if name.startswith("post"):
            assert operation["requestBody"]["content"], name
            assert "401" in operation["responses"], name


@pytest.mark.parametrize("example", ["PATIENT", "DOCUMENT", "MESSAGE", "RECEIPT", "OUTCOME"])
def test_the_examples_are_real_fhir(example: str) -> None:
    from interop.server import examples

    outcome = validate(getattr(examples, example))
    structural = [i for i in outcome.errors if i.code in ("unknown-element", "cardinality", "type", "primitive")]
    assert not structural, [str(issue) for issue in structural]


def test_the_description_is_a_page_that_fetches_nothing(http: TestClient) -> None:
    response = http.get("/docs")
    assert response.status_code == 200
    assert "default-src 'none'" in response.headers["content-security-policy"]
    page = response.text
    assert "$process-message" in page
    assert "<script" not in page
    assert 'src="http' not in page
    assert 'href="openapi.json"' in page
