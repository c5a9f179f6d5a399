"""`kiosk-sync dead`: list, retry, map, approve, correct, export, discard; refuses an act that nobody answers for."""

import argparse
import json
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sync import audit
from sync.amend import Amendment
from sync.audit import Act
from sync.config import Hq, Settings, secret
from sync.database import SqliteFile
from sync.exchange import Exchange
from sync.journal import Journal
from sync.letters import Letter, Letters, NotPossible, export
from sync.letters_hq import HqLetters
from sync.letters_punches import PunchLetters
from sync.punch_journal import PunchJournal
from wire import checks
from wire import event as wire_event
from wire.errors import FormatError
from wire.event import TRIP_FIELDS, Action, CheckIn, Correction, Event


def options(command: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """Add the acts; returns their parsers, for options that all commands share."""
    acts = command.add_subparsers(dest="act", required=True)
    listing = acts.add_parser("list", help="show every event that is set aside, and why")
    log = acts.add_parser("audit", help="show who did what to which event, and why")
    retry = acts.add_parser("retry", help="send again, after asking whether it arrived")
    mapped = acts.add_parser("map", help="send under another employee code")
    mapped.add_argument("--to", required=True, metavar="CODE", help="the employee code that the backend knows")
    mapped.add_argument("--all", action="store_true", help="every dead letter of this person for the same reason")
    approve = acts.add_parser("approve", help="send a claimed check-in, or one with a doubtful clock, as it is")
    correct = acts.add_parser("correct", help="send with another action or time; two people answer for it")
    correct.add_argument("--action", choices=[one.value for one in Action])
    correct.add_argument("--time", metavar="2026-10-01T07:58:00+07:00", help="with the offset of its zone")
    correct.add_argument("--second", required=True, metavar="WHO", help="the second person, who agrees")
    out = acts.add_parser("export", help="write into a file for a person (0600), who takes the events over")
    out.add_argument("--out", type=Path, required=True, metavar="FILE")
    discard = acts.add_parser("discard", help="a person has handled it: never send it")
    for parser in (retry, mapped, approve, correct):
        parser.add_argument("event", metavar="EVENT")
    for parser in (out, discard):
        parser.add_argument("event", metavar="EVENT", nargs="*" if parser is out else "+")
    for parser in (retry, mapped, approve, correct, out, discard):
        strict = parser in (correct, discard)
        parser.add_argument("--by", required=strict, default="", metavar="WHO", help="who does this")
        parser.add_argument("--reason", required=strict, default="", help="why, for the audit")
    return [listing, log, retry, mapped, approve, correct, out, discard]


def act(settings: Settings, chosen: argparse.Namespace, now_ms: int) -> int:
    """Do one act; 0 done, 1 not possible (a sentence says why)."""
    try:
        with _letters(settings) as (letters, file):
            said = _acted(settings, chosen, letters, file, now_ms)
    except (NotPossible, FormatError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if chosen.json:
        sys.stdout.write(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{_line(one)}\n" for one in said["letters"]) + f"{said['said']}\n")
    return 0


def _acted(
    settings: Settings, chosen: argparse.Namespace, letters: Letters, file: SqliteFile, now_ms: int
) -> dict[str, Any]:
    match chosen.act:
        case "list":
            found = letters.all()
            return {"said": f"{len(found)} set aside", "letters": [_shown(one) for one in found]}
        case "audit":
            acts = audit.written(file, secret(settings.exchange_key), settings.device)
            return {"said": f"{len(acts)} acts", "letters": [_written(one) for one in acts]}
        case "export":
            return _exported(settings, chosen, letters, now_ms)
        case "discard":
            letters.hand(chosen.event, _act(chosen), now_ms)
            return {"said": f"{len(chosen.event)} discarded", "letters": []}
        case "retry":
            letters.retry(chosen.event, _act(chosen), now_ms)
            return {"said": "it is tried again", "letters": []}
    amendment, what = _amendment(chosen, now_ms)
    events: tuple[str, ...] = (chosen.event,)
    if chosen.act == "map" and chosen.all and isinstance(letters, PunchLetters):
        events = letters.same_person(chosen.event)
    for event_id in events:
        letters.amend(event_id, amendment, _act(chosen, what), now_ms)
    return {"said": f"{len(events)} changed, and tried again", "letters": []}


def _amendment(chosen: argparse.Namespace, now_ms: int) -> tuple[Amendment, str]:
    """What is decided, and how the audit says it."""
    match chosen.act:
        case "map":
            return Amendment(person=checks.code(chosen.to)), f"to={chosen.to}"
        case "approve":
            return Amendment(approved=True), ""
    if chosen.by.strip().casefold() == chosen.second.strip().casefold():
        raise NotPossible("--by and --second must be two different people")
    if chosen.action is None and chosen.time is None:
        raise NotPossible("say what is corrected: --action, --time, or both")
    at = -1 if chosen.time is None else _moment(chosen.time, now_ms)
    action = None if chosen.action is None else Action(chosen.action)
    what = ", ".join([f"action={action}"] * (action is not None) + [f"time={chosen.time}"] * (at != -1))
    return Amendment(action=action, at=at, approved=True), what


def _moment(text: str, now_ms: int) -> int:
    try:
        moment = datetime.fromisoformat(text)
        at = int(moment.timestamp() * 1000) if moment.tzinfo is not None else -1
    except (ValueError, OverflowError) as error:
        raise NotPossible("--time must look like 2026-10-01T07:58:00+07:00") from error
    if at == -1:
        raise NotPossible("--time needs the offset of its zone, like +07:00")
    if not 0 <= at <= now_ms:
        raise NotPossible("--time lies in the future, or before 1970")
    return at


def _exported(settings: Settings, chosen: argparse.Namespace, letters: Letters, now_ms: int) -> dict[str, Any]:
    there = {one.event_id: one for one in letters.all()}
    wanted = chosen.event or list(there)
    unknown = [each for each in wanted if each not in there]
    if unknown or not wanted:
        raise NotPossible(f"{unknown[0] if unknown else 'nothing'} is no dead letter: see `kiosk-sync dead list`")
    export(chosen.out, settings.device, [there[each] for each in wanted], now_ms)
    letters.hand(wanted, _act(chosen), now_ms)  # the file is on the disk: from now on a person has them
    return {"said": f"{len(wanted)} exported to {chosen.out.name}: a person has them now", "letters": []}


def _act(chosen: argparse.Namespace, what: str = "") -> Act:
    by = chosen.by.strip() or pwd.getpwuid(os.getuid()).pw_name
    return Act(chosen.act, by, getattr(chosen, "second", "").strip(), what, chosen.reason.strip())


@contextmanager
def _letters(settings: Settings) -> Iterator[tuple[Letters, SqliteFile]]:
    key, device = secret(settings.exchange_key), settings.device
    with ExitStack() as stack:
        exchange = stack.enter_context(closing(Exchange.open(settings.exchange)))
        if isinstance(settings.target, Hq):
            journal = stack.enter_context(closing(Journal.open(settings.journal, device, key)))
            yield HqLetters(device, key, journal, exchange), journal.file
            return
        punches = stack.enter_context(closing(PunchJournal.open(settings.journal, device, key)))
        yield PunchLetters(device, key, punches, exchange), punches.file


def _shown(letter: Letter) -> dict[str, Any]:
    return {
        "event": letter.event_id,
        "reason": letter.reason,
        "detail": letter.detail,
        "tries": letter.tries,
        "since": checks.moment_to_text(letter.since),
        "seq": None if letter.event is None else letter.event.seq,
        "new": None if letter.event is None else _said(letter.event.event),
        "old": None if letter.about is None else _said(letter.about),
    }


def _said(event: Event) -> dict[str, str]:
    action = event.action.value if isinstance(event, CheckIn | Correction | wire_event.Amendment) else ""
    decision = event.decision.value if isinstance(event, wire_event.Amendment) else ""
    refers_to = getattr(event, "refers_to", "")
    details = TRIP_FIELDS if isinstance(event, wire_event.TripDetails) else ()
    return {
        "kind": type(event).__name__.lower(),
        "decision": decision,
        "employee": event.person,
        "action": action,
        "time": checks.moment_to_text(event.occurred_at),
        "zone": event.clock.zone,
        "refers_to": refers_to,
        **{name: str(getattr(event, name)) for name in details},
    }


def _written(one: audit.Written) -> dict[str, Any]:
    done = one.act
    return {
        "event": one.event_id,
        "at": checks.moment_to_text(one.at),
        "act": "does not open" if done is None else done.act,
        "by": "" if done is None else done.by,
        "second": "" if done is None else done.second,
        "what": "" if done is None else done.what,
        "reason": "" if done is None else done.reason,
    }


def _line(shown: dict[str, Any]) -> str:
    parts: list[str] = []
    for name, value in shown.items():
        if isinstance(value, dict):
            parts.append(f"{name}: " + " ".join(str(one) for one in value.values() if one))
        elif value not in ("", None):
            parts.append(str(value))
    return "  ".join(parts)
