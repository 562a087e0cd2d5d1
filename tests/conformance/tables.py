"""The tables of conformance, printed: ``python -m tests.conformance.tables`` from the top of the repository.

HL7's validator suite by tier, FHIRPath, published examples, seeded defects, and what disagrees by cause.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.conformance import suites
from tests.conformance.conftest import PACKAGES, Published

HERE = Path(__file__).parent
DEFECTS = HERE.parent / "cases" / "defects"
SHOWN = 12


def main() -> int:
    if not suites.SUITE.exists():
        say("HL7's suites and packages are not beside the repository (../shared): nothing to compare with")
        return 1
    results = suites.run()
    say("HL7 validator suite, open cases (Java = 100)")
    say(f"{'tier':10}{'runs':>6}{'verdict':>9}{'count':>8}{'place':>8}{'SCORE':>8}{'slowest':>10}")
    for tier in suites.TIERS:
        row = suites.table(results, tier)
        slowest = max(r.seconds for r in results if r.tier == tier)
        cells = (row["verdict"], row["count"], row["location"], row["score"])
        say(f"{tier:10}{row['runs']:6}{cells[0]:9.1f}{cells[1]:8.1f}{cells[2]:8.1f}{cells[3]:8.1f}{slowest:9.2f}s")
    say(f"FHIRPath    {suites.fhirpath_score():.1f}")
    say("")
    _disagreements(results)
    _examples()
    _defects()
    return 0


def _disagreements(results: list[suites.Result]) -> None:
    causes = Counter(result.cause for result in results if result.cause != "agrees")
    say("Disagreements with the reference, by cause")
    for cause, count in causes.most_common():
        names = [f"{r.case} [{r.tier}]" for r in results if r.cause == cause]
        more = f" … and {count - SHOWN} more" if count > SHOWN else ""
        say(f"{count:5}  {cause}: {', '.join(names[:SHOWN])}{more}")
    say("")


def _examples() -> None:
    if not PACKAGES.exists():
        return
    published = Published()
    known = json.loads((HERE / "published_errors.json").read_text(encoding="utf-8"))
    r4, uk = published.validator("r4"), published.validator("ukcore")
    told = {
        "r4": {name: r4.validate(data) for name, data in published.r4_examples().items()},
        "ukcore": {
            name: uk.validate(data, profiles=[profile], content_type="application/fhir+xml")
            for name, (data, profile) in published.uk_examples().items()
        },
    }
    say("Published examples")
    say(f"{'package':10}{'examples':>10}{'refused':>9}{'false':>7}{'without a false error':>24}")
    for package, outcomes in told.items():
        bad = [name for name, found in outcomes.items() if not found.ok]
        false = [name for name in bad if name not in known[package]]
        share = 100 * (1 - len(false) / len(outcomes))
        say(f"{package:10}{len(outcomes):10}{len(bad):9}{len(false):7}{share:23.1f}%")
        for name in bad:
            why = known[package].get(name, {}).get("why", "FALSE, or not yet decided")
            say(f"           {name}: {why}")
    say("")


def _defects() -> None:
    kinds: Counter[str] = Counter()
    for case in _cases(sorted(DEFECTS.rglob("*.json"))):
        kinds[case.get("kind", "XML")] += 1
    say(f"Seeded defects: {kinds.total()} (each found with the right code at the right place, or the tests fail)")
    say("  " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))


def _cases(files: Iterable[Path]) -> Iterable[dict[str, Any]]:
    for file in files:
        yield from json.loads(file.read_text(encoding="utf-8"))["defects"]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
