"""A report as SARIF 2.1.0, which code hosts show beside the lines of a change."""

from __future__ import annotations

from datetime import UTC
from hashlib import sha256
from pathlib import PurePath
from urllib.parse import quote

from interop.findings.explanation import explained
from interop.findings.report import Checked, Finding, Report
from interop.json_codec import JsonObject, dumps
from interop.outcome import Severity
from interop.printable import printable

# Source: OASIS SARIF 2.1.0, sections 3.13 (log), 3.19 (tool component), 3.27 (result), 3.30 (region).

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {
    Severity.FATAL: "error",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "note",
}


def write(report: Report) -> bytes:
    """Rules from the issue catalogue, a result a finding. No line of the files themselves is in it."""
    rules = {code: number for number, code in enumerate(report.codes)}
    run = {
        "tool": {"driver": {"name": "interop", "version": report.version, "rules": [_rule(code) for code in rules]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "endTimeUtc": _utc(report)}],
        "artifacts": [{"location": _artifact(checked)} for checked in report],
        "results": [
            _result(finding, (_artifact(checked) | {"index": number}), rules)
            for number, checked in enumerate(report)
            for finding in checked.findings
        ],
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=True) + b"\n"


def _utc(report: Report) -> str:
    return report.made.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rule(code: str) -> JsonObject:
    entry = explained(code)
    rule: JsonObject = {"id": code, "name": "".join(word.capitalize() for word in code.split("-"))}
    if entry is not None:
        rule |= {
            "shortDescription": {"text": entry.means},
            "fullDescription": {"text": f"{entry.means} {entry.matters}"},
            "help": {
                "text": f"{entry.means}\n\nWhy it matters: {entry.matters}\n\nHow to fix it: {entry.fix}",
                "markdown": f"{entry.means}\n\n**Why it matters**: {entry.matters}\n\n**How to fix it**: {entry.fix}",
            },
            "helpUri": entry.spec,
            "properties": {"tags": ["fhir", entry.type]},
        }
    return rule


def _artifact(checked: Checked) -> JsonObject:
    path = PurePath(checked.name)
    return {"uri": path.as_uri() if path.is_absolute() else quote(path.as_posix())}


def _result(finding: Finding, artifact: JsonObject, rules: dict[str, int]) -> JsonObject:
    issue = finding.issue
    place: JsonObject = {"physicalLocation": {"artifactLocation": artifact}}
    if issue.line is not None:
        column = {"startColumn": issue.col} if issue.col else {}
        place["physicalLocation"]["region"] = {"startLine": issue.line, **column}
    if finding.place:
        place["logicalLocations"] = [{"fullyQualifiedName": finding.place, "kind": "element"}]
    words = f"{issue.text} ({issue.hint})" if issue.hint else issue.text
    # The same finding in the next version of the file has the same fingerprint, wherever its line went.
    print_of = "|".join((issue.code, issue.expression, issue.text))
    result: JsonObject = {
        "ruleId": issue.code,
        "ruleIndex": rules[issue.code],
        "level": _LEVEL[issue.severity],
        "message": {"text": printable(words)},
        "locations": [place],
        "partialFingerprints": {"finding/v1": sha256(print_of.encode("utf-8", "replace")).hexdigest()},
    }
    if issue.rule:
        result["properties"] = {"rule": printable(issue.rule)}
    return result
