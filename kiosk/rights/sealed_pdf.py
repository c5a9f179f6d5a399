"""Seals a PDF with files inside for one reader: AES-256 under a passphrase; the home of pikepdf. Refuses a weak one.

PDF 2.0 (ISO 32000-2), standard security handler revision 6. The owner password is random and thrown away: it opens no
back door. This encryption does not detect alteration; the desk keeps a digest of the file for that.
"""

import io
import secrets
from dataclasses import dataclass, field
from typing import Final

import pikepdf

# As for one-time codes: without I, L, O and U. 20 of 32 letters are 100 bits.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 20
_GROUP: Final = 5


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def new_passphrase() -> str:
    """20 random letters and digits in four groups, "7K2M0-QXA4B-...": 100 bits; nobody keeps it."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[at : at + _GROUP] for at in range(0, LENGTH, _GROUP))


def seal(page: bytes, attachments: tuple[Attachment, ...], passphrase: str) -> bytes:
    """One encrypted PDF: pages and attachments.

    Args:
        page: a PDF that is not encrypted.
        attachments: by different names.
        passphrase: of 20 characters or more.

    Raises:
        ValueError: a shorter passphrase, or two attachments of one name.
    """
    if len(passphrase) < LENGTH:
        raise ValueError("the passphrase is too short")
    if len({each.name for each in attachments}) != len(attachments):
        raise ValueError("two attachments of one name")
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(page)) as pdf:
        for each in attachments:
            pdf.attachments[each.name] = pikepdf.AttachedFileSpec(
                pdf, each.content, filename=each.name, mime_type=each.media_type
            )
        pdf.save(
            out,
            min_version="2.0",
            encryption=pikepdf.Encryption(
                user=passphrase, owner=secrets.token_urlsafe(32), R=6, aes=True, metadata=True
            ),
        )
    return out.getvalue()
