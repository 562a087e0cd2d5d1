"""Submits one record after the other until it is killed; every one of them has a consequence.

Started by test_consequences_crash.py; prints the number of each record once it is accepted.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType

from interop import events
from interop.desk import Desk
from interop.node import Node
from interop.pipeline import rules
from interop.practice.follow_up import FollowUp
from interop.reading import Document


def beside(name: str) -> ModuleType:
    """A file of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(folder: Path) -> None:
    events.configure(50)
    conftest, toys = beside("conftest"), beside("test_consequences")

    def rule(documents: Sequence[Document], now: datetime) -> Sequence[FollowUp]:
        return [toys.notice(documents[-1], toys.chair_of(documents[-1]), "RXE99")]

    rules.RULES = (rules.over("sits", ("day-room",), rule),)
    with Node.open(conftest.settings(folder)) as node:
        desk = Desk(node, "VNX01")
        number = len([m for m in desk.messages("out")["messages"] if m["kind"] == "day-room"])
        print("ready", flush=True)  # noqa: T201  it talks to the test through its output
        while True:
            at = f"2026-11-14 {number // 60 % 24:02}:{number % 60:02}"
            record = f"Resident,NHS,At,Chair\r\nRH-{number},9990000018,{at},{number}\r\n"
            desk.submit("home/day-room", {"day.csv": record.encode()})
            print(number, flush=True)  # noqa: T201
            number += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
