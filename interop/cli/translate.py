"""``interop map``: the translate wing by hand; nothing is sent and nothing is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from interop.cli.output import (
    Exit,
    Output,
    OutputOption,
    console,
    notes,
    print_issues,
    print_json,
    progress,
    read_files,
)
from interop.errors import ContentError
from interop.json_codec import dumps, loads

FilesArgument = Annotated[list[Path], typer.Argument(exists=True, help="Files, or a folder that holds them.")]


def register(app: typer.Typer) -> None:
    app.command("map")(map_records)


def map_records(
    mapping: Annotated[str, typer.Argument(help="A mapping's name, such as care-home/red-bag, or a .yaml file.")],
    files: FilesArgument,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="Run it backwards: a Bundle into the local format.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the results into this folder.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Turn local records into judged FHIR Bundles, or (--reverse) a Bundle into the local format.

    Example: interop map care-home/red-bag examples/red-bag-journey/care-home --out bundles
    """
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    run = _backwards if reverse else _forwards
    raise typer.Exit(run(mapping, read_files(files), out, output))


def _forwards(mapping: str, files: dict[str, bytes], out: Path | None, output: Output) -> Exit:
    from interop.catalogue import Catalogue
    from interop.translator import Translator

    found = []
    written: set[Path] = set()
    with progress("records") as advance:
        for translated in Translator(Catalogue()).translate(mapping, files, now=datetime.now(UTC)):
            found.append(translated)
            advance()
    if output is Output.JSON:
        print_json({"records": [t.as_json() for t in found]})
    for translated in found:
        if output is Output.TEXT:
            console.print(f"[bold]{translated.key}[/] {translated.verdict_words}")
            print_issues(translated.outcome)
        if out is not None and translated.bundle is not None:
            path = _free(out / f"{_file_name(translated.key)}.json", written)
            path.write_bytes(dumps(translated.bundle, indent=True))
            notes.print(f"  wrote {path}")
    if output is Output.TEXT and out is None:
        notes.print("[dim]--out FOLDER writes the Bundles, --output json prints them[/]")
    return Exit.FINE if found and all(t.outcome.ok and t.bundle for t in found) else Exit.FINDINGS


def _backwards(mapping: str, files: dict[str, bytes], out: Path | None, output: Output) -> Exit:
    from interop.catalogue import Catalogue
    from interop.translator import Translator

    if len(files) != 1:
        raise ContentError(f"--reverse takes one Bundle, found {len(files)} files")
    (name, data), *_ = files.items()
    local = Translator(Catalogue()).back(mapping, loads(data, file=name))
    if output is Output.JSON:
        texts = {file: body.decode("utf-8") for file, body in local.files.items()}
        print_json({"files": texts, "losses": [issue.as_json() for issue in local.losses]})
    for file, body in local.files.items():
        if out is not None:
            (out / file).write_bytes(body)
            notes.print(f"  wrote {out / file}")
        elif output is Output.TEXT:
            console.rule(file)
            console.print(body.decode("utf-8"), markup=False)
    if output is Output.TEXT:
        print_issues(local.losses)
    return Exit.FINE


def _free(path: Path, written: set[Path]) -> Path:
    """The path, or one beside it: two records of one key must not become one file. Files of an earlier run go."""
    free, number = path, 1
    while free in written:
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    written.add(free)
    return free


def _file_name(key: str) -> str:
    return "".join(c if c.isalnum() or c in "-._" else "-" for c in key) or "record"
