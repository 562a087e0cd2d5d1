"""``interop show``, ``original``, ``trace``: one message, the files behind it, and which cell of them said what."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.output import DEFAULT_CONFIG, ConfigOption, Output, OutputOption, console, print_json
from interop.cli.relay import AsOption, local_time, reach
from interop.errors import CatalogueError

if TYPE_CHECKING:  # heavy, and not needed to print a help page
    from interop.desk import Operator
    from interop.json_codec import JsonObject

MessageArgument = Annotated[str, typer.Argument(help="The id a submission, receipt or quarantine gave.")]


def register(app: typer.Typer) -> None:
    for verb in (show, original, trace):
        app.command()(verb)


def show(
    message: MessageArgument,
    config: ConfigOption = DEFAULT_CONFIG,
    ods: AsOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """One message, whichever way it went: what happened to it, and the originals behind it with digest and size."""
    with reach(config, ods) as desk:
        answer = desk.message(message)
    if output is Output.JSON:
        print_json(answer)
        return
    for name in _FACTS:
        if answer.get(name) is not None:
            words = local_time(answer[name]) if name in ("created", "received_at") else answer[name]
            console.print(f"{name.replace('_', ' '):12} {words}", markup=False)
    for line in _lines(answer):
        console.print(line, markup=False)


_FACTS = ("direction", "kind", "mapping", "key", "sender", "state", "outcome", "created", "received_at", "sha256")


def _lines(answer: JsonObject) -> Iterator[str]:
    """Whom it went to, how it was made, and of what."""
    if edition := answer.get("edition"):
        yield f"edition      {edition['number']}, by {edition['editor']}; now stands {edition['standing']['number']}"
    for leg in answer.get("deliveries", ()):
        rungs = ", ".join(" ".join(filter(None, (r["rung"], r["code"], local_time(r["at"])))) for r in leg["rungs"])
        yield f"to {leg['recipient']:9} {leg['state']}: {rungs}"
    for made in answer.get("makings", ()):
        moment = local_time(made["mapped_at"])
        yield f"made by      {made['mapping']} version {made['version']}, record {made['record']}, {moment}"
    for follow_up in answer.get("follow_ups", ()):
        yield f"followed by  {follow_up['kind']} {follow_up['message']}, {local_time(follow_up['at'])}"
    if answer.get("follows"):
        yield f"follows      {answer['follows']}"
    for kept in answer["originals"]:
        yield f"original     {kept['sha256']}  {kept['size']:>12,} bytes  {kept['name']}"
    if not answer["originals"]:
        yield "original     none: this message was not made from files"


def original(
    message: MessageArgument,
    out: Annotated[Path, typer.Option("--out", help="Write into this folder.")],
    name: Annotated[str | None, typer.Option("--name", help="Only the file of this name, or with this digest.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    ods: AsOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """The files a message was made from, to the byte as they came. Every reading is written into the audit trail."""
    with reach(config, ods) as desk:
        wanted = [k for k in desk.message(message)["originals"] if name in (None, k["name"], k["sha256"])]
        if not wanted:
            what = f"no original {name!r}" if name else "no original"
            raise CatalogueError(f"message {message} has {what}", code="not-found", hint="look: interop show MESSAGE")
        out.mkdir(parents=True, exist_ok=True)
        written = [_write(desk, message, kept, path) for kept, path in _places(wanted, out)]
    if output is Output.JSON:
        print_json({"files": [str(path) for path in written], "originals": wanted})
        return
    for path in written:
        console.print(f"wrote {path}", markup=False)


def _places(wanted: list[JsonObject], out: Path) -> list[tuple[JsonObject, Path]]:
    """Each under its own name; where a message was made twice from files of one name, the later below its digest."""
    taken: set[str] = set()
    places = []
    for kept in wanted:
        name = PurePath(kept["name"].replace("\\", "/")).name or "original"
        folder = out / kept["sha256"][:12] if name in taken else out
        taken.add(name)
        places.append((kept, folder / name))
    return places


def _write(desk: Operator, message: str, kept: JsonObject, path: Path) -> Path:
    """Whole or not at all, and for its owner's eyes: beside it first, then under its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in desk.original(message, kept["sha256"]).pieces:
                file.write(piece)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return path


def trace(
    message: MessageArgument,
    expression: Annotated[str, typer.Argument(help="A place in its document: Bundle.entry[1].resource.birthDate")],
    config: ConfigOption = DEFAULT_CONFIG,
    ods: AsOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Which cell of the original kept a value of a message came from, and by which rule.

    Example: interop trace ID 'Bundle.entry[1].resource.birthDate'
    """
    with reach(config, ods) as desk:
        found = desk.trace(message, expression)
    if output is Output.JSON:
        print_json(found)
        return
    for name in ("value", "source", "raw", "rule", "record"):
        console.print(f"{name:12} {found[name]}", markup=False)
    if kept := found["original"]:
        console.print(f"original     {kept['sha256']}  {kept['size']:,} bytes  {kept['name']}", markup=False)
    if not found["reproduced"]:
        console.print("[yellow]the mapping was changed since: it makes something else of this record today[/]")
