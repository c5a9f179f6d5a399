"""Items 8 to 14 of the notice: what a person may do, what refusing costs; refuses a right without a way to use it."""

from typing import Final

from kiosk.rights.document import Block, Bullets, Facts, Grid, Paragraph
from kiosk.rights.notice_source import Source
from kiosk.rights.notice_words import Voice
from kiosk.rights.purposes import LegalBasis, Purpose

# Each right, its articles (GDPR; UU PDP 27/2022), and the sentence that says how it is used.
RIGHTS: Final = (
    ("information", ("13-14", "5"), "read"),
    ("access", ("15", "7"), "ask"),
    ("correction", ("16", "6"), "correct"),
    ("erasure", ("17", "8"), "face"),
    ("restriction", ("18", "11"), "ask"),
    ("objection", ("21", "8"), "refuse_news"),
    ("portability", ("20", "13"), "ask"),
    ("withdrawal", ("7(3)", "9"), "back"),
    ("review", ("22", "10"), "decide"),
    ("damages", ("82", "12"), "court"),
)
_NO_FACE: Final = {"erasure": "ask", "withdrawal": "refuse_news"}
"""Where no face is recognised, these are used in another way."""


def rights(source: Source, voice: Voice) -> tuple[Block, ...]:
    """Each right with its article and how it is used, and by when there is an answer."""
    clocks = source.company.clocks
    head = (voice.say("right.head"), voice.say("right.how"))
    rows = tuple(
        (voice.say(f"right.{name}", law=voice.law(*law)), _how(source, voice, name, how)) for name, law, how in RIGHTS
    )
    within = voice.say("right.within", hours=clocks.request_hours, days=clocks.extension_days)
    return Grid(head, rows), Paragraph(within)


def withdrawal(source: Source, voice: Voice) -> tuple[Block, ...]:
    """How a consent is taken back, and what then happens."""
    if not source.faces:
        return (Paragraph(voice.say("withdrawal.none")),)
    return Paragraph(voice.officer("withdrawal.easy")), Paragraph(voice.say("withdrawal.done"))


def complaint(source: Source, voice: Voice) -> tuple[Block, ...]:
    """The authority."""
    authority = source.company.authority
    rows = (
        (voice.say("complaint.authority"), voice.filled(authority.name)),
        (voice.say("who.address"), authority.address),
        (voice.say("complaint.website"), authority.website),
    )
    return Paragraph(voice.say("complaint.to")), Facts(tuple(row for row in rows if row[1]))


def duty(source: Source, voice: Voice) -> tuple[Block, ...]:
    """What has to be given, and that refusing the rest costs nothing."""
    face = Paragraph(voice.say("duty.face"), strong=True) if source.faces else Paragraph(voice.say("duty.pin"))
    return Paragraph(voice.say("duty.attendance")), face, Paragraph(voice.say("duty.other"))


def decisions(source: Source, voice: Voice) -> tuple[Block, ...]:
    """What the device decides, that pay never hangs on it, and that nobody is profiled."""
    said = ("none", "pay", "profile", "rates") if source.faces else ("pay", "profile")
    return (Bullets(tuple(voice.say(f"decision.{key}") for key in said)),)


def sources(source: Source, voice: Voice) -> tuple[Block, ...]:
    """Where each field comes from: the roster, an administrator, the person (policy KK3)."""
    said = tuple(voice.say(f"source.{key}") for key in ("roster", "admin", "person" if source.faces else "pin"))
    return Bullets(said), Paragraph(voice.say("source.first"))


def bystanders(source: Source, voice: Voice) -> tuple[Block, ...]:
    """What happens to faces of others: nothing (policy KK4)."""
    said = ("tap", "second", "unknown", "sign") if source.faces else ("tap", "sign")
    return (Bullets(tuple(voice.say(f"bystander.{key}") for key in said)),)


def consent(source: Source, voice: Voice) -> tuple[Block, ...]:
    """The text that somebody agrees to who gives their face (policy E4.2); nothing where it rests on another ground."""
    rule = source.company.rule(Purpose.FACE_RECOGNITION)
    if not source.faces or rule is None or rule.basis is not LegalBasis.CONSENT:
        return ()
    days = source.company.clocks.consent_days
    return (
        Bullets(tuple(voice.say(f"consent.{key}", days=days) for key in ("what", "where", "long", "free", "back"))),
    )


def _how(source: Source, voice: Voice, name: str, how: str) -> str:
    return voice.officer(f"right.{how if source.faces else _NO_FACE.get(name, how)}")
