"""Backwards, a code no table knows: HL7 v2 gets the code itself, a table of words its words; both are told."""

from __future__ import annotations

import pytest

TEXT = """
bundle: {{type: collection, kind: x}}
groups:
  - group: patient
    create: Patient
    rules:
      - {{source: "{name}", target: name.family}}
      - {{source: "{state}", target: maritalStatus, translate: codes/sex}}
"""
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001",
            "resource": {
                "resourceType": "Patient",
                "name": [{"family": "ASH"}],
                "maritalStatus": {"coding": [{"system": "urn:x", "code": "Q7", "display": "Quite so"}]},
            },
        }
    ],
}


@pytest.mark.parametrize(
    ("head", "name", "state", "written"),
    [
        ("mapping: home/test\nsource: {format: hl7v2, zone: Europe/London}\n", "PID-5.1", "PID-16.1", "Q7"),
        ("mapping: home/test\nsource: {format: json, zone: Europe/London}\n", "name", "state", "Quite so"),
    ],
)
def test_what_no_table_knows_is_written_as_the_format_has_it(mapping, head, name, state, written):
    local = mapping(TEXT.format(name=name, state=state), head=head).reverse(BUNDLE)
    (data,) = local.files.values()
    assert written.encode() in data
    (loss,) = [loss for loss in local.losses if loss.code == "reverse-code"]
    assert "has no local code for 'Quite so'" in loss.text
    assert loss.severity == "warning"
