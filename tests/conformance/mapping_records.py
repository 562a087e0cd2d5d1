"""Records drawn from what a mapping says of its source: its fields, their kinds, the words its code tables know.

A field is a path in the record's tree, ``*`` standing for any row: ``("medicines", "*", "Dose")``. What a record drawn
here says, the mapping promises to carry there and back, except the fields it declares one-way.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from hypothesis import strategies as st

from interop.location import SourcePath
from interop.mapping.document import Document, Group, Rule
from interop.mapping.paths import follow
from interop.mapping.yaml_tree import Item

Path = tuple[str, ...]
ROW = "*"
ONE_WAY = ("bundle-identifier", "uuid")
"""Transforms that make a name out of a value: what the value may be, another rule says."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a condition table: the cell is one of ``wanted`` (None: it is filled), or, negated, is not."""

    cell: Path
    wanted: frozenset[str] | None
    negate: bool

    def holds(self, text: str) -> bool:
        return (bool(text) if self.wanted is None else _fold(text) in self.wanted) != self.negate


Table = tuple[tuple[Line, ...], tuple[str, ...]]
"""Where all the lines hold, the field is read by a table that knows these words."""


@dataclass(slots=True)
class Field:
    """One source field: how it is read, whether it must be there, whether the mapping carries it back.

    kind     ``date dd/MM/yyyy``, ``nhs-number``, ``code``, ``text`` …: the first transform
    words    what the code tables know, and what conditions ask for
    closed   only the words may stand there
    tables   the words of each table that reads the field under conditions alone
    meaning  of a word: what its code table makes of it; two words of one meaning are one value
    read     a rule carries it; else only conditions ask for it
    reasons  for a field that does not come back: why
    """

    path: Path
    kind: str = "text"
    argument: Any = None
    words: list[str] = field(default_factory=list)
    closed: bool = False
    tables: list[Table] = field(default_factory=list)
    meaning: dict[str, str] = field(default_factory=dict)
    required: bool = False
    back: bool = False
    read: bool = False
    reasons: list[str] = field(default_factory=list)


Tables = dict[str, dict[str, str]]
"""Name of each ConceptMap as the rules name it -> its local words, each with what it means."""


def fields_of(document: Document, tables: Tables) -> dict[Path, Field]:
    """Every field the mapping reads or drops."""
    found: dict[Path, Field] = {}
    rules: list[tuple[Group | None, Path, Rule]] = []
    source: Any = document.source.plain if document.source else {}
    if document.composition:
        rules += [(None, (), rule) for rule in document.composition.rules]
    for group in document.groups:
        rules += [(group, _row((), group.loop, group.split), rule) for rule in group.rules]
        _condition(found, _row((), group.loop, group.split), group.when, back=group.reverse)
    for group_, row, rule in rules:
        lines = _lines(row, group_.when) if group_ else ()
        _rule(found, row, rule, tables, back=group_ is None or group_.reverse, lines=lines)
    for known in found.values():  # a format that a shared piece only names
        if isinstance(known.argument, str):
            known.argument = source.get("dates", {}).get(known.argument, known.argument)
    for text in _dated_by(document):
        at = _path((), text)
        if at is not None:
            found.setdefault(at, Field(at)).required = True
    for text, (reason, _) in (document.drop | document.respelled).items():
        at = _path((), text)
        if at is not None:
            found.setdefault(at, Field(at)).reasons.append(reason)
    return found


def _dated_by(document: Document) -> list[str]:
    """The fields that give Bundle.timestamp: without them the record is dated by the moment of mapping."""
    time = document.bundle.members().get("time") if document.bundle else None
    plain: Any = time.plain if time else []
    listed = plain.get("source", []) if isinstance(plain, dict) else plain
    return [listed] if isinstance(listed, str) else list(listed)[:1]


def _lines(row: Path, when: Item | None) -> tuple[Line, ...]:
    """The lines of a condition table over plain cells; an expression is taken to hold."""
    plain = when.plain if when is not None else None
    found = []
    for name, asked in plain.items() if isinstance(plain, dict) else ():
        at = _path(row, str(name))
        negate = asked == "absent" or (isinstance(asked, dict) and "not" in asked)
        words: Any = asked.get("not", asked.get("is")) if isinstance(asked, dict) else asked
        listed = words if isinstance(words, list) else [words]
        wanted = None if words in ("absent", "present") else frozenset(_fold(str(w)) for w in listed)
        found += [] if at is None else [Line(at, wanted, negate)]
    return tuple(found)


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()


