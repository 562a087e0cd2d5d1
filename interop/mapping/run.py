"""The mapping of one record while it happens: what was made, what is referred to, what was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from interop.errors import ExpressionError
from interop.json_codec import Json, JsonObject
from interop.location import SourcePath, SourcePointer
from interop.mapping.leaves import moment
from interop.mapping.originals import original
from interop.mapping.paths import SourceExpression, Steps, follow, locate
from interop.mapping.phrases import phrase
from interop.mapping.plan import Kept, Leaf
from interop.mapping.refusal import Refusal
from interop.mapping.registers import UNPROVED
from interop.outcome import Issue
from interop.printable import printable
from interop.sources import SourceRecord

DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


@dataclass(frozen=True, slots=True)
class Mark:
    """A produced value with the rule and the source cell it came from (traced runs only).

    at  the row it was made of
    """

    value: Json
    leaf: Leaf
    path: SourcePath | None
    raw: Json
    at: SourcePath = ()

    @property
    def element(self) -> str:
        """The element it is written to, from the resource: ``contact.name.family``."""
        return unlabelled(self.leaf.target)


@dataclass(slots=True)
class Run:
    """State of one record's mapping.

    made      group -> path of its row -> fullUrl
    rule_ids  what findings call each rule
    quiet     a rehearsal: findings are not noted (they come when the resource is built for good)
    links     what the resource under way refers to, in its order
    named     gives ids to what has no business identifier: of the record, the group and the row
    rows      the rows of each list that was gone through
    missed    traced runs: rules that found no value, with the cell they looked at
    refusal   the rule whose value was refused last, and its row
    """

    record: SourceRecord
    now: datetime
    mapping: str
    group: str = ""
    create: str = ""
    made: dict[str, dict[SourcePath, str]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    quiet: bool = False
    missed: list[Mark] = field(default_factory=list)
    kept: Kept = field(default_factory=Kept)
    links: list[str] = field(default_factory=list)
    rows: dict[tuple[Steps, str | None], list[tuple[SourcePath, Json]]] = field(default_factory=dict)
    named: Callable[..., str] | None = None
    refusal: tuple[int, SourcePath] | None = None

    # -- called by generated code ------------------------------------------------------------------------------

    def read(self, leaf: Leaf, raw: Json, at: SourcePath) -> Json:
        """A value that is not plain text after all (a number or list in JSON)."""
        try:
            return None if raw is None or leaf.reader is None else leaf.reader(raw)
        except Refusal as refusal:
            return self.refused(leaf, refusal, raw, at)

    def refused(self, leaf: Leaf, refusal: Refusal, raw: Json, at: SourcePath) -> Json:
        """Note a refusal at its cell; what is certain all the same is written."""
        self.refusal = (id(leaf), at)
        if not self.quiet:
            number = next((n for n, value in enumerate(_listed(leaf, raw)) if value not in (None, "", [])), 0)
            self._note(leaf, at, leaf.sources[number], refusal, told(_listed(leaf, raw)[number]))
        return refusal.instead

    def missing(self, leaf: Leaf, raw: Json, at: SourcePath) -> None:
        """Note a source of a required rule that says nothing: empty, blanks, or a word that counts as empty.

        A value that was refused is told already.
        """
        if self.quiet or self.refusal == (id(leaf), at):
            return
        said = ", ".join(word for value in _listed(leaf, raw) if (word := told(value).strip()))
        needed = f"{phrase(f'{self.create}.{leaf.target}')} is needed"
        text = f"says nothing, and {needed}" if said else f"is empty, and {needed}"
        self._note(leaf, at, leaf.sources[0], Refusal("source-required", text, "fill it in at the source"), said)

    def compute(self, leaf: Leaf, row: Json, record: Json, at: SourcePath) -> Json:
        """The value of a ``compute`` rule."""
        try:
            values = leaf.reader((row, record, self.kept)) if leaf.reader else None
        except (Refusal, ExpressionError) as error:
            if not self.quiet:
                pointer = point(self.record, at)
                text = f"the computed value cannot be used: {error}"
                self.issues.append(
                    Issue("compute-failed", text, self._expression(leaf), rule=self.rule(leaf), source=pointer)
                )
            return None
        if values is None or leaf.many:
            return values
        return values[0] if isinstance(values, list) else values

    def undecided(self) -> None:
        """Note the conditions that could not be answered, each at the cell it looks at."""
        told_already: set[tuple[SourcePath, str]] = set()
        for names, row, reason in self.kept.failed:
            at = next((at for rows in self.rows.values() for at, node in rows if node is row), ())
            path, node = at, row
            for name in names:
                if isinstance(node, dict) and name in node:
                    path, node = (*path, name), node[name]
            if (path, reason) not in told_already:
                told_already.add((path, reason))
                raw = None if isinstance(node, dict | list) else told(node)
                text = f"a condition of {self.mapping} cannot be answered, it counts as not met: {reason}"
                self.issues.append(Issue("condition-failed", text, source=point(self.record, path), value=raw))

    def refer(self, leaf: Leaf, at: SourcePath) -> Json:
        """References to what the named groups made: of this row where they go through the same rows, else all."""
        urls: list[str] = []
        for group in leaf.groups:
            made = self.made.get(group)
            if made:
                only = made.get(())
                if only is not None and len(made) == 1:
                    urls.append(only)
                else:
                    urls += _of_row(made, at)
        if not urls:
            return None
        self.links += urls if leaf.many else urls[:1]
        if leaf.type != "Reference":
            return urls[0]
        return [{"reference": url} for url in urls] if leaf.many else {"reference": urls[0]}

    def variable(self, name: str, at: SourcePath) -> Json:
        """``$key``, ``$index``, ``$mapping``, ``$original`` and ``$file``."""
        number = next((step for step in reversed(at) if isinstance(step, int)), 0)
        if name in ("$original", "$file"):
            return original(self.record, whole_file=name == "$file")
        values = {"$key": self.record.key, "$index": str(number + 1), "$mapping": self.mapping}
        return values[name]

    def moment(self, leaf: Leaf) -> str:
        """``$now`` as the target's type has it."""
        return moment(self.now, leaf.type)

    def mark(self, leaf: Leaf, value: Json, at: SourcePath, raw: Json) -> Json:
        """Traced runs: a value with its origin."""
        path: SourcePath | None = None
        if leaf.kind == "compute":
            row = follow(self.record.tree, at)
            name = _telling_cell(leaf, row, told(value))
            if name is not None:
                path, raw = (*at, name), row[name]
        if leaf.sources and not leaf.sources[0].variable:
            raws = _listed(leaf, raw)
            number = next((n for n, item in enumerate(raws) if item not in (None, "", [])), 0)
            path, raw = self.source_path(leaf.sources[number], at), raws[number]
        if value is None:
            self.missed.append(Mark(None, leaf, path, raw, at))
            return None
        if isinstance(value, list):
            return [Mark(item, leaf, path, raw, at) for item in value]
        return Mark(value, leaf, path, raw, at)

    # -- where things are --------------------------------------------------------------------------------------

    def source_path(self, source: SourceExpression, at: SourcePath) -> SourcePath:
        """The concrete path of a source expression for the row at ``at``."""
        base = () if source.absolute else at
        return (*base, *locate(follow(self.record.tree, base), source.steps))

    def rule(self, leaf: Leaf) -> str:
        return f"{self.mapping}#{self.group} {leaf.path} ({leaf.place.file}:{leaf.place.line})"

    def _expression(self, leaf: Leaf) -> str:
        return f"{self.create}.{unlabelled(leaf.target)}"

    def _note(self, leaf: Leaf, at: SourcePath, source: SourceExpression, refusal: Refusal, value: str) -> None:
        self.issues.append(
            Issue(
                refusal.code,
                refusal.text,
                self._expression(leaf),
                refusal.severity,
                rule=self.rule(leaf),
                source=point(self.record, self.source_path(source, at)),
                value=value,
                hint=refusal.hint,
            )
        )


