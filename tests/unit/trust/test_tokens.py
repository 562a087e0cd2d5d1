"""Tokens are long, random, kept only as digests, and belong to one caller."""

from __future__ import annotations

import base64
import hmac

import pytest

from interop.errors import SettingsError
from interop.trust import tokens
from interop.trust.tokens import Caller, Credentials, Role, digest, mint

HOSPITAL = Caller("RXE99", "St Elsewhere's", Role.PARTNER)
MANAGER = Caller("VNX01", "Joseph Mensah", Role.OPERATOR)


def test_a_token_carries_256_bits_and_is_new_every_time():
    made = [mint()[0] for _ in range(50)]
    assert len(set(made)) == 50
    assert all(len(base64.urlsafe_b64decode(token + "=")) == 32 for token in made)


def test_the_digest_is_sha256_and_does_not_contain_the_token():
    token, kept = mint()
    assert kept == digest(token)
    assert token not in kept
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1


def test_each_token_is_its_callers_and_nobody_elses():
    (one, one_digest), (other, other_digest) = mint(), mint()
    credentials = Credentials([(one_digest, HOSPITAL), (other_digest, MANAGER)])
    assert credentials.authenticate(one) == HOSPITAL
    assert credentials.authenticate(other) == MANAGER


@pytest.mark.parametrize("offered", ["", "guess", "é", "x" * 100_000])
def test_whoever_is_not_known_is_nobody(offered):
    assert Credentials([(mint()[1], HOSPITAL)]).authenticate(offered) is None


def test_the_digest_itself_opens_nothing():
    _, kept = mint()
    assert Credentials([(kept, HOSPITAL)]).authenticate(kept) is None


def test_a_node_without_credentials_lets_nobody_in():
    assert Credentials([]).authenticate("") is None


def test_every_digest_is_compared_whoever_is_asking(monkeypatch):
    """Stopping at the first match would tell a caller where in the list they stand."""
    seen: list[bytes] = []
    honest = hmac.compare_digest

    def compare(known, offered):
        seen.append(known)
        return honest(known, offered)

    made = [mint() for _ in range(5)]
    credentials = Credentials([(kept, HOSPITAL) for _, kept in made])
    monkeypatch.setattr(tokens.hmac, "compare_digest", compare)
    credentials.authenticate(made[0][0])
    assert len(seen) == 5


@pytest.mark.parametrize("text", ["", "secret", "AB" * 32, "ab" * 31])
def test_what_is_no_digest_is_refused_by_name(text):
    with pytest.raises(SettingsError, match=r"St Elsewhere's.*64 lower-case hex"):
        Credentials([(text, HOSPITAL)])


def test_one_token_cannot_stand_for_two_callers():
    _, kept = mint()
    with pytest.raises(SettingsError, match=r"Joseph Mensah.*twice"):
        Credentials([(kept, HOSPITAL), (kept, MANAGER)])
