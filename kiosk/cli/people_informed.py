"""`kiosk people uninformed` and `informed`: who is owed the notice, who had it; refuses a list in secret."""

import argparse

from kiosk import config
from kiosk.cli.desk import DESK, acting, acting_options
from kiosk.cli.opening import answer, opened, options
from kiosk.cli.persons import person_of
from kiosk.faults import Fault, FaultCode
from kiosk.rights import informing, notices
from kiosk.store import LocalKind
from wire import checks


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the acts."""
    listed = options(acts.add_parser("uninformed", help="who has had no privacy notice yet, and by when they must"))
    listed.set_defaults(do=_list)
    told = acting_options(acts.add_parser("informed", help="these people were given the privacy notice"))
    told.add_argument("--person", required=True, action="append", metavar="CODE", help="employee code; may be repeated")
    told.add_argument("--language", choices=config.LANGUAGES, help="of the notice (default: the person's own)")
    told.set_defaults(do=_told)


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        owed = informing.uninformed(store)
        store.append_local(LocalKind.VIEWED, {"list": "uninformed", "people": len(owed)})
        people = {each.id: each for each in store.people.all()}
    rows = [
        {
            "code": people[each.person].code,
            "name": people[each.person].name,
            "source": each.source,
            "due": checks.moment_to_text(each.due_at),
            "late": each.late,
        }
        for each in owed
        if each.person in people
    ]
    lines = [f"{row['due']}{'  late' if row['late'] else '':<6}  {row['code']:<16}{row['name']}" for row in rows]
    answer(given, {"people": rows}, "\n".join(lines) or "Everybody has been informed.")
    return 0


def _told(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, DESK)
        held = notices.in_force(store) or notices.newest(store)
        if held is None:
            raise Fault(FaultCode.PAPER_UNKNOWN, "no notice is published yet")
        people = [person_of(store, code) for code in given.person]
        with store.database.write():
            for person in people:
                informing.told(
                    store,
                    person.id,
                    version=held.label,
                    language=given.language or person.language,
                    witness=login.account,
                    by=login.account,
                )
    found = {"people": len(people), "version": held.label}
    answer(given, found, f"Written down: {len(people)} had notice {held.label}.")
    return 0
