"""``interop send``, ``inbox``, ``status``, ``replay``: the desk of one organisation.

They talk to the node when it runs, and open its store themselves when it does not.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.output import (
    DEFAULT_CONFIG,
    ConfigOption,
    Exit,
    Output,
    OutputOption,
    console,
    find_files,
    notes,
    print_json,
    progress,
    read_files,
)
from interop.errors import ContentError, SettingsError, StoreError, TransitionError
from interop.json_codec import JsonObject

if TYPE_CHECKING:  # heavy, and not needed to print a help page or to validate a file
    from interop.client import NodeClient
    from interop.desk import Operator
    from interop.settings import Settings

AsOption = Annotated[
    str | None, typer.Option("--as", help="ODS code of the organisation, where the node speaks for several.")
]
MadeFromOption = Annotated[
    int | None,
    typer.Option("--made-from", min=0, help="Edition of the care plan that this one was made from (interop show)."),
]


def register(app: typer.Typer) -> None:
    for verb in (send, inbox, status, replay):
        app.command()(verb)


@contextmanager
def reach(config: Path, ods: str | None) -> Iterator[Operator]:
    """The desk of one organisation: in the running node, or in its store when nobody runs it."""
    from interop import events
    from interop.desk import Desk
    from interop.node import Node
    from interop.settings import Settings

    events.configure(logging.WARNING)  # what was done is the command's own answer
    settings = Settings.load(config)
    organisation = ods or settings.organisations[0].ods
    if len(settings.organisations) > 1 and ods is None:
        codes = ", ".join(o.ods for o in settings.organisations)
        raise SettingsError("this node speaks for several organisations", hint=f"choose with --as: {codes}")
    if settings.organisation(organisation) is None:
        raise SettingsError(f"this node does not speak for {organisation}", where=str(config))
    try:
        node = Node.open(settings)
    except StoreError as fault:
        if fault.code != "store-locked":
            raise
        with _client(settings) as client:
            _check_whose(client, settings, organisation)
            yield client
        return
    with node:
        yield Desk(node, organisation)


def _client(settings: Settings) -> NodeClient:
    from interop.client import NodeClient
    from interop.settings import read_secret

    file = settings.node.operator_token_file
    if file is None:
        raise SettingsError(
            "the node is running and [node] operator_token_file is not set", hint="name the file with your token"
        )
    return NodeClient(f"http://{settings.node.host}:{settings.node.port}", read_secret(settings.path(file)))


def _check_whose(client: NodeClient, settings: Settings, organisation: str) -> None:
    """On a hub a token speaks for one tenant, whatever --as says. Raises SettingsError."""
    if len(settings.organisations) > 1 and (whose := client.status()["organisation"]) != organisation:
        raise SettingsError(
            f"the token in {settings.node.operator_token_file} speaks for {whose}, not for {organisation}",
            hint=f"set operator_token_file to a token of {organisation}",
        )


def send(  # noqa: PLR0913 - the options of a command
    mapping: Annotated[str, typer.Argument(help="A mapping's name, such as care-home/red-bag.")],
    files: Annotated[list[Path], typer.Argument(exists=True, help="Files of one export, or a folder that holds them.")],
    to: Annotated[list[str] | None, typer.Option("--to", help="ODS code of a recipient; may be repeated.")] = None,
    made_from: MadeFromOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    ods: AsOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Map records, judge them, and queue them for their recipients. What cannot be sent is kept and explained.

    Exit 1 when a record was quarantined, or somebody else has changed the plan in the meantime.
    """
    with reach(config, ods) as desk, progress("sending"), _told_who_was_quicker():
        answer = desk.submit(mapping, find_files(files), tuple(to or ()), made_from=made_from)
    _print_submission(answer, output)


@contextmanager
def _told_who_was_quicker() -> Iterator[None]:
    """An edition that is out of date is a finding about the record, not a mistake in the command."""
    try:
        yield
    except TransitionError as fault:
        if not fault.code.startswith("edition-"):
            raise
        notes.print(f"[red]{fault.code}[/] ", end="")
        notes.print(str(fault), markup=False)
        raise typer.Exit(Exit.FINDINGS) from None


