"""`kiosk-hq`: the commands of HQ; refuses with one sentence and exit code 2, and never shows a key."""

import argparse
import json
import logging
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from hq import access, commands_backup, commands_device, commands_messages, continuation, database, export
from hq.commands import command
from hq.office import found, open_office
from hq.refusals import Refused
from hq.serving import serve

REFUSED = 2
_CODE_SENTENCE = "Access code of HQ's page, shown this once: "


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    level = getattr(options, "log_level", "INFO")
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    try:
        options.command(options)
    except Refused as refused:
        sys.stderr.write(f"kiosk-hq: {refused}\n")
        return REFUSED
    return 0


def _init(options: argparse.Namespace) -> None:
    new = found(options.data, options.name, options.host or ["127.0.0.1", "localhost"], datetime.now(UTC))
    certificate = (options.data / "ca.pem").resolve()
    if options.json:
        told = {"name": new.name, "public": new.public.hex(), "ca": str(certificate), "access_code": new.code}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    sys.stdout.write(f"Name: {new.name}\nPublic key: {new.public.hex()}\nAuthority: {certificate}\n")
    sys.stdout.write(f"{_CODE_SENTENCE}{new.code}\n")


def _access_renew(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        code = access.new_code(work)
    sys.stdout.write(f"{_CODE_SENTENCE}{code}\n")


def _serve(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office:
        serve(office, options.host, options.port, options.ready_file)


def _export(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office:
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
    init.add_argument("--json", action="store_true")

    for family in (commands_device, commands_messages, commands_backup):
        family.add(nouns)

    code = nouns.add_parser("access", help="access code of the page").add_subparsers(required=True, metavar="ACT")
    command(code, "renew", _access_renew, "show a new code once and end every session")

    server = command(nouns, "serve", _serve, "listen for devices and for the page")
    server.add_argument("--host", default="127.0.0.1")
    server.add_argument("--port", required=True, type=int, help="0 takes a free one and prints the address")
    server.add_argument("--ready-file", type=Path, help="gets the address once HQ listens")
    server.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"))

    whole = command(nouns, "export", _export, "everything, opened, for a checker")
    whole.add_argument("--json", action="store_true", required=True)
    whole.add_argument("--device", help="only the ledger of this device, an entry a line, to restore it from a backup")
    whole.add_argument("--after", type=int, default=0, help="with --device: entries after this one")
    return parser


if __name__ == "__main__":
    sys.exit(main())
