"""``interop mapping new | diff | export | schema``: mappings made, changed and handed on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from interop.cli.mapping_arguments import (
    NameArgument,
    NoValuesOption,
    OutOption,
    SamplesArgument,
    counted,
    load,
    translator_of,
    write_file,
)
from interop.cli.output import Exit, Output, OutputOption, find_files, notes, print_json, read_files
from interop.errors import InteropError


def new_mapping(
    samples: SamplesArgument,
    name: Annotated[
        str | None, typer.Option("--name", help="system/event, as in my-system/admission; by default new/<file>.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the draft here; code table stubs go into codes/ beside it.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Draft a mapping from sample files: CSV, TSV, XLSX, JSON, NDJSON, XML or HL7 v2.

    Each guess is marked with its confidence and its evidence. What was not guessed is listed to be decided. Codes are
    never guessed: words used again and again become stubs of code tables. The draft holds such words, and field
    names; no other values. It compiles, and maps the samples.

    Example: interop mapping new export/*.csv --name my-home/red-bag --out mappings/my-home/red-bag.yaml
    """
    from interop.workbench.draft import draft
    from interop.workbench.draft.trial import tried, written

    files = read_files(samples)
    made = draft(files, name or _name_for(out, samples))
    trial = tried(made, files, translator_of().definitions, now=datetime.now(UTC))
    if out is not None:
        for path in written(made, out):
            notes.print(f"wrote {path}", markup=False)
    if output is Output.JSON:
        print_json(made.as_json() | {"trial": trial.as_json()})
    elif out is None:
        sys.stdout.write(made.text)
    notes.print(f"{made.rules} of {len(made.guesses)} fields guessed; {trial}", markup=False)
    raise typer.Exit(Exit.FINE if trial.compiles else Exit.FINDINGS)


def compare(
    before: Annotated[str, typer.Argument(metavar="A", help="The mapping as it was: a name or a .yaml file.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The mapping as it is to be.")],
    samples: SamplesArgument,
    no_values: NoValuesOption = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show what a change of a mapping would have changed: values and findings, what touches most records first.

    Exit 0: nothing. 1: something.

    Example: interop mapping diff mappings/care-home/red-bag.yaml new/care-home/red-bag.yaml records
    """
    from interop.cli import mapping_text as text
    from interop.workbench.difference import difference

    first, second = load(before)[0], load(after)[0]
    files = find_files(samples)
    now = datetime.now(UTC)
    sides = (first, counted(first.stream(files))), (second, second.stream(files))
    found = difference(*sides, now=now, names=(before, after))
    if output is Output.JSON:
        print_json(found.as_json(values=not no_values))
    else:
        text.differed(found, values=not no_values)
    raise typer.Exit(Exit.FINDINGS if found.differs else Exit.FINE)


def export(
    mapping: NameArgument,
    structure_map: Annotated[bool, typer.Option("--structure-map", help="As a FHIR R4 StructureMap.")] = False,
    out: OutOption = None,
    model: Annotated[
        Path | None, typer.Option("--source-model", help="Write the logical model of its source into this file.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Write a mapping in another engine's language; what cannot be said there is listed on standard error.

    Example: interop mapping export care-home/red-bag --structure-map --out map.json --source-model source.json
    """
    from interop.json_codec import dumps
    from interop.workbench.export.source_model import source_model
    from interop.workbench.export.structure_map import structure_map as exported

    if not structure_map:
        raise InteropError("nothing says which language", code="usage", hint="add --structure-map")
    compiled, book = load(mapping)
    found = exported(compiled, book)
    for note in found.notes if output is Output.TEXT else ():
        notes.print(f"not expressed: {note}", markup=False)
    if out is not None:
        write_file(out, dumps(found.structure_map, indent=True) + b"\n")
    if model is not None:
        write_file(model, dumps(source_model(compiled), indent=True) + b"\n")
    if output is Output.JSON:
        print_json(found.as_json())
    elif out is None:
        print_json(found.structure_map)


def schema(out: OutOption = None, output: OutputOption = Output.TEXT) -> None:
    """Write the JSON Schema of mapping files, so that an editor completes and checks them while they are typed.

    It is JSON either way (--output makes no difference). In a mapping file: # yaml-language-server: $schema=FILE

    Example: interop mapping schema --out mapping.schema.json
    """
    from interop.json_codec import dumps
    from interop.mapping.schema import json_schema

    found = json_schema()
    if out is not None:
        write_file(out, dumps(found, indent=True) + b"\n")
    else:
        print_json(found)


def _name_for(out: Path | None, samples: Sequence[Path]) -> str:
    """A name for a draft that was given none: where it is written, else after its sample."""
    if out is not None and out.resolve().parent.name:
        return f"{out.resolve().parent.name}/{out.stem}"
    return f"new/{samples[0].stem}"
