"""What ``interop mapping`` shows to people: tables on standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from interop.cli.output import console, print_issues
from interop.json_codec import Json
from interop.outcome import Severity
from interop.printable import printable
from interop.workbench.cases import Ran
from interop.workbench.check import Checked
from interop.workbench.coverage import Coverage, Fate, FieldFate
from interop.workbench.difference import Change, Difference, Kind, PathChanges
from interop.workbench.explain import HIDDEN, Explanation, shown
from interop.workbench.lineage import spelled
from interop.workbench.roundtrip import LOSSES, REFUSED, UNREAD, Example, FieldTrip, Result, Roundtrip
from interop.workbench.shelf import Listed

_FATES = {
    Fate.MAPPED: "green", Fate.TEXT: "green", Fate.DECIDES: "cyan", Fate.DROPPED: "dim", Fate.UNUSED: "yellow",
    Fate.UNKNOWN: "red",
}  # fmt: skip
_KINDS = {Kind.ADDED: "green", Kind.REMOVED: "red", Kind.CHANGED: "yellow"}
_LONGEST = 60
"""Longest value shown in a table; JSON output has it whole."""


def _table(*columns: str, title: str | None = None) -> Table:
    table = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    table.title_style = "bold"
    return table


def _plain(words: str) -> Text:
    """Words out of somebody's file in a table: rich takes brackets in a plain string for its own marks."""
    return Text(printable(words))


