"""`kiosk privacy breach`: from an alarm to the letters and the register; refuses to send anything or forget one."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.cli.desk import DESK, OFFICER, READERS, acting, acting_options, of_company
from kiosk.cli.opening import configured, opened
from kiosk.cli.paper import document_options, hand_out
from kiosk.config import Config
from kiosk.rights import breach_acts, breach_document, breach_letters
from kiosk.rights.breach import Chance, Gravity, Happening, Harm, Told, Weighed, Whom
from kiosk.rights.breach_acts import Kept, Report
from kiosk.rights.breach_document import Names
from kiosk.store import LocalKind, Store
from kiosk.store.approval import LoggedIn, Role


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    family = acts.add_parser("breach", help="cases of breach: open, assess, draft letters, register")
    verbs = family.add_subparsers(required=True, metavar="ACT")

    def verb(
        name: str, text: str, do: Callable[[argparse.Namespace], int], *, case: bool = True
    ) -> argparse.ArgumentParser:
        parser = document_options(acting_options(verbs.add_parser(name, help=text)))
        if case:
            parser.add_argument("--id", required=True, metavar="ID", help="of the case")
        parser.set_defaults(do=do)
        return parser

    begin = verb("open", "open a case; the clock runs from the discovery", _open, case=False)
    begin.add_argument("--what", required=True, type=Happening, choices=tuple(Happening), help="happened")
    begin.add_argument(
        "--at", required=True, type=_moment, metavar="TIME", help="2026-11-26 or 2026-11-26T14:30, at the door"
    )
    begin.add_argument("--discovered", type=_moment, metavar="TIME", help="when you knew; now unless given")
    begin.add_argument("--words", default="", metavar="TEXT", help="what happened, in your words")
    begin.add_argument(
        "--key-too", action="store_true", help="key, passphrase or the organisation's key was taken, too"
    )
    begin.add_argument("--drill", action="store_true", help="nothing has happened: you try the way through")
    verb("list", "the register, with the hours that are left", _list, case=False)
    verb("show", "one case; names for the officer alone", _show)
    assess = verb("assess", "decide what it means for people", _assess)
    assess.add_argument("--harm", action="append", default=[], type=_weighed, metavar="HARM=CHANCE", help=_harms())
    assess.add_argument("--gravity", type=Gravity, choices=tuple(Gravity), help="another judgement than the table's")
    assess.add_argument("--why", default="", metavar="TEXT", help="the reason for it")
    measure = verb("measure", "write down what was done or is planned", _measure)
    measure.add_argument("--text", action="append", required=True, metavar="TEXT", help="one sentence; may be repeated")
    draft = verb("draft", "draft the letter; nothing is sent", _draft)
    notify = verb("notify", "write down that somebody was told", _notify)
    for each in (draft, notify):
        each.add_argument("--to", required=True, type=Whom, choices=tuple(Whom), help="whom")
    notify.add_argument("--on", type=_moment, metavar="TIME", help="when; now unless given")
    notify.add_argument("--how", required=True, metavar="TEXT", help="portal, e-mail, letter, in person")
    notify.add_argument("--reference", default="", metavar="TEXT", help="their number")
    notify.add_argument("--why-late", default="", metavar="TEXT", help="needed once the time is over")
    close = verb("close", "close it; it stays in the register", _close)
    close.add_argument("--why", default="", metavar="TEXT", help="needed where somebody was not told")


def _open(given: argparse.Namespace) -> int:
    config, known = configured(given), of_company(given)
    with opened(given) as store:
        login = acting(given, store, DESK)
        discovered = store.now_ms() if given.discovered is None else given.discovered.first(config)
        happened, until = given.at.first(config), given.at.last(config, discovered)
        report = Report(
            given.what, happened, discovered, given.words.strip(), given.key_too, until=until, drill=given.drill
        )
        kept = breach_acts.open_case(store, config, known, report, by=login.account)
        _hand_out(given, config, store, kept, login)
    return 0


def _list(given: argparse.Namespace) -> int:
    config = configured(given)
    with opened(given) as store:
        acting(given, store, READERS)
        found, now = breach_acts.every(store), store.now_ms()
    device = config.device
    hand_out(given, breach_document.register(found, given.language, device.zone, now, device.site))
    return 0


def _show(given: argparse.Namespace) -> int:
    config = configured(given)
    with opened(given) as store:
        login = acting(given, store, READERS)
        _hand_out(given, config, store, breach_acts.get(store, given.id), login)
    return 0


def _assess(given: argparse.Namespace) -> int:
    def act(store: Store, kept: Kept, by: str) -> Kept:
        return breach_acts.assess(store, kept, tuple(given.harm), own=given.gravity, why=given.why, by=by)

    return _act(given, act)


def _measure(given: argparse.Namespace) -> int:
    return _act(given, lambda store, kept, by: breach_acts.take(store, kept, tuple(given.text), by=by))


def _notify(given: argparse.Namespace) -> int:
    config = configured(given)

    def act(store: Store, kept: Kept, by: str) -> Kept:
        now = store.now_ms()
        at = now if given.on is None else given.on.last(config, now)
        told = Told(given.to, at, given.how, given.reference, given.why_late.strip())
        return breach_acts.tell(store, kept, told, by=by)

    return _act(given, act)


def _close(given: argparse.Namespace) -> int:
    return _act(given, lambda store, kept, by: breach_acts.close(store, kept, given.why, by=by))


def _draft(given: argparse.Namespace) -> int:
    config, known = configured(given), of_company(given)
    with opened(given) as store:
        acting(given, store, OFFICER)
        kept, now = breach_acts.get(store, given.id), store.now_ms()
    hand_out(given, breach_letters.draft(kept, known, given.to, given.language, config.device.zone, now))
    return 0


def _act(given: argparse.Namespace, act: Callable[[Store, Kept, str], Kept]) -> int:
    config = configured(given)
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        kept = act(store, breach_acts.get(store, given.id), login.account)
        _hand_out(given, config, store, kept, login)
    return 0


def _hand_out(given: argparse.Namespace, config: Config, store: Store, kept: Kept, login: LoggedIn) -> None:
    names = _names(store, kept) if login.role is Role.DPO else None
    hand_out(given, breach_document.document(kept, given.language, config.device.zone, store.now_ms(), names))


def _names(store: Store, kept: Kept) -> Names:
    """Code and name of whom it concerns; that they were looked at stands in the ledger."""
    concerned = set(kept.case.exposure.people)
    found = {each.id: (each.code, each.name) for each in store.people.all() if each.id in concerned}
    store.append_local(LocalKind.VIEWED, {"list": "breach", "people": len(found)})
    return found


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, a minute or a second that somebody has named: its first moment and how long it is."""

    begins: datetime
    lasts: timedelta

    def first(self, config: Config) -> int:
        """Ms UTC; without a zone of its own it is meant at the door."""
        at = self.begins if self.begins.tzinfo else self.begins.replace(tzinfo=ZoneInfo(config.device.zone))
        return int(at.astimezone(UTC).timestamp() * 1000)

    def last(self, config: Config, until: int) -> int:
        """Its last moment, not after `until`, unless all of it is: whoever came on that day is counted in."""
        first = self.first(config)
        return max(first, min(first + self.lasts // timedelta(milliseconds=1) - 1, until))


def _moment(text: str) -> Moment:
    try:
        begins = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError("a time: 2026-11-26 or 2026-11-26T14:30") from wrong
    if len(text) == len("2026-11-26"):
        return Moment(begins, timedelta(days=1))
    return Moment(begins, timedelta(minutes=1) if not begins.second else timedelta(seconds=1))


def _weighed(text: str) -> Weighed:
    harm, _, chance = text.partition("=")
    try:
        return Weighed(Harm(harm), Chance(chance))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(_harms()) from wrong


def _harms() -> str:
    return f"{', '.join(Harm)}; each no, possible or likely"
