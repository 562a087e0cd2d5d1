"""``interop care hub``: the board of an integrated discharge hub, and what holds a person up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from interop.cli.care.documents import AtOption, DocumentsArgument, moment, read_documents
from interop.cli.output import Exit, Output, OutputOption, console, exit_code, notes, print_issues, print_json
from interop.printable import printable

if TYPE_CHECKING:
    from interop.json_codec import JsonObject
    from interop.practice.hub import Action, Board
    from interop.reading import Document


def register(app: typer.Typer) -> None:
    app.command("hub")(hub)


def hub(files: DocumentsArgument, at: AtOption = None, output: OutputOption = Output.TEXT) -> None:
    """Show who has to act next for somebody to get home, since when they hold it, and what waits for what.

    Takes the documents `interop map hospital/hub` makes. Moves are checked against the table of legal ones.
    Exit 0: nothing overdue or wrong. 1: something is. 3: no discharge board was found.

    Example: interop care hub bundles --at 2026-11-18T13:00
    """
    from interop.outcome import Outcome, Severity
    from interop.practice.hub import board, hub_issues, is_hub
    from interop.reading import Document

    now = moment(at)
    documents = [d for d in map(Document.of, read_documents(files).values()) if is_hub(d)]
    boards = [(document, board(document, now)) for document in documents]
    outcome = Outcome.of(issue for document in documents for issue in hub_issues(document, now))
    if output is Output.JSON:
        told = [_as_json(found) for _, found in boards]
        print_json({"discharges": told, "issues": [issue.as_json() for issue in outcome]})
    else:
        for document, found in boards:
            _tell(document, found)
        print_issues(outcome)
    if not boards:
        notes.print("no board of a discharge hub in these documents")
        raise typer.Exit(Exit.COULD_NOT_TELL)
    chased = any(issue.severity is Severity.WARNING for issue in outcome)
    raise typer.Exit(Exit.FINDINGS if chased else exit_code(outcome))


def _tell(document: Document, found: Board) -> None:
    from interop.narrative.hub_page import long_words
    from interop.reading.transfer import person

    show = document.calendar.show
    console.print(f"[bold]{printable(person(document).name or 'name not recorded')}[/] ", end="")
    ready = f"ready for {long_words(found.ready_for)}" if found.ready_for else "not said to be ready"
    console.print(printable(f"{found.number}: {found.pathway or 'pathway not said'}; {ready}"), markup=False)
    for action in found.actions:
        mark = "NEXT" if action.next else ""
        held = f", held for {long_words(action.held)}" if action.held else ""
        who = ", ".join(part for part in (action.organisation, action.holder, action.phone) if part)
        console.print(f"  [bold]{mark:<4}[/]  ", end="")
        console.print(printable(f"{action.number}  {_standing(action)}{held}: {action.what}"), markup=False)
        console.print(
            printable(f"          with {who or 'nobody'}; by {show(action.due) or 'no time said'}"), markup=False
        )
        waits = ", ".join(part for part in (action.reason, *action.waits_for) if part)
        if waits and action.open:
            console.print(printable(f"          waits for: {waits}"), markup=False)


def _standing(action: Action) -> str:
    return f"{action.status}, OVERDUE" if action.overdue else action.status


def _as_json(found: Board) -> JsonObject:
    minutes = found.ready_for
    return {
        "number": found.number,
        "pathway": found.pathway,
        "readySince": found.ready_since,
        "readyForMinutes": int(minutes.total_seconds() // 60) if minutes else None,
        "expected": found.expected,
        "actions": [
            {
                "number": action.number,
                "what": action.what,
                "organisation": action.organisation,
                "heldBy": action.holder,
                "phone": action.phone,
                "status": action.status,
                "next": action.next,
                "since": action.since,
                "heldForMinutes": int(action.held.total_seconds() // 60) if action.held else None,
                "due": action.due,
                "overdue": action.overdue,
                "reason": action.reason,
                "waitsFor": list(action.waits_for),
            }
            for action in found.actions
        ],
    }
