"""A report as one page that needs nothing else: to read in a browser, to print, to send on."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from interop.findings.explanation import explained
from interop.findings.report import ORDER, Report
from interop.outcome import Severity, Verdict
from interop.printable import printable

PLACES = 20
"""Places shown at once of findings that say the same; the others fold."""
EXCERPTS = 3
"""Of those, the ones shown with their line."""

_TEMPLATES = Path(__file__).parent / "templates"
_HEADINGS = {
    Severity.FATAL: "Could not tell",
    Severity.ERROR: "Errors",
    Severity.WARNING: "Warnings",
    Severity.INFORMATION: "For information",
}
_VERDICTS = {
    Verdict.VALID: ("✓", "Valid"),
    Verdict.INVALID: ("✗", "Not valid"),
    Verdict.COULD_NOT_TELL: ("?", "Could not tell"),
}


def write(report: Report) -> bytes:
    """Self-contained: no script, no font, nothing fetched. It shows lines of the files, so it is for their owners."""
    page = _environment().get_template("report.html")
    words = {
        "report": report,
        "files": list(enumerate(report, start=1)),
        "style": _style(),
        "severities": ORDER,
        "headings": _HEADINGS,
        "verdicts": _VERDICTS,
        "glossary": [entry for code in report.codes if (entry := explained(code)) is not None],
        "made": f"{report.made:%d %B %Y, %H:%M} {report.made.tzname() or ''}".strip(),
        "most": PLACES,
        "excerpts": EXCERPTS,
    }
    return page.render(**words).encode("utf-8", "replace") + b"\n"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    made.filters["breakable"] = _breakable
    return made


@cache
def _style() -> Markup:
    return Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704  our own file, no data in it


def _breakable(expression: str) -> Markup:
    """A location that may break before its dots, so that long ones fit on a phone and on paper."""
    return Markup("<wbr>.").join(expression.split("."))
