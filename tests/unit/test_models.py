"""The typed models: a convenience, and a second opinion that must agree on plain facts."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest

from interop.errors import ContentError
from interop.models import parse_fault, typed

PATIENT = {"resourceType": "Patient", "birthDate": "1938-08-14", "name": [{"family": "Ashworth"}]}


def test_a_resource_becomes_a_typed_model():
    model = typed(PATIENT)
    assert model.birthDate.year == 1938
    assert model.name[0].family == "Ashworth"


def test_a_decimal_passes_into_the_model_with_its_digits():
    quantity = typed(
        {"resourceType": "Observation", "status": "final", "code": {"text": "w"}}
        | {"valueQuantity": {"value": Decimal("52.10")}}
    )
    assert str(quantity.valueQuantity.value) == "52.10"


@pytest.mark.parametrize(
    ("resource", "fault"),
    [
        (PATIENT, None),
        (PATIENT | {"birthdate": "1938-08-14"}, "Patient.birthdate: Extra inputs are not permitted"),
        (PATIENT | {"name": [{"family": ["Ashworth"]}]}, "Patient.name[0].family: Input should be a valid string"),
        ({"resourceType": "Resident"}, "'Resident' is not a resource type of R4B"),
        ({}, "None is not a resource type of R4B"),
    ],
)
def test_a_refusal_names_the_element(resource, fault):
    assert parse_fault(resource) == fault


def test_a_refusal_does_not_repeat_the_value():
    with pytest.raises(ContentError) as refused:
        typed(PATIENT | {"gender": {"secret": "value"}})
    assert "secret" not in str(refused.value)


def test_the_models_are_loaded_only_when_asked_for():
    code = "import sys, interop.models; sys.exit('fhir' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
