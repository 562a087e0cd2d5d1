"""``interop care adjustments``: what a person needs done differently, and the record the national flag's way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.printable import printable

if TYPE_CHECKING:
    from interop.reading.adjustments import Adjustment, Wanted


def register(app: typer.Typer) -> None:
    app.command("adjustments")(adjustments)


def adjustments(
    document: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The document (FHIR JSON Bundle).")],
    national: Annotated[
        Path | None,
        typer.Option("--national", dir_okay=False, help="Write England's reasonable adjustment flag into this file."),
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Tell what a person needs done differently, how pages for them must be set, and what is not right with the record.

    --national writes the transaction (Patient, Condition, Consent and Flags, each with Provenance). Nothing is sent.
    Exit 0: nothing to put right. 1: something has to be put right or arranged. 3: the document records no adjustment,
    which does not mean that none is needed.

    Example: interop care adjustments record.json --national flag.json
    """
    from interop.json_codec import dumps
    from interop.practice.adjustments import findings, holds_adjustments, national_record
    from interop.reading import Document
    from interop.reading.adjustments import adjustments as read_adjustments
    from interop.reading.adjustments import presentation_wanted

    bundle = read_document(document)
    read = Document.of(bundle)
    if not holds_adjustments(read):
        notes.print(f"{document.name} holds no adjustments; that does not mean that none is needed", markup=False)
        raise typer.Exit(Exit.COULD_NOT_TELL)
    found, made, wanted = findings(read), read_adjustments(read), presentation_wanted(read)
    if national is not None:
        national.write_bytes(dumps(national_record(bundle), indent=True) + b"\n")
        notes.print(f"wrote {national}", markup=False)
    if output is Output.JSON:
        print_json(
            {
                "adjustments": [
                    {"need": one.need, "detail": one.detail, "category": one.category, "inForce": one.in_force}
                    for one in made
                ],
                "page": {
                    "points": wanted.points,
                    "easyRead": wanted.easy_read,
                    "plainText": wanted.plain_text,
                    "because": list(wanted.because),
                    "notMet": list(wanted.not_met),
                },
                "issues": [issue.as_json() for issue in found],
            }
        )
    else:
        _tell(made, wanted)
        for issue in found:
            console.print(printable(f"  ! {issue.text} {(issue.hint or '').capitalize()}."), markup=False)
    raise typer.Exit(Exit.FINDINGS if found else Exit.FINE)


def _tell(made: list[Adjustment], wanted: Wanted) -> None:
    if not made:
        console.print("No adjustment is recorded; that does not mean that none is needed.")
    for one in made:
        words = ": ".join(part for part in (one.need, one.detail) if part) or "not said"
        ended = "" if one.in_force else f" (no longer{f': {one.why_ended}' if one.why_ended else ''})"
        console.print(printable(f"{words}{ended}"), markup=False)
    form = [f"letters of at least {wanted.points} points"] if wanted.points else []
    form += ["easy read"] if wanted.easy_read else []
    form += ["words alone"] if wanted.plain_text else []
    if form:
        console.print(f"A page for the person: {', '.join(form)}")
