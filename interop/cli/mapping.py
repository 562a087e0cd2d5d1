"""``interop mapping``: the workbench of a mapping's author. Nothing is sent; only what is asked for is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.mapping_arguments import (
    FolderOption,
    NameArgument,
    NoValuesOption,
    SamplesArgument,
    counted,
    load,
    refuse_nothing,
    translator_of,
    write_file,
)
from interop.cli.mapping_change import compare, export, new_mapping, schema
from interop.cli.output import Exit, Output, OutputOption, find_files, notes, print_json
from interop.errors import ContentError, InteropError

if TYPE_CHECKING:
    from interop.json_codec import JsonObject
    from interop.outcome import Outcome
    from interop.translator import Translator
    from interop.workbench.cases import Case
    from interop.workbench.coverage import Complaint
    from interop.workbench.expectation import Judge

mapping_app = typer.Typer(
    help="For those who write mappings: draft one, check it, see what it does with every field.",
    epilog="Exit codes: 0 fine, 1 findings, 2 usage or configuration.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def register(app: typer.Typer) -> None:
    app.add_typer(mapping_app, name="mapping")


@mapping_app.command("list")
def list_mappings(mappings: FolderOption = None, output: OutputOption = Output.TEXT) -> None:
    """List every mapping, ours and those in your own folders, with what it reads and what it makes.

    Example: interop mapping list --mappings my-mappings
    """
    from interop.cli import mapping_text as text
    from interop.workbench.shelf import listed

    catalogue = translator_of(mappings).catalogue
    found = listed(catalogue.mapping_names(), catalogue.mapping)
    if output is Output.JSON:
        print_json({"mappings": [one.as_json() for one in found]})
    else:
        text.shelf(found)


@mapping_app.command("check")
def check_mappings(
    names: Annotated[
        list[str], typer.Argument(metavar="MAPPING…", help="Names, .yaml files, or folders that hold mappings.")
    ],
    output: OutputOption = Output.TEXT,
) -> None:
    """Compile mappings and tell every fault with its file, line and column; no record is needed.

    Exit 0: all compile. 1: faults.

    Example: interop mapping check mappings/care-home/red-bag.yaml
    """
    from interop.cli import mapping_text as text
    from interop.workbench.check import check

    translator = translator_of()
    found = [check(path, translator.definitions) for path in _files(names, translator)]
    if output is Output.JSON:
        print_json({"mappings": [one.as_json() for one in found]})
    else:
        text.checked(found)
    raise typer.Exit(Exit.FINDINGS if any(one.faults for one in found) else Exit.FINE)


@mapping_app.command("coverage")
def cover(
    mapping: NameArgument,
    samples: Annotated[
        list[Path] | None, typer.Argument(metavar="[SAMPLES…]", exists=True, help="Sample files, or a folder.")
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option("--fail-on", help="unused, unknown, unmapped-codes or never-filled; may be repeated. Exit 1."),
    ] = None,
    problems: Annotated[bool, typer.Option("--problems", help="Show only the fields something is wrong with.")] = False,
    no_values: NoValuesOption = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show the fate of every source field, and the codes in the samples that no code table knows.

    A field is mapped, carried as text, read to decide something, dropped with a reason, unused (listed, and no rule
    reads it) or unknown (in the samples, and the mapping says nothing of it). Never filled: read, and empty in all.

    Example: interop mapping coverage care-home/red-bag records --fail-on unknown --fail-on unmapped-codes
    """
    from dataclasses import replace

    from interop.cli import mapping_text as text
    from interop.workbench.coverage import coverage

    wanted = [_complaint(word) for word in fail_on or ()]
    compiled, book = load(mapping)
    records = compiled.stream(find_files(samples)) if samples else None
    found = coverage(compiled, book, counted(records) if records else (), now=datetime.now(UTC))
    if records is not None:
        found = replace(found, issues=records.news())
        refuse_nothing(found.records, found.issues)
    if output is Output.JSON:
        print_json(found.as_json(values=not no_values))
    else:
        text.covered(found, only_problems=problems, values=not no_values)
    complaints = found.complaints()
    raise typer.Exit(Exit.FINDINGS if any(complaints[one] for one in wanted) else Exit.FINE)


