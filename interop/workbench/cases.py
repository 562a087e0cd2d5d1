"""Cases beside a mapping: input files and what is expected of them, as data that anyone can read and add.

    mappings/<system>/cases/<event>/<case>/     the input files, and
        expected.json    {"about": …, "now": …, "base": "../other-case", "issues": […], "records": {KEY: {
                              "values": {FHIRPath: value}, "valid": true, "issues": […], "reverse": {path: value}}}}

``valid`` says whether the Bundle passes R4 and the profiles it claims. ``base`` names a case whose input files are
used where this one has none of the same name. Findings of severity warning and worse must be expected; values are
asked only where the case asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from interop.errors import ContentError
from interop.json_codec import Json, JsonObject, dumps, loads
from interop.mapping import Mapping
from interop.sources import SourceRecord
from interop.workbench.expectation import (
    Failure,
    Judge,
    drafted,
    failures_of,
    issue_failures,
    issues_that_matter,
    refreshed,
)

EXPECTED = "expected.json"
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
"""The moment of mapping in a case that names none."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case. ``name``: ``care-home/red-bag: edith``."""

    mapping: str
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.mapping}: {self.folder.name}"


@dataclass(slots=True)
class Ran:
    """What a case showed. ``asked``: how many expectations it holds; ``drafted``: it had none and was given some."""

    case: Case
    about: str = ""
    asked: int = 0
    failures: list[Failure] = field(default_factory=list)
    updated: bool = False
    drafted: bool = False

    @property
    def ok(self) -> bool:
        return not self.failures

    def as_json(self) -> JsonObject:
        return {
            "case": self.case.name,
            "folder": str(self.case.folder),
            "about": self.about,
            "asked": self.asked,
            "ok": self.ok,
            "failures": [failure.as_json() for failure in self.failures],
            **({"updated": True} if self.updated else {}),
            **({"drafted": True} if self.drafted else {}),
        }


def cases_of(name: str, path: Path) -> tuple[Case, ...]:
    """The cases of the mapping at ``path``, by name."""
    shelf = path.parent / "cases" / path.stem
    if not shelf.is_dir():
        return ()
    folders = sorted(f for f in shelf.iterdir() if f.is_dir() and not f.name.startswith((".", "_")))
    return tuple(Case(name, folder) for folder in folders)


def run_case(case: Case, mapping: Mapping, *, judge: Judge | None = None, update: bool = False) -> Ran:
    """Map the case's files and compare. ``update`` writes today's answers into ``expected.json``.

    judge  the validator; without one a case that asks whether the Bundle is valid fails

    Raises ContentError for a case that cannot be read.
    """
    path = case.folder / EXPECTED
    expected = _read(path) if path.is_file() else {}
    if not expected and not update:
        failure = Failure("", EXPECTED, "a file of that name", None)
        return Ran(case, "no expectation yet: run with --update, then read what it wrote", 0, [failure])
    ran = Ran(case, str(expected.get("about", "")), drafted=not expected)
    made = _Answers(case, mapping, expected, judge)
    ran.asked = made.asked()
    ran.failures = list(made.failures())
    if update and (ran.failures or not expected):
        path.write_bytes(dumps(made.written(), indent=True) + b"\n")
        ran.updated, ran.failures = True, []
    return ran


class _Answers:
    """A case's records mapped, beside what is expected of them."""

    def __init__(self, case: Case, mapping: Mapping, expected: JsonObject, judge: Judge | None):
        self.expected = expected
        self.judge = judge
        self.mapping = mapping
        self.now = _moment(expected.get("now"), case.folder)
        reading = mapping.read(files_of(case.folder))
        self.records = {key: mapping.apply(record, now=self.now) for key, record in _keyed(reading)}
        self.issues = tuple(reading.issues)

    @property
    def wanted(self) -> JsonObject:
        records = self.expected.get("records")
        return records if isinstance(records, dict) else {}

    def asked(self) -> int:
        parts = (
            expected.get(name) or () for expected in self.wanted.values() for name in ("values", "issues", "reverse")
        )
        judged = sum("valid" in expected for expected in self.wanted.values())
        return sum(len(part) for part in parts) + len(self.expected.get("issues") or ()) + judged

    def failures(self) -> Iterator[Failure]:
        yield from issue_failures("", self.expected.get("issues") or [], self.issues)
        for key, expected in self.wanted.items():
            if key in self.records:
                yield from failures_of(key, expected, self.records[key], self.mapping, self.judge)
            else:
                yield Failure(key, "record", "one of this key", f"only {', '.join(self.records) or 'none'}")
        for key in self.records:
            if key not in self.wanted:
                yield Failure(key, "record", None, "a record nobody expects")

    def written(self) -> JsonObject:
        """The expectation with today's answers."""
        made: JsonObject = {"about": "TODO: say in one sentence what this case shows", "now": self.now.isoformat()}
        made |= {name: value for name, value in self.expected.items() if name not in ("issues", "records")}
        made["issues"] = issues_that_matter(self.issues)
        records: dict[str, Json] = {}
        for key, mapped in self.records.items():
            known = self.wanted.get(key)
            records[key] = (
                drafted(mapped, self.judge) if known is None else refreshed(known, mapped, self.mapping, self.judge)
            )
        return made | {"records": records}


def _keyed(records: Iterable[SourceRecord]) -> Iterator[tuple[str, SourceRecord]]:
    """Each record by its key; a second one of the same key gets a number."""
    seen: Counter[str] = Counter()
    for record in records:
        seen[record.key] += 1
        yield (record.key if seen[record.key] == 1 else f"{record.key} ({seen[record.key]})"), record


def files_of(folder: Path, trail: tuple[Path, ...] = ()) -> dict[str, bytes]:
    """The input files of a case, those of its base beneath them. Raises ContentError for a base that is none."""
    if folder in trail:
        raise ContentError("the cases are based on each other in a circle", where=str(folder))
    if not folder.is_dir():
        raise ContentError("there is no such case to base another on", where=str(folder))
    path = folder / EXPECTED
    base = _read(path).get("base") if path.is_file() else None
    found = files_of((folder / str(base)).resolve(), (*trail, folder)) if base else {}
    inputs = (p for p in sorted(folder.iterdir()) if p.is_file() and p.name != EXPECTED)
    return found | {p.name: p.read_bytes() for p in inputs if not p.name.startswith((".", "README"))}


def _read(path: Path) -> JsonObject:
    found = loads(path.read_bytes(), file=str(path))
    if not isinstance(found, dict):
        raise ContentError("an expectation is an object", where=str(path))
    return found


def moment_of(case: Case) -> datetime:
    """When the case is mapped. Raises ContentError for a moment that is none."""
    path = case.folder / EXPECTED
    return _moment(_read(path).get("now") if path.is_file() else None, case.folder)


def _moment(value: Json, folder: Path) -> datetime:
    if value is None:
        return NOW
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ContentError(f"`now` is {value!r}, wanted a moment with its offset", where=str(folder / EXPECTED))
    return moment
