"""``interop care consent``: who may be told what about a person, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interop.cli.care.documents import read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.printable import printable

_WORDS = {True: "may be told", False: "must NOT be told", None: "ask first"}


def register(app: typer.Typer) -> None:
    app.command("consent")(consent)


def consent(
    document: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The document (FHIR JSON Bundle).")],
    person: Annotated[
        list[str] | None, typer.Option("--person", help="Ask about this person by name; may be repeated.")
    ] = None,
    topic: Annotated[
        str,
        typer.Option("--topic", help="everything, health-and-care, end-of-life-wishes, whereabouts, daily-life, money"),
    ] = "everything",
    output: OutputOption = Output.TEXT,
) -> None:
    """Tell who may be told about a person, with the reasons, and what is wrong with the decisions.

    Without --person everybody close to them is asked about. Nobody may be told because nobody objected.
    Exit 0: every answer is yes and nothing is wrong. 1: somebody may not be told, or something is wrong.
    3: nobody decided, so ask first; or the document holds neither decisions nor people.

    Example: interop care consent record.json --person "Peter Ashworth" --topic money
    """
    from interop.errors import InteropError
    from interop.practice.consent import findings, may_be_told
    from interop.reading import Document
    from interop.reading.consent import TOPICS, sharings
    from interop.reading.people import personal_contacts

    if topic not in TOPICS:
        raise InteropError(f"no topic is called {topic!r}", code="usage", hint=f"choose one of: {', '.join(TOPICS)}")
    read = Document.of(read_document(document))
    names = person or [contact.name for contact in personal_contacts(read) if contact.name]
    if not names and not sharings(read):
        notes.print(f"{document.name} holds no decisions about sharing and nobody close to the person", markup=False)
        raise typer.Exit(Exit.COULD_NOT_TELL)
    answers = {name: may_be_told(read, name, topic) for name in names}
    wrong = findings(read)
    if output is Output.JSON:
        print_json(
            {
                "topic": topic,
                "people": [
                    {"name": name, "allowed": answer.allowed, "because": list(answer.because)}
                    for name, answer in answers.items()
                ],
                "issues": [issue.as_json() for issue in wrong],
            }
        )
    else:
        for name, answer in answers.items():
            console.print(printable(f"{name}: {_WORDS[answer.allowed]}"), markup=False)
            for reason in answer.because:
                console.print(printable(f"  {reason}"), markup=False)
        for issue in wrong:
            console.print(printable(f"  ! {issue.text}"), markup=False)
        if not answers:
            console.print("Nobody close to the person is recorded.")
    if wrong or any(answer.allowed is False for answer in answers.values()):
        raise typer.Exit(Exit.FINDINGS)
    raise typer.Exit(Exit.COULD_NOT_TELL if any(a.allowed is None for a in answers.values()) else Exit.FINE)