@mapping_app.command("roundtrip")
def there_and_back(
    mapping: NameArgument,
    samples: SamplesArgument,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="A file of losses that are accepted; only new ones fail.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write-baseline", help="Accept today's losses: write them into the baseline file.")
    ] = False,
    no_values: NoValuesOption = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Take samples to FHIR and back, and tell per field what was kept, normalised, changed, dropped or invented.

    Losses the mapping declares (a drop with its reason, a one-way rule) are fine. Any other is a finding, unless the
    baseline accepts it. A baseline holds field names only, no values.

    Example: interop mapping roundtrip care-home/red-bag records --baseline losses.json --no-values
    """
    from interop.cli import mapping_text as text
    from interop.json_codec import dumps
    from interop.workbench.roundtrip import read_baseline, roundtrip

    if write and baseline is None:
        raise InteropError("--write-baseline wants --baseline FILE", code="usage", hint="name the file to write")
    accepted = read_baseline(baseline.read_bytes(), str(baseline)) if baseline and not write else frozenset()
    compiled, book = load(mapping)
    records = compiled.stream(find_files(samples))
    found = roundtrip(compiled, book, counted(records), now=datetime.now(UTC), accepted=accepted)
    refuse_nothing(found.records, records.news())
    if not compiled.spec.writable:
        notes.print("records of this format are not written back to files; their fields are compared all the same")
    if write and baseline is not None:
        baseline.write_bytes(dumps(found.baseline(), indent=True) + b"\n")
        notes.print(f"wrote {baseline}: {len(found.losses)} accepted losses", markup=False)
    if output is Output.JSON:
        print_json(found.as_json(values=not no_values))
    else:
        text.travelled(found, values=not no_values)
    raise typer.Exit(Exit.FINDINGS if found.new_losses and not write else Exit.FINE)


@mapping_app.command("explain")
def explain_record(  # noqa: PLR0913  a parameter an option
    mapping: NameArgument,
    files: SamplesArgument,
    record: Annotated[str, typer.Option("--record", help="The record's key, or its number from 1.")] = "1",
    group: Annotated[
        list[str] | None, typer.Option("--group", help="Only what this group of the mapping made; may be repeated.")
    ] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Draw the picture into this file.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the whole page into this file.")] = None,
    constants: Annotated[bool, typer.Option("--constants", help="Show constants and references too.")] = False,
    no_values: NoValuesOption = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show what one record became, value by value: from which cell, by which rule, through which steps.

    Example: interop mapping explain care-home/red-bag records --record RH-014 --html trace.html
    """
    from interop.cli import mapping_text as text
    from interop.workbench.explain import choose, explain, of_groups

    compiled, book = load(mapping)
    chosen = choose(compiled.stream(find_files(files)), record)
    found = of_groups(explain(compiled, book, chosen, now=datetime.now(UTC)), group or ())
    if svg is not None:
        from interop.workbench.picture import svg as drawn

        write_file(svg, drawn(found, values=not no_values).encode())
    if html is not None:
        from interop.workbench.page import html as page

        write_file(html, page(found, values=not no_values))
    if output is Output.JSON:
        print_json(found.as_json(values=not no_values))
    elif svg is None and html is None:
        text.explained(found, constants=constants, values=not no_values)


@mapping_app.command("test")
def run_cases(
    mapping: Annotated[
        str | None, typer.Argument(metavar="[MAPPING]", help="A name or a .yaml file; all mappings when not given.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Write today's answers into expected.json; look at the change after.")
    ] = False,
    mappings: FolderOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Run the cases beside mappings: input files, and what is expected of them, as data.

    A case is a folder <system>/cases/<event>/<case>/ with the input files and expected.json: values by FHIRPath,
    whether the Bundle is valid, expected findings, values that must come back. A folder without expected.json gets
    one with --update.

    Example: interop mapping test care-home/red-bag
    """
    from interop.cli import mapping_text as text
    from interop.workbench.cases import run_case

    translator = translator_of(mappings)
    judge = _judge(translator)
    cases = _cases(mapping, translator)
    found = [run_case(case, translator.mapping(name), judge=judge, update=update) for name, case in cases]
    if output is Output.JSON:
        print_json({"cases": [one.as_json() for one in found]})
    else:
        text.tested(found)
    if not found:
        raise ContentError("there are no cases", hint="make a folder <system>/cases/<event>/<case>/ with input files")
    raise typer.Exit(Exit.FINE if all(one.ok for one in found) else Exit.FINDINGS)


for name, command in (
    ("new", new_mapping),
    ("diff", compare),
    ("export", export),
    ("schema", schema),
):
    mapping_app.command(name)(command)


def _files(names: Sequence[str], translator: Translator) -> list[Path]:
    """The mapping files meant; a folder stands for the mappings in it."""
    from interop.workbench.shelf import files_in

    found: list[Path] = []
    for name in names:
        found += files_in(Path(name)) if Path(name).is_dir() else [translator.catalogue.mapping(name)]
    return found


def _cases(name: str | None, translator: Translator) -> list[tuple[str, Case]]:
    from interop.workbench.cases import cases_of

    catalogue = translator.catalogue
    names = [name] if name is not None else sorted(catalogue.mapping_names())
    return [(one, case) for one in names for case in cases_of(one, catalogue.mapping(one))]


def _judge(translator: Translator) -> Judge:
    """The validator, asked of documents as they are sent: with their narrative."""
    from interop import narrative

    def judge(bundle: JsonObject) -> Outcome:
        document = bundle.get("type") == "document"
        return translator.validator.validate(narrative.narrate(bundle) if document else bundle)

    return judge


def _complaint(word: str) -> Complaint:
    from interop.workbench.coverage import Complaint

    try:
        return Complaint(word)
    except ValueError:
        text = f"--fail-on {word!r} is not one of {', '.join(Complaint)}"
        raise InteropError(text, code="usage") from None
