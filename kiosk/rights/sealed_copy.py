"""A copy of a person's data in one sealed file, for them or for a recipient they name; refuses a stranger.

GDPR Article 20(1) and (2): for the person to take along, or directly to another controller.
"""

import hashlib
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import access_data, documents, request_acts
from kiosk.rights.access import access
from kiosk.rights.access_reader import Reader
from kiosk.rights.company import Company
from kiosk.rights.dates import DAY_MS
from kiosk.rights.document import Document, Facts, Heading, NewPage, Paragraph, Signatures
from kiosk.rights.holdings import Holdings, holdings
from kiosk.rights.requests import Right
from kiosk.rights.sealed_pdf import Attachment, new_passphrase, seal
from kiosk.store import LocalKind, papers
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.files import replace_file
from kiosk.store.papers import PaperKind
from kiosk.words import say

if TYPE_CHECKING:
    from kiosk.store import Store

RIGHTS: Final = frozenset({Right.ACCESS, Right.PORTABILITY})
"""A request for one of these, with the identity checked, is needed for a copy."""
_LEAST_NAME: Final = 3


@dataclass(frozen=True, slots=True)
class Handed:
    """A copy that was written.

    Attributes:
        file: where.
        size: bytes.
        digest: SHA-256 of the file, hexadecimal; who gets it can check that it arrived whole.
        expires_at: until when the desk keeps track of it, ms UTC; the file itself should be deleted by then.
        request: which request it answers.
        export: id of its paper.
        passphrase: shown once, on another way than the file; kept nowhere.
    """

    file: Path
    size: int
    digest: str
    expires_at: int
    request: str
    export: str
    passphrase: str = field(repr=False)


def hand_copy(  # noqa: PLR0913 - who gives what to whom
    store: "Store",
    person: str,
    place: Path,
    company: Company,
    login: LoggedIn,
    *,
    language: str = "en",
    recipient: str = "",
) -> Handed:
    """Write a sealed copy into a new file and into the register of exports.

    Args:
        store: open.
        person: random id.
        place: a new file outside of the data directory, whose name tells nothing of the person.
        company: who answers for the data.
        login: of the officer.
        language: of the document.
        recipient: name in privacy.toml, for a direct transfer; "" for the person.

    Raises:
        Fault: DESK_REFUSED: not the officer, or a recipient that is not registered or has no ground; REQUEST_REFUSED:
            no request whose identity is checked; OUTPUT_REFUSED, DISK_FULL, DISK_FAILED; what the store raises.
    """
    if login.role is not Role.DPO:
        raise Fault(FaultCode.DESK_REFUSED, "for dpo")
    _registered(company, recipient)
    filed = request_acts.answerable(store, person, RIGHTS)
    held = holdings(store, person)
    place = _fit(store, held, place)
    document = access(held, Reader(company, language, filed.id))
    if recipient:
        document = with_receipt(document, held, recipient)
    passphrase, files = new_passphrase(), attachments(held, company)
    sealed = seal(documents.pdf(document), files, passphrase)
    digest, now = hashlib.sha256(sealed).hexdigest(), store.now_ms()
    expires_at = now + company.periods.exports_days * DAY_MS
    content = {"what": "copy", "recipient": recipient, "digest": digest, "size": len(sealed), "request": filed.id}
    with store.database.write():  # without its line in the register there is no file, and the other way round
        export = papers.put(
            store, PaperKind.EXPORT, content, state="out", person=person, due_at=expires_at, by=login.account
        )
        store.append_local(LocalKind.EXPORTED, {"person": person, "what": "copy", "paper": export})
        replace_file(place, sealed, 0o600)  # not `write_secret`: a stick's file system has no links
    return Handed(place, len(sealed), digest, expires_at, filed.id, export, passphrase)


def attachments(held: Holdings, company: Company) -> tuple[Attachment, ...]:
    """What a copy holds for programs."""
    return (
        Attachment("access.json", "application/json", access_data.as_json(access_data.data(held, company))),
        Attachment("attendance.csv", "text/csv", access_data.attendance_csv(held)),
        Attachment("schema.json", "application/schema+json", access_data.schema()),
    )


def with_receipt(document: Document, held: Holdings, recipient: str) -> Document:
    """The document with a form on a page of its own: handed over by whom, received by whom (policy E22)."""
    language = document.language
    page = (
        NewPage(),
        Heading(say(language, "access.receipt_title")),
        Paragraph(say(language, "access.receipt_text"), strong=True),
        Facts(
            (
                (say(language, "access.receipt_to"), recipient),
                (say(language, "access.receipt_what"), say(language, "access.receipt_files")),
                (say(language, "access.field.code"), held.field("code")),
            )
        ),
        Signatures(tuple(say(language, f"access.receipt_{key}") for key in ("given", "taken", "deleted"))),
    )
    return replace(document, blocks=(*document.blocks, *page))


def _registered(company: Company, recipient: str) -> None:
    known = {each.name: each for each in company.recipients}
    if recipient and (recipient not in known or not known[recipient].ground):
        raise Fault(FaultCode.DESK_REFUSED, "privacy.toml names no such recipient, or no ground for this transfer")


def _fit(store: "Store", held: Holdings, place: Path) -> Path:
    """A place for the file. Raises Fault OUTPUT_REFUSED: it is taken, in the data directory, or names the person."""
    whole = place.resolve()
    name = _plain(whole.name)
    parts = (held.field("code"), *held.field("name").split())
    telling = any(len(part) >= _LEAST_NAME and _plain(part) in name for part in parts)
    inside = whole.is_relative_to(store.database.directory.resolve().parent)
    if telling:
        raise Fault(FaultCode.OUTPUT_REFUSED, "the name of the file tells whose it is")
    if inside or whole.exists():
        raise Fault(FaultCode.OUTPUT_REFUSED, whole.name)
    return whole


def _plain(words: str) -> str:
    folded = unicodedata.normalize("NFKD", words).casefold()
    return "".join(letter for letter in folded if letter.isalnum())
