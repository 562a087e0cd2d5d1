"""How HTTP says it: FHIR JSON bodies, and an OperationOutcome for every error, decided in this one place."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interop.errors import AccessError, CatalogueError, ContentError, InteropError, StoreError, TransitionError
from interop.events import log, place
from interop.json_codec import Json, dumps
from interop.outcome import Issue, Outcome, Severity

FHIR_JSON = "application/fhir+json"


class FhirResponse(Response):
    """A FHIR resource (R4 http.html#mime-type)."""

    media_type = FHIR_JSON

    def render(self, content: Json) -> bytes:
        return dumps(content)


class JsonResponse(FhirResponse):
    """Plain JSON for an organisation's own people; decimals keep their digits."""

    media_type = "application/json"


_STATUS: tuple[tuple[type[InteropError], int], ...] = (
    (AccessError, 403),
    (CatalogueError, 404),
    (ContentError, 400),
    (TransitionError, 409),
    (StoreError, 503),
)

_STATUS_OF_CODE = {
    "unknown-caller": 401,
    "not-found": 404,
    "content-type": 415,
    "unknown-recipient": 422,
    "identifier-conflict": 409,
    "edition-stale": 409,
    "edition-not-matched": 412,
    "edition-missing": 428,
}


def refusal(status: int, *issues: Issue) -> FhirResponse:
    return FhirResponse(Outcome.of(issues).operation_outcome(), status_code=status)


def install(app: FastAPI) -> None:
    """Every way a request can fail leaves as an OperationOutcome, and none with a traceback."""

    @app.exception_handler(InteropError)
    def _interop(request: Request, fault: InteropError) -> Response:
        kinds = (status for kind, status in _STATUS if isinstance(fault, kind))
        status = _STATUS_OF_CODE.get(fault.code) or next(kinds, 422)
        response = refusal(status, Issue(fault.code, fault.text, expression=fault.where or "", hint=fault.hint))
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    @app.exception_handler(HTTPException)
    def _http(request: Request, fault: HTTPException) -> Response:
        response = refusal(fault.status_code, Issue("http", str(fault.detail)))
        response.headers.update(fault.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    def _request(request: Request, fault: RequestValidationError) -> Response:
        found = (".".join(map(str, e["loc"])) + ": " + e["msg"] for e in fault.errors())
        return refusal(422, *(Issue("request", text) for text in found))


class FaultBarrier:
    """ASGI middleware: a fault of ours ends as a 500 with an OperationOutcome; the log gets its place, not its words.

    The words of an exception, and the values in a traceback, may be somebody's record.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as fault:  # noqa: BLE001  the last resort before the wire
            log.error("request_failed", fault=place(fault), method=scope.get("method"), route=_route(scope))
            if scope["type"] != "http" or begun:
                return
            text = "this request met a fault of ours; it is logged, and what was accepted before is kept"
            await refusal(500, Issue("fault", text, severity=Severity.FATAL))(scope, receive, send)


def _route(scope: Scope) -> str:
    """The route's pattern: a path itself may carry an identifier."""
    return str(getattr(scope.get("route"), "path", "unknown"))
