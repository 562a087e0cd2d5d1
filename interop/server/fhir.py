"""The FHIR endpoint partners use: messages and documents in, validation, and what this node can do."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool as run

from interop import pipeline
from interop.json_codec import JsonObject
from interop.server import capability, examples
from interop.server.access import TheCaller, TheNode
from interop.server.answers import FHIR_JSON, FhirResponse

router = APIRouter(prefix="/fhir", tags=["FHIR"], default_response_class=FhirResponse)

FHIR_XML = "application/fhir+xml"
_OUTCOME: dict[str, Any] = {"content": {FHIR_JSON: {"example": examples.OUTCOME}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The body is not what its content type says", **_OUTCOME},
    401: {"description": "No token, or one that is not known here", **_OUTCOME},
    403: {"description": "The token may not do this, or speaks for another organisation", **_OUTCOME},
    409: {"description": "The same identifier was received before with other bytes", **_OUTCOME},
    413: {"description": "The body is too large", **_OUTCOME},
    415: {"description": "The content type is not one we read", **_OUTCOME},
    422: {"description": "Readable, but not something this node can handle", **_OUTCOME},
}


def _body(example: JsonObject) -> dict[str, Any]:
    """OpenAPI for a body we read as bytes: what is stored is exactly what came."""
    content = {FHIR_JSON: {"schema": {"type": "object"}, "example": example}, FHIR_XML: {"schema": {"type": "string"}}}
    return {"requestBody": {"required": True, "content": content}}


@router.get("/metadata", summary="What this node can do (CapabilityStatement)")
def metadata(node: TheNode) -> Response:
    return FhirResponse(capability.statement(node.settings.node.name, node.started))


@router.post(
    "/$process-message",
    summary="Hand over a message: stored exactly as it came, receipted, then handled",
    status_code=202,
    responses={202: {"content": {FHIR_JSON: {"example": examples.RECEIPT}}}, **REFUSALS},
    openapi_extra=_body(examples.MESSAGE),
)
async def process_message(request: Request, node: TheNode, caller: TheCaller) -> Response:
    return await _take(request, node, caller, recipient=None)


@router.post(
    "/Bundle",
    summary="Hand over a document without a message round it",
    status_code=202,
    responses={202: {"content": {FHIR_JSON: {"example": examples.RECEIPT}}}, **REFUSALS},
    openapi_extra=_body(examples.DOCUMENT),
)
async def document(
    request: Request,
    node: TheNode,
    caller: TheCaller,
    recipient: Annotated[str | None, Query(description="ODS code; needed where the node speaks for several")] = None,
) -> Response:
    return await _take(request, node, caller, recipient=recipient or "")


async def _take(request: Request, node: TheNode, caller: TheCaller, *, recipient: str | None) -> Response:
    received = pipeline.Arrival(await request.body(), _content_type(request), caller.organisation, recipient)
    receipt = await run(pipeline.receive, node, received)
    return Response(receipt.body, status_code=200 if receipt.status == "duplicate" else 202, media_type=FHIR_JSON)


@router.post(
    "/{resource_type}/$validate",
    summary="Check a resource against R4, UK rules and the profiles it names",
    responses={200: {"content": {FHIR_JSON: {"example": examples.OUTCOME}}}, **REFUSALS},
    openapi_extra=_body(examples.PATIENT),
)
async def validate(
    resource_type: str,
    request: Request,
    node: TheNode,
    caller: TheCaller,
    profile: Annotated[list[str] | None, Query(description="Canonical URL of a profile to check against")] = None,
) -> Response:
    body = await request.body()
    outcome = await run(node.translator.check, body, _content_type(request), resource_type, tuple(profile or ()))
    return FhirResponse(outcome.operation_outcome())


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").strip()
