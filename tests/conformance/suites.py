"""HL7's validator suite run inside this process, and compared by the scorer that stands beside the suite."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
SUITE = ROOT.parent / "shared" / "conformance"
TIERS = ("core", "extended", "tx")


@dataclass(frozen=True, slots=True)
class Result:
    """One run of one case: what the scorer says of it, what we found, how long it took."""

    case: str
    tier: str
    compared: dict[str, Any]
    found: list[dict[str, str]]
    expected: list[dict[str, Any]]
    seconds: float

    @property
    def cause(self) -> str:
        """In a word, how the two verdicts differ."""
        if not self.compared["verdict"]:
            return "missed: only the reference finds an error" if self.compared["exp_invalid"] else "false alarm"
        if not self.compared["count"]:
            return "same verdict, another number of errors"
        return "same verdict, another place" if self.compared["score"] < 1 else "agrees"


def scorer() -> ModuleType:
    return _module("suite_score", SUITE / "score.py")


def run(tiers: tuple[str, ...] = TIERS) -> list[Result]:
    """Every open run of the tiers. A crash of the validator is not caught: it must not happen."""
    judge = _module("suite_adapter", Path(__file__).with_name("adapter.py")).validate
    score = scorer()
    results = []
    for case in json.loads((SUITE / "manifest.json").read_text(encoding="utf-8"))["cases"]:
        if case["tier"] not in tiers:
            continue
        data = (SUITE / case["file"]).read_bytes()
        for wanted in case["runs"]:
            given = [json.loads((SUITE / "defs" / name).read_text(encoding="utf-8")) for name in wanted["definitions"]]
            settings = {**case.get("settings", {}), **wanted.get("settings", {})}
            begun = time.perf_counter()
            found = judge(data, case["content_type"], list(wanted["profiles"]), given, settings=settings)
            seconds = time.perf_counter() - begun
            compared = score.compare([score.plain_issue(issue) for issue in found], wanted["expected"])
            label = f"{case['id']} ({wanted['run']})"
            results.append(
                Result(label, case["tier"], {**compared, "status": "ok"}, found, wanted["expected"], seconds)
            )
    return results


def table(results: list[Result], tier: str) -> dict[str, float]:
    """The scorer's row of a tier: score, verdict, count, location, caught …, in per cent."""
    row: dict[str, float] = scorer().row(tier, [r.compared for r in results if r.tier == tier])
    return row


def fhirpath_score() -> float:
    """Per cent of the FHIRPath suite's open cases, as its own scorer counts them."""
    command = [
        sys.executable,
        str(SUITE / "fhirpath" / "score.py"),
        "--python-api",
        "tests.conformance.adapter:evaluate",
    ]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120).stdout
    found = re.search(r"^FHIRPATH ([\d.]+)", told, re.MULTILINE)
    assert found is not None, told
    return float(found[1])


def _module(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
