"""What the scorers of HL7's suites call: ``evaluate`` for FHIRPath, ``validate`` for the validator."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from interop import json_codec, xml_codec
from interop.definitions import Definitions
from interop.errors import ExpressionError
from interop.fhirpath import Node, compile
from interop.fhirpath.node import QUANTITIES, system_type, system_value
from interop.outcome import Issue, Severity
from interop.terminology import Terminology
from interop.validation import Policy, Validator

# As the validator suite's README describes its reference run.
EXAMPLES = ("http://example.org/", "https://example.org/", "http://acme.com/", "https://acme.com/")
# The reference run had HL7's package of tooling extensions loaded; what it defines is known there, not wrong.
TOOLS = ("http://hl7.org/fhir/tools/StructureDefinition/",)


def evaluate(resource: bytes, content_type: str, expression: str) -> list[tuple[str, str]]:
    """The result of an expression on a resource: type name and text of each item, in order.

    Raises ExpressionError for a fault in the expression itself, for one that cannot be right for the resource's
    type, and for one the data does not allow.
    """
    focus = _read(resource, content_type) if resource else None
    compiled = compile(expression)
    if isinstance(focus, dict):
        faults = compiled.check(str(focus.get("resourceType", "")))
        if faults:
            raise ExpressionError("; ".join(faults), code="expression-type")
    return [_told(item) for item in compiled.nodes(focus)]


def _read(resource: bytes, content_type: str) -> object:
    if "xml" in content_type:
        return xml_codec.decode(resource, Definitions.core())
    return json_codec.loads(resource)


def _told(item: object) -> tuple[str, str]:
    if isinstance(item, Node):
        value = system_value(item) if item.type in QUANTITIES else item.value
        return "BackboneElement" if "." in item.type else item.type, _text(value)
    return f"System.{system_type(item)}", _text(item)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


def validate(
    resource: bytes,
    content_type: str,
    profiles: list[str],
    definitions: list[dict[str, Any]],
    settings: Mapping[str, Any] | None = None,
) -> list[dict[str, str]]:
    """One run of the validator suite: every issue with severity, code, expression and message."""
    judge = _plain() if not definitions and not settings else _with(definitions, settings or {})
    return [_issue(issue) for issue in judge.validate(resource, profiles=profiles, content_type=content_type)]


@lru_cache(maxsize=1)
def _plain() -> Validator:
    return _with([], {})


def _with(definitions: list[dict[str, Any]], settings: Mapping[str, Any]) -> Validator:
    known = Definitions.core().with_resources(definitions) if definitions else Definitions.core()
    return Validator(known, Terminology(known), policy=_policy(settings))


def _policy(settings: Mapping[str, Any]) -> Policy:
    allowed = settings.get("allowed-extension-domain") or ()
    allowed = (allowed,) if isinstance(allowed, str) else tuple(allowed)
    displays = Severity.WARNING if settings.get("wrong-displays") == "warning" else Severity.ERROR
    return Policy(
        house_rules=False,
        unknown_extension=Severity.ERROR,
        unknown_profile=Severity.ERROR,
        open_domains=TOOLS + (allowed if settings.get("examples") is False else EXAMPLES + allowed),
        wrong_display=displays,
        beyond_text=Severity.ERROR,
        believe_references=bool(settings.get("assumeValidRestReferences")),
        markup_in_text=Severity.ERROR if settings.get("security-checks") else None,
        publishing=bool(settings.get("for-publication")),
    )


def _issue(issue: Issue) -> dict[str, str]:
    return {
        "severity": str(issue.severity),
        "code": issue.code,
        "expression": issue.expression,
        "message": str(issue),
    }
