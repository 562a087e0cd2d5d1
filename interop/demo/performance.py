"""The performance: the nine steps played, counted, and left for people to look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from interop import narrative
from interop.catalogue import shipped
from interop.demo.cast import Cast, gather
from interop.demo.journey import ACTS, Scene, Step, play
from interop.demo.line import Line
from interop.demo.nodes import running
from interop.demo.tally import tally
from interop.errors import InteropError
from interop.json_codec import JsonObject


@dataclass(frozen=True)
class Played:
    """A performance. ``fault``: what stopped it before its end. ``processes``: ODS code → process id."""

    cast: Cast
    steps: tuple[Step, ...]
    numbers: JsonObject
    page: Path
    fault: InteropError | None
    processes: Mapping[str, int | None]


def perform(out: Path, *, keep: bool, tell: Callable[[Step], None]) -> Played:
    """Play all steps with three nodes under ``out``; ``tell`` hears of each as it is done.

    The numbers are those of ``interop demo --json``. ``keep`` leaves the nodes running.
    """
    started = time.monotonic()
    examples = (shipped("examples") / "red-bag-journey").resolve()
    cast = gather((out / "nodes").resolve(), examples)
    line = Line(cast.hospital.door, cast.hospital.port)
    with running(cast, keep=keep) as processes:
        scene = Scene(cast, processes, line, examples, out, datetime.now(UTC))
        steps, fault = _play(scene, tell)
        numbers = _numbers(cast, steps, fault)
        page = _write(out, cast, steps, numbers)
        numbers["seconds"] = round(time.monotonic() - started, 1)
        numbers["files"] = [*sorted(str(out / name) for step in steps for name in step.files), str(page)]
        numbered = {member.ods: processes.number(member) for member in cast.members}
    return Played(cast, steps, numbers, page, fault, numbered)


def _play(scene: Scene, tell: Callable[[Step], None]) -> tuple[tuple[Step, ...], InteropError | None]:
    steps: list[Step] = []
    try:
        for step in play(scene):
            steps.append(step)
            tell(step)
    except InteropError as fault:
        return tuple(steps), fault
    return tuple(steps), None


def _numbers(cast: Cast, steps: tuple[Step, ...], fault: InteropError | None) -> JsonObject:
    counted = tally(cast)
    whole = fault is None and len(steps) == len(ACTS)
    complete = whole and counted["lost"] == 0 and counted["duplicate_effects"] == 0
    return {"complete": complete, **counted}


def _write(out: Path, cast: Cast, steps: tuple[Step, ...], numbers: JsonObject) -> Path:
    path = out / "journey.html"
    path.write_text(narrative.journey_page(journey(cast, steps, numbers)), encoding="utf-8")
    return path


def journey(cast: Cast, steps: tuple[Step, ...], numbers: JsonObject) -> JsonObject:
    """The shape ``narrative.journey_page`` draws."""
    return {
        "title": "A red bag goes to hospital, a discharge comes home",
        "zone": "Europe/London",
        "complete": numbers["complete"],
        "organisations": [{"ods": m.ods, "name": m.name, "role": m.role} for m in cast.members],
        "counters": numbers,
        "steps": [
            {
                "time": step.at.isoformat(timespec="seconds"),
                "from": step.sender.ods,
                "to": [member.ods for member in step.receivers],
                "what": step.title,
                "status": "done",
                "evidence": list(step.proof),
                "files": [{"label": name, "href": name} for name in step.files],
            }
            for step in steps
        ],
    }
