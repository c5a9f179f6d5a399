"""The device's TLS key and certificate as files; refuses a certificate that is not for this key and this device."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM_LIMIT: Final = 1 << 16
_KEY_MARK: Final = b"PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class Life:
    """From when until when a certificate is good, ms since 1970."""

    begins: int
    ends: int

    @property
    def due(self) -> int:
        """When two thirds of it are over: time for the next."""
        return self.begins + (self.ends - self.begins) * 2 // 3


def make_request(key_file: Path, device: str) -> bytes:
    """Make the device's TLS key (P-256, 0400) if there is none, and return a certificate request (PEM, CN = device).

    Raises:
        OSError: the key cannot be written or read.
        ValueError: the file holds no key.
        TypeError: it holds another kind of key.
    """
    if not key_file.exists():
        made = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        replace(key_file, made, 0o400)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(_key(key_file), hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


def fingerprint(key_file: Path) -> bytes:
    """SHA-256 of a key's public half (SubjectPublicKeyInfo in DER), 32 bytes; raises as `make_request`."""
    return _fingerprint(_key(key_file).public_key())


def pair(certificate: bytes, key_file: Path, authority: bytes, device: str) -> bytes:
    """The certificate and its key as one PEM, so that both change in one step.

    Args:
        certificate: PEM, as headquarters sent it.
        key_file: the key that was asked for.
        authority: PEM of the only authority that counts.
        device: who must stand in it.

    Raises:
        ValueError: it is not for this key or this device, or the authority has not signed it.
        OSError, TypeError: as `make_request`.
    """
    try:
        read = x509.load_pem_x509_certificate(certificate)
        issuer = x509.load_pem_x509_certificate(authority)
        read.verify_directly_issued_by(issuer)
        public = read.public_key()
    except (InvalidSignature, UnsupportedAlgorithm, TypeError) as error:
        raise ValueError("the authority has not signed it") from error
    names = [attribute.value for attribute in read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if not isinstance(public, ec.EllipticCurvePublicKey) or _fingerprint(public) != fingerprint(key_file):
        raise ValueError("the certificate is for another key")
    if names != [device]:
        raise ValueError("the certificate is for another device")
    return read.public_bytes(serialization.Encoding.PEM) + key_file.read_bytes()


def pin(authority: bytes) -> bytes:
    """SHA-256 of an authority's certificate (PEM) in DER. Raises ValueError if it is none."""
    return x509.load_pem_x509_certificate(authority).fingerprint(hashes.SHA256())


def life(certificate: Path) -> Life:
    """How long the certificate in a file is good. Raises OSError, ValueError."""
    read = x509.load_pem_x509_certificate(_read(certificate))
    begins, ends = read.not_valid_before_utc, read.not_valid_after_utc
    return Life(int(begins.timestamp() * 1000), int(ends.timestamp() * 1000))


def same_key(certificate: Path, key_file: Path) -> bool:
    """Whether a file's certificate is for the key in the other; raises OSError, ValueError, TypeError."""
    public = x509.load_pem_x509_certificate(_read(certificate)).public_key()
    return isinstance(public, ec.EllipticCurvePublicKey) and _fingerprint(public) == fingerprint(key_file)


def holds_key(certificate: Path) -> bool:
    """Whether a certificate's file holds the key as well. Raises OSError."""
    return _KEY_MARK in _read(certificate)


def replace(path: Path, content: bytes, mode: int) -> None:
    """Write a file or put another in its place: whole, durable on return, never with a wider mode. Raises OSError."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(PEM_LIMIT)


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(_read(path), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("not an elliptic curve key")
    return key


def _fingerprint(public: ec.EllipticCurvePublicKey) -> bytes:
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(public.public_bytes(encoding, form)).digest()
