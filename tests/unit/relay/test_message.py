"""States and their moves, identity, and what a message refuses to be."""

from __future__ import annotations

import itertools
from datetime import datetime
from enum import StrEnum

import pytest

from interop.errors import TransitionError
from interop.relay.message import (
    BUSINESS_ANSWERS,
    MOVES,
    DeliveryState,
    InboxState,
    ObligationState,
    QuarantineState,
    Rung,
    entry_id,
    message_id,
    moved,
    origins,
)

KINDS: tuple[type[StrEnum], ...] = (DeliveryState, InboxState, ObligationState, QuarantineState)
ILLEGAL = [
    (current, target)
    for kind in KINDS
    for current, target in itertools.product(kind, kind)
    if target not in MOVES[current]
]


def test_the_table_of_moves_covers_every_state_and_nothing_else():
    # Two kinds sharing a word would collide as keys of the table; counting by type shows it.
    listed = {(type(state), state.value) for state in MOVES}
    assert listed == {(kind, state.value) for kind in KINDS for state in kind}


def test_a_move_never_leads_from_one_kind_of_state_to_another():
    assert all(type(target) is type(state) for state, targets in MOVES.items() for target in targets)


@pytest.mark.parametrize(("current", "target"), ILLEGAL, ids=lambda state: state.value)
def test_an_illegal_move_is_refused_and_the_hint_says_what_is_allowed(current, target):
    with pytest.raises(TransitionError, match=f"{current} cannot become {target}") as refused:
        moved(current, target)
    assert refused.value.hint is not None
    assert all(allowed.value in refused.value.hint for allowed in MOVES[current])


@pytest.mark.parametrize("target", [state for kind in KINDS for state in kind], ids=lambda state: state.value)
def test_origins_are_exactly_the_states_that_may_become_it(target):
    assert set(origins(target)) == {current.value for current in type(target) if target in MOVES[current]}


def test_an_answer_can_settle_a_delivery_in_every_open_state():
    settled = {DeliveryState.ACKNOWLEDGED, DeliveryState.REFUSED}
    for state in set(DeliveryState) - settled:
        assert settled <= MOVES[state]


def test_an_acknowledged_delivery_is_final():
    assert not MOVES[DeliveryState.ACKNOWLEDGED]


def test_the_ladder_has_its_six_rungs_in_order():
    assert [rung.value for rung in Rung] == [
        "queued", "sent", "collected", "accepted-by-system", "accepted-by-organisation", "opened",
    ]  # fmt: skip


def test_only_patient_known_and_success_are_a_yes():
    assert {code for code, yes in BUSINESS_ANSWERS.items() if yes} == {"30001", "20013"}


def test_a_message_has_the_same_id_at_both_ends(message):
    sent = message("bag-1")
    assert sent.id == message_id("VNX01", "bag-1")
    assert sent.id != message_id("RXE99", "bag-1")
    assert sent.id != entry_id("VNX01", "bag-1", "RXE99")


def test_an_answer_never_asks_for_an_answer(message):
    assert message().wants_answer
    assert not message(correlates="bag-0").wants_answer
    assert not message(answer_within=None).wants_answer


def test_documents_of_one_person_share_a_lane_that_answers_do_not_block(message):
    assert message("bag-1").lane == message("bag-2").lane
    assert message("bag-1").lane != message("ack-1", correlates="x").lane
    assert message("bag-1").lane != message("bag-2", person="9990000026").lane
    assert message("a", person=None).lane != message("b", person=None).lane


@pytest.mark.parametrize("missing", ["organisation", "identifier", "kind", "body"])
def test_a_message_without_its_essentials_cannot_be_made(message, missing):
    with pytest.raises(ValueError, match="needs"):
        message(**{missing: b"" if missing == "body" else ""})


def test_a_time_without_a_zone_is_refused(message):
    with pytest.raises(ValueError, match="time zone"):
        message(as_of=datetime(2026, 11, 14))  # noqa: DTZ001  the very thing that must be refused
