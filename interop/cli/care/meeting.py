"""``interop care meeting``: what a team meeting asked for, who is told, and the plan with its actions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import AtOption, moment, read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.errors import ContentError
from interop.printable import printable

if TYPE_CHECKING:
    from interop.json_codec import Json, JsonObject
    from interop.practice.meeting import Meeting
    from interop.reading import Document
    from interop.reading.dates import Calendar


def register(app: typer.Typer) -> None:
    app.command("meeting")(meeting)


def meeting(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A meeting (FHIR JSON Bundle).")],
    plan: Annotated[
        Path | None,
        typer.Option("--plan", exists=True, dir_okay=False, help="The care plan to write the actions back into."),
    ] = None,
    at: AtOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Write the new plan and the notices into this folder.")
    ] = None,
    page: Annotated[Path | None, typer.Option("--page", dir_okay=False, help="Write the page into this file.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show who does what by when after a meeting; with --plan, write the actions back into the care plan.

    Written back twice, the plan changes once. Each owner's organisation gets its own actions and nothing else.
    Exit 0: fine. 1: somebody who was not there has an action, or one is overdue. 3: no meeting in the file.

    Example: interop care meeting meeting/MDT-014-2.json --plan plan/RH-014.json --out after
    """
    from interop.cli.care.follow_ups import written
    from interop.practice.meeting import meeting as read
    from interop.practice.meeting_notices import action_notices
    from interop.reading import Document

    document, now = Document.of(read_document(file)), moment(at)
    found = read(document)
    if found is None:
        notes.print("no meeting in this document")
        raise typer.Exit(Exit.COULD_NOT_TELL)
    changed = _write_back(plan, document, out) if plan is not None else None
    notices = written(action_notices(None, document, now), out)
    if page is not None:
        from interop.narrative.meeting_page import meeting_page

        page.write_text(meeting_page(document.bundle), encoding="utf-8")
        notes.print(f"wrote {page}", markup=False)
    late = [one.number for one in found.actions if _is_late(document.calendar, one.due, one.status, now.isoformat())]
    absent = [one.number for one in found.absent_owners()]
    if output is Output.JSON:
        told: JsonObject = {"meeting": found.number, "actions": _actions(found), "notices": notices}
        print_json({**told, "planChanged": changed, "ownerWasNotThere": absent, "overdue": late})
    else:
        _tell(found, document.calendar, {*late})
        if changed is not None:
            console.print("the plan has a new version" if changed else "the plan has these actions already")
        for notice in notices:
            console.print(f"notice: {printable(str(notice['to']))}: {printable(str(notice['reason']))}", markup=False)
    raise typer.Exit(Exit.FINDINGS if late or absent else Exit.FINE)


def _is_late(calendar: Calendar, due: str | None, status: str | None, now: str) -> bool:
    return bool(calendar.is_past(due, now)) and status not in ("completed", "cancelled")


def _write_back(plan: Path, held: Document, out: Path | None) -> bool:
    from interop.json_codec import dumps
    from interop.narrative import narrate
    from interop.practice.meeting_write_back import write_back

    before = read_document(plan)
    if out is not None and (out / plan.name).resolve() == plan.resolve():
        hint = "name another folder: the plan as it was is part of the record"
        raise ContentError("would be overwritten by its new version", where=str(plan), code="usage", hint=hint)
    after = write_back(before, held.bundle)
    if after is not before and out is not None:
        out.mkdir(parents=True, exist_ok=True)
        path = out / plan.name
        path.write_bytes(dumps(narrate(after), indent=True) + b"\n")
        notes.print(f"wrote {path}", markup=False)
    return after is not before


def _tell(found: Meeting, calendar: Calendar, late: set[str | None]) -> None:
    console.print(
        f"Meeting {printable(found.number or 'without a number')}, {calendar.show(found.start)}", markup=False
    )
    for one in sorted(found.actions, key=lambda action: action.due or ""):
        marks = "OVERDUE " if one.number in late else ""
        marks += "" if found.was_there(one.owner) else "WAS NOT THERE "
        who, what = printable(one.owner or "nobody"), printable(one.what or "not recorded")
        console.print(f"  {marks}{who}, by {calendar.show(one.due) or 'no day'}: {what}", markup=False)


def _actions(found: Meeting) -> list[Json]:
    return [
        {
            "number": one.number,
            "what": one.what,
            "owner": one.owner,
            "organisation": one.site.ods if one.site else None,
            "due": one.due,
            "status": one.status,
            "goal": one.goal,
        }
        for one in found.actions
    ]
