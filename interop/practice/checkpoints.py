"""The red bag along its five checkpoints: what was seen where, what is missing since when, and who looks for it.

Silence is never loss. Only a checklist that looked for a thing and did not find it says that it is missing; a list that
leaves the thing out, or says "not looked at", says nothing about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from interop.json_codec import JsonObject
from interop.practice.letter import Site, person_key
from interop.reading import Document
from interop.reading.belongings import CHECKPOINTS, Checklist, Item, checklists, folded
from interop.reading.nodes import child, text

ORDER = tuple(CHECKPOINTS)
"""home-out, ambulance, hospital-in, hospital-out, home-in."""


class Seen(StrEnum):
    """What one checkpoint says about one thing."""

    PRESENT = "present"
    ABSENT = "absent"
    NOT_CHECKED = "not checked"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Check:
    """One checklist with whose it is. ``site``: the organisation that looked; None when it does not say."""

    document: Document
    checklist: Checklist
    site: Site | None

    @property
    def checkpoint(self) -> str:
        return self.checklist.checkpoint or ""

    @property
    def when(self) -> str:
        return self.checklist.when or self.document.written or ""

    @property
    def sort_key(self) -> tuple[str, int]:
        moment = self.document.calendar.moment(self.when)
        place = ORDER.index(self.checkpoint) if self.checkpoint in ORDER else len(ORDER)
        return (moment.astimezone().isoformat() if moment else "", place)

    @property
    def site_name(self) -> str:
        return self.site.name if self.site else "organisation not recorded"


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing at one checkpoint. ``number`` None: there, but how many was not said, or not there to count."""

    seen: Seen
    number: int | None = None
    note: str | None = None
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """A thing that was in the bag at one checkpoint and was looked for in vain at a later one.

    had      how many there were when it was last seen
    count    how many of them went missing; ``missing``: how many still are
    found    where it turned up again; None while it is missing
    """

    item: str
    bag: str
    last_seen: Check
    missed: Check
    had: int
    count: int
    missing: int
    found: Check | None = None

    @property
    def holder(self) -> Site | None:
        """Who holds the next action: the place that had it last looks for it; nobody once it is found."""
        return None if self.found else self.last_seen.site or self.missed.site

    @property
    def home(self) -> Site | None:
        """The home the bag belongs to, as either document says."""
        for check in (self.missed, self.last_seen):
            for device in check.document.resources("Device"):
                owner = Site.of(check.document.resolve(child(device, "owner")))
                if owner:
                    return owner
        return self.last_seen.site if self.last_seen.checkpoint == ORDER[0] else None

    @property
    def answer_to(self) -> Site | None:
        """Whom the holder tells what was found: where it was missed, or the home where that is the same place."""
        missed, holder = self.missed.site, self.holder
        return self.home if missed and holder and missed.key == holder.key else missed

    @property
    def key(self) -> tuple[str, ...]:
        """The same loss has the same key however often, and by whomever, it is found out."""
        person = person_key(self.missed.document)
        return ("item-lost", person, self.bag, folded(self.item), self.missed.checkpoint, self.missed.when)

    @property
    def told(self) -> str:
        """One sentence that names the thing and both places."""
        number = f" ({self.missing} of {self.had})" if self.had > 1 else ""
        where = f"last seen {_at(self.last_seen)}, not there when {_at(self.missed)}"
        back = f"; found again, {_at(self.found)}" if self.found else ""
        return f"{self.item}{number}: {where}{back}"


@dataclass(frozen=True, slots=True)
class ItemJourney:
    """One thing over the five checkpoints, in their order."""

    name: str
    cells: tuple[Cell, ...]
    losses: tuple[Loss, ...]

    @property
    def open_losses(self) -> tuple[Loss, ...]:
        return tuple(loss for loss in self.losses if loss.found is None)


@dataclass(frozen=True, slots=True)
class Journey:
    """One bag on one journey of one person. ``checks``: by checkpoint, earliest first."""

    bag: str
    person: str
    checks: tuple[Check, ...]
    items: tuple[ItemJourney, ...]

    @property
    def losses(self) -> tuple[Loss, ...]:
        return tuple(loss for item in self.items for loss in item.losses)

    @property
    def open_losses(self) -> tuple[Loss, ...]:
        return tuple(loss for item in self.items for loss in item.open_losses)

    @property
    def unvisited(self) -> tuple[str, ...]:
        """Checkpoints from which there is no checklist."""
        return tuple(point for point in ORDER if not any(check.checkpoint == point for check in self.checks))


def journeys(documents: Iterable[JsonObject | Document]) -> tuple[Journey, ...]:
    """Every bag's journeys, oldest first; leaving home after any other checkpoint starts a new one.

    Takes any documents: transfer summaries, checkpoint checklists and discharges all may hold a checklist. A checklist
    at a checkpoint we do not know, or of a bag without a number, belongs to no journey.
    """
    bags: dict[tuple[str, str], list[Check]] = {}
    for check in checks(documents):
        number = check.checklist.bag
        if number and check.checkpoint in ORDER:
            bags.setdefault((person_key(check.document), number), []).append(check)
    found = [
        Journey(bag, person, tuple(trip), _items(bag, trip))
        for (person, bag), several in bags.items()
        for trip in _trips(sorted(several, key=lambda check: check.sort_key))
    ]
    return tuple(sorted(found, key=lambda journey: journey.checks[0].sort_key))


