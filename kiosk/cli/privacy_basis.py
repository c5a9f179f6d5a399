"""`kiosk privacy purposes` and `ground`: why data is processed, what a face stands on; refuses to name who objects."""

import argparse

from kiosk.cli.desk import OFFICER, acting, acting_options
from kiosk.cli.opening import answer, opened, options
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.persons import person_of, person_option
from kiosk.cli.sheets import sheet
from kiosk.rights import grounds, objecting
from kiosk.rights.basis_documents import of_purposes
from kiosk.rights.purposes import FaceCondition


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both verbs."""
    document_options(
        options(acts.add_parser("purposes", help="every purpose, its basis, and how many object"))
    ).set_defaults(do=_purposes)
    parser = acts.add_parser("ground", help="another ground than consent for the face of one person")
    verbs = parser.add_subparsers(required=True, metavar="ACT")
    record = person_option(
        acting_options(verbs.add_parser("record", help="the officer records it; then enrol with it"))
    )
    others = [each.value for each in FaceCondition if each is not FaceCondition.EXPLICIT_CONSENT]
    record.add_argument("--condition", required=True, choices=others)
    record.add_argument("--law", required=True, metavar="TEXT", help="the law or agreement, with its article")
    record.set_defaults(do=_record)
    withdraw = acting_options(verbs.add_parser("withdraw", help="end it; the face that hangs on it is erased"))
    withdraw.add_argument("--id", required=True, metavar="ID")
    withdraw.set_defaults(do=_withdraw)


def _purposes(given: argparse.Namespace) -> int:
    with opened(given) as store:
        objected = objecting.counted(store)
        now = store.now_ms()
    hand_out(given, of_purposes(objected, sheet(given, now)))
    return 0


def _record(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        condition = FaceCondition(given.condition)
        paper = grounds.record(store, person_of(store, given.person).id, condition, given.law, by=login.account)
    answer(given, {"id": paper}, f"Recorded as {paper}. Enrol with: kiosk people enrol --code ... --ground {paper}")
    return 0


def _withdraw(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        done = grounds.withdraw(store, given.id, by=login.account)
    said = "It is withdrawn." if done is None else "It is withdrawn, and the face is erased."
    answer(given, {"id": given.id, "erased": done is not None}, said)
    return 0
