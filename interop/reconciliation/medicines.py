"""Two medicine lists side by side: what is new, changed, stopped or the same, and what nobody explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.reading import Document
from interop.reading.medicines import Medicine
from interop.reading.medicines import medicines as listed
from interop.reconciliation.drug import drug
from interop.reconciliation.regimen import amount, often, route

NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was. ``what``: dose, strength, frequency, route, form, brand, standing."""

    what: str
    before: str
    after: str
    certain: bool = True

    def __str__(self) -> str:
        return f"{self.what}: {self.before} before, {self.after} now"


@dataclass(frozen=True, slots=True)
class MedicineChange:
    """One medicine on two lists. Nothing is ever accepted here: a person decides, with ``questions`` answered.

    status       new, changed, stopped or same: what the sender states, else what the lists show
    stated       the sender's own word, None when there is none; ``computed`` is what the lists show
    unexplained  a change without a reason, a medicine left out without a word, or the two disagree
    """

    status: str
    name: str
    before: Medicine | None
    after: Medicine | None
    differences: tuple[Difference, ...]
    stated: str | None
    computed: str
    reason: str | None
    issues: tuple[Issue, ...]

    @property
    def unexplained(self) -> bool:
        return bool(self.issues)

    @property
    def label(self) -> str:
        """The word for a reader: New, Changed, Stopped, Same; "Not listed" when left out without a word."""
        return "Not listed" if self.status == "stopped" and self.after is None else self.status.capitalize()

    @property
    def questions(self) -> tuple[str, ...]:
        """What to ask before the next dose, each a sentence."""
        return tuple(issue.text for issue in self.issues)


def medicines(before: JsonObject, after: JsonObject) -> tuple[MedicineChange, ...]:
    """Compare the list that went in with the list that came back, in the order of the second, then what it left out.

    Pairs are made by product code, else by ingredient, form and dose; never by similar spelling.
    """
    first, second = Document.of(before), Document.of(after)
    taken = [medicine for medicine in listed(first) if not medicine.stopped]
    given = listed(second)
    partners = _pairs(taken, given)
    compared = [_change(second, taken[partners[i]] if i in partners else None, m) for i, m in enumerate(given)]
    left = [medicine for i, medicine in enumerate(taken) if i not in partners.values()]
    return (*compared, *(_left_out(first, medicine) for medicine in left))


def findings(changes: Iterable[MedicineChange]) -> tuple[Issue, ...]:
    """Every question of every line, for those who want them as issues."""
    return tuple(issue for change in changes for issue in change.issues)


def _pairs(taken: Sequence[Medicine], given: Sequence[Medicine]) -> dict[int, int]:
    """Index in the second list → index in the first; the closest likeness first, each used once."""
    scored = [(_likeness(b, a), -j, -i) for i, b in enumerate(taken) for j, a in enumerate(given)]
    partners: dict[int, int] = {}
    for likeness, j, i in sorted(scored, reverse=True):
        if likeness and -j not in partners and -i not in partners.values():
            partners[-j] = -i
    return partners


def _likeness(before: Medicine, after: Medicine) -> int:
    """0: another medicine. The name must agree; code, form, route, dose and times choose between two of a name."""
    one, other = drug(before.name), drug(after.name)
    same_code = bool(before.codes & after.codes)
    if same_code:
        name = 100
    elif one.words and set(one.words) == set(other.words):
        name = 50
    elif one.words and other.words and (set(one.words) < set(other.words) or set(other.words) < set(one.words)):
        name = 20
    else:
        return 0
    close = (one.slow == other.slow, route(before.route) == route(after.route), amount(before) == amount(after))
    return name + 4 * close[0] + 2 * close[1] + close[2]


def _change(document: Document, before: Medicine | None, after: Medicine) -> MedicineChange:
    differences = tuple(_differences(before, after)) if before else ()
    computed = _computed(before, after, differences)
    stated = after.change.status if after.change else None
    status = {"on hold": "changed", None: computed}.get(stated, stated)
    status = status if status in ("new", "changed", "stopped", "same") else computed
    reason = _reason(after, status)
    issues = tuple(_issues(document, before, after, (status, stated, computed, reason), differences))
    name = after.name or (before.name if before else None) or "Name not recorded"
    return MedicineChange(status, name, before, after, differences, stated, computed, reason, issues)


def _computed(before: Medicine | None, after: Medicine, differences: Sequence[Difference]) -> str:
    if after.stopped:
        return "stopped"
    if before is None:
        return "new"
    return "changed" if differences else "same"


def _reason(after: Medicine, status: str) -> str | None:
    change = after.change
    said = [part for part in (change.reason, change.details) if part] if change else []
    # What a new medicine is for explains why it was started.
    return "; ".join(said) or (after.indication if status == "new" else None)


