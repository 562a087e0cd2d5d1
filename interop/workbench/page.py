"""One record explained as a page that needs nothing else: findings, the picture, every value with its way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from interop.outcome import Issue, Severity
from interop.printable import printable
from interop.workbench.explain import HIDDEN, Explanation, shown
from interop.workbench.picture import svg

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class _Finding:
    severity: str
    code: str
    words: str


def html(explanation: Explanation, *, values: bool = True) -> bytes:
    """Self-contained: no script, no font, nothing fetched. It shows the record, so it is for its owner."""
    template = _environment().get_template("explain.html")
    findings = [_finding(issue, values) for issue in explanation.issues if issue.severity is not Severity.INFORMATION]
    picture = Markup(svg(explanation, values=values))  # noqa: S704  svg() escapes every text it is given
    words = {"told": explanation, "key": explanation.key if values else "", "findings": findings, "picture": picture}
    page = template.render(**words, shown=partial(_cell, values=values))
    return page.encode("utf-8")


def _cell(value: object, *, values: bool) -> str:
    return printable(shown(value, values=values))


def _finding(issue: Issue, values: bool) -> _Finding:
    words = str(issue) if values else f"{issue.source or issue.expression}: {HIDDEN}"
    return _Finding(str(issue.severity), issue.code, printable(words))


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
