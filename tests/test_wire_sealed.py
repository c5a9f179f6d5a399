"""A sealed record opens where it was sealed, unchanged, or not at all."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from wire_strategies import TEXT, flips

from wire import sealed
from wire.errors import FormatError, Tampered, UnknownFormat
from wire.sealed import Algorithm, Context

KEY = bytes(range(32))
HERE = Context("door-1", "references", "vector", "7", person="9f2c", model=b"m" * 32)
U64 = st.integers(0, 2**64 - 1)
CONTEXTS = st.builds(Context, TEXT, TEXT, TEXT, TEXT, TEXT, U64, U64, st.binary(max_size=32))


@given(st.binary(max_size=300), CONTEXTS, st.sampled_from(Algorithm), st.binary(min_size=4, max_size=4))
@settings(deadline=None)
def test_a_sealed_record_opens_in_its_place(plaintext: bytes, where: Context, algorithm: Algorithm, kid: bytes) -> None:
    blob = sealed.seal(KEY, plaintext, where, kid=kid, algorithm=algorithm)
    assert len(blob) == len(plaintext) + sealed.OVERHEAD
    assert sealed.header(blob) == sealed.Header(1, algorithm, kid)
    assert sealed.unseal(KEY, blob, where) == plaintext


@pytest.mark.parametrize("algorithm", Algorithm)
def test_one_flipped_bit_anywhere_is_refused(algorithm: Algorithm) -> None:
    blob = sealed.seal(KEY, b"Budi", HERE, kid=b"EXCH", algorithm=algorithm)
    for altered in flips(blob):
        with pytest.raises((Tampered, UnknownFormat)):
            sealed.unseal(KEY, altered, HERE)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_record_cut_or_lengthened_is_refused(algorithm: Algorithm) -> None:
    blob = sealed.seal(KEY, b"Budi", HERE, kid=b"EXCH", algorithm=algorithm)
    for altered in (*(blob[:size] for size in range(len(blob))), blob + b"\0", blob[:20] + b"\0" + blob[20:]):
        with pytest.raises(FormatError):
            sealed.unseal(KEY, altered, HERE)


@pytest.mark.parametrize(
    "change",
    [
        {"store": "door-2"},
        {"table": "people"},
        {"column": "name"},
        {"row": "8"},
        {"person": "9f2d"},
        {"person": ""},
        {"schema": 2},
        {"version": 2},
        {"model": b"n" * 32},
        {"model": b""},
        {"store": "door-1references", "table": ""},
    ],
)
def test_a_record_moved_elsewhere_does_not_open(change: dict[str, Any]) -> None:
    blob = sealed.seal(KEY, b"Budi", HERE, kid=b"EXCH")
    with pytest.raises(Tampered):
        sealed.unseal(KEY, blob, replace(HERE, **change))


@given(CONTEXTS, CONTEXTS)
@settings(deadline=None)
def test_two_places_never_look_alike(one: Context, other: Context) -> None:
    assume(one != other)
    assert one.encoded() != other.encoded()


def test_another_key_does_not_open() -> None:
    with pytest.raises(Tampered):
        sealed.unseal(bytes(32), sealed.seal(KEY, b"", HERE, kid=b"EXCH"), HERE)


def test_the_same_secret_never_looks_the_same_twice() -> None:
    blobs = {sealed.seal(KEY, b"Budi", HERE, kid=b"EXCH") for _ in range(100)}
    assert len(blobs) == len({blob[8:20] for blob in blobs}) == 100


def test_wrong_sizes_are_refused() -> None:
    blob = sealed.seal(KEY, b"", HERE, kid=b"EXCH")
    for key in (b"", KEY[:31], KEY[:16], KEY + b"\0"):
        with pytest.raises(FormatError):
            sealed.seal(key, b"", HERE, kid=b"EXCH")
        with pytest.raises(FormatError):
            sealed.unseal(key, blob, HERE)
    for kid in (b"", b"EXC", b"EXCHA"):
        with pytest.raises(FormatError):
            sealed.seal(KEY, b"", HERE, kid=kid)


@pytest.mark.parametrize("where", [replace(HERE, row="\ud800"), replace(HERE, schema=-1), replace(HERE, version=2**64)])
def test_a_place_without_an_encoding_is_refused(where: Context) -> None:
    with pytest.raises(FormatError):
        sealed.seal(KEY, b"", where, kid=b"EXCH")