def _rule(
    found: dict[Path, Field], row: Path, rule: Rule, tables: Tables, *, back: bool, lines: tuple[Line, ...]
) -> None:
    if rule.loop:
        inner = _row(row, rule.loop, rule.split)
        for child in rule.rules:
            held = (*lines, *_lines(inner, rule.when))
            _rule(found, inner, child, tables, back=back and rule.reverse, lines=held)
        return
    lines = (*lines, *_lines(row, rule.when))
    _condition(found, row, rule.when, back=back and rule.reverse)
    for source in rule.sources:
        at = _path(row, source)
        if at is None:
            table, first, column = source.partition("[1].")
            if rule.required and first:  # wanted in the first row of a table: here in each
                cell = (table.removeprefix("/"), ROW, column)
                found.setdefault(cell, Field(cell)).required = True
            continue
        known = found.setdefault(at, Field(at))
        known.read = True
        kind, argument = kind_of(rule)
        if known.kind == "text" and kind not in ONE_WAY:
            known.kind, known.argument = kind, argument
        local: dict[str, str] = argument if kind == "words" else tables.get(rule.translate or "", {})
        known.words += local
        known.meaning |= {word: str(meaning) for word, meaning in local.items()}
        if local and lines:
            known.tables.append((lines, tuple(local)))
        known.closed |= bool(local) and not lines
        known.required |= rule.required
        if back and rule.reverse:
            known.back = True
        elif rule.note:
            known.reasons.append(rule.note)


def kind_of(rule: Rule) -> tuple[str, Any]:
    """The rule's first transform and its argument; ``code`` for a code table, ``text`` for none."""
    plain: Any = rule.transform.plain if rule.transform else "text"
    first = plain[0] if isinstance(plain, list) else plain
    if isinstance(first, dict):
        ((name, argument),) = first.items()
        return str(name), argument
    return ("code" if rule.translate else str(first)), None


def _condition(found: dict[Path, Field], row: Path, when: Item | None, *, back: bool) -> None:
    """The words a condition table asks for are written back; the words it excludes may stand there all the same."""
    plain = when.plain if when is not None else None
    for name, wanted in plain.items() if isinstance(plain, dict) else ():
        at = _path(row, str(name))
        if at is None:
            continue
        known = found.setdefault(at, Field(at))
        asked = isinstance(wanted, dict)
        words: Any = [*wanted.values()] if asked and "not" not in wanted else wanted.get("not") if asked else wanted
        listed = [str(w) for w in (words if isinstance(words, list) else [words]) if w is not None]
        if listed not in (["present"], ["absent"]):
            known.words += [w for w in listed if w not in known.words]
            if not asked and len(listed) > 1:
                known.meaning |= dict.fromkeys(listed, listed[0])
            known.back |= back and not (asked and "not" in wanted)


def _row(row: Path, loop: str | None, split: str | None) -> Path:
    if loop is None:
        return row
    at = _path(row, loop)
    assert at is not None
    return at if split else (*at, ROW)


def _path(row: Path, text: str) -> Path | None:
    """None for what is no plain field: variables, the row itself, one chosen row of a list."""
    if text.startswith("$") or text == "." or "[" in text:
        return None
    base = () if text.startswith("/") else row
    return (*base, *(part.strip().strip("`") for part in text.removeprefix("/").split(".")))


# -- values -------------------------------------------------------------------------------------------------------

_LETTERS = st.characters(categories=("Lu", "Ll", "Lo", "Nd", "Po", "Sc"), exclude_characters='\\|^~&,;#"`\u0000')
words_ = st.text(_LETTERS, min_size=1, max_size=12).filter(lambda t: t.strip() == t and t not in ('""', "present"))
sentences = st.lists(words_, min_size=1, max_size=6).map(" ".join)
days = st.dates(date(1920, 1, 1), date(2030, 12, 31))
# From 03:00 on: at one and at two the clocks are changed, and an hour that comes twice has no one way back.
moments = st.builds(
    lambda day, minutes: datetime(day.year, day.month, day.day) + timedelta(hours=3, minutes=minutes),  # noqa: DTZ001
    days,
    st.integers(0, 20 * 60),
)


def value(of: Field) -> st.SearchStrategy[Any]:
    """A value the field may have, as its system writes it."""
    if of.words and (of.closed or not of.read):
        return st.sampled_from(sorted(set(of.words)))
    free = _ods_codes(of.path) if of.kind == "ods-code" else _free(of.kind, of.argument)
    return st.sampled_from(of.words) | free if of.words else free


def _free(kind: str, argument: Any) -> st.SearchStrategy[Any]:
    if kind in ("date", "datetime"):
        return _written(argument, clock=kind == "datetime")
    if kind == "boolean" and isinstance(argument, dict):
        return st.sampled_from([_first(argument["true"]), _first(argument["false"])])
    limits = argument if isinstance(argument, dict) else {}
    low, high = int(limits.get("min", 1)), int(limits.get("max", 99))
    whole = st.integers(low, high).map(str)
    separator = argument if isinstance(argument, str) else "\n"
    several = st.lists(words_, min_size=1, max_size=3).map(separator.join)
    simple: dict[str, st.SearchStrategy[Any]] = {
        "nhs-number": st.integers(0, 999_999).map(_nhs_number).filter(bool),
        "phone": st.integers(10**6, 10**9).map(lambda n: f"01632 {n}"),
        "postcode": st.builds("XX{} {}AB".format, st.integers(1, 99), st.integers(0, 9)),
        "boolean": st.sampled_from(["Yes", "No"]),
        "quantity": _decimals(low, high) | whole,
        "number": st.decimals(1, 99, places=2).map(str),
        "integer": whole,
        "split": several,
        "lines": several,
    }
    return simple.get(kind, sentences)


