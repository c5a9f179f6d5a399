"""The invitation has one spelling, its proof binds two keys, and a report holds nothing that is not on its list."""

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_samples import KEY, OTHER

from wire import invitation, report
from wire.certificate import Level
from wire.errors import BadSignature, FormatError, UnknownFormat
from wire.invitation import Invitation
from wire.report import Delivery, Report, Welfare
from wire.signing import SigningKey

TOKEN, PIN = bytes(range(16)), bytes(range(32))
T, P = "AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
LINE = f"AI1,https://hq.example:8443,9f2c00d1e5a1b2c3,{T},{P}"
KNOWN = SigningKey.from_bytes(bytes(range(32)))
PROOF = (
    b"\0ambang-enrol-v1\0" + b"door-1" + b"\0" + TOKEN + hashlib.sha256(b"a TLS key").digest()
)  # docs/formats.md, put together by hand

GOOD = {
    LINE: ("https://hq.example:8443", "9f2c00d1e5a1b2c3", "hq.example"),
    f"AI1,https://127.0.0.1,door-1,{T},{P}": ("https://127.0.0.1", "door-1", "127.0.0.1"),
    f"AI1,https://[::1]:65535,d,{T},{P}": ("https://[::1]:65535", "d", "::1"),
}
BAD: dict[str, tuple[str, type[FormatError]]] = {
    "nothing": ("", UnknownFormat),
    "the next version": (LINE.replace("AI1", "AI2"), UnknownFormat),
    "a badge": ("AB1" + T, UnknownFormat),
    "small letters": (LINE.replace("AI1", "ai1"), UnknownFormat),
    "a part missing": (LINE.rsplit(",", 1)[0], FormatError),
    "a part more": (f"{LINE},", FormatError),
    "too long": (LINE.replace("hq.example", "a" * 400), FormatError),
    "a space at the end": (f"{LINE} ", FormatError),
    "a line feed at the end": (f"{LINE}\n", FormatError),
    "http": (LINE.replace("https", "http"), FormatError),
    "a path": (LINE.replace(":8443", ":8443/x"), FormatError),
    "a slash at the end": (LINE.replace(":8443", ":8443/"), FormatError),
    "a user": (LINE.replace("//hq", "//me@hq"), FormatError),
    "a capital host": (LINE.replace("hq.example", "HQ.example"), FormatError),
    "no host": (LINE.replace("hq.example", ""), FormatError),
    "port 0": (LINE.replace("8443", "0"), FormatError),
    "a port too large": (LINE.replace("8443", "65536"), FormatError),
    "a port with a zero before": (LINE.replace("8443", "0443"), FormatError),
    "no device": (LINE.replace("9f2c00d1e5a1b2c3", ""), FormatError),
    "a device with a space": (LINE.replace("9f2c00d1e5a1b2c3", "a b"), FormatError),
    "a short token": (LINE.replace(T, T[:-2]), FormatError),
    "a long token": (LINE.replace(T, P), FormatError),
    "loose bits": (LINE.replace(T, T[:-1] + "x"), FormatError),
    "padding": (LINE.replace(T, f"{T}=="), FormatError),
    "a short pin": (LINE.replace(P, T), FormatError),
    "the other base64": (LINE.replace(T, "+" + T[1:]), FormatError),
}


@pytest.mark.parametrize(("line", "said"), GOOD.items())
def test_an_invitation_reads_as_it_was_written(line: str, said: tuple[str, str, str]) -> None:
    found = invitation.read(line)
    assert (found.url, found.device, found.host) == said
    assert (found.token, found.pin) == (TOKEN, PIN)
    assert invitation.write(found) == line
    assert T not in repr(found)
    assert repr(TOKEN) not in repr(found)


@pytest.mark.parametrize(("line", "refusal"), BAD.values(), ids=BAD)
def test_every_other_spelling_is_refused(line: str, refusal: type[FormatError]) -> None:
    with pytest.raises(FormatError) as refused:
        invitation.read(line)
    assert refused.type is refusal


