"""How findings are shown: text or a page for people, JUnit or SARIF for CI systems, outcomes for FHIR software."""

from interop.findings.explanation import Explanation, explain, explanations
from interop.findings.form import Form, written
from interop.findings.report import Checked, Finding, Group, Report

__all__ = ["Checked", "Explanation", "Finding", "Form", "Group", "Report", "explain", "explanations", "written"]
