"""What the desk gives a person on paper about a request; refuses to leave out where to complain.

GDPR Article 12(3) and (4): the reasons of a delay or a refusal, the supervisory authority, and the court.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.rights import remedies
from kiosk.rights.company import Company
from kiosk.rights.dates import day, minute
from kiosk.rights.document import Block, Bullets, Document, Facts, Heading, Paragraph, Signatures
from kiosk.rights.request_codec import encode
from kiosk.rights.requests import Answered, ErasureGround, Filed, Refused, Request, Right, State, due
from kiosk.words import say

RULED: Final = "_" * 40
_LINE: Final = "_" * 92


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every letter needs beside the request.

    Attributes:
        company: whose letter it is.
        language: two letters.
        code: employee code, or "" for somebody whom the device does not know.
        device: id.
        zone: IANA time zone of the door.
        now: ms UTC.
    """

    company: Company
    language: str
    code: str
    device: str
    zone: str
    now: int

    def say(self, key: str, **values: str | int) -> str:
        """A sentence of this desk."""
        return say(self.language, f"requests.{key}", **values)


def letter(head: Letterhead, filed: Filed) -> Document:
    """The letter that fits how far a request has come: received, put off, answered or refused.

    Raises:
        ValueError: the person is erased, or does not want it any more: there is nobody to write to.
    """
    request = filed.request
    if request is None or filed.state is State.WITHDRAWN:
        raise ValueError("nobody to write to")
    match request.outcome:
        case Refused() as refused:
            return refusal(head, filed, request, refused)
        case Answered() as answered:
            return reply(head, filed, request, answered)
        case _:
            return received(head, filed, request) if request.extension is None else extension(head, filed, request)


def received(head: Letterhead, filed: Filed, request: Request) -> Document:
    """That a request has arrived, and by when it is answered."""
    blocks: list[Block] = [Paragraph(head.say("received_text")), _facts(head, filed, request, due_too=True)]
    return _document(head, filed, request, "received", [*blocks, *_fee(head, request), *_contact(head)])


def extension(head: Letterhead, filed: Filed, request: Request) -> Document:
    """That the answer takes longer, why, and until when (GDPR Article 12(3))."""
    assert request.extension is not None  # noqa: S101 - `letter` has looked
    dates = {
        "received": day(request.received_at, head.zone),
        "before": minute(due(request.received_at, head.company.clocks), head.zone),
        "after": minute(filed.due_at, head.zone),
    }
    right = head.say(f"rights.{request.right}")
    blocks: list[Block] = [
        Paragraph(head.say("extension_text", right=right, **dates), strong=True),
        Facts(((head.say("reason"), request.extension.reason),)),
        Paragraph(head.say("extension_law")),
        *_fee(head, request),
        *_remedies(head),
        _facts(head, filed, request, due_too=True),
    ]
    return _document(head, filed, request, "extension", [*blocks, *_contact(head)])


def refusal(head: Letterhead, filed: Filed, request: Request, refused: Refused) -> Document:
    """Why a request is refused, and where to go against it (GDPR Article 12(4))."""
    received_on, right = day(request.received_at, head.zone), head.say(f"rights.{request.right}")
    law = ((head.say("law"), refused.law),) if refused.law else ()
    blocks: list[Block] = [
        Paragraph(head.say("refused_text", received=received_on, right=right), strong=True),
        Paragraph(head.say(f"refusals.{refused.ground}")),
        Facts(((head.say("reason"), refused.reason), *law)),
        Paragraph(head.say("no_machine")),
        Heading(head.say("refused_rights"), 2),
        *_remedies(head),
        _facts(head, filed, request),
    ]
    return _document(head, filed, request, "refusal", [*blocks, *_contact(head)])


def reply(head: Letterhead, filed: Filed, request: Request, answered: Answered) -> Document:
    """That a request was answered, and with what."""
    said: list[Block] = [Paragraph(head.say("answered_text", day=day(answered.at, head.zone)), strong=True)]
    if answered.note:
        said.append(Paragraph(answered.note))
    if answered.certificate:
        said.append(Paragraph(head.say("certificate", certificate=answered.certificate)))
    blocks = [*said, _facts(head, filed, request), *_fee(head, request), *_remedies(head), *_contact(head)]
    return _document(head, filed, request, "answer", blocks)


