"""The bag as it left against the bag as it came back: returned, missing, extra, or not checked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.reading import Document
from interop.reading.belongings import Checklist, Item, checklists, folded


@dataclass(frozen=True, slots=True)
class BelongingsLine:
    """One thing in the bag.

    status     returned, missing (none or fewer came back), extra (more, or never went), not-checked (no list to say)
    went, came_back  how many, as written; None when it was not in that list
    """

    status: str
    name: str
    went: str | None
    came_back: str | None
    note: str | None
    issue: Issue | None = None


def belongings(before: JsonObject, after: JsonObject) -> tuple[BelongingsLine, ...]:
    """Compare the latest checklist of each document, in the order of the first; what only came back follows.

    Silence is not loss: an item is "missing" only where the second checklist says "no" or counts fewer. Without a
    second checklist, or where it leaves out the item or the tick, the item is "not-checked", and the note says which.
    """
    first, second = Document.of(before), Document.of(after)
    packed, returned = _latest(first), _latest(second)
    went = [item for item in packed.items if item.in_bag] if packed else []
    if returned is None:
        return tuple(
            BelongingsLine("not-checked", item.name, _number(item), None, None, _unchecked(item)) for item in went
        )
    waiting: dict[str, list[Item]] = {}
    for item in returned.items:
        waiting.setdefault(folded(item.name), []).append(item)
    place = second.place(returned.resource)
    lines = [_line(item, _next(waiting, item), place) for item in went]
    extra = [item for items in waiting.values() for item in items if item.in_bag]
    return (*lines, *(BelongingsLine("extra", item.name, None, _number(item), item.note) for item in extra))


def _latest(document: Document) -> Checklist | None:
    found = checklists(document)
    return found[-1] if found else None


def _next(waiting: dict[str, list[Item]], item: Item) -> Item | None:
    """The next line of the second list about the same thing; each line answers one."""
    same = waiting.get(folded(item.name))
    return same.pop(0) if same else None


def _line(went: Item, back: Item | None, place: str) -> BelongingsLine:
    sent = _number(went)
    if back is None:
        return BelongingsLine("not-checked", went.name, sent, None, "not on the list that came back", _unchecked(went))
    if back.present is None:
        return BelongingsLine("not-checked", went.name, sent, None, back.note, _unchecked(went))
    if not back.in_bag:
        return _missing(BelongingsLine("missing", went.name, sent, "0", back.note), place)
    arrived = _number(back)
    line = BelongingsLine("returned", went.name, sent, arrived, back.note)
    if not (sent.isdigit() and arrived.isdigit()) or int(sent) == int(arrived):
        return line
    if int(arrived) > int(sent):
        return replace(line, status="extra")
    return _missing(replace(line, status="missing"), place)


def _missing(line: BelongingsLine, place: str) -> BelongingsLine:
    text = f"{line.name}: {line.went} went in the bag, {line.came_back} came back"
    hint = "ring the ward and the ambulance service, and tell the family; record it on the checklist"
    return replace(line, issue=Issue("belongings-missing", text, place, Severity.WARNING, hint=hint))


def _unchecked(item: Item) -> Issue:
    text = f"{item.name}: nobody recorded whether it came back"
    return Issue("belongings-not-checked", text, severity=Severity.WARNING, hint="check the bag now and record it")


def _number(item: Item) -> str:
    """How many; a ticked item without a number counts as one."""
    return item.quantity or "1"
