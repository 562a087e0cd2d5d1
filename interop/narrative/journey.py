"""The timeline of one person's journey between organisations, as a page anyone can follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interop.json_codec import Json, JsonObject
from interop.narrative.pages import render, style
from interop.narrative.presentation import STANDARD, Presentation
from interop.reading.dates import Calendar
from interop.reading.nodes import as_text, child, children, text, texts

MARKS = {"done": "✓ Done", "failed": "✗ Failed", "waiting": "… Waiting", "skipped": "Skipped"}
WIDTH, LANE_TOP, ROW = 760, 64, 62


@dataclass(frozen=True, slots=True)
class Lane:
    """One organisation's line in the drawing, x in pixels."""

    ods: str
    name: str
    role: str
    x: int


@dataclass(frozen=True, slots=True)
class Evidence:
    words: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``arrows``: x pairs in the drawing; none means it happened inside ``start``."""

    number: int
    time: str
    what: str
    detail: str | None
    parties: str
    status: str
    mark: str
    evidence: tuple[Evidence, ...]
    y: int
    start: int
    arrows: tuple[tuple[int, int], ...]


def journey_page(journey: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page: a drawing of who told whom, then each step with its evidence.

    journey:
      title          page heading; default "The journey"
      person         whom it is about, in words (optional)
      zone           IANA time zone of the clock shown; default Europe/London
      complete       true when every step happened (optional)
      organisations  [{"ods": "VNX01", "name": "Rosewood House", "role": "Care home"}, …] in drawing order
      counters       {"sent": 9, "obligations": {"kept": 1, "late": 0}, …}: numbers or one level of nested numbers
      steps          [{"time": ISO date-time, "from": "VNX01", "to": "RXE99" or ["RXE99", "Y99901"],
                       "what": one sentence, "detail": more words (optional),
                       "status": "done" | "failed" | "waiting" | "skipped",
                       "evidence": [words, or {"text": words, "href": link}],
                       "files": [{"label": words, "href": link relative to the page}]}, …]
    Anything missing says "not recorded"; anything else is ignored; an unsafe link becomes plain words.
    """
    calendar = Calendar.of(text(journey, "zone"))
    lanes = _lanes(children(journey, "organisations"), children(journey, "steps"))
    steps = [_step(number, node, lanes, calendar) for number, node in enumerate(children(journey, "steps"), start=1)]
    finished = journey.get("complete")
    return render(
        "journey.html",
        style=style,
        presentation=presentation,
        title=text(journey, "title") or "The journey",
        person=text(journey, "person"),
        verdict={True: "Complete: every step happened.", False: "NOT complete: see the steps below."}.get(finished)
        if isinstance(finished, bool)
        else None,
        lanes=lanes,
        steps=steps,
        counters=_counters(child(journey, "counters")),
        size=(WIDTH, LANE_TOP + ROW * max(len(steps), 1) + 16),
        top=LANE_TOP,
    )


def _lanes(organisations: Sequence[JsonObject], steps: Sequence[JsonObject]) -> list[Lane]:
    known = {text(node, "ods") or text(node, "name") or "": node for node in organisations}
    for step in steps:
        for ods in (*texts(step, "from"), *texts(step, "to")):
            known.setdefault(ods, {"ods": ods})
    width = WIDTH // max(len(known), 1)
    return [
        Lane(ods, text(node, "name") or ods or "not recorded", text(node, "role") or "", width * index + width // 2)
        for index, (ods, node) in enumerate(known.items())
    ]


def _step(number: int, node: JsonObject, lanes: Sequence[Lane], calendar: Calendar) -> Step:
    places = {lane.ods: lane for lane in lanes}
    sender = places.get(text(node, "from") or "")
    receivers = [places[ods] for ods in texts(node, "to") if ods in places]
    start = sender.x if sender else (receivers[0].x if receivers else WIDTH // 2)
    status = text(node, "status") or "not recorded"
    names = [lane.name for lane in receivers if lane is not sender]
    parties = " → ".join(part for part in (sender.name if sender else "", " and ".join(names)) if part)
    shown = [_evidence(item) for item in _listed(node, "evidence")]
    shown += [_evidence(item) for item in _listed(node, "files")]
    return Step(
        number=number,
        time=calendar.show(text(node, "time")) or "time not recorded",
        what=text(node, "what") or "not recorded",
        detail=text(node, "detail"),
        parties=parties or "parties not recorded",
        status=status,
        mark=MARKS.get(status, status),
        evidence=tuple(item for item in shown if item.words),
        y=LANE_TOP + ROW * (number - 1) + ROW // 2,
        start=start,
        arrows=tuple((start, lane.x) for lane in receivers if lane.x != start),
    )


def _listed(node: JsonObject, name: str) -> list[Json]:
    found = node.get(name)
    return found if isinstance(found, list) else [found] if found else []


def _evidence(item: Json) -> Evidence:
    if isinstance(item, dict):
        words = text(item, "text") or text(item, "label") or text(item, "href") or ""
        return Evidence(words, text(item, "href"))
    return Evidence(as_text(item) or "", None)


def _counters(node: JsonObject) -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for name, value in node.items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        flat += [(f"{name} {key}".strip().replace("_", " "), shown) for key, v in inner if (shown := as_text(v))]
    return flat
