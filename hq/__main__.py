"""`kiosk-hq`: the commands of HQ; refuses with one sentence and exit code 2, and never shows a key."""

import argparse
import json
import logging
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoTurn

from hq import access, ca, continuation, database, devices, export, roster, schema
from hq.api import milliseconds
from hq.devices import Device
from hq.house import House, serving_from, write
from hq.office import authority, found, open_office
from hq.refusals import Refused
from hq.serving import serve

REFUSED = 2
_CODE_SENTENCE = "Access code of HQ's page, shown this once: "


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    level = getattr(options, "log_level", "INFO")
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except Refused as refused:
        sys.stderr.write(f"kiosk-hq: {refused}\n")
        return REFUSED
    except (OperationalError, NoTurn):
        sys.stderr.write("kiosk-hq: The database is busy or does not answer; nothing was changed, try again.\n")
        return REFUSED
    return 0


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
        code = access.new_code(work)
    sys.stdout.write(f"{_CODE_SENTENCE}{code}\n")


def _database_upgrade(options: argparse.Namespace) -> None:
    before, after = schema.upgrade(House(options.data))
    sys.stdout.write(f"Schema: {after} (was {before})\n" if before != after else f"Schema: {after}, as before\n")


def _serve(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, serving_from(options.data):
        serve(office, options.host, options.port, options.ready_file)


def _export(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office:
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
    init.add_argument(
        "--database", metavar="URL", help="an empty PostgreSQL database instead of a file: postgresql://..."
    )
    init.add_argument("--json", action="store_true")

    base = nouns.add_parser("database", help="where HQ keeps everything").add_subparsers(required=True, metavar="ACT")
    _command(base, "upgrade", _database_upgrade, "bring its schema to this version; make a backup before")

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

    code = nouns.add_parser("access", help="access code of the page").add_subparsers(required=True, metavar="ACT")
    _command(code, "renew", _access_renew, "show a new code once and end every session")

    server = _command(nouns, "serve", _serve, "listen for devices and for the page")
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", required=True, type=int, help="0 takes a free one and prints the address")
    server.add_argument("--ready-file", type=Path, help="gets the address once HQ listens")
    server.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))

    whole = _command(nouns, "export", _export, "everything, opened, for a checker")
    whole.add_argument("--json", action="store_true", required=True)
    whole.add_argument("--device", help="only the ledger of this device, an entry a line, to restore it from a backup")
    whole.add_argument("--after", type=int, default=0, help="with --device: entries after this one")
    return parser


def _command(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    command: Callable[[argparse.Namespace], None],
    text: str,
) -> argparse.ArgumentParser:
    parser = nouns.add_parser(name, help=text)
    parser.set_defaults(command=command)
    parser.add_argument("--data", required=True, type=Path, help="HQ's data directory")
    return parser


if __name__ == "__main__":
    sys.exit(main())
