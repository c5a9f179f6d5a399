"""The answer to "what do you keep about me?", for people; refuses to leave out why, for whom and how long.

GDPR Article 15(1)(a) to (h) and (2); UU PDP 27/2022 Articles 5 and 7.
"""

from collections.abc import Iterator

from kiosk.rights import remedies, saying
from kiosk.rights.access_data import data
from kiosk.rights.access_papers import inner, papers_of
from kiosk.rights.access_reader import Reader
from kiosk.rights.dates import day, minute
from kiosk.rights.document import Block, Bullets, Document, Facts, Grid, Heading, Paragraph
from kiosk.rights.holdings import Holdings, OwnPaper
from kiosk.rights.own_entries import OwnEntry
from kiosk.rights.requests import Right
from kiosk.store.papers import PaperKind
from kiosk.words import say, table


def access(held: Holdings, reader: Reader) -> Document:
    """The complete copy."""
    blocks = (
        *_beginning(held, reader),
        *_identity(held, reader),
        *_face(held, reader),
        *_consents(held, reader),
        *_attendance(held, reader),
        *papers_of(held, reader),
        *_recipients(held, reader),
        *_log(held, reader),
        *_purposes(reader),
        *_retention(reader),
        *_decisions(reader),
        *_rights(reader),
    )
    subtitle = f"{held.field('code')} - {minute(held.made_at, held.zone)}"
    footer = reader.say("footer", device=held.device, request=reader.request or "-")
    return Document(
        "access",
        reader.language,
        reader.say("title"),
        subtitle,
        held.made_at,
        confidential=True,
        footer=footer,
        blocks=blocks,
        data=data(held, reader.company),
    )


def _beginning(held: Holdings, reader: Reader) -> Iterator[Block]:
    controller = reader.company.controller
    who = ", ".join(part for part in (controller.name, controller.address, controller.country) if part)
    yield Paragraph(reader.say("beginning", time=minute(held.made_at, held.zone)))
    yield Facts(((reader.say("controller"), who or reader.say("not_named")), (reader.say("officer"), _officer(reader))))
    if held.erasure_open:
        yield Paragraph(reader.say("erasure_open"), strong=True)
    if held.damaged or held.entries.unreadable:
        count = max(held.damaged, held.entries.unreadable)
        yield Paragraph(reader.say("damaged", count=count), strong=True)


def _identity(held: Holdings, reader: Reader) -> Iterator[Block]:
    yield Heading(reader.say("identity"))
    rows = tuple(
        (
            reader.known("field", each.name),
            reader.known("standing", each.value) if each.name == "standing" else each.value or reader.say("yes"),
            reader.say("source.roster", version=each.version)
            if each.source == "roster"
            else reader.known("source", each.source),
            "" if each.since is None else day(each.since, held.zone),
        )
        for each in held.fields
    )
    yield Grid(tuple(reader.say(f"head.{key}") for key in ("what", "value", "source", "since")), rows, (3, 4, 4, 2))
    if not held.restricted:
        yield Paragraph(reader.say("not_restricted"))
    for use in held.restricted:
        yield Paragraph(reader.say(f"restricted.{use}"), strong=True)
    yield Paragraph(reader.say("not_collected"))


def _face(held: Holdings, reader: Reader) -> Iterator[Block]:
    yield Heading(reader.say("face"))
    if not held.faces:
        yield Paragraph(reader.say("no_face"))
        return
    rows = tuple(
        (each.model, str(each.dimension), str(each.references), day(each.since, held.zone)) for each in held.faces
    )
    yield Grid(
        tuple(reader.say(f"head.{key}") for key in ("model", "numbers", "references", "since")), rows, (4, 2, 2, 2)
    )
    yield Paragraph(reader.say("face_sealed"))


def _consents(held: Holdings, reader: Reader) -> Iterator[Block]:
    if not held.consents:
        return
    yield Heading(reader.say("consents"))
    rows = tuple(
        (
            reader.known("basis_state", each.state),
            day(each.began_at, held.zone),
            "" if each.ended_at is None else day(each.ended_at, held.zone),
            "; ".join(
                f"{reader.known('record', name)}: {inner(reader, name, value, held.zone)}"
                for name, value in each.record.items()
            ),
        )
        for each in held.consents
    )
    yield Grid(tuple(reader.say(f"head.{key}") for key in ("state", "since", "until", "written")), rows, (2, 2, 2, 6))


def _attendance(held: Holdings, reader: Reader) -> Iterator[Block]:
    yield Heading(reader.say("attendance"))
    entries = held.entries.entries
    if not entries:
        yield Paragraph(reader.say("no_attendance"))
        return
    yield Paragraph(reader.say("attendance_text", count=len(entries)))
    head = tuple(reader.say(f"head.{key}") for key in ("number", "when", "what", "how", "place", "sent"))
    yield Grid(head, tuple(_row(entry, reader) for entry in entries), (2, 5, 5, 3, 4, 4))


def _row(entry: OwnEntry, reader: Reader) -> tuple[str, ...]:
    what = [reader.known("event", entry.kind)]
    if "action" in entry.said:
        what.append(reader.known("action", entry.said["action"]))
    if entry.kind == "notice":
        what.append(reader.known("notice", entry.said.get("kind", "")))
    if entry.kind == "trip":
        what.append(_trip(entry, reader))
    if "refers_to" in entry.said:
        what.append(reader.say("refers", entry=entry.said["refers_to"][-6:]))
    when = minute(entry.occurred_at, entry.zone)
    if entry.clock != "synced":
        when = reader.say("uncertain", time=when, seconds=entry.uncertainty_s)
    return (
        str(entry.seq),
        when,
        ": ".join(word for word in what if word),
        reader.known("method", entry.said.get("method", "")),
        entry.site,
        _sent(entry, reader),
    )


