"""``interop care compare``: what changed between two versions of a care plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.errors import ContentError
from interop.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from interop.json_codec import JsonObject
    from interop.practice.plan_changes import Comparison


def register(app: typer.Typer) -> None:
    app.command("compare")(compare)


def compare(
    old: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The older version (FHIR JSON Bundle).")],
    new: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The newer version.")],
    page: Annotated[
        Path | None, typer.Option("--page", dir_okay=False, help="Write a page for the next shift into this file.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Tell what changed between two versions of a person's care plan, the most urgent first.

    Compared by meaning: goals, actions, medicines, allergies, decisions, risks, contingency plans, needs, contacts.
    Each change says who made it and when. Exit 0: nothing clinical changed. 1: something did.

    Example: interop care compare before/RH-014.json after/RH-014.json --page changes.html
    """
    from interop import reconciliation
    from interop.practice.plan_changes import plan_changes
    from interop.reading import Document

    before, after = _plan(old), _plan(new)
    found = plan_changes(Document.of(before), Document.of(after), reconciliation.medicines(before, after))
    if page is not None:
        from interop.narrative.plan_changes_page import plan_changes_page

        page.write_text(plan_changes_page(found, Document.of(after)), encoding="utf-8")
        notes.print(f"wrote {page}", markup=False)
    if output is Output.JSON:
        print_json(found.as_json())
    else:
        _tell(found, Document.of(after).calendar.show)
    raise typer.Exit(Exit.FINDINGS if found.changes else Exit.FINE)


def _plan(file: Path) -> JsonObject:
    """The document in a file. Raises ContentError where it holds no care plan: two of those never differ."""
    from interop.practice.plan_actions import main_plans
    from interop.reading import Document

    document = read_document(file)
    if not main_plans(Document.of(document)):
        hint = "name two versions of a care and support plan"
        raise ContentError("holds no care plan", where=str(file), code="no-plan", hint=hint)
    return document


def _tell(found: Comparison, show: Callable[[str | None], str | None]) -> None:
    from interop.practice.plan_changes import Urgency

    console.print(
        f"From {show(found.before) or 'an unknown day'} to {show(found.after) or 'an unknown day'}", markup=False
    )
    for remark in found.remarks:
        console.print(f"[yellow]{remark}[/]")
    for urgency in Urgency:
        changes = found.of(urgency)
        if changes:
            console.print(f"\n[bold]{urgency.words}[/] ({len(changes)})")
        for change in changes:
            hand = ", ".join(part for part in (change.who, show(change.when)) if part)
            console.print(f"  {change.about}: {printable(change.text)}", markup=False)
            console.print(f"    {printable(hand or 'who and when are not recorded')}", markup=False, style="dim")
    if not found.changes:
        console.print("nothing clinical changed")
