"""`kiosk privacy media`: removable media and laptops that may carry personal data; refuses one without encryption."""

import argparse

from kiosk.cli import desk
from kiosk.cli.opening import answer, directory, opened
from kiosk.rights import dates, media
from kiosk.rights.media import MediumKind


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    verb = acts.add_parser("media", help="the register of removable media and laptops")
    what = verb.add_subparsers(required=True, metavar="WHAT")
    new = desk.acting_options(what.add_parser("add", help="the officer registers a medium"))
    new.add_argument("--kind", required=True, choices=[kind.value for kind in MediumKind])
    new.add_argument("--serial", required=True, metavar="TEXT", help="its serial number")
    new.add_argument("--label", required=True, metavar="TEXT", help="what is written on it, and whose it is")
    new.add_argument(
        "--encrypted-with", required=True, metavar="TEXT", help="LUKS, BitLocker, ...: without it none is registered"
    )
    new.add_argument("--reference", required=True, metavar="TEXT", help="of the officer's approval in writing")
    new.add_argument(
        "--until", required=True, type=desk.day, metavar="DATE", help="last day of that approval, YYYY-MM-DD"
    )
    new.add_argument(
        "--at", type=directory, metavar="DIR", help="where it is plugged in: a mark is put there; evidence needs it"
    )
    new.set_defaults(do=_add)
    desk.acting_options(what.add_parser("list", help="the register")).set_defaults(do=_list)
    gone = desk.acting_options(what.add_parser("withdraw", help="lost, worn out or given back"))
    gone.add_argument("--medium", required=True, metavar="ID")
    gone.set_defaults(do=_withdraw)


def _add(given: argparse.Namespace) -> int:
    with opened(given) as store:
        officer = desk.acting(given, store, desk.OFFICER)
        made = media.new(
            *(
                MediumKind(given.kind),
                given.serial,
                given.label,
                given.encrypted_with,
                given.reference,
                dates.ends(given.until),
            )
        )
        found = media.register(store, made, officer, given.at)
    answer(given, {"medium": found}, f"Registered until {given.until}.\nMedium: {found}")
    return 0


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        desk.acting(given, store, desk.READERS)
        found, now = media.listed(store), store.now_ms()
    rows = [
        {
            "id": one.id,
            "kind": one.medium.kind.value,
            "serial": one.medium.serial,
            "label": one.medium.label,
            "encrypted_with": one.medium.encryption,
            "reference": one.medium.reference,
            "until": dates.day(one.medium.until - 1),
            "unfit": one.unfit(now) or "",
        }
        for one in found
    ]
    lines = [
        f"{row['id']}  {row['kind']:<8}{row['until']}  {row['label']} ({row['serial']})"
        f"{': ' if row['unfit'] else ''}{row['unfit']}"
        for row in rows
    ]
    answer(given, {"media": rows}, "\n".join(lines) or "No medium is registered.")
    return 0


def _withdraw(given: argparse.Namespace) -> int:
    with opened(given) as store:
        media.withdraw(store, given.medium, desk.acting(given, store, desk.DESK))
    answer(given, {"medium": given.medium}, "Nothing is written to it any more.")
    return 0
