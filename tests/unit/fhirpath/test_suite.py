"""HL7's FHIRPath suite for R4, where it is at hand: every open case, types compared where the case names one."""

from __future__ import annotations

import importlib.util
import json
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SUITE = ROOT.parent / "shared" / "conformance" / "fhirpath"
STRINGS = {"string", "code", "id", "uri", "url", "canonical", "markdown", "oid", "uuid"}
TEMPORALS = {"date", "datetime", "time", "instant"}
# The suite reads an hour without minutes as that hour's first minute; its hour has sixty.
DIFFERENT_ON_PURPOSE = {"HighBoundaryDateTimeMillisecond3"}

pytestmark = pytest.mark.skipif(not SUITE.exists(), reason="the FHIRPath suite is not beside this checkout")


def adapter() -> Any:
    spec = importlib.util.spec_from_file_location("fhirpath_adapter", ROOT / "tests" / "conformance" / "adapter.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same_form(kind: str | None, text: str) -> tuple[str, object]:
    name = (kind or "").rpartition(".")[2].lower()
    name = "string" if name in STRINGS else "temporal" if name in TEMPORALS else name
    if name in {"integer", "decimal"}:
        return "number", Decimal(text)
    if name == "temporal":
        text = text.lstrip("@").removeprefix("T")
        return name, re.sub(r"\.0+(?=$|[Z+-])", "", text)
    return name, text


def plain(text: str) -> object:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text.lstrip("@").removeprefix("T")


def disagreement(case: dict[str, Any], evaluate: Any) -> str:
    data = (SUITE / case["input"]).read_bytes() if case["input"] else b""
    kind = "application/fhir+xml" if str(case["input"]).endswith(".xml") else "application/fhir+json"
    try:
        found = evaluate(data, kind, case["expression"])
    except Exception as fault:  # noqa: BLE001 - the suite asks only that something is raised
        return "" if case["invalid"] else f"raised {fault!r}"
    if case["invalid"]:
        return f"nothing raised, found {found}"
    want = [(o["type"], o["value"] or "") for o in case["outputs"]]
    if len(found) != len(want):
        return f"wanted {want}, found {found}"
    pairs = list(zip(want, found, strict=True))
    if not case["ordered"]:
        pairs = list(zip(sorted(want), sorted(found), strict=True))
    for (want_type, want_text), (found_type, found_text) in pairs:
        if want_type is None:
            fits = plain(want_text) == plain(found_text)
        else:
            fits = same_form(want_type, want_text) == same_form(found_type, found_text)
        if not fits:
            return f"wanted {want}, found {found}"
    return ""


def test_every_open_case_agrees() -> None:
    evaluate = adapter().evaluate
    cases = json.loads((SUITE / "cases.json").read_text(encoding="utf-8"))
    told = {
        f"{case['group']}/{case['name']}: {case['expression']}": disagreement(case, evaluate)
        for case in cases
        if case["name"] not in DIFFERENT_ON_PURPOSE
    }
    assert {name: text for name, text in told.items() if text} == {}