def checks(documents: Iterable[JsonObject | Document]) -> list[Check]:
    """Every checklist of these documents with the organisation that filled it in."""
    found = []
    for source in documents:
        document = source if isinstance(source, Document) else Document.of(source)
        for checklist in checklists(document):
            found.append(Check(document, checklist, _site(document, checklist)))
    return found


def losses(documents: Iterable[JsonObject | Document]) -> tuple[Loss, ...]:
    """Everything that went missing on any journey, those found again among them."""
    return tuple(loss for journey in journeys(documents) for loss in journey.losses)


def _site(document: Document, checklist: Checklist) -> Site | None:
    author = document.resolve(child(checklist.resource, "author"))
    if text(author, "resourceType") != "Organization":
        author = document.resolve(child(author, "organization"))
    return Site.of(author or document.resolve(child(document.composition, "custodian")))


def _trips(ordered: Sequence[Check]) -> list[list[Check]]:
    trips: list[list[Check]] = []
    for check in ordered:
        leaving = check.checkpoint == ORDER[0]
        under_way = bool(trips) and any(other.checkpoint != ORDER[0] for other in trips[-1])
        if not trips or (leaving and under_way):
            trips.append([])
        trips[-1].append(check)
    return [sorted(trip, key=lambda check: ORDER.index(check.checkpoint)) for trip in trips]


def _items(bag: str, trip: Sequence[Check]) -> tuple[ItemJourney, ...]:
    """Every thing any list of the journey names, in the order it is first named."""
    names: dict[tuple[str, int], str] = {}
    told: dict[tuple[str, str], list[tuple[Item, Check]]] = {}
    for check in trip:
        counted: dict[str, int] = {}
        for item in check.checklist.items:
            word = folded(item.name)
            counted[word] = counted.get(word, 0) + 1
            # Two lines of one name on one list are two things: the first of each list, the second of each list.
            names.setdefault((word, counted[word]), item.name)
            told.setdefault((f"{word} {counted[word]}", check.checkpoint), []).append((item, check))
    return tuple(_journey(bag, name, _cells(f"{word} {number}", told)) for (word, number), name in names.items())


def _cells(key: str, told: dict[tuple[str, str], list[tuple[Item, Check]]]) -> tuple[Cell, ...]:
    return tuple(_cell(told.get((key, point), [])) for point in ORDER)


def _cell(said: Sequence[tuple[Item, Check]]) -> Cell:
    """What one checkpoint says: of several lists the latest that looked."""
    cells = [_of(item, check) for item, check in sorted(said, key=lambda pair: pair[1].sort_key, reverse=True)]
    looked = next((cell for cell in cells if cell.seen is not Seen.NOT_CHECKED), None)
    return looked or next(iter(cells), Cell(Seen.NOT_CHECKED))


def _of(item: Item, check: Check) -> Cell:
    if item.present == "not-applicable":
        return Cell(Seen.NOT_APPLICABLE, note=item.note, check=check)
    if item.present not in ("yes", "no"):
        return Cell(Seen.NOT_CHECKED, note=item.note, check=check)
    number = int(item.quantity) if item.quantity and item.quantity.isdigit() else None
    if item.present == "no" or number == 0:
        return Cell(Seen.ABSENT, 0, item.note, check)
    return Cell(Seen.PRESENT, number, item.note, check)


def _journey(bag: str, name: str, cells: tuple[Cell, ...]) -> ItemJourney:
    held: int | None = None  # how many the bag held when last counted; None: never seen in it
    last: Check | None = None
    found: list[Loss] = []
    for cell in cells:
        if cell.check is None or cell.seen in (Seen.NOT_CHECKED, Seen.NOT_APPLICABLE):
            continue
        there = 0 if cell.seen is Seen.ABSENT else cell.number
        if there is None:  # there, but nobody counted: as many as before; if none were left, all that were missing
            there = held or sum(loss.missing for loss in found if not loss.found) or 1
        if held is not None and last is not None and there < held:
            found.append(Loss(name, bag, last, cell.check, held, held - there, held - there))
        elif held is not None and there > held:
            found = _returned(found, there - held, cell.check)
        if held is not None or there:
            held = there
        if there:
            last = cell.check
    return ItemJourney(name, cells, tuple(found))


def _returned(found: Sequence[Loss], back: int, at: Check) -> list[Loss]:
    """So many have turned up: the oldest losses are settled first."""
    settled: list[Loss] = []
    for loss in found:
        if loss.found or not back:
            settled.append(loss)
        elif back >= loss.missing:
            settled.append(replace(loss, found=at))
            back -= loss.missing
        else:
            settled.append(replace(loss, missing=loss.missing - back))
            back = 0
    return settled


def _at(check: Check) -> str:
    when = check.document.calendar.show(check.when)
    return f"{check.checklist.place} ({check.site_name}{f', {when}' if when else ''})"
