"""Signatures."""

import pytest

from wire.errors import BadSignature, FormatError
from wire.signing import SigningKey, key_id, verify

# RFC 8032 section 7.1, test 1
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


def test_the_example_of_rfc_8032_holds() -> None:
    key = SigningKey.from_bytes(SECRET)
    assert key.public == PUBLIC
    assert key.private_bytes() == SECRET
    assert key.sign(b"") == SIGNATURE
    verify(PUBLIC, SIGNATURE, b"")


def test_a_signature_fits_one_key_and_one_message() -> None:
    key = SigningKey.generate()
    verify(key.public, key.sign(b"message"), b"message")
    for public, signature, message in (
        (key.public, key.sign(b"message"), b"massage"),
        (SigningKey.generate().public, key.sign(b"message"), b"message"),
        (key.public, key.sign(b"message")[:-1], b"message"),
        (key.public[:-1], key.sign(b"message"), b"message"),
        (b"\xff" * 32, key.sign(b"message"), b"message"),
    ):
        with pytest.raises(BadSignature):
            verify(public, signature, message)


def test_a_signature_is_not_malleable() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    shifted = int.from_bytes(SIGNATURE[32:], "little") + order
    with pytest.raises(BadSignature):
        verify(PUBLIC, SIGNATURE[:32] + shifted.to_bytes(32, "little"), b"")


def test_a_key_does_not_show_its_secret() -> None:
    key = SigningKey.from_bytes(SECRET)
    assert repr(key) == f"SigningKey(key_id={key_id(PUBLIC).hex()})"
    assert len(key_id(PUBLIC)) == 4


def test_a_secret_of_another_size_is_refused() -> None:
    with pytest.raises(FormatError):
        SigningKey.from_bytes(SECRET[:31])
