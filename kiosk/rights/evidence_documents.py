"""The pages of evidence: the extract, the receipt for it, and the letter to whom it is about; refuses to soften a duty.

Pure: values in, a `Document` out.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from kiosk import words
from kiosk.rights import dates, strict
from kiosk.rights.company import Company
from kiosk.rights.document import Bullets, Document, Facts, Grid, Heading, Paragraph, Signatures
from kiosk.rights.evidence import Piece, Scope, Wanted
from kiosk.rights.exports import Listed
from wire import canonical
from wire.event import CheckIn, Correction, Dispute, Method, parse


def extract(  # noqa: PLR0913, PLR0917 - what a page of it says
    device: str,
    export_id: str,
    made_at: int,
    demand: Wanted,
    pieces: tuple[Piece, ...],
    names: Mapping[str, tuple[str, str]],
    zone: str,
    language: str,
) -> Document:
    """The entries for people to read, beside the file that proves them.

    Args:
        device: id.
        export_id: of the export.
        made_at: ms UTC.
        demand: what was asked for.
        pieces: the entries, in order.
        names: random id to code and name, for each person concerned.
        zone: in which times are printed.
        language: of the document.
    """
    say = _speaker(language)
    head = ("number", "moment", "person", "said") if demand.scope is Scope.ATTENDANCE else ("number", "moment", "said")
    rows = tuple(_row(piece, names, zone, language) for piece in pieces)
    return Document(
        kind="evidence",
        language=language,
        title=say("extract_title"),
        subtitle=say("period", first=dates.day(demand.first, zone), last=dates.day(demand.last - 1, zone)),
        made_at=made_at,
        confidential=True,
        footer=say("footer", export=export_id, device=device),
        blocks=(
            Facts(_facts(demand, zone, language)),
            Paragraph(say("proof")),
            *((Heading(say("people"), 2), _people(names, language)) if names else ()),
            Heading(say("entries_head"), 2),
            Paragraph(say("zone", zone=zone)),
            Grid(tuple(say(f"head_{name}") for name in head), rows, _widths(demand.scope)),
        ),
        data={"export": export_id, "device": device, "entries": [piece.seq for piece in pieces]},
    )


def receipt(listed: Listed, company: Company, signers: tuple[str, str], zone: str, language: str) -> Document:
    """What the receiver signs when the medium changes hands.

    Args:
        listed: the line of the register.
        company: whose data it is.
        signers: the names of the two who hand it over.
        zone: in which days are printed.
        language: of the document.
    """
    say, export = _speaker(language), listed.export
    facts = (
        (say("export"), listed.id),
        *_facts(export.wanted, zone, language),
        (say("entries"), say("entries_of", entries=export.entries, people=len(export.people))),
        (say("medium"), f"{export.medium}, {export.file}"),
        (say("sealed_digest"), export.sealed_sha256),
        (say("content_digest"), export.content_sha256),
        (say("expires"), dates.day(listed.expires, zone)),
    )
    return Document(
        kind="receipt",
        language=language,
        title=say("receipt_title"),
        subtitle=company.controller.name or say("not_filled"),
        made_at=listed.at,
        confidential=True,
        footer=f"{say('receipt_footer', export=listed.id)}. {say('receipt_text')}",
        blocks=(
            Facts(facts),
            Heading(say("duties"), 2),
            Bullets(tuple(say(f"duty_{name}") for name in ("purpose", "safe", "no_copy", "destroy", "lost"))),
            Signatures((*(say("hands_over", name=name) for name in signers), say("receives"))),
        ),
        data=_data(listed),
    )


def letter(listed: Listed, company: Company, name: str, zone: str, language: str) -> Document:
    """What a person concerned is told (GDPR Article 14; UU PDP 27/2022 Article 21); names no other person."""
    say, demand = _speaker(language), listed.export.wanted
    controller, officer, authority = company.controller, company.officer, company.authority
    contact = officer.contact or say("not_filled")
    return Document(
        kind="letter",
        language=language,
        title=say("letter_title"),
        subtitle=name,
        made_at=listed.at,
        confidential=True,
        footer=say("receipt_footer", export=listed.id),
        blocks=(
            Paragraph(say("letter_text", company=controller.name or say("not_filled"))),
            Facts(_facts(demand, zone, language)),
            Paragraph(say("letter_face")),
            Paragraph(say("letter_rights")),
            Facts(((say("officer"), contact), (say("authority"), authority.name or say("not_filled")))),
        ),
        data={"export": listed.id, "requester": demand.requester, "first": demand.first, "last": demand.last},
    )


def _data(listed: Listed) -> dict[str, Any]:
    export = listed.export
    return {
        "export": listed.id,
        "wanted": strict.plain(export.wanted),
        "entries": export.entries,
        "people": len(export.people),
        "medium": export.medium,
        "file": export.file,
        "sealed_sha256": export.sealed_sha256,
        "content_sha256": export.content_sha256,
        "expires": listed.expires,
    }


def _facts(demand: Wanted, zone: str, language: str) -> tuple[tuple[str, str], ...]:
    say = _speaker(language)
    return (
        (say("requester"), demand.requester),
        (say("ground"), demand.ground),
        (say("cited_law"), demand.cited_law),
        (say("scope"), say(f"scope_{demand.scope}")),
        (say("when"), say("period", first=dates.day(demand.first, zone), last=dates.day(demand.last - 1, zone))),
    )


def _people(names: Mapping[str, tuple[str, str]], language: str) -> Grid:
    say = _speaker(language)
    return Grid((say("head_code"), say("head_name")), tuple(sorted(names.values())), (1, 2))


def _row(piece: Piece, names: Mapping[str, tuple[str, str]], zone: str, language: str) -> tuple[str, ...]:
    moment = dates.minute(piece.at, zone)
    if not piece.person:
        said = canonical.decode(piece.clear)
        kind = str(said["kind"]) if isinstance(said, dict) else ""
        return (str(piece.seq), moment, kind)
    return (str(piece.seq), moment, names[piece.person][0], _said(piece, language))


def _said(piece: Piece, language: str) -> str:
    event, say = parse(piece.clear)[0], _speaker(language)
    match event:
        case CheckIn(method=Method.CLAIMED):  # of the others it does not matter here whether by face or PIN
            return say("claimed", action=words.say(language, f"action.{event.action}"))
        case CheckIn():
            return words.say(language, f"action.{event.action}")
        case Correction():
            return say("corrected", action=words.say(language, f"action.{event.action}"))
        case Dispute():
            return say("disputed")
        case _:
            return say("other")


def _widths(scope: Scope) -> tuple[float, ...]:
    return (1, 2, 2, 4) if scope is Scope.ATTENDANCE else (1, 2, 4)


def _speaker(language: str) -> Callable[..., str]:
    return partial(_say, language)


def _say(language: str, key: str, **values: str | int) -> str:
    return words.say(language, f"evidence.{key}", **values)