def _differences(before: Medicine, after: Medicine) -> Iterator[Difference]:
    if after.stopped:
        return
    yield from _dose_difference(before, after)
    yield from _frequency_difference(before, after)
    routes = route(before.route), route(after.route)
    if routes[0] and routes[1] and routes[0] != routes[1]:
        yield Difference("route", before.route or "", after.route or "")
    yield from _product_difference(before, after)
    if before.state != after.state:
        yield Difference("standing", before.state, after.state)


def _product_difference(before: Medicine, after: Medicine) -> Iterator[Difference]:
    """Another shape or release, or another brand where the brand matters. A name that does not say is no difference."""
    was, now = drug(before.name), drug(after.name)
    if was.slow != now.slow or (was.shape and now.shape and was.shape != now.shape):
        yield Difference("form", before.name or "", after.name or "")
    if was.brand != now.brand:
        yield Difference("brand", before.name or "", after.name or "")


def _dose_difference(before: Medicine, after: Medicine) -> Iterator[Difference]:
    was, now = amount(before), amount(after)
    if was is None and now is None:
        strengths = drug(before.name).strength, drug(after.name).strength
        if strengths[0] != strengths[1]:
            yield Difference("dose", before.name or NOT_STATED, after.name or NOT_STATED)
    elif was is None or now is None:
        yield Difference("dose", was.words if was else NOT_STATED, now.words if now else NOT_STATED, certain=False)
    elif was.value is None or now.value is None or was.unit != now.unit:
        same = _folded(was.words) == _folded(now.words)
        if not same:
            yield Difference("dose", was.words, now.words, certain=False)
    elif was.value != now.value:
        yield Difference("dose", was.words, now.words)
    elif was.unit != "mg":
        # Two tablets of 8/500 are not two tablets of 30/500: where the dose is a count, the strength is in the name.
        figures = drug(before.name).figures, drug(after.name).figures
        if figures[0] != figures[1]:
            yield Difference("strength", before.name or NOT_STATED, after.name or NOT_STATED, all(figures))


def _frequency_difference(before: Medicine, after: Medicine) -> Iterator[Difference]:
    was, now = often(before), often(after)
    if was is None and now is None:
        return
    if was is None or now is None:
        yield Difference("frequency", was.words if was else NOT_STATED, now.words if now else NOT_STATED, certain=False)
    elif was.per_day is None or now.per_day is None:
        if was.needed != now.needed:
            yield Difference("frequency", was.words, now.words)
        elif (was.per_day, was.unread) != (now.per_day, now.unread):
            yield Difference("frequency", was.words, now.words, certain=False)
    elif was.per_day != now.per_day or was.needed != now.needed or _moved(was.times, now.times):
        yield Difference("frequency", was.words, now.words)


def _moved(was: frozenset[str], now: frozenset[str]) -> bool:
    return bool(was and now and was != now)


def _folded(words: str) -> str:
    return "".join(character for character in words.casefold() if character.isalnum())


def _issues(
    document: Document,
    before: Medicine | None,
    after: Medicine,
    verdict: tuple[str, str | None, str, str | None],
    differences: Sequence[Difference],
) -> Iterator[Issue]:
    status, stated, computed, reason = verdict
    place = document.place(after.resource)
    shown = "; ".join(str(difference) for difference in differences)
    if stated in ("new", "changed", "stopped", "same") and stated != computed:
        found = shown or {"new": "it was not on the earlier list", "stopped": "it is listed as stopped"}.get(
            computed, "it was on the earlier list with the same dose"
        )
        yield _issue("medicine-status-disagrees", f"the sender says {stated}, but {found}", place)
    elif any(not difference.certain for difference in differences):
        yield _issue("medicine-cannot-compare", f"could not tell whether it is the same: {shown}", place)
    elif status != "same" and not reason:
        words = {"new": "started", "changed": f"changed ({shown or stated})", "stopped": "stopped"}[status]
        yield _issue("medicine-change-unexplained", f"{words}, but no reason is given", place)
    if before is not None and not before.codes & after.codes:
        one, other = set(drug(before.name).words), set(drug(after.name).words)
        if one != other:
            text = f"is this the same medicine as “{before.name}” on the earlier list?"
            yield _issue("medicine-name-uncertain", text, place)


def _left_out(document: Document, before: Medicine) -> MedicineChange:
    text = "was on the list that went in, and the discharge does not mention it: ask whether it was stopped"
    issue = _issue("medicine-not-mentioned", text, document.place(before.resource))
    name = before.name or "Name not recorded"
    return MedicineChange("stopped", name, before, None, (), None, "stopped", None, (issue,))


def _issue(code: str, text: str, place: str) -> Issue:
    return Issue(
        code, text, place, Severity.WARNING, hint="ask the sender before the next dose; change nothing by itself"
    )
