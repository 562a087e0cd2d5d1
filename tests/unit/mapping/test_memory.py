"""A mapping keeps nothing of the records it mapped: a million of them take the room of one."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

from interop.mapping import load

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 14, 3, tzinfo=UTC)


def test_memory_does_not_grow_with_the_records():
    mapping = load(ROOT / "mappings" / "care-home" / "red-bag.yaml")
    folder = ROOT / "examples" / "red-bag-journey" / "care-home"
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    (record,) = mapping.read(files).records

    def map_some(start: int, count: int) -> None:
        for number in range(start, start + count):
            tree = {name: dict(part) if isinstance(part, dict) else part for name, part in record.tree.items()}
            tree["resident"]["Surname"] = f"Ashworth {number} " + "x" * 1000
            tree["resident"]["DOB"] = f"{number % 28 + 1:02}/{number % 12 + 1:02}/{1900 + number % 100}"
            mapped = mapping.apply(type(record)(tree, record.files, f"{number}", record.pointer), now=NOW)
            assert mapped.bundle()["entry"]
            assert mapped.trace.find("Bundle.entry[0].resource.status") is not None
            assert mapped.issues is not None

    map_some(0, 20)
    gc.collect()
    tracemalloc.start()
    map_some(20, 5)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    map_some(25, 60)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 60 * 500  # one record's tree alone is far larger
