"""``interop care notices``: what a hospital's messages about stays tell the home and the practice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import DocumentsArgument, read_documents
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.errors import ContentError
from interop.printable import printable

if TYPE_CHECKING:
    from interop.json_codec import JsonObject
    from interop.practice.notices import Notice


def register(app: typer.Typer) -> None:
    app.command("notices")(notices)


def notices(
    files: DocumentsArgument,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="What an organisation is called: RXE99=St Elsewhere's Hospital.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Write each notice and its page into this folder.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Turn messages about stays (admitted, moved, discharged, cancelled) into notices for the home and the practice.

    Takes what `interop map hospital/adt` makes of HL7 v2 messages. A cancellation names the notice it cancels.
    Exit 0: every notice is complete. 1: a cancellation could not tell which notice it cancels. 3: nothing to notify.

    Example: interop care notices events --name "RXE99=St Elsewhere's Hospital" --out notices
    """
    made = _made(read_documents(files), _names(name or ()))
    if output is Output.JSON:
        print_json({"notices": [_as_json(notice) for notice in made]})
    for notice in made if output is Output.TEXT else ():
        console.print(printable(f"{_who(notice)}: {notice.told}"), markup=False)
        console.print(f"  to {', '.join(notice.recipients)}", markup=False)
        if notice.stay.cancels:
            exact = (
                "one notice" if notice.exact else "a notice known by its stay alone: the cancelled message is not here"
            )
            console.print(f"  cancels {exact}", markup=False)
    if out is not None and made:
        _write(out, made)
    if not made:
        notes.print("no message here tells of an admission, a move, a discharge or a cancellation")
        raise typer.Exit(Exit.COULD_NOT_TELL)
    raise typer.Exit(Exit.FINE if all(notice.exact for notice in made) else Exit.FINDINGS)


def _who(notice: Notice) -> str:
    """Whom it is about: messages of several people come in one feed."""
    from interop.reading.transfer import nhs_number
    from interop.reading.wording import best_name

    person = notice.stay.document.patient
    name, number = best_name(person) or "name not recorded", nhs_number(person)
    return f"{name}, NHS number {number}" if number else f"{name}, NHS number not recorded"


def _names(said: tuple[str, ...] | list[str]) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in said]
    if any(not equals for _, equals, _ in pairs):
        raise ContentError("wants CODE=NAME", where="--name", code="usage", hint="RXE99=St Elsewhere's Hospital")
    return {code.strip(): called.strip() for code, _, called in pairs}


def _made(bundles: dict[str, JsonObject], names: dict[str, str]) -> list[Notice]:
    """A notice for each message, in the order things happened; each sees the one before it of the same stay."""
    from interop.practice.notices import notice
    from interop.practice.stay import stay_of
    from interop.reading import Document

    stays = [(stay, Document.of(bundle)) for bundle in bundles.values() if (stay := stay_of(Document.of(bundle)))]
    before: dict[str, Document] = {}
    made = []
    for stay, document in sorted(stays, key=lambda pair: pair[0].happened):
        found = notice(document, before.get(stay.visit), names)
        before[stay.visit] = document
        if found is not None:
            made.append(found)
    return made


def _write(out: Path, made: list[Notice]) -> None:
    from interop.json_codec import dumps
    from interop.narrative import narrate, page

    out.mkdir(parents=True, exist_ok=True)
    for number, notice in enumerate(made, start=1):
        document = narrate(notice.bundle)
        stem = out / f"{number:02}-{notice.stay.event}"
        stem.with_suffix(".json").write_bytes(dumps(document, indent=True) + b"\n")
        stem.with_suffix(".html").write_text(page(document), encoding="utf-8")
    notes.print(f"wrote {len(made)} notices into {out}", markup=False)


def _as_json(notice: Notice) -> JsonObject:
    relates = notice.bundle["entry"][0]["resource"].get("relatesTo", [])
    return {
        "person": _who(notice),
        "event": str(notice.stay.event),
        "stay": notice.stay.visit,
        "happened": notice.stay.happened.isoformat(),
        "told": notice.told,
        "recipients": list(notice.recipients),
        "identifier": notice.bundle["identifier"]["value"],
        "cancels": [relation["targetIdentifier"]["value"] for relation in relates],
        "exact": notice.exact,
    }
