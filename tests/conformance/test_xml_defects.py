"""Seeded defects that only XML can have: ``tests/cases/defects/xml/*.json``, one replacement of text each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from interop.json_codec import loads
from interop.outcome import issue_catalogue

CASES = Path(__file__).parents[1] / "cases" / "defects" / "xml"
XML = "application/fhir+xml"
DEFECTS = [case for file in sorted(CASES.glob("*.json")) for case in loads(file.read_bytes())["defects"]]


@pytest.mark.parametrize("case", DEFECTS, ids=lambda case: case["desc"])
def test_the_defect_is_found_where_it_is(case: dict[str, Any], published: Any) -> None:
    data, profile = published.uk_examples()[case["file"]]
    old, new = (text.encode() for text in case["replace"])
    data = data.replace(b"\r\n", b"\n")
    assert old in data
    outcome = published.validator("ukcore").validate(data.replace(old, new, 1), profiles=[profile], content_type=XML)
    errors = sorted({(str(i.severity), i.code, i.expression) for i in outcome.errors})
    assert errors == sorted(map(tuple, case["found"])), "\n".join(map(str, outcome))


def test_the_codes_are_documented() -> None:
    assert {code for case in DEFECTS for _, code, _ in case["found"]} <= issue_catalogue().keys()
