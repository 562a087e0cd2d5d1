"""Who is calling: a bearer token becomes a Caller, or the door stays shut."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from interop.desk import Desk
from interop.errors import AccessError
from interop.node import Node
from interop.trust.tokens import Caller, Role

_bearer = HTTPBearer(auto_error=False, description="The token an organisation or partner was given.")


def the_node(request: Request) -> Node:
    node: Node = request.app.state.node
    return node


def the_caller(
    node: Annotated[Node, Depends(the_node)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Deny by default. Raises AccessError ``unknown-caller``."""
    caller = node.credentials.authenticate(bearer.credentials) if bearer else None
    if caller is None:
        text = "no bearer token was sent" if bearer is None else "the bearer token is not known here"
        raise AccessError(text, code="unknown-caller", hint="send Authorization: Bearer <token>")
    return caller


def the_desk(node: Annotated[Node, Depends(the_node)], caller: Annotated[Caller, Depends(the_caller)]) -> Desk:
    """The caller's own organisation. Raises AccessError for partners: they may send, not look."""
    if caller.role is not Role.OPERATOR:
        raise AccessError("a partner's token may send documents, not manage messages", hint="use an operator's token")
    return Desk(node, caller.organisation, caller.name)


TheNode = Annotated[Node, Depends(the_node)]
TheCaller = Annotated[Caller, Depends(the_caller)]
TheDesk = Annotated[Desk, Depends(the_desk)]
