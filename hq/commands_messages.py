"""`kiosk-hq roster | policy | announce | trip`: what devices are told; refuses what no device could read."""

import argparse
import re
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from hq import database, devices, messages, roster
from hq.api_shared import milliseconds
from hq.commands import command, read_file
from hq.devices import NOT_YET
from hq.office import open_office
from hq.refusals import Refused
from hq.tables_door import counted_on
from wire import canonical, checks, slip
from wire.errors import FormatError
from wire.message import Announcement, Policy, Shift, Trip

FOR_EVER: Final = 2**53 - 1
TRIP_MS: Final = 400 * 86_400_000
"""A decision stands at HQ longer than its slip is good: the export of a year of trips shows it."""
POLICY: Final = "policy_version"
_ID: Final = re.compile(r"[0-9a-f]{16}")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def add(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the nouns and their acts."""
    people = nouns.add_parser("roster", help="whom the codes stand for").add_subparsers(required=True, metavar="ACT")
    read = command(people, "import", _roster_import, "read code,name[,ref,state,language,shift] from a CSV file")
    read.add_argument("file", type=Path)
    read.add_argument("--replace", action="store_true", help="whoever is not in the file has left")
    publish = command(people, "publish", _roster_publish, "tell the devices who works here")
    publish.add_argument("--device", help="only this one")

    shifts = nouns.add_parser("policy", help="shifts and places").add_subparsers(required=True, metavar="ACT")
    command(shifts, "import", _policy_import, "read shifts from a JSON file, and tell the devices").add_argument(
        "file", type=Path
    )

    said = command(nouns, "announce", _announce, "a sentence at every door between two moments; none takes it back")
    said.add_argument("--id", required=True, help="a name of your own; the same one again changes it")
    said.add_argument("--from", dest="begins", metavar="TIME", help="like 2026-11-20T08:00+07:00")
    said.add_argument("--until", dest="ends", metavar="TIME")
    said.add_argument(
        "--marketing", action="store_true", help="a greeting, invitation or offer: only for those who asked for such"
    )
    for language in ("id", "en", "nl"):
        option = "--id-text" if language == "id" else f"--{language}"
        said.add_argument(option, dest=f"{language}_text", default="", metavar="TEXT", help=f"in {language}")

    trips = nouns.add_parser("trip", help="business trips").add_subparsers(required=True, metavar="ACT")
    for name, text in (("approve", "this trip is approved"), ("refuse", "this trip is not approved")):
        judged = command(trips, name, _trip, text)
        judged.set_defaults(approved=name == "approve")
        judged.add_argument("slip", help="the slip's id, 16 hexadecimal digits, or all of its QR code")
        judged.add_argument("--reference", default="", help="the number of the request, at most 64 letters")


def _roster_import(options: argparse.Namespace) -> None:
    people = roster.read_csv(read_file(options.file))
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        roster.merge(work, office.seals, people, milliseconds(), replace=options.replace)
    sys.stdout.write(f"People in the roster file: {len(people)}\n")


def _roster_publish(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        if options.device is not None and devices.public_key(work, options.device) in (None, NOT_YET):
            raise Refused("There is no device with this id, or it was invited and has not come yet.")
        version, number = messages.publish_roster(work, office, options.device, milliseconds())
    sys.stdout.write(f"Version {version} of the roster, for devices: {number}\n")


def _policy_import(options: argparse.Namespace) -> None:
    shifts = _shifts(read_file(options.file))
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        now = milliseconds()
        version = counted_on(work, POLICY)
        number = messages.tell_all(work, office, _made(lambda: Policy(version, shifts)), FOR_EVER, now)
    sys.stdout.write(f"Version {version} of the shifts, for devices: {number}\n")


def _announce(options: argparse.Namespace) -> None:
    texts = (options.id_text, options.en_text, options.nl_text)
    now = milliseconds()
    if any(texts):
        if options.begins is None or options.ends is None:
            raise Refused("Say from when and until when: --from and --until.")
        begins, ends = _moment(options.begins), _moment(options.ends)
        if ends <= begins or ends <= now:
            raise Refused("It would be over before it begins, or is over already.")
        if not all(texts):
            raise Refused("Say it in all three languages: --id-text, --en, --nl.")
    else:
        begins, ends = now, now
    told = _made(lambda: Announcement(options.id, begins, ends, *texts, marketing=options.marketing))
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        number = messages.tell_all(work, office, told, ends, now)
    sys.stdout.write(f"{'Announced' if any(texts) else 'Taken back'}, for devices: {number}\n")


def _trip(options: argparse.Namespace) -> None:
    told = _made(lambda: Trip(_slip(options.slip), options.approved, options.reference))
    now = milliseconds()
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        number = messages.tell_all(work, office, told, now + TRIP_MS, now)
    sys.stdout.write(f"{'Approved' if options.approved else 'Refused'}, for devices: {number}\n")


def _slip(text: str) -> str:
    """The id, out of itself or out of a slip's QR code; who has signed it, the device checks."""
    if _ID.fullmatch(text):
        return text
    try:
        if text.startswith(slip.PREFIX) and len(text) <= slip.LENGTH_LIMIT:
            return checks.base64url(text.removeprefix(slip.PREFIX))[: slip.ID_SIZE].hex()
    except FormatError as error:
        raise Refused("That is no trip slip.") from error
    raise Refused("A slip is named by its id, 16 hexadecimal digits, or by all of its QR code (AS1...).")


def _shifts(data: bytes) -> tuple[Shift, ...]:
    """Shifts out of `{"shifts": [{"id", "name", "begins": "08:00", "ends": "16:00", "place"?}]}`. Raises Refused."""
    try:
        found = canonical.fields(canonical.decode(data), {"shifts": list})["shifts"]
    except FormatError as error:
        raise Refused('The file is not {"shifts": [...]} in JSON.') from error
    shifts = []
    for number, value in enumerate(found, start=1):
        try:
            whole = {"place": "", **value} if isinstance(value, dict) else value
            names = ("id", "name", "begins", "ends", "place")
            read = canonical.fields(whole, dict.fromkeys(names, str))
            shifts.append(
                Shift(read["id"], read["name"], _minute(read["begins"]), _minute(read["ends"]), read["place"])
            )
        except FormatError as error:
            form = '{"id", "name", "begins": "08:00", "ends": "16:00", "place"}, texts of at most 64 letters'
            raise Refused(f"Shift {number} is not {form}.") from error
    return tuple(shifts)


def _minute(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise FormatError("not a time of day")
    return int(found[1]) * 60 + int(found[2])


def _moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("A moment is written like 2026-11-20T08:00+07:00.") from error
    if moment.tzinfo is None:
        raise Refused("A moment needs its offset from UTC, like +07:00: HQ does not know your time zone.")
    return int(moment.timestamp() * 1000)


def _made(make: Any) -> Any:  # noqa: ANN401 - one of three kinds
    try:
        return make()
    except FormatError as error:
        raise Refused(f"No device could read that: {error}.") from error
