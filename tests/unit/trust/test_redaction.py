"""What looks like patient data or a token does not reach a log line; ids do."""

from __future__ import annotations

import pytest

from interop.trust.redaction import redacted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("refused 9990000018 here", "refused [number] here"),
        ("999 000 0018, 999-000-0018", "[number], [number]"),
        ("identifier=9990000018.", "identifier=[number]."),
        ("Authorization: Bearer abc.DEF-1_2=", "Authorization: Bearer [token]"),
        ("bearer  x", "Bearer [token]"),
    ],
)
def test_it_is_masked(text, wanted):
    assert redacted(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "message 9896935f-8941-5110-92dc-e281f437a5a9 sent",
        "sha256 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "2026-11-14T02:10:00.123456+00:00",
        "VNX01 to RXE99, code 30001, 20013",
        "12345678901 has eleven digits, 123456789 nine",
    ],
)
def test_ids_codes_and_times_stay_readable(text):
    assert redacted(text) == text
