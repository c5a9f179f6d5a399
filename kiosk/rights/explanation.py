"""The explanation card: what the machine decided about one record and on what; refuses a rate without its bound.

GDPR Articles 13(2)(f), 15(1)(h) and 22(3); policy E19, E20.
"""

from dataclasses import dataclass

from kiosk.config import Recognition
from kiosk.rights import remedies
from kiosk.rights.correction_letters import Letterhead, act
from kiosk.rights.document import Block, Bullets, Document, Facts, Heading, Paragraph
from kiosk.store.standing import Standing
from kiosk.words import say
from wire.event import CheckIn, Method

_NOT_USED = ("picture", "other_records", "person", "behaviour", "others")


@dataclass(frozen=True, slots=True)
class Machine:
    """How this door recognises faces today.

    Attributes:
        mode: as in kiosk.toml.
        pack: name of the model pack.
        accept: comparison score from which a match is decided, as text.
        near: comparison score from which the PIN is asked for, as text.
        margin: by how much the best person must lead, as text.
        measured: what was measured of the pack, in the words of its description; "" where nothing was.
        population: on whom.
        source: where that stands.
    """

    mode: str
    pack: str
    accept: str
    near: str
    margin: str
    measured: str
    population: str
    source: str


def machine_of(recognition: Recognition, error_rate: str = "", population: str = "") -> Machine:
    """How a door recognises faces, from its configuration.

    Args:
        recognition: of kiosk.toml.
        error_rate: what the description of its pack says was measured at this very threshold, or "".
        population: on whom.
    """
    measured = bounded(error_rate)
    return Machine(
        mode=recognition.mode,
        pack=recognition.pack,
        accept=f"{recognition.threshold:.2f}",
        near=f"{recognition.near:.2f}",
        margin=f"{recognition.margin:.2f}",
        measured=measured,
        population=population,
        source="models/manifest.toml" if measured else "",
    )


def bounded(error_rate: str) -> str:
    """Of the measured rates of a pack those that come with their bound; "" if there is none."""
    return ", ".join(part for part in error_rate.split(", ") if "bound" in part)


def card(head: Letterhead, standing: Standing, machine: Machine) -> Document:
    """The card of one record of the person it is handed to."""
    event = standing.event
    how = event.method.value if isinstance(event, CheckIn) else "human"

    def tell(key: str, **values: str | int) -> str:
        return say(head.language, f"review.{key}", **values)

    blocks: list[Block] = [
        Heading(tell("what_heading"), 2),
        Facts((
            (tell("recorded"), act(head.language, event.action, event.occurred_at, head.zone)),
            (tell("counts"), tell("nothing") if standing.annulled else _now(head, standing)),
            (tell("place"), event.site or "-"),
            (tell("known_by"), tell(f"method.{how}")),
            (tell("clock_label"), tell(f"clock.{event.clock.state}" if how != "human" else "clock.human")),
            (tell("entry"), event.event_id),
        )),
        Heading(tell("how_heading"), 2),
        Paragraph(tell(f"how.{how}")),
    ]  # fmt: skip
    if how == Method.FACE:
        blocks += _machine(head, machine)
    blocks += [
        Heading(tell("not_used_heading"), 2),
        Bullets(tuple(tell(f"not_used.{each}") for each in _NOT_USED)),
        Heading(tell("pay_heading"), 2),
        Paragraph(tell("pay"), strong=True),
        Heading(tell("object_heading"), 2),
        Paragraph(tell("object")),
        Paragraph(tell("decides")),
        Paragraph(remedies.officer(head.company, head.language)),
    ]
    return Document(
        kind="explanation",
        language=head.language,
        title=tell("title"),
        subtitle=head.say("subtitle", code=head.code, at=head.minute(head.now)),
        made_at=head.now,
        confidential=True,
        footer=tell("footer", event=event.event_id, device=head.device),
        blocks=tuple(blocks),
        data={
            "entry": event.event_id,
            "method": how,
            "action": event.action.value,
            "occurred_at": event.occurred_at,
            "clock": event.clock.state.value,
            "annulled": standing.annulled,
            "thresholds": {"accept": machine.accept, "near": machine.near, "margin": machine.margin},
            "measured": machine.measured,
            "population": machine.population,
            "source": machine.source,
        },
    )


def _now(head: Letterhead, standing: Standing) -> str:
    return act(head.language, standing.action, standing.at, head.zone)


def _machine(head: Letterhead, machine: Machine) -> list[Block]:
    def tell(key: str, **values: str | int) -> str:
        return say(head.language, f"review.{key}", **values)

    found: list[Block] = [
        Paragraph(tell("score")),
        Facts((
            (tell("accept"), machine.accept),
            (tell("near"), machine.near),
            (tell("margin"), machine.margin),
            (tell("pack"), machine.pack),
        )),
        Paragraph(tell("today")),
    ]  # fmt: skip
    if machine.measured:
        rows = ((tell("rates"), machine.measured), (tell("population"), machine.population))
        found += [Facts((*rows, (tell("source"), machine.source))), Paragraph(tell("rates_mean"))]
    else:
        found.append(Paragraph(tell("rates_none")))
    return found
