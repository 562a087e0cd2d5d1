"""``interop demo``: the main job, end to end, on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.errors import SettingsError

if TYPE_CHECKING:
    from interop.demo.journey import Step
    from interop.demo.performance import Played
    from interop.json_codec import JsonObject

MARK = ".interop-demo"


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    out: Annotated[Path, typer.Option("--out", help="Where Bundles, pages and databases go.")] = Path("demo-output"),
    keep: Annotated[bool, typer.Option("--keep", help="Leave the nodes running and print their addresses.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Play the main job: a red bag goes to hospital, a discharge comes home.

    Three organisations, three processes, three encrypted databases, real HTTP. Exit 0 only if all nine steps happened.
    """
    from interop.demo.performance import perform

    quiet = as_json or output is Output.JSON
    _clear(out)
    played = perform(out, keep=keep, tell=_silent if quiet else _tell)
    if quiet:
        print_json(played.numbers)
    else:
        _conclude(played.numbers, played.page)
    if played.fault is not None:
        notes.print("[red]step failed[/] ", end="")
        notes.print(f"step {len(played.steps) + 1}: {played.fault}", markup=False)
    if keep:
        _addresses(played)
    raise typer.Exit(Exit.FINE if played.numbers["complete"] else Exit.FINDINGS)


def _clear(out: Path) -> None:
    """A fresh output folder. Only a folder an earlier demo made is emptied."""
    if out.exists() and any(out.iterdir()):
        if not (out / MARK).exists():
            raise SettingsError("is not empty and was not made by interop demo", where=str(out), hint="choose --out")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).write_text("made by interop demo; emptied by the next one\n", encoding="utf-8")


def _silent(step: Step) -> None:
    pass


def _tell(step: Step) -> None:
    others = [member.name for member in step.receivers if member is not step.sender]
    way = " → ".join(filter(None, (step.sender.name, ", ".join(others))))
    console.print(f"[bold green]{step.number}[/] [bold]{step.title}[/]  [dim]{way}[/]")
    for line in step.proof:
        console.print(f"    {line}", markup=False)


def _conclude(numbers: JsonObject, page: Path) -> None:
    debts = numbers["obligations"]
    colour = "green" if numbers["complete"] else "red"
    console.print(
        f"[{colour}]{'complete' if numbers['complete'] else 'incomplete'}[/]: {numbers['sent']} sent,"
        f" {numbers['acknowledged']} acknowledged, {numbers['quarantined']} quarantined,"
        f" {numbers['replayed']} replayed,"
        f" {numbers['lost']} lost, {numbers['duplicate_effects']} duplicate effects,"
        f" obligations kept {debts['kept']}, late {debts['late']} ({numbers['seconds']} s)"
    )
    console.print(f"Look at {page} in a browser; everything else lies beside it.")


def _addresses(played: Played) -> None:
    for member in played.cast.members:
        process = played.processes.get(member.ods)
        notes.print(f"{member.name}: {member.url}  token in {member.token_file}  process {process}", markup=False)
