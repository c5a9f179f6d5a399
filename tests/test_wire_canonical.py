"""JSON with one spelling."""

import json
from enum import StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_strategies import nested

from wire import canonical
from wire.canonical import Encodable
from wire.errors import FormatError


class Word(StrEnum):
    YES = "yes"


@given(nested(3))
@settings(deadline=None)
def test_what_is_encoded_is_decoded(value: Encodable) -> None:
    data = canonical.encode(value)
    assert canonical.decode(data) == value
    assert canonical.decode_canonical(data) == value
    assert json.loads(data) == value


@given(nested(2))
@settings(deadline=None)
def test_another_spelling_of_the_same_value_is_not_canonical(value: Encodable) -> None:
    other = json.dumps([value], indent=1).encode()
    assert canonical.decode(other) == [value]
    with pytest.raises(FormatError):
        canonical.decode_canonical(other)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.none(), min_size=2))
@settings(deadline=None)
def test_keys_stand_in_the_order_of_their_utf16_code_units(value: dict[str, None]) -> None:
    keys = list(json.loads(canonical.encode(value)))
    units = [[int.from_bytes(pair) for pair in zip(*[iter(key.encode("utf-16-be"))] * 2, strict=True)] for key in keys]
    assert units == sorted(units)


@given(st.binary(max_size=64))
@settings(deadline=None)
def test_no_bytes_make_the_reader_fall_over(data: bytes) -> None:
    try:
        canonical.decode(data)
    except FormatError:
        return


def test_the_example_of_rfc_8785_is_sorted_as_the_rfc_says() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(canonical.encode(value)).values()) == [2, 4, 6, 7, 1, 5, 3]


def test_enumerations_and_tuples_are_spelled_as_what_they_are() -> None:
    assert canonical.encode({"b": (Word.YES, True), "a": None}) == b'{"a":null,"b":["yes",true]}'


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), b"x", {1: 2}, {"a": {1}}, 2**53, -(2**53), "\ud800", {"\udfff": 1}, object()]
)
def test_a_value_without_a_spelling_is_refused(value: Encodable) -> None:
    with pytest.raises(FormatError):
        canonical.encode(value)


def test_depth_counts_containers() -> None:
    eight: Encodable = 1
    for _ in range(8):
        eight = [eight]
    assert canonical.decode(canonical.encode(eight)) == eight
    with pytest.raises(FormatError):
        canonical.encode([eight])
    assert canonical.encode([eight], depth=9)
    with pytest.raises(FormatError):
        canonical.decode(canonical.encode([eight], depth=9))
    with pytest.raises(FormatError):
        canonical.decode(b"[" * 1_000_000)
    with pytest.raises(FormatError):
        canonical.decode(b'{"a":' * 9 + b"1" + b"}" * 9)


def test_the_size_limit_is_exact() -> None:
    assert canonical.decode(b"[1,2]", limit=5) == [1, 2]
    with pytest.raises(FormatError):
        canonical.decode(b"[1,2]", limit=4)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ([], {}),
        (None, {}),
        ({"a": 1}, {}),
        ({}, {"a": int}),
        ({"a": 1, "b": 2}, {"a": int}),
        ({"a": True}, {"a": int}),
        ({"a": 1}, {"a": str}),
        ({"a": None}, {"a": (int, str)}),
    ],
)
def test_a_closed_object_refuses(value: object, shape: dict[str, type | tuple[type, ...]]) -> None:
    with pytest.raises(FormatError):
        canonical.fields(value, shape)


def test_a_closed_object_may_allow_several_types() -> None:
    shape: dict[str, type | tuple[type, ...]] = {"a": (int, type(None)), "b": str}
    assert canonical.fields({"a": None, "b": ""}, shape) == {"a": None, "b": ""}


def test_an_error_never_quotes_the_input() -> None:
    for data in (b'{"Budi":1,"Budi":2}', b"[Budi]", b'["Budi\n"]'):
        with pytest.raises(FormatError) as caught:
            canonical.decode(data)
        assert "Budi" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
