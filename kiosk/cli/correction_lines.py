"""How the commands of correction and review read what is typed and show what is kept; refuses a time with no zone."""

import argparse
from datetime import datetime
from typing import Any

from kiosk.cli.opening import configured
from kiosk.rights import dates, letters
from kiosk.rights.company import Company
from kiosk.rights.correction import Doubted, Matter, Wrong
from kiosk.rights.correction_letters import Letterhead, subject
from kiosk.rights.rectification import Filed
from kiosk.store import Store
from wire import checks


def moment(text: str) -> int:
    """A time with the offset of its zone, as ms UTC; for argparse."""
    try:
        found = datetime.fromisoformat(text)
        at = int(found.timestamp() * 1000) if found.tzinfo is not None else None
    except (ValueError, OverflowError) as wrong:
        raise argparse.ArgumentTypeError("a time looks like 2026-10-01T07:58:00+07:00") from wrong
    if at is None or at < 0:
        raise argparse.ArgumentTypeError("a time looks like 2026-10-01T07:58:00+07:00, with the offset of its zone")
    return at


def letterhead(given: argparse.Namespace, store: Store, company: Company, person: str, language: str) -> Letterhead:
    """The head of a letter to one person."""
    zone = configured(given).device.zone
    return Letterhead(company, language, store.people.get(person).code, store.device_id, zone, store.now_ms())


def as_json(store: Store, filed: Filed) -> dict[str, Any]:
    """A matter as plain values; the person only by their code."""
    matter = filed.matter
    row: dict[str, Any] = {
        "id": filed.id,
        "state": filed.state,
        "due": None if filed.due_at is None else checks.moment_to_text(filed.due_at),
        "code": None if matter is None else store.people.get(filed.person).code,
        "request": None if matter is None else matter.request,
    }
    if matter is not None:
        row |= {
            "entry": matter.subject.event if isinstance(matter.subject, Wrong | Doubted) else "",
            "text": matter.text,
            "statement": matter.statement,
        }
    return row


def line(given: argparse.Namespace, store: Store, company: Company, filed: Filed) -> str:
    """A matter in one line."""
    due = "" if filed.due_at is None else dates.minute(filed.due_at, configured(given).device.zone)
    matter = filed.matter
    if matter is None:
        return f"{filed.id}  {filed.state:<10}  {due:<21}  the person is erased"
    head = letterhead(given, store, company, filed.person, "en")
    return f"{filed.id}  {filed.state:<10}  {due:<21}  {head.code:<12}  {subject(head, matter.subject)}{_more(matter)}"


def _more(matter: Matter) -> str:
    return f" ({letters.plain(matter.text)})" if matter.text else ""
