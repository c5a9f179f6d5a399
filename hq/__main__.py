"""`kiosk-hq`: the commands of HQ; refuses with one sentence and exit code 2, and never shows a key."""

import argparse
import json
import logging
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoTurn

from hq import (
    commands_backup,
    commands_data,
    commands_desk,
    commands_device,
    commands_messages,
    continuation,
    csv_export,
    database,
    export,
    first_start,
    holds,
    schema,
    trips,
    trips_export,
)
from hq.api import milliseconds
from hq.attendance import EVERYTHING, Wanted, attendance
from hq.audit import Act, ActKind, append
from hq.commands import command
from hq.house import House, serving_from
from hq.office import found, open_office
from hq.refusals import Refused
from hq.serving import serve

REFUSED = 2
_CODE_SENTENCE = "Code for the first account of HQ's page, shown this once: "


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    level = getattr(options, "log_level", "INFO")
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    try:
        return options.command(options) or 0
    except Refused as refused:
        sys.stderr.write(f"kiosk-hq: {refused}\n")
        return REFUSED
    except (OperationalError, NoTurn):
        sys.stderr.write("kiosk-hq: The database is busy or does not answer; nothing was changed, try again.\n")
        return REFUSED


def _init(options: argparse.Namespace) -> None:
    new = found(
        options.data, options.name, options.host or ["127.0.0.1", "localhost"], datetime.now(UTC), options.database
    )
    certificate = (options.data / "ca.pem").resolve()
    if options.json:
        told = {"name": new.name, "public": new.public.hex(), "ca": str(certificate), "access_code": new.code}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    sys.stdout.write(f"Name: {new.name}\nPublic key: {new.public.hex()}\nAuthority: {certificate}\n")
    sys.stdout.write(f"{_CODE_SENTENCE}{new.code}\n")


def _access_renew(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        code = first_start.new_code(work)
    sys.stdout.write(f"{_CODE_SENTENCE}{code}\n")


def _database_upgrade(options: argparse.Namespace) -> None:
    before, after = schema.upgrade(House(options.data))
    sys.stdout.write(f"Schema: {after} (was {before})\n" if before != after else f"Schema: {after}, as before\n")


def _serve(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, serving_from(options.data):
        serve(office, options.host, options.port, options.ready_file)


def _export(options: argparse.Namespace) -> None:
    form = "trips" if options.trips else "csv" if options.csv else "json" if options.device is None else "continuation"
    first, last = trips.days(options.first, options.last)
    if not options.trips and (options.first or options.last):
        raise Refused("--from and --to are for --trips.")
    wanted = Wanted(first, last, device=options.device or "")
    with closing(open_office(options.data)) as office:
        with database.writing(office.engine) as work:
            by = commands_desk.at_the_shell(options.by)
            append(work, office, Act(ActKind.EXPORTED, by, detail={"form": form}), milliseconds())
        if options.trips:
            sys.stdout.write(trips_export.table(trips.trips(office, wanted)))
            return
        if options.csv:
            wanted = replace(EVERYTHING, device=options.device or "")
            sys.stdout.write(csv_export.table(attendance(office, wanted).lines, holds.held(office, wanted)))
            return
        if options.device is None:
            json.dump(export.everything(office), sys.stdout, ensure_ascii=False)
            sys.stdout.write("\n")
            return
        for line in continuation.continuation(office, options.device, options.after):
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk-hq", description="Ambang's reference HQ.")
    nouns = parser.add_subparsers(required=True, metavar="COMMAND")

    init = command(nouns, "init", _init, "found a new HQ")
    init.add_argument("--name", required=True, help="small letters, digits, dashes; signs as ambang-hq/NAME")
    init.add_argument("--host", action="append", help="host name or address in the server certificate; may repeat")
    init.add_argument(
        "--database", metavar="URL", help="an empty PostgreSQL database instead of a file: postgresql://..."
    )
    init.add_argument("--json", action="store_true")

    base = nouns.add_parser("database", help="where HQ keeps everything").add_subparsers(required=True, metavar="ACT")
    command(base, "upgrade", _database_upgrade, "bring its schema to this version; make a backup before")
    for family in (commands_device, commands_messages, commands_backup, commands_data):
        family.add(nouns)

    code = nouns.add_parser("access", help="code for the first account").add_subparsers(required=True, metavar="ACT")
    command(code, "renew", _access_renew, "show a new one; only before there is an account")

    server = command(nouns, "serve", _serve, "listen for devices and for the page")
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", required=True, type=int, help="0 takes a free one and prints the address")
    server.add_argument("--ready-file", type=Path, help="gets the address once HQ listens")
    server.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))

    whole = command(nouns, "export", _export, "everything, opened, for a checker")
    form = whole.add_mutually_exclusive_group(required=True)
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true", help="check-ins for a spreadsheet, marked confidential")
    form.add_argument("--trips", action="store_true", help="business trips for a spreadsheet, marked confidential")
    whole.add_argument("--from", dest="first", metavar="DAY", help="with --trips: began on this day or later")
    whole.add_argument("--to", dest="last", metavar="DAY", help="with --trips: began on this day or before")
    whole.add_argument("--by", default="", help="who takes it, for the audit log")
    whole.add_argument("--device", help="only the ledger of this device, an entry a line, to restore it from a backup")
    whole.add_argument("--after", type=int, default=0, help="with --device: entries after this one")
    commands_desk.add_to(nouns, command)
    return parser


if __name__ == "__main__":
    sys.exit(main())
