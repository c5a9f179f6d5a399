"""`kiosk people roster`: what came from headquarters, and what waits for a yes; refuses to decide without a login."""

import argparse
import sys
from typing import Any

from kiosk.cli.asking import password
from kiosk.cli.opening import answer, examined, opened, options
from kiosk.store import Store, marks, roster_held, told
from kiosk.store.intents import IntentKind
from kiosk.store.logins import logged_in
from kiosk.store.roster import Kept, loss_of, rosters
from kiosk.store.roster_apply import resume
from wire import checks
from wire.message import Departure

_SENTENCES = {
    "everyone": "it would remove everybody",
    "more_than_a_fifth": "it would remove more than a fifth of the people",
    "more_than_a_fifth_in_a_day": "with what left within a day it would be more than a fifth of the people",
}
_SHOWN = 10


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `roster show`, `accept`, `refuse` and `restart`."""
    parser = acts.add_parser("roster", help="who works here, as headquarters says: show, accept, refuse")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    shown = verbs.add_parser("show", help="the last rosters, what is held and why, and what was refused")
    options(shown).set_defaults(do=_show)
    for verb, act, text in (
        ("accept", _accept, "let a held roster count: whoever it removes is out at once, and erased"),
        ("refuse", _refuse, "forget a held roster; nothing of it is applied"),
        ("restart", _restart, "take any version again: for a backend that counts anew"),
    ):
        decided = options(verbs.add_parser(verb, help=text))
        decided.add_argument("--by", required=True, metavar="NAME", help="your account, an administrator's")
        decided.set_defaults(do=act)


def _show(given: argparse.Namespace) -> int:
    with examined(given) as store:
        found = _found(store)
    answer(given, found, "\n".join(_lines(found)))
    return 0


def _found(store: Store) -> dict[str, Any]:
    return {
        "version": marks.mark(store.database, marks.ROSTER_VERSION),
        "policy": marks.mark(store.database, marks.POLICY_VERSION),
        "held": [_waits(store, each) for each in roster_held.held(store)],
        "departures_held": len(told.every(store, Departure)),
        "rosters": [_row(each) for each in rosters(store)[:_SHOWN]],
        "refused": [
            {"kind": kind, "why": why, "times": times, "last": checks.moment_to_text(at)}
            for kind, why, times, at in store.database.rows(
                "SELECT kind, reason, times, at FROM refused ORDER BY at DESC, kind, reason"
            )
        ],
    }


def _waits(store: Store, kept: Kept) -> dict[str, Any]:
    loss = loss_of(store, kept.version)
    return {"version": kept.version, "why": kept.reason, "removes": loss.removed, "of": loss.known}


def _row(kept: Kept) -> dict[str, Any]:
    return {
        "version": kept.version,
        "full": kept.whole,
        "people": kept.people,
        "removed": kept.removed,
        "state": kept.state,
        "why": kept.reason,
        "taken": checks.moment_to_text(kept.taken_at),
        "decided_by": kept.decided_by,
    }


def _lines(found: dict[str, Any]) -> list[str]:
    lines = []
    for held in found["held"]:
        lines += [
            f"HELD: roster {held['version']} waits for an administrator: {_SENTENCES.get(held['why'], held['why'])}.",
            f"It would remove {held['removes']} of {held['of']} people. Nothing of it is applied.",
        ]
    if found["held"]:
        lines += [
            "If they have left: kiosk people roster accept --by NAME. If not: kiosk people roster refuse --by NAME,",
            "and ask headquarters for the right one.",
        ]
    if found["departures_held"]:
        lines.append(f"HELD: {found['departures_held']} people were erased at other devices, too many for one day.")
    for each in found["rosters"]:
        kind = "full" if each["full"] else "changes"
        why = f" ({each['why']})" if each["why"] else ""
        lines.append(
            f"{each['taken']}  version {each['version']:<12}{kind:<9}{each['people']:>6} people,"
            f" {each['removed']} removed  {each['state']}{why}"
        )
    lines += [f"Refused: {each['kind']}, {each['why']}: {each['times']} times" for each in found["refused"]]
    return lines or ["No roster has come yet."]


def _accept(given: argparse.Namespace) -> int:
    with opened(given) as store:
        by = logged_in(store, given.by, password(given.by))
        if (nothing := _nothing(store)) is not None:
            sys.stderr.write(nothing)
            return 1
        removed, parted = roster_held.accept(store, by)
        if (intent := store.intents.find(IntentKind.APPLY_ROSTER)) is not None:
            resume(store, intent)
        answer(
            given,
            {"removed": removed, "departures": parted},
            f"{removed + parted} people are out. The kiosk erases them; `kiosk privacy status` tells what is left.",
        )
    return 0


def _refuse(given: argparse.Namespace) -> int:
    with opened(given) as store:
        by = logged_in(store, given.by, password(given.by))
        if (nothing := _nothing(store)) is not None:
            sys.stderr.write(nothing)
            return 1
        roster_held.refuse(store, by)
        answer(given, {"refused": True}, "It is forgotten. A newer roster is judged anew.")
    return 0


def _restart(given: argparse.Namespace) -> int:
    with opened(given) as store:
        by = logged_in(store, given.by, password(given.by))
        roster_held.restart(store, by)
        answer(given, {"restarted": True}, "The next roster and policy are taken, whatever their version.")
    return 0


def _nothing(store: Store) -> str | None:
    waits = roster_held.held(store) or told.every(store, Departure)
    return None if waits else "Nothing waits for an administrator.\n"
