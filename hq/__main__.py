"""`kiosk-hq`: the commands of HQ; refuses with one sentence and exit code 2, and never shows a key."""

import argparse
import json
import logging
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hq import ca, commands_desk, continuation, csv_export, database, devices, export, first_start, roster
from hq.api import milliseconds
from hq.attendance import EVERYTHING, attendance
from hq.audit import Act, ActKind, append
from hq.devices import Device
from hq.house import write
from hq.office import authority, found, open_office
from hq.refusals import Refused
from hq.serving import serve

REFUSED = 2
_CODE_SENTENCE = "Code for the first account of HQ's page, shown this once: "


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    level = getattr(options, "log_level", "INFO")
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    command: Callable[[argparse.Namespace], int | None] = options.command
    try:
        return command(options) or 0
    except Refused as refused:
        sys.stderr.write(f"kiosk-hq: {refused}\n")
        return REFUSED


def _init(options: argparse.Namespace) -> None:
    new = found(options.data, options.name, options.host or ["127.0.0.1", "localhost"], datetime.now(UTC))
    certificate = (options.data / "ca.pem").resolve()
    if options.json:
        told = {"name": new.name, "public": new.public.hex(), "ca": str(certificate), "access_code": new.code}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    sys.stdout.write(f"Name: {new.name}\nPublic key: {new.public.hex()}\nAuthority: {certificate}\n")
    sys.stdout.write(f"{_CODE_SENTENCE}{new.code}\n")


def _device_add(options: argparse.Namespace) -> None:
    devices.check_id(options.id)
    with closing(open_office(options.data)) as office:
        issued = ca.issue_device(authority(office), _read(options.csr), options.id, datetime.now(UTC))
        with database.writing(office.engine) as work:
            device = Device(options.id, _hex(options.public))
            devices.register(work, device, options.name, issued, milliseconds())
        try:
            write(options.out.absolute(), issued.certificate, 0o444)
        except OSError as error:
            raise Refused(f"{options.out} cannot be written.") from error
    last = datetime.fromtimestamp(issued.not_after / 1000, UTC)
    sys.stdout.write(f"Certificate of {options.id} until {last:%Y-%m-%d}: {options.out}\n")


def _device_revoke(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        number = devices.revoke(work, options.id, milliseconds())
    sys.stdout.write(f"Certificates withdrawn: {number}\n")


def _roster_import(options: argparse.Namespace) -> None:
    people = roster.read_csv(_read(options.file))
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        roster.merge(work, office.seals, people, milliseconds())
    sys.stdout.write(f"People in the roster file: {len(people)}\n")


def _access_renew(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        code = first_start.new_code(work)
    sys.stdout.write(f"{_CODE_SENTENCE}{code}\n")


def _serve(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office:
        serve(office, options.host, options.port, options.ready_file)


def _export(options: argparse.Namespace) -> None:
    form = "csv" if options.csv else "json" if options.device is None else "continuation"
    with closing(open_office(options.data)) as office:
        with database.writing(office.engine) as work:
            by = commands_desk.at_the_shell(options.by)
            append(work, office, Act(ActKind.EXPORTED, by, detail={"form": form}), milliseconds())
        if options.csv:
            sys.stdout.write(
                csv_export.table(attendance(office, replace(EVERYTHING, device=options.device or "")).lines)
            )
            return
        if options.device is None:
            json.dump(export.everything(office), sys.stdout, ensure_ascii=False)
            sys.stdout.write("\n")
            return
        for line in continuation.continuation(office, options.device, options.after):
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read.") from error


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise Refused("The public key must be 32 bytes, that is 64 hexadecimal digits.") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk-hq", description="Ambang's reference HQ.")
    nouns = parser.add_subparsers(required=True, metavar="COMMAND")

    init = _command(nouns, "init", _init, "found a new HQ")
    init.add_argument("--name", required=True, help="small letters, digits, dashes; signs as ambang-hq/NAME")
    init.add_argument("--host", action="append", help="host name or address in the server certificate; may repeat")
    init.add_argument("--json", action="store_true")

    device = nouns.add_parser("device", help="devices HQ answers").add_subparsers(required=True, metavar="ACT")
    add = _command(device, "add", _device_add, "register a device, or renew its certificate")
    add.add_argument("--id", required=True)
    add.add_argument("--public", required=True, help="Ed25519 public key of its ledger, 64 hexadecimal digits")
    add.add_argument("--csr", required=True, type=Path, help="certificate request, PEM")
    add.add_argument("--out", required=True, type=Path, help="where the certificate goes, PEM")
    add.add_argument("--name", default="", help="what the page calls it")
    revoke = _command(device, "revoke", _device_revoke, "withdraw every certificate of a device")
    revoke.add_argument("--id", required=True)

    people = nouns.add_parser("roster", help="whom the codes stand for").add_subparsers(required=True, metavar="ACT")
    _command(people, "import", _roster_import, "read code,name from a CSV file").add_argument("file", type=Path)

    code = nouns.add_parser("access", help="code for the first account").add_subparsers(required=True, metavar="ACT")
    _command(code, "renew", _access_renew, "show a new one; only before there is an account")

    server = _command(nouns, "serve", _serve, "listen for devices and for the page")
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", required=True, type=int, help="0 takes a free one and prints the address")
    server.add_argument("--ready-file", type=Path, help="gets the address once HQ listens")
    server.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))

    whole = _command(nouns, "export", _export, "everything, opened, for a checker")
    form = whole.add_mutually_exclusive_group(required=True)
    form.add_argument("--json", action="store_true")
    form.add_argument("--csv", action="store_true", help="check-ins for a spreadsheet, marked confidential")
    whole.add_argument("--by", default="", help="who takes it, for the audit log")
    whole.add_argument("--device", help="only the ledger of this device, an entry a line, to restore it from a backup")
    whole.add_argument("--after", type=int, default=0, help="with --device: entries after this one")
    commands_desk.add_to(nouns, _command)
    return parser


def _command(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    command: Callable[[argparse.Namespace], int | None],
    text: str,
) -> argparse.ArgumentParser:
    parser = nouns.add_parser(name, help=text)
    parser.set_defaults(command=command)
    parser.add_argument("--data", required=True, type=Path, help="HQ's data directory")
    return parser


if __name__ == "__main__":
    sys.exit(main())
