"""What the answer of a ``$validate-code`` means. Pure.

Source: FHIR R4 codesystem-operation-validate-code.html, valueset-operation-validate-code.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus

from interop import json_codec
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject

_LONGEST_REASON = 300
_REFUSES_US = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
_UNKNOWN_SYSTEM = frozenset({"x-caused-by-unknown-system", "x-unknown-system"})
"""Parameters by which HL7's own servers say that they have not the code system a "no" is about."""


class Kind(Enum):
    YES = auto()
    NO = auto()
    CANNOT_TELL = auto()  # the server works and does not know
    FAILED = auto()  # the server does not work, or not for us


@dataclass(frozen=True, slots=True)
class Reply:
    kind: Kind
    display: str = ""
    reason: str = ""
    inactive: bool = False


def read(status: int, body: bytes) -> Reply:
    """An HTTP answer as yes, no, could not tell, or failed.

    Only ``result`` true or false in a Parameters resource is an answer. A "no" that comes because the server lacks the
    code system or value set is none.
    """
    if status in _REFUSES_US or status >= HTTPStatus.INTERNAL_SERVER_ERROR or 300 <= status < 400:
        return Reply(Kind.FAILED, reason=f"HTTP {status}")
    if status >= HTTPStatus.BAD_REQUEST:
        return Reply(Kind.CANNOT_TELL, reason=f"HTTP {status}")
    resource = resource_of(body)
    if resource is None or resource.get("resourceType") != "Parameters":
        return Reply(Kind.FAILED, reason=f"HTTP {status}, but no Parameters resource: is this a FHIR address?")
    said = dict(_parameters(resource))
    result = said.get("result", {}).get("valueBoolean")
    message = str(said.get("message", {}).get("valueString") or "")[:_LONGEST_REASON]
    if not isinstance(result, bool):
        return Reply(Kind.FAILED, reason=f"HTTP {status}, but no result")
    if result:
        display = said.get("display", {}).get("valueString")
        inactive = said.get("inactive", {}).get("valueBoolean") is True
        return Reply(Kind.YES, display if isinstance(display, str) else "", inactive=inactive)
    if _UNKNOWN_SYSTEM & said.keys() or any(code == "not-found" for code in _issue_codes(said)):
        return Reply(Kind.CANNOT_TELL, reason=message)
    return Reply(Kind.NO, reason=message)


def lists_nothing(status: int, body: bytes) -> bool:
    """Whether a search that worked found nothing at all."""
    bundle = resource_of(body) if status == HTTPStatus.OK else None
    return bundle is not None and bundle.get("resourceType") == "Bundle" and bundle.get("total") == 0


def resource_of(body: bytes) -> JsonObject | None:
    try:
        found = json_codec.loads(body)
    except ContentError:
        return None
    return found if isinstance(found, dict) else None


def _parameters(resource: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    listed: Json = resource.get("parameter")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield entry["name"], entry


def _issue_codes(said: dict[str, JsonObject]) -> Iterator[str]:
    """The issue types of the OperationOutcome that newer servers put beside the result."""
    outcome = said.get("issues", {}).get("resource")
    issues = outcome.get("issue") if isinstance(outcome, dict) else None
    for issue in issues if isinstance(issues, list) else ():
        if isinstance(issue, dict):
            yield str(issue.get("code"))