def _telling_cell(leaf: Leaf, row: Json, value: str) -> str | None:
    """Of the cells of a computed value, the one with a sign no text may hold, else one whose words it holds."""
    filled = [name for name in leaf.names if isinstance(row, dict) and row.get(name)]
    odd = [name for name in filled if printable(told(row[name])) != told(row[name])]
    said = [name for name in filled if told(row[name]).strip().casefold() in value.casefold()]
    return next(iter((*odd, *said, *filled)), None)


def _listed(leaf: Leaf, raw: Json) -> Sequence[Json]:
    return raw if len(leaf.sources) > 1 and isinstance(raw, list) else [raw]


def _of_row(made: Mapping[SourcePath, str], at: SourcePath) -> list[str]:
    """What was made for this row, the row it is part of, or its own rows; for rows elsewhere, everything."""
    for length in range(len(at), 0, -1):
        if at[:length] in made:
            return [made[at[:length]]]
    below = [url for path, url in made.items() if at and path[: len(at)] == at]
    if below:
        return below
    same = next((path for path in made if at and path and path[: len(path) - 1] == at[: len(path) - 1]), None)
    return [] if same is not None else list(made.values())


def point(record: SourceRecord, path: SourcePath) -> SourcePointer:
    """Where ``path`` stands in the owner's file; pieces of one cell are that cell."""
    node = record.tree
    for number, step in enumerate(path):
        if isinstance(node, str) and isinstance(step, int):
            return record.pointer(path[:number])
        node = follow(node, (step,))
    return record.pointer(path)


def told(raw: Json) -> str:
    """A raw value as its owner wrote it; a group of fields by the words in it."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, dict):
        return ", ".join(word for word in map(told, raw.values()) if word)
    return raw if isinstance(raw, str) else ", ".join(map(told, raw)) if isinstance(raw, list) else str(raw)


def unlabelled(path: str) -> str:
    """``name[official].family`` as the element path ``name.family``."""
    return "".join(part.partition("]")[2] if n else part for n, part in enumerate(path.split("[")))


def spread(items: list[Json], value: Json) -> None:
    """Add one item or several."""
    if isinstance(value, list):
        items.extend(value)
    else:
        items.append(value)


def unproved(raw: Json) -> JsonObject:
    """A number that failed its check as an Identifier without a system, so that nobody takes it for one."""
    return {"type": {"text": UNPROVED}, "value": told(raw).strip()}


def unreadable() -> JsonObject:
    """Beside a required element whose source value was refused: there is one, and it could not be read.

    Source: FHIR R4 extension-data-absent-reason.html.
    """
    return {"extension": [{"url": DATA_ABSENT, "valueCode": "error"}]}


__all__ = ["UNPROVED", "Mark", "Run", "moment", "point", "spread", "unproved", "unreadable"]
