"""``interop care disclose``: the copy of a document that one reader may have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interop.cli.care.documents import read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.practice.reader import Role
from interop.printable import printable


def register(app: typer.Typer) -> None:
    app.command("disclose")(disclose)


def disclose(
    document: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The document (FHIR JSON Bundle).")],
    role: Annotated[Role, typer.Option("--role", help="What the reader may see.")] = Role.RESTRICTED,
    out: Annotated[Path | None, typer.Option("--out", dir_okay=False, help="Write the copy into this file.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Make the copy of a document for a reader: full, restricted, or what an emergency needs.

    What is labelled restricted is taken out with every word of it, and the copy says that it is held by the sender.
    Where that cannot be done, no copy is made. Exit 0: made. 1: this reader may have none.

    Example: interop care disclose record.json --role restricted --out copy.json
    """
    from interop import narrative
    from interop.json_codec import dumps
    from interop.practice.disclosure import DisclosureError
    from interop.practice.disclosure import disclose as made

    try:
        copy = made(read_document(document), role)
    except DisclosureError as refused:
        if output is Output.JSON:
            print_json({"made": False, "because": refused.text, "hint": refused.hint})
        else:
            console.print(printable(f"No copy: {refused.text}. {(refused.hint or '').capitalize()}."), markup=False)
        raise typer.Exit(Exit.FINDINGS) from None
    shown = narrative.narrate(copy.bundle) if copy.removed else copy.bundle
    if out is not None:
        out.write_bytes(dumps(shown, indent=True) + b"\n")
        notes.print(f"wrote {out}", markup=False)
    told = f"{len(copy.removed)} taken out" if copy.removed else "nothing taken out"
    if output is Output.JSON or out is None:
        print_json(shown)
    notes.print(f"{role} copy: {told}", markup=False)
    for place in copy.changed:
        notes.print(f"  words that repeat it were replaced at {place}", markup=False)
