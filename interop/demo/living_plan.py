"""Home again, and life goes on: steps 8 and 9, a new care co-ordinator and a visit nobody made."""

from __future__ import annotations

from datetime import datetime

from interop.client import NodeClient
from interop.demo import story
from interop.demo.scene import Proved, Scene, acknowledged, expect, only, reasons, until
from interop.json_codec import JsonObject

HANDED_OVER = datetime(2026, 9, 2, 10, 30)  # noqa: DTZ001  as the home's clock on the wall showed it
"""When the new co-ordinator accepts: the days of both webs of care move with it."""
DIARY_READ = datetime(2026, 11, 28, 9, 0)  # noqa: DTZ001  the same
"""When what was done is entered into the diary: the missing visit had been told the day before."""


def coordinator_changes(scene: Scene) -> Proved:
    """8. A web of care with another co-ordinator than before: those around the person are told, once."""
    cast, records = scene.cast, scene.records.parent
    before, after = records / "coordinator-change" / "before", records / "care-team"
    with scene.client(cast.home) as home:
        for folder in (before, after, after):
            files = story.read(folder, scene.now, HANDED_OVER)
            files = {name: data for name, data in files.items() if name == "RH-014.json"}
            record = only(home.submit("care-home/care-team-json", files))
            expect(record["status"] in ("recorded", "queued"), f"the web was {record['status']}: {reasons(record)}")
        notices = _sent(home, "coordinator-notice")
        expect(len(notices) > 0, "nobody was told of the new co-ordinator")
        reached = [n for n in notices if n["deliveries"]]
        expect(len(reached) == 1, f"{len(reached)} notices went out: wanted one, to the practice that can be reached")
        rungs = acknowledged(scene, cast.home, reached[0]["id"])
        alarms = [a for a in home.status()["alarms"] if a["code"] == "follow-up-recipient-unknown"]
    with scene.client(cast.gp) as gp:
        arrived = until(lambda: _received(gp, "coordinator-notice"), "the practice has no notice")
        page = scene.keep("web-of-care/as-the-practice-reads-it.html", gp.page(arrived["id"]).encode())
    proof = (
        f"{len(notices)} notices made; {len(alarms)} raise an alarm: no way is known to those organisations",
        "the same web of care sent once more: no second notice",
        *(f"{who}: {' → '.join(ladder)}" for who, ladder in rungs.items()),
    )
    return proof, (page,)


def visit_missed(scene: Scene) -> Proved:
    """9. A visit nobody made alerts once; entered the next day, the alert is taken back."""
    cast, diary = scene.cast, scene.records.parent / "care-diary"
    with scene.client(cast.home) as home:
        counted = []
        for day in ("today", "today", "next-day"):
            record = only(home.submit("care-home/diary", story.read(diary / day, scene.now, DIARY_READ)))
            expect(record["status"] in ("recorded", "queued"), f"the diary was {record['status']}: {reasons(record)}")
            counted.append((len(_sent(home, "missed-visit")), len(_sent(home, "visit-corrected"))))
        page = scene.keep("diary/week.html", home.page(record["id"]).encode())
    (missed, _), again, (_, corrected) = counted
    expect(missed > 0, "no visit was found to be missed")
    expect(again == (missed, 0), f"{missed} missed visits were told as {again}")
    expect(corrected == 1, f"the visit entered later was taken back {corrected} times")
    proof = (
        f"window and grace over and nobody came: {missed} alert{'s' if missed > 1 else ''}, one a visit",
        "the same diary once more: no second alert",
        "entered the next day: one correction, and the page says done",
    )
    return proof, (page,)


def _sent(home: NodeClient, kind: str) -> list[JsonObject]:
    return [message for message in home.messages("out")["messages"] if message["kind"] == kind]


def _received(there: NodeClient, kind: str) -> JsonObject | None:
    return next((message for message in there.messages("in")["messages"] if message["kind"] == kind), None)
