"""The forms a report can take, and how to get one: a module each, loaded when it is asked for."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from pathlib import PurePath
from typing import Protocol, cast

from interop.findings.report import Report


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"
    HTML = "html"

    @classmethod
    def of_file(cls, path: PurePath) -> Form | None:
        """What the ending of a file name asks for: ``report.html``, ``findings.sarif.json``, ``junit.xml``."""
        if path.name.endswith(".sarif.json"):
            return cls.SARIF
        return _ENDINGS.get(path.suffix.lower())


_ENDINGS = {
    ".txt": Form.TEXT,
    ".json": Form.JSON,
    ".xml": Form.JUNIT,
    ".sarif": Form.SARIF,
    ".html": Form.HTML,
    ".htm": Form.HTML,
}
_MODULES = {Form.JSON: "operation_outcome"}


class Write(Protocol):
    """How a report becomes a file: the ``write`` of each form's module."""

    def __call__(self, report: Report) -> bytes: ...


def written(report: Report, form: Form) -> bytes:
    """The report as one whole file of this form. The same report gives the same bytes."""
    module = import_module(f"interop.findings.{_MODULES.get(form, form.value)}")
    return cast(Write, module.write)(report)