def independently(line: str) -> tuple[str, str, bytes, bytes] | None:
    """A second reader, for the spelling alone."""
    letters = "[A-Za-z0-9_-]"
    found = re.fullmatch(rf"AI1,(https://[^,/@]+),([^,]+),({letters}{{22}}),({letters}{{43}})", line)
    if found is None:
        return None
    token, pin = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in found.groups()[2:])
    return found[1], found[2], token, pin


@given(
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=32, max_size=32),
    st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True),
)
@settings(deadline=None)
def test_two_readers_read_the_same(token: bytes, pin: bytes, device: str) -> None:
    name = f"d{device}"
    line = invitation.write(Invitation("https://hq.example", name, token, pin))
    assert independently(line) == ("https://hq.example", name, token, pin)
    assert invitation.read(line) == Invitation("https://hq.example", name, token, pin)


@given(st.text(max_size=80))
@settings(deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    for line in (text, f"AI1,{text}", f"{LINE}{text}"):
        try:
            assert invitation.write(invitation.read(line)) == line
        except FormatError:
            continue


def test_the_proof_is_what_the_document_says() -> None:
    key_hash = hashlib.sha256(b"a TLS key").digest()
    assert invitation.prove("door-1", TOKEN, key_hash, KNOWN) == KNOWN.sign(PROOF)


def test_the_proof_holds_for_one_device_one_token_one_tls_key_and_one_ledger_key() -> None:
    key_hash = hashlib.sha256(b"a TLS key").digest()
    proof = invitation.prove("door-1", TOKEN, key_hash, KEY)
    invitation.check("door-1", TOKEN, key_hash, KEY.public, proof)
    for other in (
        ("door-2", TOKEN, key_hash, KEY.public),
        ("door-1", PIN[16:], key_hash, KEY.public),
        ("door-1", TOKEN, hashlib.sha256(b"another").digest(), KEY.public),
        ("door-1", TOKEN, key_hash, OTHER.public),
    ):
        with pytest.raises(BadSignature):
            invitation.check(*other, proof)
    with pytest.raises(FormatError):
        invitation.prove("door-1", TOKEN[1:], key_hash, KEY)


PLACE = "-6.2088, 106.8456"
WELFARE = Welfare(1, Level.HARDWARE, 10, 1, 9, 1_000, 3, 0, 0, None, 2, PLACE)
REPORT = Report(
    *("door-1", "ab" * 8, 5, "0.1.0", Delivery.OFFLINE, "unreachable", 3, 60_000, {"server_bug": 2}, 9, None),
    network="00" * 32,
    network_changed=True,
    welfare=WELFARE,
)


def test_a_report_is_read_as_it_was_written_and_names_nobody() -> None:
    encoded = report.encode(REPORT)
    assert report.decode(encoded) == REPORT
    assert report.decode_welfare(report.encode_welfare(WELFARE)) == WELFARE
    assert len(encoded) < 1_000
    words = {value for value in _leaves(json.loads(encoded)) if isinstance(value, str)}
    said = {"ambang.report.v1", "door-1", "ab" * 8, "0.1.0", "offline", "unreachable", "hardware", "00" * 32}
    assert words == {*said, PLACE}


def _leaves(value: Any) -> list[object]:  # noqa: ANN401 - a tree of JSON
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in _leaves(one)]
    return [value]


@pytest.mark.parametrize("name", sorted(json.loads(report.encode(REPORT))))
def test_a_report_without_one_of_its_fields_is_refused(name: str) -> None:
    said = json.loads(report.encode(REPORT))
    del said[name]
    with pytest.raises(FormatError):
        report.decode(json.dumps(said).encode())


def test_a_kiosk_from_before_there_was_a_position_has_none() -> None:
    said = json.loads(report.encode_welfare(WELFARE))
    del said["position"]
    assert report.decode_welfare(json.dumps(said).encode()).position == ""


@pytest.mark.parametrize("name", sorted(json.loads(report.encode_welfare(WELFARE))))
@pytest.mark.parametrize("value", [-1, "x", 0.5, True, [1], 2**53])
def test_a_kiosks_word_with_another_value_is_refused(name: str, value: object) -> None:
    said = json.loads(report.encode_welfare(WELFARE)) | {name: value}
    with pytest.raises(FormatError):
        report.decode_welfare(json.dumps(said).encode())