def _trip(entry: OwnEntry, reader: Reader) -> str:
    """Where to, what for, and the rest of what was said of a business trip."""
    reason = entry.said.get("reason", "")
    words = table(reader.language)
    named = {"destination": entry.said.get("destination", ""), "why": words.get(f"trip.reason.{reason}", reason)}
    named |= {name: entry.said.get(name, "") for name in ("note", "reference", "cost_centre")}
    return "; ".join(f"{words[f'trip.{name}']}: {text}" for name, text in named.items() if text)


def _sent(entry: OwnEntry, reader: Reader) -> str:
    if not entry.delivered:
        return reader.say("waits")
    if entry.delivered_by is None:
        return reader.say("left")
    return reader.say("left_by", day=day(entry.delivered_by, entry.zone))


def _recipients(held: Holdings, reader: Reader) -> Iterator[Block]:
    yield Heading(reader.say("recipients"))
    gone = [entry for entry in held.entries.entries if entry.delivered]
    waits = len(held.entries.entries) - len(gone)
    if gone:
        dates = [entry.delivered_by for entry in gone if entry.delivered_by is not None]
        signed = reader.say("signed_until", day=day(max(dates), held.zone)) if dates else reader.say("unsigned")
        first, last = day(gone[0].occurred_at, held.zone), day(gone[-1].occurred_at, held.zone)
        yield Paragraph(f"{reader.say('went', count=len(gone), first=first, last=last)} {signed}")
    yield Paragraph(reader.say("went_waiting", count=waits) if waits else reader.say("none_waiting"))
    exports = [each for each in held.papers if each.kind is PaperKind.EXPORT]
    if exports:
        head = tuple(reader.say(f"head.{key}") for key in ("when", "whom", "what"))
        rows = tuple(
            (
                day(each.created_at, held.zone),
                _receiver(each, reader),
                reader.known("export", str(each.content.get("what") or each.content.get("of") or "")),
            )
            for each in exports
        )
        yield Grid(head, rows, (2, 4, 6))
    if not reader.company.recipients:
        yield Paragraph(reader.say("no_recipients"))
        return
    yield Paragraph(reader.say("recipients_text"))
    lines = tuple(
        (
            each.name,
            reader.known("category", each.category),
            saying.listed(reader.language, "registers.short", each.purposes),
            ", ".join(each.fields),
            f"{each.country}, {saying.known(reader.language, 'notice.transfer', each.ground)}"
            if each.ground
            else reader.say("nothing_sent"),
        )
        for each in reader.company.recipients
    )
    head = tuple(reader.say(f"head.{key}") for key in ("whom", "category", "why", "fields", "where"))
    yield Grid(head, lines, (3, 3, 3, 3, 4))


def _receiver(paper: OwnPaper, reader: Reader) -> str:
    """Who received a file: a recipient, who demanded evidence, or the person."""
    named = str(paper.content.get("recipient") or paper.content.get("requester") or "")
    return named or reader.say("to_you")


def _log(held: Holdings, reader: Reader) -> Iterator[Block]:
    yield Heading(reader.say("log"))
    yield Paragraph(reader.say("log_text"))
    rows = tuple((minute(each.at, held.zone), reader.known("act", each.kind)) for each in held.logged)
    if rows:
        yield Grid(tuple(reader.say(f"head.{key}") for key in ("when", "what")), rows, (3, 9))


def _purposes(reader: Reader) -> Iterator[Block]:
    yield Heading(reader.say("purposes"))
    rows = tuple(
        (
            saying.known(reader.language, "registers.short", each.purpose),
            reader.known("legal", each.basis),
            each.interest,
        )
        for each in reader.company.purposes
    )
    yield Grid(tuple(reader.say(f"head.{key}") for key in ("why", "legal", "interest")), rows, (4, 4, 5))


def _retention(reader: Reader) -> Iterator[Block]:
    yield Heading(reader.say("retention"))
    periods = reader.company.periods
    yield Facts(
        (
            (reader.say("kept.identity"), reader.say("kept.until_erased")),
            (reader.say("kept.face"), reader.say("kept.until_withdrawn")),
            (reader.say("kept.attendance"), reader.say("kept.months", months=periods.attendance)),
            (reader.say("kept.requests"), reader.say("kept.months", months=periods.requests)),
            (reader.say("kept.proofs"), reader.say("kept.months", months=periods.proofs)),
            (reader.say("kept.exports"), reader.say("kept.days", days=periods.exports_days)),
        )
    )


def _decisions(reader: Reader) -> Iterator[Block]:
    yield Heading(reader.say("decisions"))
    yield Bullets(tuple(reader.say(f"decision.{key}") for key in ("what", "logic", "effect", "human", "profiling")))


def _rights(reader: Reader) -> Iterator[Block]:
    yield Heading(reader.say("rights"))
    yield Bullets(tuple(say(reader.language, f"requests.rights.{right}") for right in Right))
    yield Paragraph(remedies.authority(reader.company, reader.language))
    yield Paragraph(reader.say("rights_text", officer=_officer(reader)))


def _officer(reader: Reader) -> str:
    return reader.company.officer.contact or reader.say("not_named")
