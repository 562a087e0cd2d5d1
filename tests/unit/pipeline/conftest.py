"""Three organisations on one node, a clock that moves when told, and a very small document: who sits in which chair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from interop.desk import Desk
from interop.json_codec import JsonObject
from interop.node import Node
from interop.pipeline import rules
from interop.settings import Settings

MAPPING = """\
mapping: home/{kind}
version: "1"
title: Who sits where
source:
  format: tables
  zone: Europe/London
  tables: {{day: {{file: day.csv, key: Resident, one: true}}}}
bundle:
  type: collection
  kind: {kind}
  person: patient
  identity: [day.Resident, day.At]
  time: {{source: day.At, transform: {{datetime: "yyyy-MM-dd HH:mm"}}}}
groups:
  - group: patient
    create: Patient
    identity: [day.NHS]
    rules:
      - {{value: https://fhir.nhs.uk/Id/nhs-number, target: "identifier[nhs].system"}}
      - {{source: day.NHS, target: "identifier[nhs].value", transform: nhs-number}}
      - {{source: day.Chair, target: "address[0].text"}}
"""


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **spans: float) -> None:
        self.at += timedelta(**spans)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def settings(folder: Path) -> Settings:
    for kind in ("day-room", "night-room"):
        (folder / "mappings" / "home").mkdir(parents=True, exist_ok=True)
        (folder / "mappings" / "home" / f"{kind}.yaml").write_text(MAPPING.format(kind=kind), encoding="utf-8")
    table: dict[str, Any] = {
        "node": {"name": "Hub"},
        "mappings": ["mappings"],
        "organisations": [
            {"ods": "VNX01", "name": "Rosewood House", "role": "care-home"},
            {"ods": "RXE99", "name": "St Elsewhere's", "role": "hospital"},
            {"ods": "Y99901", "name": "Mill Lane", "role": "gp"},
        ],
    }
    return Settings.of(table, folder=folder)


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Node]:
    with Node.open(settings(tmp_path), clock=clock) as node:
        yield node


Sit = Callable[..., JsonObject]


@pytest.fixture
def sit(hub: Node) -> Sit:
    """``sit("by the window", at="10:00")``: what became of the record that says so."""

    def submitted(
        chair: str, at: str = "10:00", *, ods: str = "VNX01", kind: str = "day-room", nhs: str = "9990000018"
    ) -> JsonObject:
        body = f"Resident,NHS,At,Chair\r\nRH-{nhs[-3:]},{nhs},2026-11-14 {at},{chair}\r\n".encode()
        (record,) = Desk(hub, ods).submit(f"home/{kind}", {"day.csv": body})["records"]
        assert record["status"] == "recorded", record["issues"]
        found: JsonObject = record
        return found

    return submitted


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Only these rules are asked."""

    def put(*wanted: rules.Registered) -> None:
        monkeypatch.setattr(rules, "RULES", wanted)

    return put
