"""JSON in and out: no digit lost, nothing doubled, nothing too deep."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.errors import ContentError
from interop.json_codec import MAX_DEPTH, dumps, loads

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


def test_a_decimal_keeps_its_digits() -> None:
    assert loads(b"1.50") == Decimal("1.50")
    assert dumps(loads(b'{"value":1.50,"low":1e3}')) == b'{"value":1.50,"low":1E+3}'


def test_an_integer_of_any_length_is_read_and_written() -> None:
    assert dumps(loads(b"9" * 5_000)) == b"9" * 5_000
    assert loads(b"-12") == -12


@given(JSON)
def test_what_was_written_is_read_again(value: object) -> None:
    assert loads(dumps(value)) == value


def test_a_byte_order_mark_is_no_fault() -> None:
    assert loads(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b'{"a":', "content-json", "line 1 column 6"),
        (b'{"a":1,"a":2}', "json-duplicate-key", "'a' stands twice"),
        (b'[{"x":{"b":1,"b":1}}]', "json-duplicate-key", "'b' stands twice"),
        (b"[" * 10_000, "json-too-deep", f"more than {MAX_DEPTH}"),
        (b"[" * 300 + b"]" * 300, "json-too-deep", f"more than {MAX_DEPTH}"),
        (b'{"a":"\xff"}', "content-encoding", "UTF-8"),
        (b"NaN", "content-json", "NaN"),
        (b"", "content-json", "line 1 column 1"),
    ],
)
def test_what_is_not_usable_json_is_refused_with_its_place(data: bytes, code: str, words: str) -> None:
    with pytest.raises(ContentError) as refused:
        loads(data, file="body.json")
    assert refused.value.code == code
    assert words in refused.value.text
    assert refused.value.where == "body.json"


def test_the_deepest_allowed_nesting_is_allowed() -> None:
    assert loads(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
