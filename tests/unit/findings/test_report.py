"""What is shown: worst first, the same things together, counted in words."""

from __future__ import annotations

from interop.findings import Checked, Report
from interop.outcome import Issue, Outcome, Severity


def test_findings_come_worst_first_and_otherwise_as_they_were_made(report: Report) -> None:
    severities = [finding.issue.severity for finding in report.checked[0].findings]
    assert severities == [Severity.ERROR] * 4 + [Severity.WARNING, Severity.INFORMATION]
    assert [f.issue.code for f in report.checked[0].findings][:2] == ["code-not-in-value-set", "json-shape"]


def test_findings_that_differ_only_in_their_place_are_one_group(report: Report) -> None:
    groups = report.checked[0].of_severity(Severity.ERROR)
    assert [(g.issue.code, len(g.findings)) for g in groups] == [
        ("code-not-in-value-set", 1), ("json-shape", 2), ("date-unreadable", 1)
    ]  # fmt: skip


def test_counts_are_said_in_words(report: Report) -> None:
    assert [checked.summary for checked in report] == [
        "4 errors, 1 warning, 1 for information", "1 unreadable or unknown", "nothing found"
    ]  # fmt: skip
    assert report.summary == "3 files, 1 valid: 1 unreadable or unknown, 4 errors, 1 warning, 1 for information"


def test_a_rule_is_named_only_where_it_says_more_than_the_text() -> None:
    rules = {
        "Patient": None,
        "UKCore-Patient": "UKCore-Patient",
        "pat-1": None,
        "http://a.example/x": "http://a.example/x",
    }
    for rule, told in rules.items():
        checked = Checked.of("a", Outcome.of([Issue("invariant", "pat-1: a name is wanted", rule=rule)]))
        assert checked.of_severity(Severity.ERROR)[0].rule == told


def test_a_finding_about_a_cell_is_placed_there_and_shows_no_line_of_another_file(report: Report) -> None:
    (finding,) = (f for f in report.findings if f.issue.code == "date-unreadable")
    assert finding.place == 'residents.csv row 14, column "DOB"'
    assert finding.excerpt is None
