"""Mapping beside its peers, in one run on the same record: ``python tests/benchmarks/map/bench.py``.

Every figure is a median over rounds; in each round every peer takes its turn, so that a machine that is slow for a
while is slow for all. Ratios are taken round by round. Time is CPU time of this process. What a peer makes is compared
with what the plain function makes before it is measured. What a peer needs is installed below ``--build``.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import record
from peers import PEERS, UnavailableError, plain

from interop.mapping import Mapped, Mapping, load
from interop.mapping.run import Run
from interop.sources import SourceRecord

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 14, 3, tzinfo=UTC)
MILLISECONDS = 60

Work = Callable[[], Any]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build") / "bench-map")
    parser.add_argument("--rounds", type=int, default=21)
    chosen = parser.parse_args(arguments)
    build = chosen.build.resolve()
    build.mkdir(parents=True, exist_ok=True)
    for line in (*_care_plan(build, chosen.rounds), *_red_bag(chosen.rounds), *_loading()):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return 0


def _care_plan(build: Path, rounds: int) -> Iterator[str]:
    release, written = plain()
    wanted = written(record.RECORD)
    works: dict[str, tuple[str, Work]] = {"plain Python": (release, lambda: written(record.RECORD))}
    works |= _ours(build, wanted)
    for name, make in PEERS.items():
        try:
            release, peer = make(build)
        except UnavailableError as fault:
            yield f"{name}: could not be had ({fault})"
            continue
        made = peer(record.RECORD)
        if made != wanted:
            yield f"{name}: makes something else, not measured"
            continue
        works[name] = release, _bound(peer)
    micros = _measured({name: work for name, (_, work) in works.items()}, rounds)
    yield ""
    yield f"Record of {len(record.RECORD)} fields to a CarePlan: CPU microseconds for one"
    yield f"{'':44} {'version':>9} {'µs':>9} {'to plain':>9} {'to interop':>10}"
    for name, found in micros.items():
        ratios = (_ratio(found, micros["plain Python"]), _ratio(found, micros[LINEAGE]))
        yield f"{name:44} {works[name][0]:>9} {median(found):>9.1f} {ratios[0]:>8.1f}x {ratios[1]:>9.2f}x"


LINEAGE = "interop, lineage on"


def _ours(build: Path, wanted: Any) -> dict[str, tuple[str, Work]]:
    path = build / "bench" / "care-plan.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(record.mapping_file(), encoding="utf-8")
    mapping = load(path)
    given = SourceRecord(dict(record.RECORD), (), "1", _nowhere)
    (made,) = mapping.apply(given, now=NOW).resources
    if {key: value for key, value in made.resource.items() if key != "id"} != wanted:
        raise AssertionError("our own mapping makes something else than the plain function")
    return {
        LINEAGE: ("", lambda: mapping.apply(given, now=NOW)),
        "interop, lineage off": ("", lambda: _bare(mapping, given)),
        "interop, every value's origin asked for": ("", lambda: _asked(mapping.apply(given, now=NOW))),
    }


def _nowhere(path: Any) -> Any:
    return path


def _bare(mapping: Mapping, given: SourceRecord) -> Any:
    """The same resources with the same ids and findings, and nothing kept to ask afterwards."""
    run = Run(given, NOW, mapping.name)
    if mapping.shape.members:
        run.issues += mapping.shape.faults(run)
    entries, _ = mapping.forward.resources(run)
    return entries, mapping.forward.document(run, "urn:uuid:x")


def _asked(mapped: Mapped) -> int:
    return sum(1 for entry in mapped.resources for _ in mapped.trace.values(entry.full_url))


def _bound(peer: Callable[[Any], Any]) -> Work:
    return lambda: peer(record.RECORD)


def _red_bag(rounds: int) -> Iterator[str]:
    mapping = load(ROOT / "mappings" / "care-home" / "red-bag.yaml")
    folder = ROOT / "examples" / "red-bag-journey" / "care-home"
    given = next(iter(mapping.read({path.name: path.read_bytes() for path in folder.iterdir()}).records))
    mapped = mapping.apply(given, now=NOW)
    works: dict[str, Work] = {
        "lineage off": lambda: _bare(mapping, given),
        "lineage on": lambda: mapping.apply(given, now=NOW),
        "... and the document Bundle": lambda: mapping.apply(given, now=NOW).bundle(),
        "... and what nobody read": lambda: _whole(mapping.apply(given, now=NOW)),
        "... and every value's origin asked for": lambda: _asked(mapping.apply(given, now=NOW)),
    }
    micros = _measured(works, rounds)
    yield ""
    yield f"Red bag record to {len(mapped.bundle()['entry'])} resources, ids and references done: one core"
    yield f"{'':44} {'ms':>9} {'per second':>12} {'to off':>9}"
    for name, found in micros.items():
        ratio = _ratio(found, micros["lineage off"])
        yield f"{name:44} {median(found) / 1000:>9.2f} {1e6 / median(found):>12,.0f} {ratio:>8.2f}x"


def _whole(mapped: Mapped) -> Any:
    return mapped.bundle(), mapped.issues


def _loading() -> Iterator[str]:
    path = ROOT / "mappings" / "care-home" / "red-bag.yaml"
    times = []
    for _ in range(7):
        started = time.process_time()
        load(path)
        times.append(time.process_time() - started)
    yield ""
    yield f"Loading and checking that mapping with its pieces and code tables: {median(times):.3f} s CPU"


def _measured(works: dict[str, Work], rounds: int) -> dict[str, list[float]]:
    """Microseconds of one run of each, round by round."""
    counts = {name: _count(work) for name, work in works.items()}
    micros: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()
            started = time.process_time()
            for _ in range(counts[name]):
                work()
            micros[name].append((time.process_time() - started) / counts[name] * 1e6)
    return micros


def _count(work: Work) -> int:
    """How often a piece of work fits into a turn; it is warm afterwards."""
    for _ in range(20):
        work()
    started = time.process_time()
    work()
    return max(1, round(MILLISECONDS / 1000 / max(time.process_time() - started, 1e-6)))


def _ratio(one: Sequence[float], other: Sequence[float]) -> float:
    return median(mine / theirs for mine, theirs in zip(one, other, strict=True))


if __name__ == "__main__":
    sys.exit(main())
