"""The slip of a business trip as a page: who, when, where to, what for, and the signed code; refuses to say "paid"."""

from dataclasses import dataclass

from kiosk.rights import dates
from kiosk.rights.document import Block, Code, Document, Facts, Paragraph, Signatures
from kiosk.rights.trips import Checked
from kiosk.store import Person
from kiosk.store.standing import Standing
from kiosk.words import say
from wire import slip


@dataclass(frozen=True, slots=True)
class Paper:
    """What a slip needs beside its trip: language (two letters), zone and name of the door, now (ms UTC), company."""

    language: str
    zone: str
    site: str
    now: int
    company: str

    def say(self, key: str, **values: str | int) -> str:
        """A sentence of the slip."""
        return say(self.language, f"trip.{key}", **values)


def page(paper: Paper, person: Person, standing: Standing, token: str, checked: Checked) -> Document:
    """The slip of one act, to be handed to the person."""
    until = (checked.slip.issued_at + slip.VALID_S) * 1000
    blocks: list[Block] = [
        Paragraph(paper.say(checked.slip.direction), strong=True),
        Facts((*_facts(paper, person, standing), (paper.say("decision"), decision(paper, checked)))),
        Code(token, paper.say("code", slip=checked.slip.slip_id.hex(), day=dates.minute(until, paper.zone))),
        Paragraph(f"{paper.say('meaning')} {paper.say('no_track')}"),
        Signatures((paper.say("traveller"), paper.say("superior"))),
    ]
    details = standing.trip
    return Document(
        kind="trip-slip",
        language=paper.language,
        title=paper.say("title"),
        subtitle=paper.company,
        made_at=paper.now,
        confidential=True,
        footer=paper.say("footer", device=checked.device),
        blocks=tuple(blocks),
        data={
            "slip": checked.slip.slip_id.hex(),
            "token": token,
            "event": standing.event.event_id,
            "direction": checked.slip.direction.value,
            "code": person.code,
            "at": standing.at,
            "good_until": until,
            "device": checked.device,
            "approved": None if checked.decided is None else checked.decided.approved,
            "destination": "" if details is None else details.destination,
            "reason": "" if details is None else details.reason.value,
            "note": "" if details is None else details.note,
            "reference": "" if details is None else details.reference,
            "cost_centre": "" if details is None else details.cost_centre,
        },
    )


def decision(paper: Paper, checked: Checked) -> str:
    """What headquarters has decided about the trip, as far as this device was told."""
    if checked.decided is None:
        return paper.say("undecided")
    key = "approved" if checked.decided.approved else "refused"
    reference = checked.decided.reference
    return paper.say(key) + (f" {paper.say('under', reference=reference)}" if reference else "")


def _facts(paper: Paper, person: Person, standing: Standing) -> tuple[tuple[str, str], ...]:
    rows = [
        (paper.say("person"), f"{person.name} ({person.code})"),
        (paper.say("at"), dates.minute(standing.at, paper.zone)),
        (paper.say("door"), standing.event.site or paper.site),
    ]
    details = standing.trip
    if details is None:
        return (*rows, (paper.say("destination"), paper.say("not_said")))
    more = (
        ("destination", details.destination),
        ("why", paper.say(f"reason.{details.reason}")),
        ("note", details.note),
        ("reference", details.reference),
        ("cost_centre", details.cost_centre),
    )
    return (*rows, *((paper.say(key), text) for key, text in more if text))
