"""Files as clients send them: a multipart form with any number, or one file as the body itself."""

from __future__ import annotations

from pathlib import PurePath

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from interop.errors import ContentError

_NAMES = {
    "application/json": "body.json",
    "application/fhir+json": "body.json",
    "application/xml": "body.xml",
    "application/fhir+xml": "body.xml",
    "text/csv": "body.csv",
    "x-application/hl7-v2+er7": "body.hl7",
    "text/plain": "body.txt",
}


async def read_files(request: Request, *, required: bool = True) -> dict[str, bytes]:
    """File name to bytes. Raises ContentError when there is none, or two share a name.

    A single body may name itself with ``?filename=``.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        files = await _form(request)
    else:
        body = await request.body()
        name = PurePath(request.query_params.get("filename", _NAMES.get(kind, "body"))).name or "body"
        files = {name: body} if body else {}
    if required and not files:
        raise ContentError("no file was sent", code="no-file", hint="send a multipart form with one part per file")
    return files


async def _form(request: Request) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    try:
        async with request.form() as form:
            for _, part in form.multi_items():
                if isinstance(part, UploadFile):
                    name = PurePath(part.filename or "").name
                    if not name or name in files:
                        text = f"file name {name!r} is missing or stands twice in the form"
                        raise ContentError(text, code="content-form", hint="name every part's file")
                    files[name] = await part.read()
    except MultiPartException as fault:
        raise ContentError(f"not a multipart form: {fault.message}", code="content-form") from None
    return files
