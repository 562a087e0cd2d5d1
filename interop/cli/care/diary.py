"""``interop care diary``: visits planned, made, late and missed, and who is told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import DocumentsArgument, moment, read_documents
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.printable import printable

if TYPE_CHECKING:
    from interop.json_codec import Json, JsonObject
    from interop.practice.diary import State, Visit
    from interop.reading import Document

STYLES = {"missed": "bold red", "late": "yellow", "unclear": "yellow", "due": "bold"}


def register(app: typer.Typer) -> None:
    app.command("diary")(diary)


def diary(
    files: DocumentsArgument,
    now: Annotated[
        datetime | None,
        typer.Option("--now", "--at", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Judge as of this time (UK)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Write the page, and each alert, into this folder.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show what became of every visit that was promised: done, late, missed, cancelled, still to come.

    With several versions of one diary, what a later one says of a visit counts, and a visit that was counted as missed
    and was made after all is taken back. Exit 0: nothing missed or late. 1: something is. 3: no diary in the files.

    Example: interop care diary diaries --now 2026-11-27T12:00 --out alerts
    """
    from interop.cli.care.follow_ups import written
    from interop.practice.diary import State, state, visits
    from interop.practice.diary_alerts import diary_alerts
    from interop.reading import Document
    from interop.subject import kind_of

    moment_ = moment(now)
    diaries = [bundle for bundle in read_documents(files).values() if kind_of(bundle) == "care-diary"]
    latest = _latest([document for document in map(Document.of, diaries) if document.resources("Appointment")])
    if not latest:
        notes.print("no care diary with visits (Appointment) in these documents")
        raise typer.Exit(Exit.COULD_NOT_TELL)
    told: list[Json] = []
    pressing = False
    for before, after in latest:
        known = [(visit, state(visit, moment_)) for visit in visits(after)]
        pressing |= any(what in (State.MISSED, State.LATE, State.UNCLEAR) for _, what in known)
        alerts = written(diary_alerts(before, after, moment_), out)
        told.append({"visits": [_as_json(visit, what) for visit, what in known], "alerts": alerts})
        if output is Output.TEXT:
            _tell(after, known, alerts)
        if out is not None:
            _page(after, moment_, out)
    if output is Output.JSON:
        print_json({"now": moment_.isoformat(), "diaries": told})
    raise typer.Exit(Exit.FINDINGS if pressing else Exit.FINE)


def _latest(documents: list[Document]) -> list[tuple[Document | None, Document]]:
    """For each person the newest diary of the same days, with the version before it."""
    from interop.practice.diary import days
    from interop.practice.letter import person_key

    versions: dict[tuple[str, str | None], list[Document]] = {}
    for document in documents:
        versions.setdefault((person_key(document), days(document)[0]), []).append(document)
    found = []
    for same in versions.values():
        same.sort(key=lambda document: document.written or "")
        found.append((same[-2] if len(same) > 1 else None, same[-1]))
    return found


def _tell(after: Document, known: list[tuple[Visit, State]], alerts: list[JsonObject]) -> None:
    show = after.calendar.show
    for visit, what in known:
        when = show(visit.start.isoformat()) if visit.start else "at a time not recorded"
        line = f"{what:>9}  {when}  {printable(visit.what or 'not recorded')}, {printable(visit.visitor)}"
        console.print(line, markup=False, style=STYLES.get(str(what)))
    for alert in alerts:
        console.print(
            f"{alert['kind']}: {printable(str(alert['to']))}: {printable(str(alert['reason']))}", markup=False
        )


def _as_json(visit: Visit, what: State) -> JsonObject:
    told: JsonObject = {
        "number": visit.number,
        "state": str(what),
        "what": visit.what,
        "who": visit.visitor,
        "organisation": visit.site.ods if visit.site else None,
        "from": visit.start.isoformat() if visit.start else None,
        "to": visit.end.isoformat() if visit.end else None,
        "missedFrom": visit.deadline.isoformat() if visit.deadline else None,
        "arrived": visit.arrived.isoformat() if visit.arrived else None,
        "left": visit.left.isoformat() if visit.left else None,
        "lateMinutes": int(visit.lateness.total_seconds() // 60) if visit.lateness else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _page(after: Document, now: datetime, out: Path) -> None:
    from interop.bundle import stable_uuid
    from interop.narrative.diary_page import diary_page
    from interop.practice.diary import days
    from interop.practice.letter import person_key

    out.mkdir(parents=True, exist_ok=True)
    path = out / f"diary-{stable_uuid(person_key(after) or 'nobody', days(after)[0] or '')}.html"
    path.write_text(diary_page(after.bundle, at=now), encoding="utf-8")
    notes.print(f"wrote {path}", markup=False)
