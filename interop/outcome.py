"""Findings about data: what every check returns, and how it leaves as a FHIR OperationOutcome."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib import resources

from interop.canonical import BASE
from interop.json_codec import JsonObject
from interop.location import SourcePointer
from interop.printable import printable


class Severity(StrEnum):
    """OperationOutcome.issue.severity (R4 ValueSet issue-severity)."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Verdict(StrEnum):
    """The three answers: a check that could not be made is neither a pass nor a failure."""

    VALID = "valid"
    INVALID = "invalid"
    COULD_NOT_TELL = "could-not-tell"


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding.

    code        stable, documented in ``interop/issues/*.json``: ``cardinality``, ``nhs-number-check-digit``
    text        what was found and what was wanted, both values shown
    expression  where in the resource, FHIRPath: ``Patient.name[0].given``
    rule        who says so: ``UKCore-Patient:Patient.name.given``, ``ele-1``, or the mapping rule
    source      where the value came from in the sender's own record
    value       the raw source value, as the sender wrote it
    hint        what to do
    member      the JSON member meant, where ``expression`` is the element around it: one that R4 does not have
    line, col   1-based place in the text that was parsed, where known
    """

    code: str
    text: str
    expression: str = ""
    severity: Severity = Severity.ERROR
    rule: str | None = None
    source: SourcePointer | None = None
    value: str | None = None
    hint: str | None = None
    member: str | None = None
    line: int | None = None
    col: int | None = None

    def __str__(self) -> str:
        # A value that the text shows already is not said twice, and an empty one says nothing.
        found = f": {self.value!r}" if self.value and repr(self.value) not in self.text else ""
        origin = f"{self.source}{found}: " if self.source else ""
        place = f"{self.expression}: " if self.expression and not self.source else ""
        remedy = f" ({self.hint})" if self.hint else ""
        return f"{origin}{place}{self.text}{remedy}"

    def as_json(self) -> JsonObject:
        """The issue as plain JSON: only the fields that say something."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        fields["source"] = str(self.source) if self.source else None
        return {
            name: str(value) if name == "severity" else value for name, value in fields.items() if value is not None
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """All findings about one thing, in the order they were made."""

    issues: tuple[Issue, ...] = ()

    @classmethod
    def of(cls, issues: Iterable[Issue]) -> Outcome:
        return cls(tuple(issues))

    def __iter__(self) -> Iterator[Issue]:
        return iter(self.issues)

    def __len__(self) -> int:
        return len(self.issues)

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.issues + other.issues)

    @property
    def errors(self) -> tuple[Issue, ...]:
        return tuple(i for i in self.issues if i.severity in (Severity.ERROR, Severity.FATAL))

    @property
    def ok(self) -> bool:
        """No error and nothing fatal. Warnings and information do not stop a message."""
        return not self.errors

    @property
    def verdict(self) -> Verdict:
        if any(i.severity is Severity.ERROR for i in self.issues):
            return Verdict.INVALID
        return Verdict.COULD_NOT_TELL if self.errors else Verdict.VALID

    def traced(self, find: Callable[[str], tuple[SourcePointer, str | None, str] | None]) -> Outcome:
        """The same findings, each with the source it came from.

        ``find`` takes an issue's expression and gives (pointer, raw value, rule) or None.
        """
        return Outcome.of(_traced(issue, find) for issue in self.issues)

    def operation_outcome(self) -> JsonObject:
        """As a FHIR R4 OperationOutcome; one informational issue when there is nothing to say."""
        issues = [_operation_issue(i) for i in self.issues]
        fine = {"severity": "information", "code": "informational", "diagnostics": "No issues found"}
        return {"resourceType": "OperationOutcome", "issue": issues or [fine]}


def _traced(issue: Issue, find: Callable[[str], tuple[SourcePointer, str | None, str] | None]) -> Issue:
    if issue.source is not None:
        return issue
    found = find(issue.expression)
    if found is None:
        return issue
    pointer, value, rule = found
    return replace(issue, source=pointer, value=value, rule=issue.rule or rule)


def _operation_issue(issue: Issue) -> JsonObject:
    entry: JsonObject = {
        "severity": str(issue.severity),
        "code": issue_catalogue().get(issue.code, {}).get("type", "invalid"),
        "details": {"coding": [{"system": ISSUE_CODES, "code": issue.code}], "text": printable(issue.text)},
        "diagnostics": printable(str(issue)),
    }
    if issue.expression:
        entry["expression"] = [printable(issue.expression)]
    if issue.line is not None:
        spots = [(name, at) for name, at in (("line", issue.line), ("col", issue.col)) if at is not None]
        entry["extension"] = [{"url": f"{_ISSUE_EXTENSION}-{name}", "valueInteger": at} for name, at in spots]
        # R4 marks location as deprecated; HL7's own validator writes the place there too, and tools read it.
        entry["location"] = [" ".join(f"{name.capitalize()}[{at}]" for name, at in spots)]
    return entry


_ISSUE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue"
ISSUE_CODES = f"{BASE}/CodeSystem/issue-code"


@cache
def issue_catalogue() -> dict[str, dict[str, str]]:
    """Every issue code: FHIR issue type, what it means, why it matters, how to mend it, where it is specified.

    Keys of an entry: type, means, matters, fix, spec. Source: ``interop/issues/*.json``, a file a room.
    """
    entries: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files("interop").joinpath("issues").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".json"):
            entries |= json.loads(file.read_text(encoding="utf-8"))
    return entries
