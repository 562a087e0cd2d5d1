"""How far a long run has come, so that one that was killed goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from interop.cli.results import Place
from interop.errors import ContentError
from interop.outcome import Outcome
from interop.sources import SourceFile


@dataclass(slots=True)
class Journal:
    """What has been written for good.

    work      what the run is about: the mapping, its files and the input's, each with its digest
    now       the moment the run calls now; one that goes on keeps it, so that its bytes are those of one run
    done      how many results (records, and findings about whole files) have been written
    size      bytes of the NDJSON file that hold them
    sendable  how many of them may be sent
    findings  how often each finding was made: ``error csv-ragged-row``
    finished  the last record has been written
    """

    work: dict[str, str]
    now: str
    done: int = 0
    size: int = 0
    sendable: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    finished: bool = False

    def count(self, outcome: Outcome, *, sendable: bool) -> None:
        self.done += 1
        self.sendable += sendable
        self.findings.update(f"{issue.severity} {issue.code}" for issue in outcome)

    def save(self, path: Path) -> None:
        """On disk when this returns, whole or not at all."""
        beside = path.with_name(path.name + ".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump({name: getattr(self, name) for name in self.__slots__}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)


def resumed(path: Path, work: dict[str, str]) -> Journal | None:
    """The journal of an earlier run of the same work; None when there is none.

    Raises ContentError ``journal`` when it cannot be read, or was about other files or another mapping.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        journal = Journal(**{**found, "findings": Counter(found["findings"])})
        datetime.fromisoformat(journal.now)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        hint = "begin again without --resume"
        raise ContentError("is no journal of a run", code="journal", where=str(path), hint=hint) from None
    changed = sorted(name for name in journal.work.keys() | work.keys() if journal.work.get(name) != work.get(name))
    if changed:
        text = f"the run that stopped was about other input: {', '.join(changed[:5])} changed since"
        raise ContentError(text, code="journal", where=str(path), hint="begin again without --resume")
    return journal


def work_of(name: str, mapping: Path, files: Mapping[str, Path]) -> dict[str, str]:
    """What a run is about, as digests: its mapping with the pieces and code tables beside it, and its input."""
    folder = mapping.parent
    parts = [mapping, *sorted(folder.glob("pieces/*.yaml")), *sorted(folder.glob("codes/*.json"))]
    of_parts = {f"mapping {path.relative_to(folder)}": hashlib.sha256(path.read_bytes()).hexdigest() for path in parts}
    of_files = {f"file {file}": SourceFile(file, path).sha256 for file, path in files.items()}
    return {"mapping": name, **of_parts, **of_files}


@dataclass(frozen=True, slots=True)
class Task:
    """A run: its journal, where the journal lies (None: it is kept nowhere), and where the results go."""

    journal: Journal
    path: Path | None
    places: tuple[Place, ...]

    def keep(self, *, at_end: bool = False) -> None:
        """Everything so far on disk, and known to be. A run too short to be stopped leaves no journal."""
        self.journal.size = max((place.keep() for place in self.places), default=0)
        if self.path is not None and not (at_end and not self.path.exists()):
            self.journal.save(self.path)