def _ods_codes(path: Path) -> st.SearchStrategy[str]:
    """Codes that no other field has: two organisations of one code are one, and come back as one."""
    letter = string.ascii_uppercase[crc32(".".join(path).encode()) % 26]
    return st.text(string.digits, min_size=3, max_size=4).map(lambda rest: f"V{letter}{rest}")


def _decimals(low: int, high: int) -> st.SearchStrategy[str]:
    return st.decimals(low, high, places=1).map(str)


def _first(words: Any) -> str:
    return str(words[0] if isinstance(words, list) else words)


def _written(argument: Any, *, clock: bool) -> st.SearchStrategy[str]:
    form = argument[0] if isinstance(argument, list) else argument
    form = str(form["format"] if isinstance(form, dict) else form)
    form = form.replace("'", "")
    python = {"uk": "%d/%m/%Y", "hl7": "%Y%m%d%H%M%S" if clock else "%Y%m%d"}.get(form, form)
    for token, code in (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S")):
        python = python.replace(token, code)
    drawn: st.SearchStrategy[Any] = moments if clock else days
    return drawn.map(lambda m: _iso(m) if form == "iso" else m.strftime(python))


def _iso(moment: Any) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00") if isinstance(moment, datetime) else moment.isoformat()


def _nhs_number(number: int) -> str:
    digits = f"999{number:06}"
    check = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
    return "" if check == 10 else digits + str(0 if check == 11 else check)


# -- trees --------------------------------------------------------------------------------------------------------


def trees(fields: Iterable[Field], lists: Iterable[Path]) -> st.SearchStrategy[Any]:
    """Record trees that hold the fields; ``lists`` are the paths that are lists even without ``*`` in a field."""
    listed = set(lists)
    return _tree(list(fields), (), listed)


def _tree(fields: list[Field], at: Path, lists: set[Path]) -> st.SearchStrategy[Any]:
    depth = len(at)
    must: dict[str, st.SearchStrategy[Any]] = {}
    may: dict[str, st.SearchStrategy[Any]] = {}
    names = dict.fromkeys(f.path[depth] for f in fields if len(f.path) > depth)
    for name in names:
        below = [f for f in fields if len(f.path) > depth and f.path[depth] == name]
        leaf = next((f for f in below if len(f.path) == depth + 1), None)
        if leaf is not None:
            (must if leaf.required or leaf.words else may)[name] = value(leaf)
        elif any(f.path[depth + 1] == ROW for f in below):
            row = _tree(below, (*at, name, ROW), lists).filter(bool)
            must[name] = st.lists(row, min_size=1, max_size=3)
        else:
            must[name] = _tree(below, (*at, name), lists).filter(bool)
    return st.fixed_dictionaries(must, optional=may)


def fitted(tree: Any, fields: Iterable[Field]) -> Any:
    """The tree with a word that its tables know in each field that is read by tables under conditions."""
    choosing = [f for f in fields if f.tables]
    for _ in range(4):  # a word may choose another table for its neighbours
        for of in choosing:
            for at in list(_cells(tree, of.path)):
                _fit(tree, of, at)
    return tree


def _fit(tree: Any, of: Field, at: SourcePath) -> None:
    rows = [step for step in at if isinstance(step, int)]
    node = follow(tree, at[:-1])
    said = _fold(str(node[at[-1]]))
    held = [words for lines, words in of.tables if all(line.holds(_text(tree, line.cell, rows)) for line in lines)]
    if held:
        known = [word for word in held[0] if all(word in words for words in held)] or held[0]
        if said not in map(_fold, known):
            node[at[-1]] = known[crc32(said.encode()) % len(known)]


def _cells(node: Any, path: Path, at: SourcePath = ()) -> Iterator[SourcePath]:
    """Every place of a field in a tree."""
    if not path:
        yield at
    elif path[0] == ROW:
        for number, row in enumerate(node if isinstance(node, list) else ()):
            yield from _cells(row, path[1:], (*at, number))
    elif isinstance(node, dict) and path[0] in node:
        yield from _cells(node[path[0]], path[1:], (*at, path[0]))


def _text(tree: Any, cell: Path, rows: list[int]) -> str:
    """What a cell says in the row, or rows within rows, at hand; nothing where it stands in another table's rows."""
    if cell.count(ROW) > len(rows):
        return ""
    numbers = iter(rows)
    said = follow(tree, tuple(next(numbers) if step == ROW else step for step in cell))
    return "" if said is None else str(said).strip()


def flat(node: Any, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every value of a tree by its field path; what is empty says nothing."""
    if isinstance(node, dict):
        for name, child in node.items():
            yield from flat(child, (*at, name))
    elif isinstance(node, list):
        for child in node:
            yield from flat(child, (*at, ROW))
    elif node not in (None, ""):
        yield at, str(node)
