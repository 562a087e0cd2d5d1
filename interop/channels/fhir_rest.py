"""FHIR over HTTP: POST {base}/$process-message with a bearer token; the synchronous answer is the receipt.

Source: FHIR R4 messageheader-operation-process-message.html, http.html; RFC 9110 for status codes and Retry-After.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx2

from interop import json_codec
from interop.channels.channel import Delivered, Delivery, Parcel, Refused, Unknown, Unreachable
from interop.errors import ContentError
from interop.json_codec import Json

_LONGEST_RETRY_AFTER = timedelta(days=1)
_REASON_CHARACTERS = 500
_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a partner's time and bytes we take. Seconds; ``total`` ends an answer that only drips."""

    connect: float = 5.0
    read: float = 30.0
    total: float = 60.0
    response_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``body`` None: longer than the limit."""

    status: int
    content_type: str
    retry_after: str | None
    body: bytes | None


class FhirRestChannel:
    """A partner's FHIR endpoint. Safe to call from many threads.

    base_url  their FHIR base, e.g. ``https://hospital.example/fhir``
    tokens    sender's ODS code → the token the partner gave that sender: each tenant speaks for itself
    """

    def __init__(
        self,
        base_url: str,
        tokens: Mapping[str, str],
        *,
        limits: Limits | None = None,
        transport: httpx2.BaseTransport | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        self._limits = limits or Limits()
        self._url = f"{base_url.rstrip('/')}/$process-message"
        self._tokens = dict(tokens)
        self._clock = clock
        timeout = httpx2.Timeout(self._limits.read, connect=self._limits.connect)
        self._client = httpx2.Client(timeout=timeout, transport=transport, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def deliver(self, parcel: Parcel) -> Delivery:
        token = self._tokens.get(parcel.sender)
        if token is None:
            return Refused(f"we hold no token of {parcel.recipient} for sender {parcel.sender}", credentials=True)
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": parcel.content_type,
            "Accept": "application/fhir+json",
            "Accept-Encoding": "identity",  # a small compressed answer may unpack to a large one
            "X-Request-ID": parcel.id,
        }
        try:
            with self._client.stream("POST", self._url, content=parcel.body, headers=headers) as response:
                return judge(self._read(response), self._clock())
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as fault:
            return Unreachable(f"no connection: {type(fault).__name__}")
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL):
            return Refused("the partner's address is not an http(s) URL: correct it in the configuration")
        except httpx2.HTTPError as fault:
            return Unknown(f"the line broke after we began to send: {type(fault).__name__}")

    def _read(self, response: httpx2.Response) -> Reply:
        until = time.monotonic() + self._limits.total
        body: bytes | None = b""
        for piece in response.iter_bytes():
            body = (body or b"") + piece
            if len(body) > self._limits.response_bytes:
                body = None
                break
            if time.monotonic() > until:
                raise httpx2.ReadTimeout("the answer took longer than its total limit")
        headers = response.headers
        return Reply(response.status_code, headers.get("content-type", ""), headers.get("retry-after"), body)


def judge(reply: Reply, now: datetime) -> Delivery:
    """What a partner's answer means for the parcel. Pure."""
    status, wait = reply.status, _retry_after(reply.retry_after, now)
    if 200 <= status < 300:
        return _receipt(reply)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Refused(f"HTTP {status}{_said(reply)}", credentials=True)
    if status in _BUSY:
        return Unreachable(f"HTTP {status}{_said(reply)}", retry_after=wait)
    if status >= 500:  # it may have failed before or after it stored the message
        return Unknown(f"HTTP {status}{_said(reply)}", retry_after=wait)
    if 300 <= status < 400:
        return Refused(f"HTTP {status}: they have moved; correct the partner's address")
    return Refused(f"HTTP {status}{_said(reply)}")


def _receipt(reply: Reply) -> Delivery:
    """2xx is a receipt only when it speaks FHIR, or says nothing: a login page answers 200 too."""
    evidence = f"HTTP {reply.status}"
    if reply.body is None:
        return Delivered(evidence=f"{evidence}, an answer too long to keep")
    if not reply.body:
        return Delivered(evidence=evidence)
    try:
        answer = json_codec.loads(reply.body)
    except ContentError:
        answer = None
    if not isinstance(answer, dict) or "resourceType" not in answer:
        return Unknown(
            f"{evidence}, but {reply.content_type or 'an untyped answer'} is no FHIR answer: is a proxy between?"
        )
    match _response_code(answer):
        case "fatal-error":
            return Refused(f"{evidence}, MessageHeader.response.code fatal-error{_said(reply)}")
        case "transient-error":
            return Unreachable(f"{evidence}, MessageHeader.response.code transient-error{_said(reply)}")
        case _:
            return Delivered(reply.body, evidence)


def _response_code(answer: Json) -> str | None:
    for resource in _resources(answer):
        if resource.get("resourceType") == "MessageHeader" and isinstance(resource.get("response"), dict):
            return str(resource["response"].get("code"))
    return None


def _said(reply: Reply) -> str:
    """The first issue of their OperationOutcome, short. Kept in the encrypted store, never logged."""
    try:
        answer = json_codec.loads(reply.body) if reply.body else None
    except ContentError:
        return ""
    for resource in _resources(answer):
        issues = resource.get("issue")
        if resource.get("resourceType") == "OperationOutcome" and isinstance(issues, list) and issues:
            first = issues[0] if isinstance(issues[0], dict) else {}
            details = first.get("details")
            coded = details.get("text") if isinstance(details, dict) else None
            text = first.get("diagnostics") or coded or ""
            return f": {first.get('code', '')} {text}"[:_REASON_CHARACTERS].rstrip()
    return ""


def _resources(answer: Json) -> list[dict[str, Json]]:
    """The answer itself and, of a Bundle, what it carries."""
    if not isinstance(answer, dict):
        return []
    entries = answer.get("entry")
    carried = [e.get("resource") for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    return [answer, *(r for r in carried if isinstance(r, dict))]


def _retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Retry-After as a wait: seconds or an HTTP date (RFC 9110 10.2.3). At most a day; nonsense counts as absent."""
    if text is None:
        return None
    try:
        wait = timedelta(seconds=int(text)) if text.strip().isdigit() else parsedate_to_datetime(text) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), _LONGEST_RETRY_AFTER)
