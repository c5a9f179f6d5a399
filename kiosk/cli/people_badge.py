"""`kiosk people badge`: give somebody a QR badge as a card, or end it; refuses to print one twice."""

import argparse
from pathlib import Path

from kiosk import config
from kiosk.cli.desk import acting, acting_options
from kiosk.cli.opening import answer, configured, opened
from kiosk.cli.persons import person_of
from kiosk.faults import Fault, FaultCode
from kiosk.flow.actions import short_name
from kiosk.rights import badge_card, company, documents
from kiosk.store import Person, Store, badges
from kiosk.store.approval import Role
from kiosk.store.files import write_secret
from wire import checks


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the act."""
    badge = acting_options(acts.add_parser("badge", help="a QR badge for somebody, as a card; the one before ends"))
    badge.add_argument("--code", required=True, metavar="CODE", help="employee code")
    badge.add_argument("--days", type=_days, default=badges.USUAL_DAYS, help="until it ends (default: 365)")
    badge.add_argument("--language", choices=config.LANGUAGES, help="of the card (default: the person's own)")
    what = badge.add_mutually_exclusive_group(required=True)
    what.add_argument("--pdf", type=Path, metavar="FILE", help="new file for the card, 85.6 by 54 mm")
    what.add_argument("--revoke", action="store_true", help="end the badge they have, and make none")
    badge.set_defaults(do=_badge)


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) not in badges.DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from {badges.DAYS[0]} to {badges.DAYS[-1]}")
    return int(text)


def _badge(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, {Role.ADMIN})
        person = person_of(store, given.code)
        return (
            _revoked(given, store, person, login.account)
            if given.revoke
            else _made(given, store, person, login.account)
        )


def _revoked(given: argparse.Namespace, store: Store, person: Person, by: str) -> int:
    had = badges.revoke(store, person.id, by=by)
    said = "Revoked. No code of it counts any more." if had else "There is no badge to revoke."
    answer(given, {"code": person.code, "revoked": had}, said)
    return 0


def _made(given: argparse.Namespace, store: Store, person: Person, by: str) -> int:
    """Revoke and issue, and write the card once both are durable: a card that cannot be written is made again."""
    if given.pdf.exists():
        raise Fault(FaultCode.OUTPUT_REFUSED, str(given.pdf))
    loaded = configured(given)
    card = badge_card.given(
        store,
        person.id,
        name=short_name(person.name),
        days=given.days,
        language=given.language or (person.language if person.language in config.LANGUAGES else loaded.door.language),
        company=company.load(loaded.data / company.FILE).controller.name,
        zone=loaded.device.zone,
        by=by,
    )
    write_secret(given.pdf, documents.card(card), 0o600)
    ends = checks.moment_to_text(card.ends_at)
    lines = [
        f"A badge for {person.code}, until {ends}. Any badge of before is revoked. Print it, then delete the file."
    ]
    if loaded.door.badge == "with_pin" and not person.has_pin:
        lines.append("They have no PIN yet, and this door asks for it beside the badge.")
    if not loaded.reads_badges:
        lines.append("This door reads no badges: see [door] badge and [camera] in kiosk.toml.")
    answer(given, {"code": person.code, "ends": ends, "days": given.days}, "\n".join(lines))
    return 0
