"""UK identifiers prove themselves, or say why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.identifiers import nhs_number_fault, ods_code_fault


@pytest.mark.parametrize("number", ["9000000009", "9990000018", "9990000034", "9999999999"])
def test_numbers_with_the_right_check_digit_are_accepted(number: str) -> None:
    assert nhs_number_fault(number) is None


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("9990000019", "the first nine ask for 8"),
        ("9912003890", "check digit"),
        ("3478526985", "check digit"),
        ("999000001", "leading zero"),
        ("999 000 0018", "not 10 digits"),
        ("\uff19990000018", "not 10 digits"),
        ("", "not 10 digits"),
        ("9990000000", "never"),
    ],
)
def test_a_wrong_number_is_told_why(number: str, words: str) -> None:
    assert words in (nhs_number_fault(number) or "")


@given(st.text(alphabet="0123456789", min_size=9, max_size=9))
def test_at_most_one_tenth_digit_completes_nine(nine: str) -> None:
    assert sum(nhs_number_fault(nine + str(digit)) is None for digit in range(10)) <= 1


@given(st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(place: int, shift: int) -> None:
    number = "9990000018"
    wrong = str((int(number[place]) + shift) % 10)
    assert nhs_number_fault(number[:place] + wrong + number[place + 1 :]) is not None


@pytest.mark.parametrize(
    ("code", "fine"), [("RXE99", True), ("Y99901", True), ("rxe99", False), ("R1", False), ("", False)]
)
def test_ods_codes(code: str, fine: bool) -> None:
    assert (ods_code_fault(code) is None) is fine
