"""A draft tried out on its own samples before anybody sees it, and written to its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from interop.definitions import Definitions
from interop.errors import ContentError
from interop.json_codec import JsonObject
from interop.workbench.check import check
from interop.workbench.draft.drafting import Draft
from interop.workbench.draft.sampling import ENOUGH


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether the draft compiles, the records it maps, the findings by code."""

    faults: tuple[str, ...]
    records: int = 0
    findings: Mapping[str, int] | None = None

    @property
    def compiles(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        if self.faults:
            return "the draft does not compile: " + "; ".join(self.faults)
        told = ", ".join(f"{count} {code}" for code, count in (self.findings or {}).items())
        noun = "record" if self.records == 1 else "records"
        return f"the draft compiles and maps {self.records} {noun}" + (f" ({told})" if told else "")

    def as_json(self) -> JsonObject:
        return {
            "compiles": self.compiles,
            "faults": list(self.faults),
            "records": self.records,
            "findings": dict(self.findings or {}),
        }


def tried(draft: Draft, files: Mapping[str, bytes], definitions: Definitions, *, now: datetime) -> Trial:
    """Compile the draft in a folder of its own, and map the samples."""
    with TemporaryDirectory() as folder:
        path = Path(folder, *draft.name.split("/")).with_suffix(".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(draft.text, encoding="utf-8")
        found = check(path, definitions)
    if found.mapping is None:
        return Trial(tuple(str(fault) for fault in found.faults))
    codes: Counter[str] = Counter()
    records = 0
    for record in islice(found.mapping.stream(files), ENOUGH):
        mapped = found.mapping.apply(record, now=now)
        mapped.bundle()
        records += 1
        codes.update(issue.code for issue in mapped.issues)
    return Trial((), records, dict(codes.most_common()))


def written(draft: Draft, out: Path) -> Iterator[Path]:
    """Write the draft and the stubs of its code tables; what is there already stays. Raises ContentError."""
    if out.exists():
        raise ContentError(
            "is there already; a draft never overwrites a mapping", where=str(out), hint="name a new file"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(draft.text, encoding="utf-8")
    yield out
    for name, data in draft.code_tables.items():
        path = out.parent / "codes" / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
            yield path
