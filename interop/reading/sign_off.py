"""The lines of a medicines sign-off: what the lists show, what has to be asked, and what a person decided."""

from __future__ import annotations

from dataclasses import dataclass

from interop.canonical import BASE
from interop.json_codec import JsonObject
from interop.reading.document import Document
from interop.reading.nodes import children, codings, text

SIGN_OFF = f"{BASE}/Questionnaire/medicines-sign-off"
DECISION = f"{BASE}/CodeSystem/sign-off-decision"


@dataclass(frozen=True, slots=True)
class SignOffLine:
    """One medicine to decide about. ``decision``: accept, query, or None while nobody has decided."""

    number: int
    name: str
    change: str
    before: str | None
    now: str | None
    differences: str | None
    reason: str | None
    asks: tuple[str, ...]
    decision: str | None
    note: str | None
    by: str | None
    role: str | None
    at: str | None
    source: JsonObject

    @property
    def settled(self) -> bool:
        return self.decision == "accept"


def sign_off_response(document: Document) -> JsonObject:
    """The QuestionnaireResponse that holds the lines, or an empty object."""
    found = document.resources("QuestionnaireResponse")
    return next((r for r in found if (text(r, "questionnaire") or "").split("|")[0] == SIGN_OFF), {})


def sign_off_lines(document: Document) -> tuple[SignOffLine, ...]:
    """Every line in its order."""
    lines = [item for item in children(sign_off_response(document), "item") if text(item, "linkId") == "line"]
    return tuple(_line(number, item) for number, item in enumerate(lines, 1))


def _line(place: int, item: JsonObject) -> SignOffLine:
    said: dict[str, list[str]] = {}
    decision = None
    for part in children(item, "item"):
        link = (text(part, "linkId") or "").removeprefix("line.")
        for answer in children(part, "answer"):
            found = next((value for name in answer if name.startswith("value") and (value := text(answer, name))), None)
            if found:
                said.setdefault(link, []).append(found)
            if link == "decision":
                decision = next((code for _, code in codings({"coding": answer.get("valueCoding")})), None)

    def one(link: str) -> str | None:
        return next(iter(said.get(link, ())), None)

    number = one("number")
    return SignOffLine(
        number=int(number) if number and number.isdigit() else place,
        name=one("name") or "Name not recorded",
        change=one("change") or "",
        before=one("before"),
        now=one("now"),
        differences=one("differences"),
        reason=one("reason"),
        asks=tuple(said.get("ask", ())),
        decision=decision,
        note=one("note"),
        by=one("by"),
        role=one("role"),
        at=one("at"),
        source=item,
    )
