"""``interop care wishes``: what was decided for the end of life, who decides, and what has to be put right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import AtOption, moment, read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.outcome import Outcome, Severity
from interop.printable import printable

if TYPE_CHECKING:
    from interop.practice.wishes import Authority
    from interop.reading import Document


def register(app: typer.Typer) -> None:
    app.command("wishes")(wishes)


def wishes(
    document: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The document (FHIR JSON Bundle).")],
    at: AtOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Tell what a person wants at the end of life, who decides for them, and what the record has to put right.

    Reviews that are due, powers of attorney that have ended and refusals that do not bind are judged as of now (--at).
    Exit 0: nothing has to be put right. 1: something has. 3: the document holds no wishes for the end of life.

    Example: interop care wishes record.json
    """
    from interop.practice.wishes import authority, findings
    from interop.reading import Document
    from interop.reading.wishes import holds_wishes

    read = Document.of(read_document(document))
    if not holds_wishes(read):
        notes.print(f"{document.name} holds no wishes for the end of life", markup=False)
        raise typer.Exit(Exit.COULD_NOT_TELL)
    found, decides = findings(read, moment(at)), authority(read)
    outcome = Outcome(found)
    if output is Output.JSON:
        print_json(
            {
                "decides": {"who": str(decides.decider), "names": list(decides.who), "because": list(decides.reasons)},
                "issues": [issue.as_json() for issue in found],
            }
        )
    else:
        _tell(read, decides)
        for issue in found:
            mark = "!" if issue.severity in (Severity.ERROR, Severity.FATAL) else "-"
            hint = f" {issue.hint[:1].upper()}{issue.hint[1:]}." if issue.hint else ""
            console.print(printable(f"  {mark} {issue.text}{hint}"), markup=False)
        if not found:
            console.print("Nothing has to be put right.")
    wrong = [issue for issue in outcome if issue.severity is not Severity.INFORMATION]
    raise typer.Exit(Exit.FINDINGS if wrong else Exit.FINE)


def _tell(read: Document, decides: Authority) -> None:
    from interop.reading.alerts import cpr_decisions
    from interop.reading.wishes import places

    show = read.calendar.show
    for decision in cpr_decisions(read):
        console.print(printable(f"{decision.words}, decided {show(decision.decided) or 'on a day not recorded'}"))
    if not cpr_decisions(read):
        console.print("CPR decision: not recorded")
    for place in places(read):
        what = "To be looked after" if place.question.endswith("care") else "To die"
        console.print(printable(f"{what}: {place.place or 'not recorded'} (choice {place.rank or '?'})"), markup=False)
    named = f": {', '.join(decides.who)}" if decides.who else ""
    console.print(printable(f"Who decides: {decides.decider}{named}"), markup=False)
    for reason in decides.reasons:
        console.print(printable(f"  {reason}"), markup=False)
