"""What is to be shown: files, what was found about each, and findings that say the same put together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from interop.findings.excerpt import Excerpt, excerpt, lines_of
from interop.outcome import Issue, Outcome, Severity, Verdict
from interop.printable import printable

_NAMED = re.compile(r"[-:/|]")
ORDER = tuple(Severity)
"""Worst first."""
_COUNTED = {
    Severity.FATAL: ("unreadable or unknown", "unreadable or unknown"),
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFORMATION: ("for information", "for information"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One issue, with the line it is about where the file was at hand."""

    issue: Issue
    excerpt: Excerpt | None = None

    @property
    def place(self) -> str:
        """Where it is, in the words of whoever owns the file: the cell it came from, else the element."""
        return printable(str(self.issue.source) if self.issue.source else self.issue.expression)


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one file that differ only in their place. Never empty."""

    findings: tuple[Finding, ...]

    @property
    def issue(self) -> Issue:
        """What they all say."""
        return self.findings[0].issue

    @property
    def text(self) -> str:
        return printable(self.issue.text)

    @property
    def hint(self) -> str | None:
        return printable(self.issue.hint) if self.issue.hint else None

    @property
    def rule(self) -> str | None:
        """Who says so, where it is a profile or a named rule the text does not name already."""
        rule = self.issue.rule
        if rule is None or rule in self.issue.text or not _NAMED.search(rule):
            return None
        return printable(rule)


@dataclass(frozen=True, slots=True)
class Checked:
    """One file and everything found about it.

    name      as the caller named it: a path, mostly
    findings  worst first, otherwise in the order they were made
    """

    name: str
    outcome: Outcome
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, name: str, outcome: Outcome, data: bytes = b"") -> Checked:
        """With the lines of ``data`` the findings are about. The bytes are not kept."""
        lines: Sequence[str] = lines_of(data) if any(issue.line for issue in outcome) else ()
        issues = sorted(outcome, key=lambda issue: ORDER.index(issue.severity))
        return cls(name, outcome, tuple(_finding(issue, lines) for issue in issues))

    @property
    def verdict(self) -> Verdict:
        return self.outcome.verdict

    def of_severity(self, severity: Severity) -> tuple[Group, ...]:
        """What was found of one severity, what says the same together, in the order it was first said."""
        groups: dict[tuple[str, str, str | None], list[Finding]] = {}
        for finding in self.findings:
            issue = finding.issue
            if issue.severity is severity:
                groups.setdefault((issue.code, issue.text, issue.hint), []).append(finding)
        return tuple(Group(tuple(found)) for found in groups.values())

    @property
    def count(self) -> dict[Severity, int]:
        return counted(self.findings)

    @property
    def summary(self) -> str:
        """``3 errors, 1 warning``, or ``nothing found``."""
        return in_words(self.count)


@dataclass(frozen=True, slots=True)
class Report:
    """What one run found.

    made  when, with its zone
    """

    checked: tuple[Checked, ...]
    made: datetime

    def __iter__(self) -> Iterator[Checked]:
        return iter(self.checked)

    @property
    def version(self) -> str:
        """Of this software."""
        from importlib.metadata import version  # slow to load, and not every form tells it

        return version("interop")

    @property
    def findings(self) -> Iterator[Finding]:
        return (finding for checked in self.checked for finding in checked.findings)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code that was found, in the order of the alphabet."""
        return tuple(sorted({finding.issue.code for finding in self.findings}))

    @property
    def count(self) -> dict[Severity, int]:
        return counted(self.findings)

    @property
    def summary(self) -> str:
        """``2 files, 1 of them valid: 3 errors, 1 warning``."""
        valid = sum(checked.verdict is Verdict.VALID for checked in self.checked)
        files = "1 file" if len(self.checked) == 1 else f"{len(self.checked)} files"
        return f"{files}, {valid} valid: {in_words(self.count)}"


def counted(findings: Iterator[Finding] | Sequence[Finding]) -> dict[Severity, int]:
    """How many of each severity; all four are there, worst first."""
    found = Counter(finding.issue.severity for finding in findings)
    return {severity: found[severity] for severity in ORDER}


def in_words(count: dict[Severity, int]) -> str:
    words = (f"{number} {_COUNTED[severity][number != 1]}" for severity, number in count.items() if number)
    return ", ".join(words) or "nothing found"


def _finding(issue: Issue, lines: Sequence[str]) -> Finding:
    return Finding(issue, excerpt(lines, issue.line, issue.col) if issue.line and issue.source is None else None)