def form(head: Letterhead, right: Right) -> Document:
    """A form to fill in by hand and give to the officer (policy E13)."""
    officer = head.company.officer
    blocks: list[Block] = [
        Facts(
            (
                (head.say("form_officer"), ", ".join(part for part in (officer.name, officer.email) if part) or RULED),
                (head.say("company"), head.company.controller.name or RULED),
                (head.say("code"), head.code or RULED),
                (head.say("right"), head.say(f"rights.{right}")),
            )
        ),
        *_grounds(head, right),
        Heading(head.say("form_box"), 2),
        *(Paragraph(_LINE) for _ in range(5)),
        Facts(((head.say("form_since"), RULED),)),
        Paragraph(head.say("form_how")),
        Paragraph(head.say("form_when", hours=head.company.clocks.request_hours)),
        Paragraph(head.say("form_free"), strong=True),
        Signatures((head.say("person_signs"), head.say("officer_signs"))),
    ]
    footer = head.say("footer", request="________________", device=head.device)
    data = {"right": right.value, "hours": head.company.clocks.request_hours}
    title = head.say("form_title")
    return Document(
        "request-form",
        head.language,
        title,
        head.say(f"rights.{right}"),
        head.now,
        confidential=True,
        footer=footer,
        blocks=tuple(blocks),
        data=data,
    )


def _grounds(head: Letterhead, right: Right) -> Iterator[Block]:
    if right is Right.ERASURE:
        yield Bullets(tuple(f"[  ] {head.say(f'erasures.{ground}')}" for ground in ErasureGround))


def _facts(head: Letterhead, filed: Filed, request: Request, *, due_too: bool = False) -> Facts:
    ground = () if request.ground is None else ((head.say("reason"), head.say(f"erasures.{request.ground}")),)
    last = ((head.say("due"), minute(filed.due_at, head.zone)),) if due_too else ()
    return Facts(
        (
            (head.say("request"), filed.id),
            (head.say("code"), head.code or head.say("unknown_person")),
            (head.say("right"), head.say(f"rights.{request.right}")),
            *ground,
            (head.say("received"), f"{day(request.received_at, head.zone)}, {head.say(f'how_{request.how}')}"),
            (head.say("state"), head.say(f"states.{filed.state}")),
            *last,
        )
    )


def _fee(head: Letterhead, request: Request) -> Iterator[Block]:
    if request.fee is not None:
        yield Paragraph(head.say("fee_text", amount=request.fee.amount, reason=request.fee.reason))


def _remedies(head: Letterhead) -> Iterator[Block]:
    yield Paragraph(remedies.authority(head.company, head.language))
    yield Paragraph(remedies.court(head.language))


def _contact(head: Letterhead) -> Iterator[Block]:
    yield Paragraph(remedies.officer(head.company, head.language))


def _document(head: Letterhead, filed: Filed, request: Request, kind: str, blocks: list[Block]) -> Document:
    title = head.say(f"{_TITLES[kind]}_title")
    footer = head.say("footer", request=filed.id, device=head.device)
    said = encode(request)
    data = {
        "request": filed.id,
        "person": head.code,
        "state": filed.state.value,
        "due_at": filed.due_at,
        **{name: said[name] for name in ("right", "how", "received_at", "ground")},
    }
    if request.extension is not None:
        data["extension"] = {"days": request.extension.days, "reason": request.extension.reason}
    if isinstance(request.outcome, Refused):
        outcome = request.outcome
        data["refusal"] = {"ground": outcome.ground.value, "reason": outcome.reason, "law": outcome.law}
    company = head.company.controller.name
    return Document(
        f"request-{kind}",
        head.language,
        title,
        company,
        head.now,
        confidential=True,
        footer=footer,
        blocks=tuple(blocks),
        data=data,
    )


_TITLES: Final = {"received": "received", "extension": "extension", "refusal": "refused", "answer": "answered"}
