"""Badges and slips: short, signed, in one spelling, and not for ever."""

import string
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_samples import KEY, NOW_S, OTHER, noise, slip_token
from wire_strategies import flips, names

from wire import badge, slip
from wire.badge import Badge
from wire.checks import base64url, to_base64url
from wire.errors import BadSignature, Expired, FormatError, UnknownFormat
from wire.signing import key_id
from wire.slip import Direction, Slip

ISSUER = key_id(KEY.public)
KEYS = {ISSUER: KEY.public}
BADGE = Badge(noise("badge", 8), ISSUER, NOW_S + 60)
IDS = st.binary(min_size=8, max_size=8)
READERS: list[tuple[Callable[[str, Mapping[bytes, bytes], int], object], str]] = [
    (badge.read, badge.issue(BADGE, KEY)),
    (slip.read, slip_token()),
    (slip.read, slip_token(destination="")),
    (slip.read, slip_token(destination="x")),
]


@given(st.builds(Badge, IDS, st.just(ISSUER), st.integers(1, 253_402_300_799)))
@settings(deadline=None)
def test_a_badge_is_read_until_its_last_second(one: Badge) -> None:
    token = badge.issue(one, KEY)
    assert len(token) == badge.LENGTH <= 120
    assert set(token) <= set(string.ascii_letters + string.digits + "-_")
    assert badge.read(token, KEYS, one.expires_at - 1) == one
    with pytest.raises(Expired):
        badge.read(token, KEYS, one.expires_at)


@given(st.builds(Slip, IDS, st.just(ISSUER), st.sampled_from(Direction), st.integers(0, 2**37), names(0, 24, 24)))
@settings(deadline=None)
def test_a_slip_is_read_for_ninety_days(one: Slip) -> None:
    token = slip.issue(one, KEY)
    assert 117 <= len(token) <= slip.LENGTH_LIMIT
    for now in (one.issued_at - slip.EARLY_S, one.issued_at, one.issued_at + slip.VALID_S - 1):
        assert slip.read(token, KEYS, now) == one
    for now in (one.issued_at - slip.EARLY_S - 1, one.issued_at + slip.VALID_S):
        with pytest.raises(Expired):
            slip.read(token, KEYS, now)


@pytest.mark.parametrize(("read", "token"), READERS)
def test_one_flipped_bit_of_a_token_is_refused(
    read: Callable[[str, Mapping[bytes, bytes], int], object], token: str
) -> None:
    assert read(token, KEYS, NOW_S)
    for altered in flips(token.encode()):
        with pytest.raises((BadSignature, UnknownFormat, FormatError)) as caught:
            read(altered.decode("latin-1"), KEYS, NOW_S)
        assert caught.type is not Expired


@pytest.mark.parametrize(("read", "token"), READERS)
def test_one_flipped_bit_of_what_is_signed_is_a_bad_signature(
    read: Callable[[str, Mapping[bytes, bytes], int], object], token: str
) -> None:
    everyone = {altered[8:12]: KEY.public for altered in flips(base64url(token[3:]))} | KEYS
    for altered in flips(base64url(token[3:])):
        with pytest.raises(FormatError):
            read(token[:3] + to_base64url(altered), everyone, NOW_S)


@pytest.mark.parametrize(("read", "token"), READERS)
def test_a_token_cut_anywhere_is_refused(read: Callable[[str, Mapping[bytes, bytes], int], object], token: str) -> None:
    for size in range(len(token)):
        with pytest.raises(FormatError):
            read(token[:size], KEYS, NOW_S)


def test_a_badge_is_no_slip_and_a_slip_no_badge() -> None:
    (_, one), (_, other), *_ = READERS
    with pytest.raises(UnknownFormat):
        slip.read(one, KEYS, NOW_S)
    with pytest.raises(UnknownFormat):
        badge.read(other, KEYS, NOW_S)
    with pytest.raises(FormatError):
        slip.read("AS1" + one[3:], KEYS, NOW_S)
    with pytest.raises(FormatError):
        badge.read("AB1" + other[3:], KEYS, NOW_S)


def test_a_badge_names_nobody() -> None:
    assert base64url(badge.issue(BADGE, KEY)[3:])[:20] == BADGE.badge_id + ISSUER + BADGE.expires_at.to_bytes(8)


def test_nobody_issues_under_the_key_id_of_another() -> None:
    with pytest.raises(FormatError):
        badge.issue(BADGE, OTHER)
    with pytest.raises(FormatError):
        slip.issue(slip.read(slip_token(), KEYS, NOW_S), OTHER)


@pytest.mark.parametrize(
    "change",
    [{"badge_id": b""}, {"key_id": b"123"}, {"expires_at": -1}, {"expires_at": 253_402_300_800}, {"expires_at": True}],
)
def test_a_badge_of_wrong_parts_is_never_made(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        replace(BADGE, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"slip_id": b"1234567"},
        {"key_id": b""},
        {"direction": "leave"},
        {"direction": 1},
        {"issued_at": -1},
        {"issued_at": 253_402_300_800},
        {"destination": "x" * 25},
        {"destination": "\u00e9" * 13},
        {"destination": "a\nb"},
        {"destination": " a"},
    ],
)
def test_a_slip_of_wrong_parts_is_never_made(change: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        slip_token(**change)
