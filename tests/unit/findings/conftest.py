"""A report as a run makes it: a file with findings of every severity, one that cannot be read, one that is fine."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from interop.findings import Checked, Report
from interop.location import SourcePointer
from interop.outcome import Issue, Outcome, Severity

PATIENT = """{
  "resourceType": "Patient",
  "gender": "woman",
\t"name": [{"family": "Ашворт 東京", "given": "<b>Edith</b>"}],
  "birthDate": "1938"
}
""".encode()


@pytest.fixture
def issues() -> list[Issue]:
    return [
        Issue("code-not-checked", "could not tell", "Patient.language", Severity.INFORMATION, line=2, col=3),
        Issue("code-not-preferred", "'x' is not preferred", "Patient.contact", Severity.WARNING, rule="UKCore-Patient"),
        Issue("code-not-in-value-set", "found 'woman', wanted one of male, female", "Patient.gender",
              hint="use a code from the value set", rule="Patient", line=3, col=3),
        Issue("json-shape", "found <b>one</b> value, an array is wanted", "Patient.name[0].given", line=4, col=35),
        Issue("json-shape", "found <b>one</b> value, an array is wanted", "Patient.name[1].given", line=4, col=2),
        Issue("date-unreadable", "not a date\x1b[2J\u202e", "Patient.birthDate", value="1938?",
              source=SourcePointer("residents.csv", row=14, column="DOB")),
    ]  # fmt: skip


@pytest.fixture
def report(issues: list[Issue]) -> Report:
    unreadable = Issue("content-json", "not JSON", severity=Severity.FATAL, line=1, col=1)
    return Report(
        (
            Checked.of("wards/a b.json", Outcome.of(issues), PATIENT),
            Checked.of("broken.json", Outcome.of([unreadable]), b"{"),
            Checked.of("fine.json", Outcome(), b"{}"),
        ),
        datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    )
