"""``interop care checkpoints``: the red bag along its five checkpoints, what is missing and who looks for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interop.cli.care.documents import AtOption, DocumentsArgument, moment, read_documents
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.printable import printable

if TYPE_CHECKING:
    from datetime import datetime

    from interop.json_codec import Json, JsonObject
    from interop.practice.checkpoints import ItemJourney, Journey, Loss


def register(app: typer.Typer) -> None:
    app.command("checkpoints")(checkpoints)


def checkpoints(
    files: DocumentsArgument,
    at: AtOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", file_okay=False, help="Write the page, and the task for each missing item, into this."),
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Follow red bags through leaving home, ambulance, arriving at hospital, leaving hospital, back home.

    Takes any documents that hold a checklist. Something nobody looked for is "not checked", never missing.
    Exit 0: nothing is missing. 1: something is. 3: no checklist was found.

    Example: interop care checkpoints bundles --out bag
    """
    from interop.practice.checkpoints import journeys

    documents = read_documents(files)
    found = journeys(documents.values())
    if output is Output.JSON:
        print_json({"journeys": [_as_json(journey) for journey in found]})
    for journey in found if output is Output.TEXT else ():
        _tell(journey)
    if out is not None and found:
        _write(out, list(documents.values()), found, moment(at))
    if not found:
        notes.print("no red bag checklist in these documents")
        raise typer.Exit(Exit.COULD_NOT_TELL)
    raise typer.Exit(Exit.FINDINGS if any(journey.open_losses for journey in found) else Exit.FINE)


def _tell(journey: Journey) -> None:
    from interop.narrative.checkpoints_page import COLUMNS
    from interop.practice.checkpoints import ORDER

    table = Table(title=f"Bag {printable(journey.bag)}", title_justify="left")
    for heading in ("Item", *(COLUMNS[point] for point in ORDER)):
        table.add_column(heading)
    for item in journey.items:
        table.add_row(printable(item.name), *(_cell(item, index) for index in range(len(ORDER))))
    console.print(table)
    for loss in journey.losses:
        console.print(printable(_sentence(loss)), markup=False)
    for point in journey.unvisited:
        console.print(f"no checklist from: {COLUMNS[point]}", markup=False)
    if not journey.losses:
        console.print("nothing that was looked for is missing")


def _sentence(loss: Loss) -> str:
    if loss.holder is None:
        return f"found    {loss.told}"
    return f"MISSING  {loss.told}. Next: {loss.holder.name} looks for it"


def _cell(item: ItemJourney, index: int) -> str:
    cell = item.cells[index]
    counted = any((other.number or 0) > 1 for other in item.cells)  # one of several is not the same as "present"
    number = f" {cell.number}" if cell.number and counted else ""
    missed = any(loss.missed is cell.check for loss in item.losses)
    return f"{'[bold red]' if missed else ''}{cell.seen}{number}"


def _as_json(journey: Journey) -> JsonObject:
    from interop.practice.checkpoints import ORDER

    items: list[Json] = [
        {
            "item": item.name,
            "checkpoints": {
                point: {"seen": str(cell.seen), "number": cell.number, "note": cell.note}
                for point, cell in zip(ORDER, item.cells, strict=True)
            },
            "missing": sum(loss.missing for loss in item.open_losses),
        }
        for item in journey.items
    ]
    losses: list[Json] = [
        {
            "item": loss.item,
            "told": loss.told,
            "lastSeen": {"checkpoint": loss.last_seen.checkpoint, "organisation": loss.last_seen.site_name},
            "missed": {"checkpoint": loss.missed.checkpoint, "organisation": loss.missed.site_name},
            "found": loss.found.checkpoint if loss.found else None,
            "nextAction": loss.holder.name if loss.holder else None,
        }
        for loss in journey.losses
    ]
    return {"bag": journey.bag, "items": items, "losses": losses, "noChecklistFrom": list(journey.unvisited)}


def _write(out: Path, documents: list[JsonObject], found: tuple[Journey, ...], now: datetime) -> None:
    from interop.cli.care.follow_ups import write
    from interop.narrative.checkpoints_page import checkpoints_page
    from interop.practice.lost_items import follow_ups

    out.mkdir(parents=True, exist_ok=True)
    latest = found[-1].checks[-1].document.bundle
    page = out / "bag.html"
    page.write_text(checkpoints_page(latest, others=[d for d in documents if d is not latest]), encoding="utf-8")
    notes.print(f"wrote {page}", markup=False)
    tasks = follow_ups(documents, now)
    for made, path in zip(tasks, write(tasks, out), strict=True):
        notes.print(f"wrote {path}: {made.reason}", markup=False)
