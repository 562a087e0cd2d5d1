"""What an organisation's own people do: submit records, see what became of them, replay, look at the numbers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool as run
from starlette.responses import HTMLResponse

from interop.server import examples
from interop.server.access import TheDesk, TheNode
from interop.server.answers import JsonResponse
from interop.server.fhir import REFUSALS
from interop.server.uploads import read_files

router = APIRouter(default_response_class=JsonResponse, responses=REFUSALS)

_FILES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            },
            "application/json": {"schema": {"type": "object"}},
            "x-application/hl7-v2+er7": {"schema": {"type": "string"}},
        },
    }
}
_SUBMITTED: dict[int | str, dict[str, Any]] = {202: {"content": {"application/json": {"example": examples.SUBMITTED}}}}
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'none'"
MessageId = Annotated[str, Path(description="The id a submission or receipt gave", max_length=64)]


@router.post(
    "/map/{mapping:path}", tags=["Mapping"], summary="Translate files to FHIR and judge them; nothing is kept",
    openapi_extra=_FILES,
)  # fmt: skip
async def translate(mapping: str, request: Request, node: TheNode, desk: TheDesk) -> Response:
    files = await read_files(request)
    found = await run(lambda: list(node.translator.translate(mapping, files, now=node.now())))
    return JsonResponse({"records": [translated.as_json() for translated in found]})


@router.post(
    "/messages", tags=["Messages"], status_code=202, openapi_extra=_FILES, responses=_SUBMITTED,
    summary="Map, judge and queue records; what cannot be sent is kept and explained",
)  # fmt: skip
async def submit(
    request: Request,
    desk: TheDesk,
    mapping: Annotated[str, Query(examples=["care-home/red-bag"])],
    to: Annotated[list[str] | None, Query(description="ODS codes of the recipients")] = None,
) -> Response:
    files = await read_files(request)
    return JsonResponse(await run(desk.submit, mapping, files, tuple(to or ())), status_code=202)


@router.get("/messages", tags=["Messages"], summary="What was sent, received or quarantined, newest first")
def messages(desk: TheDesk, direction: Literal["out", "in", "quarantine"] = "out") -> Response:
    return JsonResponse(desk.messages(direction))


@router.get("/messages/{message}", tags=["Messages"], summary="One message and everything that happened to it")
def history(message: MessageId, desk: TheDesk) -> Response:
    return JsonResponse(desk.message(message))


@router.get("/messages/{message}/content", tags=["Messages"], summary="The exact bytes, as sent or received")
def content(message: MessageId, desk: TheDesk) -> Response:
    body, content_type = desk.content(message)
    return Response(body, media_type=content_type)


@router.get("/messages/{message}/page", tags=["Messages"], summary="The document as a page to read")
def page(message: MessageId, desk: TheDesk) -> Response:
    return HTMLResponse(desk.page(message), headers={"Content-Security-Policy": PAGE_POLICY})


@router.get("/messages/{message}/local", tags=["Messages"], summary="The document in our own system's format")
def local_files(message: MessageId, desk: TheDesk) -> Response:
    files = desk.local_files(message)
    return JsonResponse({"files": {name: body.decode("utf-8") for name, body in files.items()}})


@router.post(
    "/messages/{message}/replay", tags=["Messages"], status_code=202, openapi_extra=_FILES,
    summary="Try again: a dead letter as it is, a quarantined record with corrected files",
)  # fmt: skip
async def replay(
    message: MessageId,
    request: Request,
    desk: TheDesk,
    reason: Annotated[str, Query(min_length=3, description="Why; kept in the audit")],
) -> Response:
    files = await read_files(request, required=False)
    return JsonResponse(await run(desk.replay, message, files, reason), status_code=202)


@router.get("/status", tags=["Messages"], summary="Counts, obligations and partners, from the store")
def status(desk: TheDesk) -> Response:
    return JsonResponse(desk.status())
