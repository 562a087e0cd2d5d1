"""A report as JUnit XML, which every CI system reads: a suite a file, a test case an error."""

from __future__ import annotations

from lxml import etree

from interop.findings.report import Checked, Finding, Report
from interop.outcome import Severity, Verdict
from interop.printable import printable

_WRONG = (Severity.FATAL, Severity.ERROR)
# Source: the format as Ant wrote it, with the attributes file and line that GitLab and Jenkins plug-ins read
# (github.com/testmoapp/junitxml).


def write(report: Report) -> bytes:
    """Errors are failures; what could not be told is an error of the test. Warnings go to ``system-out``.

    No line of the files themselves is in it: reports of CI systems are kept and shared.
    """
    suites = [_suite(checked, report) for checked in report]
    root = etree.Element(
        "testsuites",
        name="interop validate",
        tests=str(sum(int(suite.get("tests", 0)) for suite in suites)),
        failures=str(report.count[Severity.ERROR]),
        errors=str(report.count[Severity.FATAL]),
    )
    root.extend(suites)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _suite(checked: Checked, report: Report) -> etree._Element:
    wrong = [f for f in checked.findings if f.issue.severity in _WRONG]
    rest = [f for f in checked.findings if f.issue.severity not in _WRONG]
    count = checked.count
    suite = etree.Element(
        "testsuite",
        name=printable(checked.name),
        tests=str(max(len(wrong), 1)),
        failures=str(count[Severity.ERROR]),
        errors=str(count[Severity.FATAL]),
        skipped="0",
        time="0",
        timestamp=report.made.isoformat(timespec="seconds"),
    )
    for finding in wrong:
        suite.append(_case(finding, checked))
    if not wrong:
        etree.SubElement(suite, "testcase", name=Verdict.VALID, classname=printable(checked.name), time="0")
    if rest:
        etree.SubElement(suite, "system-out").text = "\n".join(map(_line, rest))
    return suite


def _case(finding: Finding, checked: Checked) -> etree._Element:
    issue = finding.issue
    name = f"{issue.code}: {finding.place}" if finding.place else issue.code
    case = etree.Element("testcase", name=name, classname=printable(checked.name), time="0")
    case.set("file", printable(checked.name))
    if issue.line is not None:
        case.set("line", str(issue.line))
    kind = "error" if issue.severity is Severity.FATAL else "failure"
    fault = etree.SubElement(case, kind, type=issue.code, message=printable(issue.text))
    fault.text = _line(finding)
    return case


def _line(finding: Finding) -> str:
    issue = finding.issue
    spot = f" (line {issue.line}{f', column {issue.col}' if issue.col else ''})" if issue.line else ""
    return printable(f"{issue.severity} {issue.code}: {issue}{spot}")
