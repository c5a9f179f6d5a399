"""HQ's private authority: certificates for its server and its devices; refuses a request that names another device."""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hq.refusals import Refused

AUTHORITY_LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=397)
DEVICE_LIFE = timedelta(days=90)
BACKDATED = timedelta(hours=1)
"""A device whose clock is a little behind must still accept what was signed just now."""
REQUEST_LIMIT = 16 * 1024
RSA_BITS = 2048

RequestKey: TypeAlias = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's certificate and key, both PEM; the repr hides the key."""

    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        return "Authority(...)"


@dataclass(frozen=True, slots=True)
class _Leaf:
    """What differs between the certificates that are signed."""

    public: RequestKey
    common_name: str
    life: timedelta
    purpose: x509.ObjectIdentifier
    hosts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that was signed: PEM, serial number in upper-case hexadecimal, last moment in ms since 1970."""

    certificate: bytes
    serial: str
    not_after: int


def found(name: str, now: datetime) -> Authority:
    """Make a new authority: ECDSA P-256, ten years, allowed to sign leaves only."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} authority")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate.public_bytes(serialization.Encoding.PEM), _pem(key))


def issue_server(authority: Authority, hosts: Sequence[str], now: datetime) -> tuple[Issued, bytes]:
    """Make a key and a certificate for HQ's own server under these host names and addresses; returns both (key PEM)."""
    if not hosts:
        raise Refused("The server certificate needs at least one host name or address.")
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _Leaf(key.public_key(), hosts[0], SERVER_LIFE, ExtendedKeyUsageOID.SERVER_AUTH, hosts)
    issued = _sign(authority, leaf, now)
    return issued, _pem(key)


@dataclass(frozen=True, slots=True)
class Request:
    """A certificate request that was checked: its public key, and SHA-256 of that key (SubjectPublicKeyInfo, DER)."""

    public: RequestKey
    fingerprint: bytes


def read_request(request: bytes, device: str) -> Request:
    """Check a device's certificate request (PEM); nothing but its key and common name is ever taken over.

    Raises:
        Refused: not a request, not signed by its own key, a weak key, or a common name other than the device's id.
    """
    try:
        csr = x509.load_pem_x509_csr(request) if len(request) <= REQUEST_LIMIT else None
    except (ValueError, UnsupportedAlgorithm):
        csr = None
    if csr is None:
        raise Refused("The file is not a certificate request in PEM form.")
    try:
        names = [attribute.value for attribute in csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        valid = csr.is_signature_valid
        public = csr.public_key()
    except (ValueError, UnsupportedAlgorithm, InvalidSignature) as error:
        raise Refused("The certificate request cannot be read.") from error
    if not valid:
        raise Refused("The certificate request is not signed by the key inside it.")
    if names != [device]:
        raise Refused("The certificate request names another device.")
    strong = (
        (isinstance(public, rsa.RSAPublicKey) and public.key_size >= RSA_BITS)
        or (isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1 | ec.SECP384R1))
        or isinstance(public, ed25519.Ed25519PublicKey)
    )
    if not strong or not isinstance(public, RequestKey):
        raise Refused("The key of the certificate request is too weak or of a kind that is not used here.")
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return Request(public, hashlib.sha256(public.public_bytes(encoding, form)).digest())


def issue_device(authority: Authority, request: bytes, device: str, now: datetime) -> Issued:
    """Sign a device's certificate request (PEM) for 90 days. Raises Refused as `read_request`."""
    public = read_request(request, device).public
    return _sign(authority, _Leaf(public, device, DEVICE_LIFE, ExtendedKeyUsageOID.CLIENT_AUTH), now)


def pin(certificate: bytes) -> bytes:
    """SHA-256 of a PEM certificate in DER: what an invitation holds of the authority."""
    return x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256())


def last_day(certificate: bytes) -> datetime:
    """The last moment (UTC) of a PEM certificate."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def _sign(authority: Authority, leaf: _Leaf, now: datetime) -> Issued:
    try:
        issuer = x509.load_pem_x509_certificate(authority.certificate)
        key = serialization.load_pem_private_key(authority.key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refused("ca.pem or ca.key is damaged.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != issuer.public_key():
        raise Refused("ca.key is not the key of this authority.")
    issuer_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, leaf.common_name)]))
        .issuer_name(issuer.subject)
        .public_key(leaf.public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + leaf.life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([leaf.purpose]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf.public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), critical=False)
    )
    if leaf.hosts:
        names = x509.SubjectAlternativeName([_general_name(host) for host in leaf.hosts])
        builder = builder.add_extension(names, critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    return Issued(
        certificate.public_bytes(serialization.Encoding.PEM),
        f"{certificate.serial_number:X}",
        int(certificate.not_valid_after_utc.timestamp() * 1000),
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    encoding, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, private, serialization.NoEncryption())