def _short(value: str) -> Text:
    text = " ".join(value.split())
    return _plain(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def shelf(found: Sequence[Listed]) -> None:
    for one in found:
        cases = f" [dim]{_count(one.cases, 'case')}[/]" if one.cases else ""
        console.print(f"[bold]{escape(one.name)}[/] {escape(one.version)}{cases}")
        if not one.readable:
            console.print(f"  [red]has faults[/]: interop mapping check {escape(str(one.path))}")
            continue
        console.print(f"  {escape(one.title)}")
        console.print(f"  [dim]{escape(one.source)} → {escape(one.bundle)}: {escape(one.makes_words)}[/]")


def checked(found: Sequence[Checked]) -> None:
    for one in found:
        if one.mapping is not None:
            console.print(
                f"[green]✓[/] {escape(one.mapping.name)} {escape(one.mapping.version)}: {escape(one.mapping.title)}"
            )
            continue
        console.print(f"[red]✗[/] {escape(str(one.path))}: {_count(len(one.faults), 'fault')}")
        for fault in one.faults:
            console.print(printable(str(fault)), markup=False)


def covered(found: Coverage, *, only_problems: bool, values: bool) -> None:
    never = {f.name for f in found.never_filled}
    wrong = (Fate.UNUSED, Fate.UNKNOWN)
    fields = [f for f in found.fields if not only_problems or f.fate in wrong or f.name in never]
    table = _table("Field", "Fate", "Goes to", *(("Filled", "Records") if found.records else ()))
    for f in fields:
        counts = (str(f.filled), str(f.records)) if found.records else ()
        table.add_row(_plain(f.name), _fate_words(f, f.name in never), _goes_to(f), *counts)
    if fields:
        console.print(table)
    if found.codes:
        codes = _table("Code table", "Word it does not know", "Times", "First at", title="\nCodes no table knows")
        for code in found.codes:
            word, first = _short(code.value) if values else HIDDEN, _plain(str(code.first or ""))
            codes.add_row(_plain(code.table), word, str(code.count), first)
        console.print(codes)
    if found.untaken:
        rows = _table("Where", "Rows", title="\nRows no group made anything of")
        for place, count in found.untaken:
            rows.add_row(_plain(place), str(count))
        console.print(rows)
    print_issues(found.issues)
    _sum_up(found)


def _fate_words(f: FieldFate, never: bool) -> Text:
    words = Text(str(f.fate), _FATES[f.fate])
    return words.append(", never filled", "yellow") if never else words


def _goes_to(f: FieldFate) -> Text:
    if f.reason:
        return Text(printable(f.reason), "dim")
    more = f" and {len(f.targets) - 2} more" if len(f.targets) > 2 else ""
    return _plain("; ".join(f.targets[:2]) + more)


def _sum_up(found: Coverage) -> None:
    fates = [f.fate for f in found.fields]
    parts = [f"{fates.count(fate)} {fate}" for fate in Fate if fate in fates]
    said = {str(fate) for fate in Fate}
    complaints = ((str(kind), count) for kind, count in found.complaints().items() if count)
    parts += [f"{count} {kind.replace('-', ' ')}" for kind, count in complaints if kind not in said]
    samples = f" over {_count(found.records, 'record')}" if found.records else ", no samples given"
    console.print(
        f"\n[bold]{escape(found.mapping)}[/]{samples}: {_count(len(found.fields), 'field')}: {', '.join(parts)}"
    )


def travelled(found: Roundtrip, *, values: bool) -> None:
    unread = [trip for trip in found.fields if _only(trip, lambda reason: reason == UNREAD)]
    declared = [trip for trip in found.fields if trip not in unread and _declared(trip)]
    told = (*unread, *declared)
    shown_trips = [trip for trip in found.fields if set(trip.counts) - {Result.KEPT} and trip not in told]
    table = _table("Field", *(str(result) for result in Result), "Why, or an example")
    for trip in shown_trips:
        counts = (str(trip.counts[result]) if result in trip.counts else "" for result in Result)
        table.add_row(_plain(trip.name), *counts, _trip_words(trip, values=values))
    if shown_trips:
        console.print(table)
    for trips, words in ((declared, "with the reason the mapping gives"), (unread, "that no rule reads")):
        if trips:
            few = ", ".join(trip.name for trip in trips[:8]) + (", …" if len(trips) > 8 else "")
            console.print(f"[yellow]dropped[/] {_count(len(trips), 'field')} {words}: {escape(few)}")
    if told:
        console.print("[dim]interop mapping coverage tells more of them[/]")
    totals = ", ".join(f"{count} {result}" for result, count in found.totals().items())
    console.print(f"\n[bold]{escape(found.mapping)}[/] {_count(found.records, 'record')} there and back: {totals}")
    for name, result in found.new_losses[:20]:
        console.print(f"[red]loss[/] {escape(name)} {result}")
    if len(found.new_losses) > 20:
        console.print(f"[red]and {len(found.new_losses) - 20} more[/] (--output json shows them)")
    for name, result in found.stale:
        console.print(f"[dim]the baseline accepts {escape(name)} {result}, which no longer happens[/]")


def _only(trip: FieldTrip, reason_fits: Callable[[str], bool]) -> bool:
    """Every value of the field was dropped, for reasons of this kind."""
    reasons = [reason for told in trip.reasons.values() for reason in told]
    return set(trip.counts) == {Result.DROPPED} and all(map(reason_fits, reasons))


def _declared(trip: FieldTrip) -> bool:
    return trip.declared == trip.counts and _only(trip, lambda reason: not reason.startswith(REFUSED))


def _trip_words(trip: FieldTrip, *, values: bool) -> Text:
    words = Text()
    for result in (*LOSSES, Result.NORMALISED):
        for reason in trip.reasons.get(result, ()):
            words.append(f"{result}: {reason}\n", "dim")
        for example in trip.examples.get(result, ())[:1]:
            words.append_text(_example(example, values=values))
    words.rstrip()
    return words


def _example(example: Example, *, values: bool) -> Text:
    if not values:
        return Text("")
    words = _plain(f"{example.source}: " if example.source else "")
    return words.append(_short(repr(example.before))).append(" → ").append(_short(repr(example.after))).append("\n")


def explained(found: Explanation, *, constants: bool, values: bool) -> None:
    lines = found.lines if constants else found.sourced
    for resource in dict.fromkeys(line.resource for line in lines):
        table = _table("Source", "As it stands there", "Rule", "Steps", "Target", "Value")
        table.title = f"\n{resource + 1}. {found.resources[resource]}"
        for line in (line for line in lines if line.resource == resource):
            table.add_row(
                _plain("\n".join(str(pointer) for pointer, _ in line.cells) or "constant"),
                Text("\n").join(_short(shown(raw, values=values)) for _, raw in line.cells),
                Text(line.rule.rpartition("/")[2], "dim"),
                Text(" → ".join(line.steps)),
                Text(line.target.partition(".")[2]),
                _short(shown(line.value, values=values)),
            )
        console.print(table)
    hidden = 0 if constants else len(found.lines) - len(found.sourced)
    more = f"; {hidden} constants and references (--constants shows them)" if hidden else ""
    console.print(
        f"\n[bold]{escape(found.mapping)}[/] record {escape(printable(found.key)) if values else ''}: "
        f"{len(found.sourced)} values in "
        f"{_count(len(found.resources), 'resource')}{more}"
    )
    if values:
        print_issues(found.issues)
    else:
        worse = [issue for issue in found.issues if issue.severity is not Severity.INFORMATION]
        console.print(f"[dim]{_count(len(worse), 'finding')}, not shown[/]" if worse else "")


def tested(found: Sequence[Ran]) -> None:
    for one in found:
        if one.ok:
            how = "drafted" if one.drafted else "updated" if one.updated else f"{one.asked} as expected"
            console.print(f"[green]✓[/] {escape(one.case.name)} [dim]{how}[/]")
            continue
        console.print(f"[red]✗[/] {escape(one.case.name)} [dim]{escape(one.about)}[/]")
        for failure in one.failures:
            record = f"{printable(failure.record)}: " if failure.record else ""
            console.print(f"    {escape(record)}[bold]{escape(failure.what)}[/]")
            for sign, style, value in (("-", "red", failure.expected), ("+", "green", failure.found)):
                for line in _value_lines(value):
                    console.print(Text(f"      {sign} {line}", style))
    wrong = sum(not one.ok for one in found)
    if found:
        console.print(f"\n{_count(len(found), 'case')}, {wrong or 'none'} failed")
        if wrong:
            console.print("[dim]- expected, + found; --update accepts what was found[/]")


def _value_lines(value: Json) -> Iterable[str]:
    if value is None:
        return ["(nothing)"]
    return [printable(spelled(item)) for item in (value if isinstance(value, list) else [value])]


def differed(found: Difference, *, values: bool) -> None:
    for title, changes in (("Values", found.values), ("Findings", found.findings)):
        if not changes:
            continue
        table = _table("Path", "Records", *(str(kind) for kind in Kind), "Example", title=title)
        for change in changes:
            counts = (Text(str(change.counts[kind]), _KINDS[kind]) if change.counts[kind] else "" for kind in Kind)
            table.add_row(_plain(change.path), str(change.records), *counts, _first(change, values=values))
        console.print(table)
        console.print()
    for name, keys in found.only.items():
        if keys and not values:
            console.print(f"only {escape(name)} reads {_count(len(keys), 'record')}")
        elif keys:
            console.print(
                f"only {escape(name)} reads {escape(printable(', '.join(keys[:10])))}{', …' if len(keys) > 10 else ''}"
            )
    console.print(
        f"[bold]{_count(found.records, 'record')}[/] through {escape(found.before)} and {escape(found.after)}: "
        f"{found.same} the same, {found.records - found.same} changed"
    )


def _first(changes: PathChanges, *, values: bool) -> Text:
    example: Change = changes.examples[0]
    if not values:
        return Text(example.named(values=False))
    words = _plain(f"{example.record}: ")
    if example.before:
        words.append_text(_short(example.before))
    if example.after:
        words.append(" → " if example.before else "+ ").append_text(_short(example.after))
    return words


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
