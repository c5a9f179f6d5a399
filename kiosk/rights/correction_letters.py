"""The answer to whoever asked for a correction or a human; refuses to leave out where to complain.

GDPR Articles 12(4), 16, 19, 22(3).
"""

from dataclasses import dataclass
from typing import assert_never

from kiosk.rights import dates, remedies
from kiosk.rights.company import Company
from kiosk.rights.correction import Doubted, Matter, Missing, Outcome, ProfileWrong, Ruling, Subject, Wrong, encode
from kiosk.rights.document import Block, Document, Facts, Grid, Heading, Paragraph
from kiosk.rights.recipients_of_corrections import HEADQUARTERS
from kiosk.rights.recipients_told import Telling
from kiosk.words import say
from wire.event import Action


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What a letter needs beside its matter.

    Attributes:
        company: whose letter it is.
        language: two letters.
        code: employee code of whom it is for.
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
        return say(self.language, f"correction.{key}", **values)

    def minute(self, ms: int) -> str:
        """A minute on the clock of the door."""
        return dates.minute(ms, self.zone)


def act(language: str, action: Action, at: int, zone: str) -> str:
    """What somebody did, and when (ms UTC) on the clock of the door: "In, 2026-11-16 08:00 WIB"."""
    what = say(language, f"correction.action.{action}")
    return say(language, "correction.act", action=what, at=dates.minute(at, zone))


def answer(head: Letterhead, matter_id: str, matter: Matter, ruling: Ruling, told: tuple[Telling, ...]) -> Document:
    """What was decided, by a human, and what the person may do about it."""
    blocks: list[Block] = [
        Paragraph(head.say(f"outcome.{ruling.outcome}"), strong=True),
        *_counts(head, ruling),
        *([Facts(((head.say("reason"), ruling.reason),))] if ruling.reason else []),
        Paragraph(head.say("by_human")),
        Heading(head.say("asked_heading"), 2),
        Facts(_asked(head, matter, ruling)),
    ]
    if matter.statement:
        blocks += [Heading(head.say("statement_heading"), 2), Paragraph(matter.statement)]
    if told:
        blocks += [Heading(head.say("recipients_heading"), 2), Paragraph(head.say("recipients_text"))]
        rows = tuple((_name(head, each), head.say(f"told.{each.state}"), head.minute(each.changed_at)) for each in told)
        blocks.append(Grid((head.say("recipient"), head.say("state"), head.say("since")), rows, (0.4, 0.35, 0.25)))
    blocks += [Heading(head.say("rights_heading"), 2), *_remedies(head, matter, ruling)]
    return Document(
        kind="correction",
        language=head.language,
        title=head.say("title"),
        subtitle=head.say("subtitle", code=head.code, at=head.minute(head.now)),
        made_at=head.now,
        confidential=True,
        footer=head.say("footer", matter=matter_id, device=head.device),
        blocks=tuple(blocks),
        data={
            "matter": matter_id,
            "code": head.code,
            "device": head.device,
            "asked": encode(matter),
            "recipients": [{"recipient": each.recipient, "state": each.state, "at": each.changed_at} for each in told],
        },
    )


def subject(head: Letterhead, about: Subject) -> str:
    """What a matter asks for, in one sentence."""
    match about:
        case Wrong(_, action, at):
            wanted = (
                "" if action is None else head.say(f"action.{action}"),
                "" if at is None else head.minute(at),
            )
            return head.say("wrong", wanted=", ".join(word for word in wanted if word))
        case Missing(action, at):
            return head.say("missing", act=act(head.language, action, at, head.zone))
        case ProfileWrong(field, value):
            return head.say(f"profile_{field}", value=value)
        case Doubted():
            return head.say("doubted")
        case _:
            assert_never(about)


def _counts(head: Letterhead, ruling: Ruling) -> list[Block]:
    found: list[Block] = []
    if ruling.action is not None and ruling.at is not None:
        found.append(Facts(((head.say("counts"), act(head.language, ruling.action, ruling.at, head.zone)),)))
    if ruling.events:
        found.append(Paragraph(head.say("kept")))
    if ruling.told:
        found.append(Paragraph(head.say("personnel")))
    return found


def _asked(head: Letterhead, matter: Matter, ruling: Ruling) -> tuple[tuple[str, str], ...]:
    rows = [(head.say("asked"), subject(head, matter.subject))] if matter.request else []
    if isinstance(matter.subject, Wrong | Doubted):
        rows.append((head.say("entry"), matter.subject.event))
    if matter.text:
        rows.append((head.say("own_words"), matter.text))
    if matter.request:
        rows.append((head.say("asked_at"), head.minute(matter.asked_at)))
    return (*rows, (head.say("decided_at"), head.minute(ruling.decided_at)))


def _name(head: Letterhead, telling: Telling) -> str:
    return head.say("headquarters") if telling.recipient == HEADQUARTERS.name else telling.recipient


def _remedies(head: Letterhead, matter: Matter, ruling: Ruling) -> list[Block]:
    found: list[Block] = []
    if ruling.outcome is Outcome.REFUSED or isinstance(matter.subject, Doubted):
        found.append(Paragraph(head.say("statement_right")))
    found.append(Paragraph(head.say("again")))
    found.append(Paragraph(remedies.authority(head.company, head.language)))
    found.append(Paragraph(remedies.court(head.language)))
    found.append(Paragraph(remedies.officer(head.company, head.language)))
    return found
