"""Full jitter, patience for days, and the receiver's own wish."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.relay.retry import RetryPolicy

NOW = datetime(2026, 11, 14, 2, 10, tzinfo=UTC)
POLICY = RetryPolicy()


def _seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311  jitter, not a secret


@pytest.mark.parametrize(("tried", "seconds"), [(1, 2), (2, 4), (3, 8), (9, 512), (10, 900), (11, 900), (10_000, 900)])
def test_the_ceiling_doubles_up_to_the_cap(tried, seconds):
    assert POLICY.ceiling(tried) == timedelta(seconds=seconds)


@given(tried=st.integers(1, 500), seed=st.integers())
def test_the_wait_lies_between_now_and_the_ceiling(tried, seed):
    again = POLICY.next_attempt(tried, NOW, NOW, _seeded(seed))
    assert again is not None
    assert NOW <= again <= NOW + POLICY.ceiling(tried)


def test_the_jitter_is_full_so_that_many_senders_do_not_come_back_together():
    waits = [POLICY.next_attempt(10, NOW, NOW, _seeded(seed)) - NOW for seed in range(400)]
    assert min(waits) < POLICY.cap * 0.05
    assert max(waits) > POLICY.cap * 0.95


@given(seed=st.integers(), asked=st.integers(0, 86_400))
def test_it_never_comes_sooner_than_the_receiver_asked(seed, asked):
    again = POLICY.next_attempt(1, NOW, NOW, _seeded(seed), asked=timedelta(seconds=asked))
    assert again >= NOW + timedelta(seconds=asked)


def test_patience_lasts_for_days_and_then_ends():
    since = NOW - POLICY.patience
    assert POLICY.next_attempt(500, since + timedelta(minutes=20), NOW, _seeded(1)) is not None
    assert POLICY.next_attempt(500, since - timedelta(seconds=1), NOW, _seeded(1)) is None


@pytest.mark.parametrize(
    "changes",
    [{"base": timedelta(0)}, {"cap": timedelta(seconds=1)}, {"patience": timedelta(minutes=1)}],
    ids=["no base", "cap below base", "patience below cap"],
)
def test_an_impossible_policy_cannot_be_made(changes):
    with pytest.raises(ValueError, match="base <= cap <= patience"):
        RetryPolicy(**changes)
