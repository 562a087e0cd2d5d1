"""Validation beside its peers, in one run on the same inputs: ``python tests/benchmarks/validate/bench.py``.

Every figure is a median over rounds; in each round every peer takes its turn, so that a machine that is slow for a
while is slow for all. Ratios are taken round by round. Time is CPU time of the peer's process (its collector and
compiler included), which a busy machine does not stretch. What a peer needs is installed below ``--build``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))
import inputs
from peers import PEERS, Running, UnavailableError

import interop

NAMES = {"careplan": "CarePlan", "bundle-50": "Bundle of 50 resources"}
MILLISECONDS = 400
COLD_RUNS = 11
SIZES = (100, 1_000, 10_000, 100_000)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build") / "bench-validate")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--package", type=Path, help="a profile package for the cold start with packages")
    chosen = parser.parse_args(arguments)
    build = chosen.build.resolve()
    inputs.write(build / "inputs")
    for line in (*_peers(build, chosen.rounds), *_cold(build, chosen.package), *_growth()):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return 0


def _peers(build: Path, rounds: int) -> Iterator[str]:
    running: list[Running] = []
    try:
        for peer in PEERS:
            try:
                running.append(Running.of(peer, build, build / "inputs"))
                _warm_up(running[-1])
            except (UnavailableError, OSError) as fault:
                running = [one for one in running if one.peer is not peer]
                yield f"{peer.name}: could not be had ({fault})"
        for _ in range(rounds):
            for name in NAMES:
                for one in running:
                    for mode in one.peer.modes:
                        one.micros.setdefault((name, mode), []).append(one.ask(name, mode, MILLISECONDS))
    finally:
        for one in running:
            one.stop()
    for name, title in NAMES.items():
        yield from _table(name, title, running)
    yield ""
    yield from (f"{one.peer.name} checks: {one.peer.checks}" for one in running)


def _warm_up(one: Running) -> None:
    for _ in range(3):
        for name in NAMES:
            for mode in one.peer.modes:
                one.ask(name, mode, 3 * MILLISECONDS)


def _table(name: str, title: str, running: Sequence[Running]) -> Iterator[str]:
    yield ""
    yield f"{title}: CPU microseconds for one, and how many times as long as ours"
    yield f"{'':32} {'version':>10} {'parsed':>10} {'ratio':>7} {'from text':>10} {'ratio':>7} {'errors':>7}"
    ours = running[0].micros
    for one in running:
        cells = []
        for mode in ("parsed", "text"):
            found = one.micros.get((name, mode))
            if found is None:
                cells += [f"{'-':>10}", f"{'-':>7}"]
                continue
            ratio = median(theirs / mine for theirs, mine in zip(found, ours[name, mode], strict=True))
            cells += [f"{median(found):>10,.0f}", f"{ratio:>6.1f}x"]
        yield f"{one.peer.name:32} {one.version:>10} {' '.join(cells)} {one.errors[name]:>7}"


def _cold(build: Path, package: Path | None) -> Iterator[str]:
    """Whole processes, from start to exit, with the machine's own accounting of time and memory."""
    command = [str(Path(sys.executable).with_name("interop")), "validate", str(build / "inputs" / "careplan.json")]
    cases = {
        "interop validate, one file": command,
        "python -c 'import interop'": [sys.executable, "-c", "import interop"],
    }
    if package is not None:
        cases[f"the same with {package.name}, again"] = [*command, "--package", str(package)]
    os.environ["INTEROP_CACHE_DIR"] = str(build / "cache")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its bytecode beside it
    subprocess.run([*command], capture_output=True, check=False)
    yield ""
    yield f"{'Cold process':42} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}"
    for title, words in cases.items():
        measuring = [sys.executable, str(Path(__file__).with_name("cold.py")), str(COLD_RUNS), *words]
        found = subprocess.run(measuring, capture_output=True, text=True, check=True)
        wall, cpu, peak = json.loads(found.stdout)
        yield f"{title:42} {wall:>8.3f} {cpu:>8.3f} {peak:>8.0f}"


def _growth() -> Iterator[str]:
    """Bundles in which every entry refers to another: the cost of an entry must not depend on their number.

    Beside it, what it costs to go to every value of the same Bundle and do nothing: data that no longer fits the
    processor's caches is slower to reach, whoever reaches for it.
    """
    judge = interop.validator()
    judge.validate(inputs.chain(10))
    yield ""
    heads = f"{'seconds':>8} {'µs/entry':>9} {'only going there':>17} {'ratio':>7}"
    yield f"{'Entries, one reference each to another':42} {heads}"
    for size in SIZES:
        bundle = inputs.chain(size)
        rounds = 7 if size < SIZES[-1] else 2
        ours = min(_seconds(lambda bundle=bundle: judge.validate(bundle)) for _ in range(rounds))
        bare = min(_seconds(lambda bundle=bundle: _visit(bundle)) for _ in range(rounds))
        assert judge.validate(bundle).ok
        micros = 1e6 / size
        yield f"{size:>42,} {ours:>8.3f} {ours * micros:>9.1f} {bare * micros:>17.1f} {ours / bare:>7.2f}"


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _visit(node: object) -> int:
    """How many values there are."""
    if isinstance(node, dict):
        return sum(map(_visit, node.values()))
    return sum(map(_visit, node)) if isinstance(node, list) else 1


if __name__ == "__main__":
    sys.exit(main())
