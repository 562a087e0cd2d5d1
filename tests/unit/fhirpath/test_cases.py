"""Every case of ``tests/cases/fhirpath``: an expression, an input and what comes out."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from interop import json_codec
from interop.errors import ExpressionError
from interop.fhirpath import NoServices, compile

CASES = Path(__file__).parents[2] / "cases" / "fhirpath"


class Surroundings(NoServices):
    """A clock that stands still, one practitioner and one value set."""

    @property
    def now(self) -> datetime:
        return datetime(2026, 11, 14, 2, 10, tzinfo=UTC)

    def resolve(self, reference: str) -> dict[str, Any] | None:
        known = {"Practitioner/nair": "nair", "#elsewhere": "elsewhere"}
        return {"resourceType": "Practitioner", "id": known[reference]} if reference in known else None

    def member_of(self, code: Any, value_set: str) -> bool | None:
        return code == "female" if value_set.endswith("administrative-gender") else None


def read_cases() -> list[Any]:
    found = []
    for file in sorted(CASES.glob("*.yaml")):
        for case in YAML(typ="safe").load(file)["cases"]:
            found.append(pytest.param(case, id=f"{file.stem}: {case['desc']}"))
    return found


def told(item: Any) -> Any:
    """JSON as it is; decimals, dates and quantities as text, so that digits and precision show."""
    return item if isinstance(item, bool | int | str | dict) else str(item)


@pytest.mark.parametrize("case", read_cases())
def test_case(case: dict[str, Any]) -> None:
    focus = json_codec.loads((CASES / f"{case['input']}.json").read_bytes()) if "input" in case else None
    if "fault" in case:
        with pytest.raises(ExpressionError) as caught:
            compile(case["expression"]).evaluate(focus, env={"wanted": "maiden"}, services=Surroundings())
        assert caught.value.code == case["fault"]
        assert case.get("column") is None or caught.value.where == f"column {case['column']}"
        return
    result = compile(case["expression"]).evaluate(focus, env={"wanted": "maiden"}, services=Surroundings())
    assert [told(item) for item in result] == case["result"]
    assert not any(isinstance(item, Decimal) and "E" in str(item) for item in result)
