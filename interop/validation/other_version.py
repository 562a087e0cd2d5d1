"""Content of another FHIR version, fed by mistake: said first, as it explains what else is found.

Source: FHIR R4 versions.html.
"""

from __future__ import annotations

from interop.definitions.fhir_version import version_issue
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity

_FAILED = frozenset({Severity.ERROR, Severity.FATAL})


def of_its_version(issues: list[Issue], resource: JsonObject, content_type: str) -> list[Issue]:
    """The findings, before them the version where the content shows another than R4.

    Content about which nothing heavier than information is found is R4, whatever else it may be: it is not searched
    for signs, unless its content type names a version.
    """
    light = not issues or all(issue.severity is Severity.INFORMATION for issue in issues)
    if light and "fhirVersion" not in content_type:
        return issues
    failed = any(issue.severity in _FAILED for issue in issues)
    found = version_issue(resource, content_type=content_type, failed=failed)
    return issues if found is None else [found, *issues]
