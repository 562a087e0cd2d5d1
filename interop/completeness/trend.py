"""How complete each sender's documents are, month by month: what to talk about with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from interop.completeness.scoring import Completeness
from interop.json_codec import JsonObject
from interop.outcome import Severity
from interop.reading import Document
from interop.reading.nodes import child, children, text
from interop.reading.wording import best_name

NOBODY = "sender not stated"


@dataclass(frozen=True, slots=True)
class Month:
    """One sender's documents of one month (``2026-11``, or ``undated``).

    score     mean share of mandatory and required items that are there
    complete  how many documents lack nothing mandatory
    """

    sender: str
    month: str
    documents: int
    score: Fraction
    complete: int


@dataclass(frozen=True, slots=True)
class Trend:
    """All months, by sender and then time; and what each sender leaves out most: (section, documents)."""

    months: tuple[Month, ...]
    missing: dict[str, tuple[tuple[str, int], ...]]

    @property
    def senders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(month.sender for month in self.months))

    def of(self, sender: str) -> tuple[Month, ...]:
        return tuple(month for month in self.months if month.sender == sender)

    def change(self, sender: str) -> Fraction:
        """The last month's score less the first one's."""
        months = self.of(sender)
        return months[-1].score - months[0].score

    def as_json(self) -> list[JsonObject]:
        return [
            {
                "sender": sender,
                "months": [
                    {
                        "month": m.month,
                        "documents": m.documents,
                        "score": round(float(m.score), 4),
                        "complete": m.complete,
                    }
                    for m in self.of(sender)
                ],
                "missing": [{"section": name, "documents": count} for name, count in self.missing[sender]],
            }
            for sender in self.senders
        ]


def sender_of(document: Document) -> str:
    """Who answers for a document: its custodian, else its first author, with the ODS code where there is one."""
    composition = document.composition
    named = [child(composition, "custodian"), *children(composition, "author")]
    for reference in named:
        found = document.resolve(reference)
        if text(found, "resourceType") == "PractitionerRole":
            found = document.resolve(child(found, "organization")) or found
        code = next(
            (text(i, "value") for i in children(found, "identifier") if "ods" in (text(i, "system") or "")), None
        )
        words = best_name(found) or document.name_of(reference)
        if words or code:
            return f"{words} ({code})" if words and code else str(words or code)
    return NOBODY


def trend(judged: Iterable[tuple[JsonObject, Completeness]]) -> Trend:
    """Scores by sender and month of writing. Documents go by one at a time; only the marks are kept."""
    scores: dict[tuple[str, str], list[tuple[Fraction, bool]]] = defaultdict(list)
    missing: dict[str, Counter[str]] = defaultdict(Counter)
    for bundle, marks in judged:
        document = Document.of(bundle)
        sender = sender_of(document)
        month = (document.written or "")[:7] or "undated"
        whole = not any(issue.severity is Severity.ERROR for issue in marks.issues)
        scores[sender, month].append((marks.score, whole))
        missing[sender].update(section.title for section in marks.sections if section.met < section.asked)
    months = [
        Month(sender, month, len(found), sum((s for s, _ in found), Fraction()) / len(found), sum(w for _, w in found))
        for (sender, month), found in sorted(scores.items())
    ]
    return Trend(tuple(months), {sender: tuple(counted.most_common(5)) for sender, counted in missing.items()})
