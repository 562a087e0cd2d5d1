"""What the steps of the demo share: the cast, the wire, the records, and how a step proves that it happened."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from interop.client import NodeClient
from interop.demo import story
from interop.demo.cast import Cast, Member
from interop.demo.line import Line
from interop.demo.nodes import Processes, client
from interop.errors import InteropError
from interop.json_codec import JsonObject

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
Proved = tuple[tuple[str, ...], tuple[str, ...]]
"""What a node said that shows the step happened, and the files it left."""


class StoryError(InteropError):
    """A step of the demo did not happen as it must."""

    code = "demo"


@dataclass(frozen=True)
class Step:
    """One step that happened. ``proof``: what a node said that shows it. ``at``: when it was done."""

    number: int
    title: str
    sender: Member
    receivers: tuple[Member, ...]
    proof: tuple[str, ...]
    at: datetime
    files: tuple[str, ...] = ()


@dataclass
class Scene:
    """What the steps share: the cast, the wire, the story's records, and where pages go.

    line  the wire to the hospital; None on a hub, where there is none to cut
    """

    cast: Cast
    processes: Processes
    line: Line | None
    records: Path
    output: Path
    now: datetime
    bag: JsonObject = field(default_factory=dict)

    def client(self, member: Member) -> NodeClient:
        return client(member)

    def files(self, name: str) -> dict[str, bytes]:
        return story.read(self.records / name, self.now)

    def keep(self, name: str, body: bytes) -> str:
        path = self.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return name


def acknowledged(scene: Scene, member: Member, message: str) -> dict[str, list[str]]:
    """Wait until every recipient's organisation has accepted; each one's ladder of rungs."""

    def accepted() -> JsonObject | None:
        with scene.client(member) as client:
            story = client.message(message)
        return story if all(d["state"] == "acknowledged" for d in story["deliveries"]) else None

    story = until(accepted, f"message {message} was not acknowledged")
    return {
        name_of(scene.cast, d["recipient"]): [
            rung["rung"] + (f" ({rung['code']})" if rung["code"] else "") for rung in d["rungs"]
        ]
        for d in story["deliveries"]
    }


def until(found: Callable[[], T | None], complaint: str) -> T:
    """The first answer that is true, looking ten times a second."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not (answer := found()):
        if time.monotonic() > give_up:
            raise StoryError(f"{complaint} within {PATIENCE_SECONDS:.0f} seconds")
        time.sleep(0.1)
    return answer


def expect(truth: bool, complaint: str) -> None:
    if not truth:
        raise StoryError(complaint)


def only(answer: JsonObject) -> JsonObject:
    records = answer["records"]
    expect(len(records) == 1, f"expected one record, found {[(r['key'], r['status']) for r in records]}")
    record: JsonObject = records[0]
    return record


def reasons(record: JsonObject) -> str:
    errors = [i for i in record["issues"] if i["severity"] in ("fatal", "error")]
    return "; ".join(f"{i.get('source') or i.get('expression', '')}: {i['text']}" for i in errors)


def document_of(message: JsonObject) -> JsonObject:
    return next(e["resource"] for e in message["entry"] if e["resource"]["resourceType"] == "Bundle")


def name_of(cast: Cast, ods: str) -> str:
    return next((m.name for m in cast.members if m.ods == ods), ods)
