"""What we answer: content first, then identity."""

from __future__ import annotations

import pytest

from interop.outcome import Issue, Outcome, Severity
from interop.pipeline import Verdict, decide
from interop.relay.persons import Answer, Standing

FINE = Outcome()
WRONG = Outcome.of([Issue("cardinality", "found 0")])
UNTOLD = Outcome.of([Issue("unknown-profile", "not here", severity=Severity.WARNING)])


@pytest.mark.parametrize(
    ("outcome", "standing", "verdict"),
    [
        (FINE, Standing.KNOWN, Verdict("ok", "30001", filed=True)),
        (UNTOLD, Standing.KNOWN, Verdict("ok", "30001", filed=True)),
        (FINE, Standing.NOT_KNOWN, Verdict("fatal-error", "30002", filed=False)),
        (FINE, Standing.MOVED, Verdict("fatal-error", "30003", filed=False)),
        (FINE, Standing.DECEASED, Verdict("fatal-error", "30004", filed=False)),
        (WRONG, Standing.KNOWN, Verdict("fatal-error", "20009", filed=False)),
        (WRONG, Standing.NOT_KNOWN, Verdict("fatal-error", "20009", filed=False)),
    ],
)
def test_nothing_wrong_is_filed_and_nobody_is_filed_as_somebody_else(
    outcome: Outcome, standing: Standing, verdict: Verdict
) -> None:
    assert decide(outcome, Answer(standing)) == verdict
