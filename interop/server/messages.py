"""What an organisation's own people do: submit records, see what became of them, replay, look at the numbers."""

from __future__ import annotations

from base64 import b64encode
from itertools import chain
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Header, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool as run
from starlette.responses import HTMLResponse, StreamingResponse

from interop.pipeline import version_of
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
_BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}}}
IfMatch = Annotated[
    str | None,
    Header(description='The edition of a care plan this one was made from, as its ETag says it: W/"3"', max_length=40),
]
Digest = Annotated[str, Path(description="SHA-256 of the file, in hex", pattern="^[0-9a-f]{64}$")]
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
    if_match: IfMatch = None,
) -> Response:
    files = await read_files(request)
    made_from = version_of(if_match or "")
    answer = await run(lambda: desk.submit(mapping, files, tuple(to or ()), made_from=made_from))
    return JsonResponse(answer, status_code=202)


@router.get("/messages", tags=["Messages"], summary="What was sent, received or quarantined, newest first")
def messages(desk: TheDesk, direction: Literal["out", "in", "quarantine"] = "out") -> Response:
    return JsonResponse(desk.messages(direction))


@router.get("/messages/{message}", tags=["Messages"], summary="One message and everything that happened to it")
def history(message: MessageId, desk: TheDesk) -> Response:
    return JsonResponse(desk.message(message))


@router.get("/messages/{message}/content", tags=["Messages"], summary="The exact bytes, as sent or received")
def content(message: MessageId, desk: TheDesk) -> Response:
    body, content_type = desk.content(message)
    edition = desk.edition(message)
    return Response(body, media_type=content_type, headers={"ETag": f'W/"{edition}"'} if edition else None)


@router.get(
    "/messages/{message}/originals/{sha256}", tags=["Messages"], responses=_BYTES,
    summary="A file the message was made of, exactly as it came; every reading is audited",
)  # fmt: skip
def original(message: MessageId, sha256: Digest, desk: TheDesk) -> Response:
    found = desk.original(message, sha256)
    headers = {
        "Content-Length": str(found.kept.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.kept.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Repr-Digest": f"sha-256=:{b64encode(bytes.fromhex(found.kept.sha256)).decode()}:",  # RFC 9530
        "Cache-Control": "no-store",
    }
    first = next(found.pieces, b"")  # damage in a small file is an answer, not a broken line
    return StreamingResponse(chain([first], found.pieces), media_type=found.kept.media_type, headers=headers)


@router.get("/messages/{message}/trace", tags=["Messages"], summary="The cell of an original a value came from")
def trace(
    message: MessageId,
    desk: TheDesk,
    expression: Annotated[str, Query(examples=["Bundle.entry[1].resource.birthDate"], max_length=1000)],
) -> Response:
    return JsonResponse(desk.trace(message, expression))


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
    if_match: IfMatch = None,
) -> Response:
    files = await read_files(request, required=False)
    made_from = version_of(if_match or "")
    return JsonResponse(await run(lambda: desk.replay(message, files, reason, made_from=made_from)), status_code=202)


@router.get("/status", tags=["Messages"], summary="Counts, obligations and partners, from the store")
def status(desk: TheDesk) -> Response:
    return JsonResponse(desk.status())
