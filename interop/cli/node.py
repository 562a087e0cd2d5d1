"""``interop init`` and ``interop serve``: set a node up, and run it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from string import Template
from typing import Annotated, get_args

import typer

from interop.cli.output import DEFAULT_CONFIG, ConfigOption, Output, OutputOption, console, print_json
from interop.errors import SettingsError
from interop.identifiers import OrganisationRole, ods_code_fault

ROLES = get_args(OrganisationRole)


def register(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(serve)


def init(
    ods: Annotated[str, typer.Option("--ods", help="The organisation's ODS code.")],
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    role: Annotated[str, typer.Option("--role", help=f"One of: {', '.join(ROLES)}.")] = "care-home",
    path: Annotated[Path, typer.Option("--path", help="The configuration file to write.")] = DEFAULT_CONFIG,
    output: OutputOption = Output.TEXT,
) -> None:
    """Write a commented starter configuration and an operator's token for one organisation."""
    from interop.settings import Settings
    from interop.trust.tokens import mint

    fault = ods_code_fault(ods)
    if fault or role not in ROLES or '"' in name or "\\" in name:
        raise SettingsError(
            fault or f"role {role!r} or name {name!r} cannot be used", hint=f"roles: {', '.join(ROLES)}"
        )
    token_path = path.with_name("operator.token")
    for existing in (path, token_path):
        if existing.exists():
            raise SettingsError("exists already; nothing was changed", where=str(existing), hint="choose --path")
    token, digest = mint()
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_secret(token_path, token)
    starter = Template((Path(__file__).parent / "starter.toml").read_text(encoding="utf-8"))
    path.write_text(starter.substitute(ods=ods, name=name, role=role, digest=digest), encoding="utf-8")
    Settings.load(path)
    if output is Output.JSON:
        print_json({"config": str(path), "token_file": str(token_path)})
        return
    console.print(f"wrote {path} and {token_path} (keep it secret)")
    console.print(f"next: name your partners in {path}, then: interop serve --config {path}")


def _write_secret(path: Path, text: str) -> None:
    """Readable by its owner only from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")


def serve(
    config: ConfigOption = DEFAULT_CONFIG,
    port: Annotated[int | None, typer.Option("--port", help="Listen here instead; 0 finds a free port.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Run the node: its HTTP door, the workers that send, and the workers that handle what arrives.

    Prints where it listens, then logs JSON lines on standard error until it is stopped (Ctrl-C or SIGTERM).
    """
    import uvicorn

    from interop import events
    from interop.node import Node
    from interop.server.app import create_app
    from interop.settings import Settings

    events.configure()
    settings = Settings.load(config)
    host = settings.node.host
    try:
        door = socket.create_server((host, settings.node.port if port is None else port))
    except OSError as fault:
        raise SettingsError(f"cannot listen on {host}: {fault.strerror}", hint="choose another [node] port") from None
    with door, Node.open(settings) as node:
        address = f"http://{host}:{door.getsockname()[1]}"
        if output is Output.JSON:
            print_json({"node": settings.node.name, "address": address})
        else:
            console.print(f"{settings.node.name} listens on {address} (description: {address}/docs)", markup=False)
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(node), log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=10
            )
        )
        server.run(sockets=[door])
