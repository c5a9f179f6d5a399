"""A message between sync and kiosk lies sealed: nothing of a roster is readable, nothing can be slipped in."""

import zlib

import pytest

from wire import enclosed, sealed
from wire.errors import FormatError
from wire.sealed import Context

KEY, OTHER = bytes(range(32)), bytes(32)
CLEAR = b'{"name":"Zefanya"}' * 400


def sealed_by_hand(clear: bytes) -> bytes:
    context = Context(store="door-1", table="inbox", column="body", row="")
    return sealed.seal(KEY, clear, context, kid=enclosed.KEY_ID)


def test_what_was_closed_opens_again_and_shows_nothing() -> None:
    body = enclosed.closed(KEY, "door-1", CLEAR)
    assert enclosed.opened(KEY, "door-1", body) == CLEAR
    assert b"Zefanya" not in body
    assert len(body) < len(CLEAR)
    assert enclosed.closed(KEY, "door-1", CLEAR) != body


def test_what_was_never_sealed_comes_back_as_it_is() -> None:
    assert enclosed.opened(KEY, "door-1", CLEAR) == CLEAR
    assert enclosed.opened(KEY, "door-1", b"") == b""


WRONG = {
    "another key": enclosed.closed(OTHER, "door-1", CLEAR),
    "another device": enclosed.closed(KEY, "door-2", CLEAR),
    "cut short": enclosed.closed(KEY, "door-1", CLEAR)[:-1],
    "a beginning": b"AB",
    "not compressed": sealed_by_hand(b"not compressed"),
    "half of it": sealed_by_hand(zlib.compress(CLEAR)[:-2]),
    "more behind it": sealed_by_hand(zlib.compress(CLEAR) + b"more"),
    "a bomb": sealed_by_hand(zlib.compress(bytes(enclosed.CLEAR_LIMIT + 1))),
}


@pytest.mark.parametrize("name", WRONG)
def test_another_key_another_device_a_change_or_a_bomb_does_not_open(name: str) -> None:
    with pytest.raises(FormatError):
        enclosed.opened(KEY, "door-1", WRONG[name])


def test_the_longest_message_fits_and_what_cannot_be_made_shorter_is_refused() -> None:
    assert enclosed.opened(KEY, "door-1", enclosed.closed(KEY, "door-1", b"x" * enclosed.CLEAR_LIMIT))
    noise = b"".join(zlib.crc32(number.to_bytes(4, "big")).to_bytes(4, "big") for number in range(1 << 18))
    with pytest.raises(FormatError):
        enclosed.closed(KEY, "door-1", noise)