def inbox(
    message: Annotated[
        str | None, typer.Argument(help="One message: its page and its files in our own format.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the message's page and files into this folder.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    ods: AsOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """What others sent us; or, with an id, one message as a page and in our own system's format."""
    with reach(config, ods) as desk:
        if message is not None:
            _open(desk, message, out, output)
            return
        answer = desk.messages("in")
    if output is Output.JSON:
        print_json(answer)
        return
    documents = [row for row in answer["messages"] if row["kind"] != "acknowledgement"]
    for row in documents:
        words = (local_time(row["received_at"]), row["sender"], row["kind"], row["outcome"] or row["state"], row["id"])
        console.print("{:16}  {:8}  {:18}  {:8}  {}".format(*words), markup=False)
    answers = len(answer["messages"]) - len(documents)
    if not answer["messages"]:
        console.print("nothing was received yet")
    elif answers:
        console.print(f"[dim]and {answers} answers to what we sent (--output json shows them)[/]")


def local_time(moment: str) -> str:
    """A moment as this machine's clock on the wall shows it."""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"


def _open(desk: Operator, message: str, out: Path | None, output: Output) -> None:
    answer = desk.message(message)
    written = []
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        files = {"page.html": desk.page(message).encode("utf-8"), **_local_files(desk, message)}
        for name, body in files.items():
            (out / name).write_bytes(body)
            written.append(str(out / name))
    if output is Output.JSON:
        print_json({**answer, "files": written})
        return
    for name in ("kind", "sender", "received_at", "state", "outcome", "sha256"):
        console.print(f"{name.replace('_', ' '):12} {answer.get(name, '')}", markup=False)
    for name in written:
        console.print(f"wrote {name}", markup=False)


def _local_files(desk: Operator, message: str) -> dict[str, bytes]:
    """The document in our own format, where the configuration says how; the page is worth having without."""
    try:
        return desk.local_files(message)
    except ContentError as fault:
        if fault.code != "no-local-format":
            raise
        notes.print(str(fault), markup=False)
        return {}


def status(config: ConfigOption = DEFAULT_CONFIG, ods: AsOption = None, output: OutputOption = Output.TEXT) -> None:
    """The numbers: what was sent, received, answered, quarantined, and what is still owed."""
    with reach(config, ods) as desk:
        answer = desk.status()
    if output is Output.JSON:
        print_json(answer)
        return
    console.print(f"[bold]{answer['name']}[/] ({answer['organisation']})")
    for name, number in answer["counts"].items():
        console.print(f"  {name.replace('_', ' '):32} {number}")
    for owed in answer["obligations"]:
        colour = {"late": "red", "kept": "green"}.get(owed["state"], "yellow")
        console.print(f"  [{colour}]{owed['state']}[/] {owed['owes']} to {owed['to']} by {local_time(owed['due'])}")
    for alarm in answer["alarms"]:
        console.print(f"  [red]alarm[/] {alarm['code']} ", end="")
        console.print(alarm["text"], markup=False)


def replay(  # noqa: PLR0913 - the options of a command
    message: Annotated[str, typer.Argument(help="The id of a quarantined record or a dead letter.")],
    files: Annotated[list[Path] | None, typer.Option("--files", exists=True, help="The corrected files.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the audit.")] = "replayed by hand",
    made_from: MadeFromOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    ods: AsOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Try again: a quarantined record with corrected files, a dead letter as it is."""
    with reach(config, ods) as desk, _told_who_was_quicker():
        answer = desk.replay(message, read_files(files or []), reason, made_from=made_from)
    _print_submission(answer, output)


def _print_submission(answer: JsonObject, output: Output) -> None:
    stopped = [record for record in answer["records"] if record["status"] in ("quarantined", "refused")]
    if output is Output.JSON:
        print_json(answer)
    for record in answer["records"] if output is Output.TEXT else []:
        colour = "red" if record in stopped else "green"
        to = f" for {', '.join(record['recipients'])}" if record["recipients"] else ""
        console.print(f"[{colour}]{record['status']}[/] {record['kind']} {record['key']}{to} [dim]{record['id']}[/]")
        for issue in record["issues"]:
            if issue["severity"] != "information":
                place = f"{issue['source']}: " if issue.get("source") else ""
                shade = "yellow" if issue["severity"] == "warning" else "red"
                console.print(f"  [{shade}]{issue['code']}[/] ", end="")
                remedy = f" ({issue['hint']})" if issue.get("hint") else ""
                console.print(f"{place}{issue['text']}{remedy}", markup=False)
    if stopped:
        notes.print("Mend the record and replay it: interop replay ID --files …")
    raise typer.Exit(Exit.FINDINGS if stopped else Exit.FINE)
