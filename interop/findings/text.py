"""A report for somebody at a terminal: by file and severity, each finding with its line and a caret under the place."""

from __future__ import annotations

from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from interop.findings.excerpt import Excerpt
from interop.findings.report import ORDER, Checked, Finding, Group, Report
from interop.outcome import Severity, Verdict
from interop.printable import printable

PLACES = 5
"""Places shown of findings that say the same."""
GROUPS = 50
"""Different findings shown of one file and severity."""

EXPLAINS_THE_REST = "fhir-version"
"""The code of a finding that is shown before all others: most of them follow from it."""
STYLE = {Severity.FATAL: "bold red", Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFORMATION: "cyan"}
_VERDICT = {Verdict.VALID: "bold green", Verdict.INVALID: "bold red", Verdict.COULD_NOT_TELL: "bold magenta"}


def write(report: Report) -> bytes:
    """Without colours, and with everything that is for information."""
    file = StringIO()
    show(report, Console(file=file, color_system=None, highlight=False, soft_wrap=True), least=Severity.INFORMATION)
    return file.getvalue().encode()


def show(report: Report, console: Console, *, least: Severity = Severity.WARNING) -> None:
    """Onto a console; what is below ``least`` is only counted."""
    shown = ORDER[: ORDER.index(least) + 1]
    for number, checked in enumerate(report):
        if number:
            console.print()
        _show_file(checked, console, shown)
    if len(report.checked) > 1:
        console.print(Text(f"\n{report.summary}", style="bold"))


def _show_file(checked: Checked, console: Console, shown: tuple[Severity, ...]) -> None:
    head = Text().append(printable(checked.name), style="bold")
    head.append(f" {checked.verdict}", style=_VERDICT[checked.verdict]).append(f": {checked.summary}")
    console.print(head)
    for severity in (Severity.ERROR, Severity.WARNING):
        for group in checked.of_severity(severity):
            if group.issue.code == EXPLAINS_THE_REST:
                console.print(Text(f"  {group.text}", style=STYLE[severity]))
    for severity in shown:
        groups = tuple(group for group in checked.of_severity(severity) if group.issue.code != EXPLAINS_THE_REST)
        for group in groups[:GROUPS]:
            _show_group(group, console)
        if len(groups) > GROUPS:
            console.print(Text(f"  and {len(groups) - GROUPS} more of this severity", style="dim"))


def _show_group(group: Group, console: Console) -> None:
    issue = group.issue
    head = Text("\n  ").append(str(issue.severity), style=STYLE[issue.severity]).append(f" {issue.code}", style="bold")
    head.append(f"  {group.text}")
    console.print(head)
    for number, finding in enumerate(group.findings[:PLACES]):
        _show_place(finding, console, with_excerpt=number == 0)
    if len(group.findings) > PLACES:
        console.print(Text(f"    and at {len(group.findings) - PLACES} more places", style="dim"))
    if group.hint:
        console.print(Text().append("    → ", style="green").append(group.hint))
    if group.rule:
        console.print(Text(f"    by {group.rule}", style="dim"))


def _show_place(finding: Finding, console: Console, *, with_excerpt: bool) -> None:
    issue = finding.issue
    spot = f"line {issue.line}" if issue.line else ""
    if issue.line and issue.col:
        spot += f" column {issue.col}"
    value = printable(repr(issue.value)) if issue.value is not None else ""
    place = ", ".join(word for word in (finding.place, value, spot) if word)
    if place:
        console.print(Text(f"    at {place}"))
    if with_excerpt and finding.excerpt is not None:
        _show_excerpt(finding.excerpt, console, STYLE[issue.severity])


def _show_excerpt(excerpt: Excerpt, console: Console, style: str) -> None:
    before, meant, after = excerpt.parts
    margin = f"{excerpt.line:>8} │ "
    console.print(Text().append(margin, style="dim").append(before).append(meant, style=style).append(after))
    if meant:
        # Wide letters take two cells: the caret stands under the cell, not under the n-th character.
        caret = " " * cell_len(before) + "^" * max(cell_len(meant), 1)
        console.print(Text().append(f"{'│':>10} ", style="dim").append(caret, style=style))
