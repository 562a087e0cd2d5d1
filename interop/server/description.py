"""The API description as a page: made here, nothing fetched from elsewhere, so that it works in a closed network."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, PackageLoader, Template
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'"


@router.get("/docs")
def description(request: Request) -> Response:
    schema: dict[str, Any] = request.app.openapi()
    page = _template().render(title=schema["info"]["title"], text=schema["info"]["description"], rooms=_rooms(schema))
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


def _rooms(schema: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by tag, in the order of the paths."""
    rooms: dict[str, list[dict[str, Any]]] = {}
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            shown = {
                "verb": verb.upper(),
                "path": path,
                "summary": operation.get("summary", ""),
                "parameters": operation.get("parameters", []),
                "body": _example(operation.get("requestBody", {})),
                "answers": {
                    status: {"text": answer.get("description", ""), "example": _example(answer)}
                    for status, answer in operation.get("responses", {}).items()
                },
            }
            rooms.setdefault((operation.get("tags") or ["Other"])[0], []).append(shown)
    return rooms


def _example(holder: dict[str, Any]) -> str | None:
    for media, content in holder.get("content", {}).items():
        if "example" in content:
            return f"{media}\n{json.dumps(content['example'], indent=2, ensure_ascii=False)}"
    return None


@cache
def _template() -> Template:
    loader = PackageLoader("interop.server", "templates")
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template("docs.html")
