"""The review of a quarter as a document to be signed (policy E27); refuses a number that points at one person."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from kiosk import words
from kiosk.rights import dates, once, training
from kiosk.rights.contracts import SOON_MS
from kiosk.rights.document import Block, Bullets, Document, Facts, Grid, Heading, Paragraph, Signatures
from kiosk.rights.quarter_measures import ACTS, ATTACKS, Review
from kiosk.rights.staff import Standing
from kiosk.store.acts import LocalKind
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.papers import PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store

FILED = "filed"


def report(review: Review, language: str) -> Document:
    """The document; times in UTC."""
    say = partial(_say, language)
    return Document(
        kind="review",
        language=language,
        title=say("title", quarter=str(review.quarter)),
        subtitle=say("subtitle", device=review.device),
        made_at=review.made_at,
        confidential=True,
        footer=say("footer", device=review.device, day=dates.day(review.made_at)),
        blocks=(
            Paragraph(say("lead")),
            Heading(say("attention"), 2),
            Bullets(tuple(attention(review, language)) or (say("nothing"),)),
            Heading(say("staff"), 2),
            _staff(review, say),
            Heading(say("papers"), 2),
            _papers(review, say),
            Heading(say("exports"), 2),
            *_exports(review, say),
            Heading(say("media"), 2),
            *_media(review, say),
            Heading(say("attacks"), 2),
            _events(review, ATTACKS, say),
            Heading(say("acts"), 2),
            _events(review, ACTS, say),
            Heading(say("measures"), 2),
            Facts(_measures(review, say)),
            Heading(say("people"), 2),
            Facts(_people(review, say)),
            Paragraph(say("suppressed")),
            Heading(say("conclusion"), 2),
            Facts(tuple((say(f"conclusion_{name}"), "_" * 40) for name in ("well", "todo", "who", "until"))),
            Signatures((say("reviewer"), say("officer"))),
        ),
        data=_data(review),
    )


def attention(review: Review, language: str) -> Iterable[str]:
    """What somebody has to do something about, a sentence each."""
    say, now = partial(_say, language), review.made_at
    untrained = [one for one in review.staff if one.role in training.ENROLS and one.trained_until <= now]
    without = [one for one in review.staff if one.role is Role.TECHNICIAN and not one.contract_until]
    soon = [one for one in review.staff if now < one.contract_until <= now + SOON_MS]
    late = sum(each.late for each in review.papers)
    counts = {
        "untrained": len(untrained),
        "unread": sum(not one.acknowledged_on for one in review.staff),
        "no_contract": len(without),
        "contract_soon": len(soon),
        "locked": sum(one.locked for one in review.staff),
        "unapproved": review.unapproved,
        "officer_codes": review.officer_codes,
        "passwords": review.passwords,
        "system_old": int(review.machine.old(now)),
        "late": late,
        "expired_exports": sum(each.late(now) for each in review.exports),
        "untold": sum(bool(each.to_tell) for each in review.exports),
        "expired_media": sum(each.medium.until <= now for each in review.media),
        "tampered": review.count(LocalKind.TAMPERED),
        "rolled_back": review.count(LocalKind.ROLLBACK_ACCEPTED),
        "no_officer": int(all(one.role is not Role.DPO for one in review.staff)),
        "no_backup": int(not review.backups),
        "no_notice": int(not review.notice_at),
        "no_assessment": int(not review.assessment_at),
        "review_due": int(bool(review.approval.review) and dates.day(now) >= review.approval.review),
        "no_review_day": int(not review.approval.review),
    }
    return [say(f"todo.{name}", number=count) for name, count in counts.items() if count]


def file(store: "Store", review: Review, by: LoggedIn) -> str:
    """Keep what the reviewer has seen; returns its id. Raises Fault as `once.file`."""
    return once.file(store, PaperKind.REVIEW, {"of": "measures", **_data(review)}, state=FILED, by=by.account)


def _staff(review: Review, say: Callable[..., str]) -> Grid:
    head = ("account", "role", "trained", "read", "contract", "login")
    rows = tuple(
        (
            say("locked", name=one.name) if one.locked else one.name,
            say(f"role.{one.role.value}"),
            _day(one.trained_until, say),
            _day(one.acknowledged_on, say),
            _contract(one, say),
            dates.day(one.last_login) if one.last_login else say("not_in_quarter"),
        )
        for one in review.staff
    )
    return Grid(tuple(say(f"head.{name}") for name in head), rows or (("-",) * len(head),), (3, 2, 2, 2, 2, 2))


def _contract(one: Standing, say: Callable[..., str]) -> str:
    if one.role is not Role.TECHNICIAN:
        return "-"
    return dates.day(one.contract_until - 1) if one.contract_until else say("missing")


def _papers(review: Review, say: Callable[..., str]) -> Block:
    """The kinds of which there is anything."""
    head = ("paper", "filed", "open", "late")
    rows = tuple(
        (say(f"paper.{each.kind.value}"), str(each.filed), str(each.open), str(each.late))
        for each in review.papers
        if each.filed or each.open
    )
    if not rows:
        return Paragraph(say("none"))
    return Grid(tuple(say(f"head.{name}") for name in head), rows, (4, 1, 1, 1))


def _exports(review: Review, say: Callable[..., str]) -> tuple[Block, ...]:
    if not review.exports:
        return (Paragraph(say("none")),)
    rows = tuple(
        (each.id, each.export.wanted.requester, str(each.export.entries), dates.day(each.expires), str(each.to_tell))
        for each in review.exports
    )
    return (
        Grid(tuple(say(f"head.{name}") for name in ("id", "to", "entries", "until", "to_tell")), rows, (4, 4, 3, 3, 2)),
    )


def _media(review: Review, say: Callable[..., str]) -> tuple[Block, ...]:
    if not review.media:
        return (Paragraph(say("none")),)
    rows = tuple(
        (
            say(f"medium.{each.medium.kind.value}"),
            each.medium.label,
            each.medium.serial,
            dates.day(each.medium.until - 1),
        )
        for each in review.media
    )
    return (Grid(tuple(say(f"head.{name}") for name in ("kind", "label", "serial", "until")), rows, (2, 3, 3, 2)),)


def _events(review: Review, kinds: Iterable[LocalKind], say: Callable[..., str]) -> Grid:
    found = {each.kind: each for each in review.events}
    rows = tuple(
        (
            say(f"event.{kind.value}"),
            str(found[kind].count),
            dates.minute(found[kind].last) if found[kind].last else "-",
        )
        for kind in kinds
    )
    return Grid(tuple(say(f"head.{name}") for name in ("event", "number", "last")), rows, (5, 1, 2))


def _measures(review: Review, say: Callable[..., str]) -> tuple[tuple[str, str], ...]:
    made = tuple((say(f"backup.{kind}"), dates.minute(at)) for kind, at in review.backups)
    approval = review.approval
    return (
        (say("tries"), str(review.tries)),
        (say("system"), _day(review.machine.system_updated, say)),
        (say("program", version=review.machine.program), _day(review.machine.program_since, say)),
        *(made or ((say("backups"), say("never")),)),
        (say("notice"), _day(review.notice_at, say)),
        (say("assessment"), _day(review.assessment_at, say)),
        (say("approved_by"), approval.approver or say("never")),
        (say("next_review"), approval.review or say("never")),
    )


def _people(review: Review, say: Callable[..., str]) -> tuple[tuple[str, str], ...]:
    faces = review.faces
    few = say("few")
    parts = ((say("whole"), faces.whole), (say("with_face"), faces.with_it), (say("without_face"), faces.without))
    return tuple((label, few if number is None else str(number)) for label, number in parts)


def _day(at: int, say: Callable[..., str]) -> str:
    return dates.day(at) if at else say("never")


def _data(review: Review) -> dict[str, Any]:
    return {
        "quarter": str(review.quarter),
        "made_at": review.made_at,
        "device": review.device,
        "staff": [_standing(one) for one in review.staff],
        "failed_logins": review.tries,
        "unapproved_accounts": review.unapproved,
        "passwords_to_change": review.passwords,
        "codes_for_officers": review.officer_codes,
        "system_updated": review.machine.system_updated,
        "program": review.machine.program,
        "papers": [
            {"kind": each.kind.value, "filed": each.filed, "open": each.open, "late": each.late}
            for each in review.papers
        ],
        "exports": [
            {"id": each.id, "expires": each.expires, "state": each.state, "to_tell": each.to_tell}
            for each in review.exports
        ],
        "media": [{"id": each.id, "until": each.medium.until} for each in review.media],
        "events": [{"kind": each.kind.value, "count": each.count, "last": each.last} for each in review.events],
        "backups": [{"kind": kind, "at": at} for kind, at in review.backups],
        "notice_at": review.notice_at,
        "assessment_at": review.assessment_at,
        "next_review": review.approval.review,
        "people": review.faces.whole,
        "with_face": review.faces.with_it,
        "without_face": review.faces.without,
    }


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "account": one.account,
        "role": one.role.value,
        "locked": one.locked,
        "trained_until": one.trained_until,
        "acknowledged_on": one.acknowledged_on,
        "contract_until": one.contract_until,
        "last_login": one.last_login,
    }


def _say(language: str, key: str, **values: str | int) -> str:
    return words.say(language, f"measures.{key}", **values)
