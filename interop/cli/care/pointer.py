"""``interop care pointer``: the National Record Locator pointer to a document we hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interop.cli.care.documents import read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.errors import InteropError
from interop.printable import printable


def register(app: typer.Typer) -> None:
    app.command("pointer")(pointer)


def pointer(  # noqa: PLR0913  a parameter an option
    document: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The document (FHIR JSON Bundle).")],
    url: Annotated[str, typer.Option("--url", help="Where it is fetched: https://… or ssp://…")],
    content_type: Annotated[
        str, typer.Option("--content-type", help="What is fetched there: application/fhir+json, application/pdf …")
    ] = "application/fhir+json",
    static: Annotated[
        bool, typer.Option("--static", help="What is fetched never changes; without it, it is kept up to date.")
    ] = False,
    asid: Annotated[str | None, typer.Option("--asid", help="The ASID (12 digits) an ssp:// address needs.")] = None,
    setting: Annotated[
        str, typer.Option("--setting", help="The care setting that holds it: SNOMED CT code=words.")
    ] = "413294000=Community health services",
    replaces: Annotated[
        str | None, typer.Option("--replaces", help="The identifier of the pointer this one replaces.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", dir_okay=False, help="Write the pointer into this file.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Write the National Record Locator pointer (DocumentReference) to an end of life record or a care plan.

    Every published rule is checked first; a rule that is broken is named and nothing is written. Nothing is sent.
    Exit 0: written. 1: a rule is broken.

    Example: interop care pointer record.json --url https://rosewood.example/plans/1 --out pointer.json
    """
    from interop.json_codec import dumps
    from interop.practice.pointer import Place, PointerError, Stability
    from interop.practice.pointer import pointer as made

    code, _, words = setting.partition("=")
    if not code or not words:
        raise InteropError("--setting is CODE=WORDS", code="usage", hint="413294000=Community health services")
    stability = Stability.STATIC if static else Stability.DYNAMIC
    place = Place(url, content_type, stability, asid, (code.strip(), words.strip()), replaces)
    try:
        found = made(read_document(document), place)
    except PointerError as refused:
        if output is Output.JSON:
            print_json({"written": False, "issues": [issue.as_json() for issue in refused.issues]})
        else:
            console.print("[bold]The pointer is refused[/]")
            for issue in refused.issues:
                console.print(f"  {printable(str(issue))}", markup=False)
        raise typer.Exit(Exit.FINDINGS) from None
    if out is not None:
        out.write_bytes(dumps(found, indent=True) + b"\n")
        notes.print(f"wrote {out}", markup=False)
    if output is Output.JSON or out is None:
        print_json(found)
