"""The small values that formats are made of have one spelling each."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wire_strategies import MOMENTS, names

from wire import checks
from wire.errors import FormatError


@given(MOMENTS)
@example(0)
@example(253_402_300_799_999)
@settings(deadline=None)
def test_a_moment_has_one_spelling(moment: int) -> None:
    text = checks.moment_to_text(moment)
    assert len(text) == 24
    assert checks.moment_from_text(text) == moment
    when = datetime.fromisoformat(text)
    assert when.tzinfo == UTC
    assert int(when.replace(microsecond=0).timestamp()) == moment // 1000


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.0000Z",
        "2026-01-01t00:00:00.000z",
        "2026-01-01 00:00:00.000Z",
        "2026-01-01T00:00:00.000+00:00",
        "2026-01-01T24:00:00.000Z",
        "2026-01-01T00:00:00.000Z\n",
        "2026-13-01T00:00:00.000Z",
        "0000-01-01T00:00:00.000Z",
        "1969-12-31T23:59:59.999Z",
        "\u0662\u0660\u0662\u0666-01-01T00:00:00.000Z",
    ],
)
def test_another_spelling_of_a_moment_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        checks.moment_from_text(text)


@pytest.mark.parametrize("moment", [-1, 253_402_300_800_000, True, 1.0])
def test_a_moment_outside_the_calendar_is_refused(moment: int) -> None:
    with pytest.raises(FormatError):
        checks.moment_to_text(moment)


@given(names(1))
@settings(deadline=None)
def test_a_code_in_any_script_passes(word: str) -> None:
    assert checks.code(word) == checks.site(word) == word


@pytest.mark.parametrize(
    "word",
    [
        *("", " a", "a ", "a" * 65, "\u20ac" * 43, "a\nb", "a\x7fb", "a\x85b", "a\u200bb", "a\u202eb", "a\u2028b"),
        *("a\ufeffb", "a\ud800b", "a\uffffb", "a\U000e0041b", "a\xadb", 7, None),
    ],
)
def test_a_misleading_code_is_refused(word: str) -> None:
    with pytest.raises(FormatError):
        checks.code(word)


@pytest.mark.parametrize("name", ["Asia/Jakarta", "UTC", "Etc/GMT+7", "America/Port-au-Prince", "a" * 64])
def test_a_zone_passes(name: str) -> None:
    assert checks.zone(name) == name


@pytest.mark.parametrize("name", ["", "/etc", "Asia/", "../x", "Asia/Jak arta", "a" * 65, "7x", "UTC\n", None])
def test_no_zone_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        checks.zone(name)


@pytest.mark.parametrize("name", ["d", "door-1", "A.b_c-9", "0" * 64])
def test_a_device_id_passes(name: str) -> None:
    assert checks.device(name) == name


@pytest.mark.parametrize("name", ["", "-d", ".d", "d" * 65, "a/b", "a b", "d\n", "d\u0131", b"d"])
def test_no_device_id_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        checks.device(name)


@given(st.binary(max_size=80))
@settings(deadline=None)
def test_base64url_has_one_spelling(data: bytes) -> None:
    text = checks.to_base64url(data)
    assert checks.base64url(text) == data
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    same = [last for last in alphabet if text and _reads_as(text[:-1] + last, data)]
    assert same == ([text[-1]] if text else [])


def _reads_as(text: str, data: bytes) -> bool:
    try:
        return checks.base64url(text) == data
    except FormatError:
        return False


@pytest.mark.parametrize("text", ["A", "AA==", "A A", "AB", "+/AA", "AAAA\n", "\u00e9AAA", "AAAAA"])
def test_another_spelling_of_base64url_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        checks.base64url(text)


@pytest.mark.parametrize("text", ["", "AA", "AB==", "AA==AA==", "_w==", "AAA=", "AA==\n", "\u00e9A=="])
def test_another_spelling_of_base64_is_refused(text: str) -> None:
    assert checks.base64_padded("AA==", 1) == b"\0"
    with pytest.raises(FormatError):
        checks.base64_padded(text, 1)


@pytest.mark.parametrize("text", ["0", "0G", "AB", "00 ", "0x", "0000", "\u0660\u0660"])
def test_another_spelling_of_a_byte_is_refused(text: str) -> None:
    assert checks.hex_bytes("ab", 1) == b"\xab"
    with pytest.raises(FormatError):
        checks.hex_bytes(text, 1)


@pytest.mark.parametrize("value", [bytearray(4), b"abc", "abcd", None])
def test_bytes_are_bytes_of_their_size(value: bytes) -> None:
    assert checks.exact(b"abcd", "x", 4) == b"abcd"
    with pytest.raises(FormatError):
        checks.exact(value, "x", 4)
