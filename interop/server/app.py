"""Puts the HTTP door together round one node."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from interop.node import Node
from interop.server import answers, description, fhir, health, messages
from interop.server.limits import BodyLimit
from interop.workers import Workers


def create_app(node: Node) -> FastAPI:
    """The ASGI application. The node's workers run while it does; opening and closing the node is the caller's."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with Workers(node):
            yield

    app = FastAPI(
        title=f"interop: {node.settings.node.name}",
        version=version("interop"),
        description="Hands care records between care homes, hospitals and GP practices as FHIR R4.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.node = node
    app.add_middleware(answers.FaultBarrier)
    app.add_middleware(BodyLimit, limit=node.settings.node.body_limit_mb * 2**20)
    answers.install(app)
    for room in (health, fhir, messages, description):
        app.include_router(room.router)
    return app
