"""The care and support plan as whoever acts on it reads it: what matters, goals with their actions, and a bad day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block, Column, Facts, Table
from interop.narrative.full_pack import Part
from interop.narrative.layout import lay_out
from interop.narrative.plan import care_plan
from interop.narrative.presentation import STANDARD, Presentation
from interop.narrative.sections import section_blocks
from interop.practice.plan_actions import LOCAL, Action, Standing, actions, main_plans
from interop.practice.plan_change import extended_text
from interop.practice.plan_goals import Goal, goals
from interop.practice.plan_people import CONTINGENCY, is_contingency, part_plans, steps, to_ring
from interop.reading import Document
from interop.reading.nodes import as_text, child, children, extension_value, text
from interop.reading.people import coordinators
from interop.reading.systems import SUGGESTED_STRATEGIES
from interop.reading.wording import code_words, stated

TOLD_ABOVE = {"Goal", "CarePlan"}
PLAN_SECTION, BAD_DAY_SECTION = "care-and-support-plan", "contingency-plan"
ACTIONS = (Column("What"), Column("Who"), Column("When"), Column("What helps", True), Column("Status"))


@dataclass(frozen=True, slots=True)
class GoalCard:
    """One goal with the actions that serve it. ``late``: its target day is over and it is not reached."""

    words: str | None
    number: str | None
    mattering: str
    standing: str
    facts: list[Block]
    actions: list[Block]
    late: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class BadDay:
    """One contingency plan as the steps it is: what sets it going first, whom to ring last."""

    title: str | None
    facts: list[Block]


@dataclass(frozen=True, slots=True)
class Review:
    """When the plan is looked at again and by whom. ``overdue``: that day was over when this version was written."""

    by: str | None
    owner: str | None
    role: str | None
    phone: str | None
    overdue: bool


def plan_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page: what matters most, goals with their actions, contingency plans, then the rest."""
    read = Document.of(document)
    plan = next(iter(main_plans(read)), {})
    doing = actions(read)
    wanted = sorted(goals(read), key=lambda goal: (goal.ended, -(goal.marks if goal.marks is not None else -1)))
    numbered = {goal.words for goal in wanted}
    return lay_out(
        "plan.html",
        read,
        presentation,
        matters=_matters(read),
        summary=text(plan, "description"),
        goals=[_card(read, goal, doing) for goal in wanted],
        other_actions=_actions(read, [one for one in doing if not numbered.intersection(one.goals)]),
        bad_days=[_bad_day(read, one) for one in part_plans(read) if is_contingency(one)],
        review=_review(read),
        facts=[block for one in main_plans(read) for block in care_plan(read, one) if isinstance(block, Facts)],
        coordinators=coordinators(read),
        parts=_rest(read),
    )


def _matters(document: Document) -> str | None:
    """The person's own answer to what is most important to them (About Me)."""
    for response in document.resources("QuestionnaireResponse"):
        for item in children(response, "item"):
            if text(item, "linkId") == "most-important":
                said = [stated(answer, "value", document.calendar) for answer in children(item, "answer")]
                return "; ".join(words for words in said if words) or None
    return None


def _card(document: Document, goal: Goal, doing: Sequence[Action]) -> GoalCard:
    show = document.calendar.show
    pairs = (
        ("How it is going", goal.progress),
        ("Started", show(goal.started)),
        ("By when", show(goal.due)),
        ("Set by", goal.whose),
        ("The need it answers", goal.need),
        ("What came of it", goal.outcome),
        ("Note", goal.note),
    )
    served = [one for one in doing if goal.words in one.goals]
    return GoalCard(
        words=goal.words,
        number=goal.number,
        mattering=goal.mattering,
        standing=code_words(goal.status) or "status not recorded",
        facts=[Facts("Goal", told)] if (told := tuple((n, v) for n, v in pairs if v)) else [],
        actions=_actions(document, served),
        late=bool(document.calendar.is_past(goal.due, document.written)) and not goal.ended,
        ended=goal.ended,
    )


def _actions(document: Document, listed: Sequence[Action]) -> list[Block]:
    helps = {key: _helps(activity) for plan in main_plans(document) for key, activity in _keyed(plan)}
    rows = [(one.what, one.who, one.when, helps.get(one.what), code_words(one.status)) for one in listed]
    return [Table.of("Actions", ACTIONS, rows)] if rows else []


def _keyed(plan: JsonObject) -> list[tuple[str | None, JsonObject]]:
    return [(text(child(activity, "detail"), "description"), activity) for activity in children(plan, "activity")]


def _helps(activity: JsonObject) -> str | None:
    found = extension_value(child(activity, "detail"), SUGGESTED_STRATEGIES)
    return as_text(found[1]) if found else None


def _bad_day(document: Document, plan: JsonObject) -> BadDay:
    show = document.calendar.show
    signs = [(words.capitalize(), extended_text(plan, LOCAL + url, "valueString")) for words, url in CONTINGENCY]
    owner = extension_value(plan, f"{LOCAL}review-owner")
    pairs = (
        *signs[:2],
        ("What to do", steps(plan) or None),
        *signs[2:],
        ("Who to ring", to_ring(document, plan)),
        ("Last updated", show(text(plan, "created"))),
        ("Review by", show(extended_text(plan, f"{LOCAL}review-date", "valueDate"))),
        ("Who reviews it", document.name_of(owner[1]) if owner else None),
        ("Standing", None if text(plan, "status") == "active" else code_words(text(plan, "status"))),
    )
    needed = {"What sets it going", "What to do", "Who to ring"}
    return BadDay(text(plan, "title"), [Facts("Plan", tuple((n, v) for n, v in pairs if v or n in needed))])


def _review(document: Document) -> Review:
    standing = Standing.of(document)
    return Review(
        by=document.calendar.show(standing.review),
        owner=standing.owner,
        role=standing.owner_role,
        phone=standing.owner_phone,
        overdue=bool(document.calendar.is_past(standing.review, document.written)),
    )


def _rest(document: Document) -> list[Part]:
    """Every other section in the document's order; of the plan's own, what is not told above."""
    parts = []
    for section in document.sections:
        if section.has_code(BAD_DAY_SECTION) and all(is_contingency(entry) for entry in section.entries):
            continue
        if not section.has_code(PLAN_SECTION):
            parts.append(Part.of(document, section))
            continue
        left = tuple(entry for entry in section.entries if text(entry, "resourceType") not in TOLD_ABOVE)
        if left:
            told = section_blocks(document, replace(section, entries=left))
            parts.append(Part("Needs, strengths and reviews", told, ()))
    return parts
