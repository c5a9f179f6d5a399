"""`kiosk-hq backup`: what devices have left here; refuses to hand out one that was altered."""

import argparse
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from hq import backups, database
from hq.commands import command, tell
from hq.office import open_office


def add(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the noun and its acts."""
    acts = nouns.add_parser("backup", help="sealed copies that devices leave here").add_subparsers(
        required=True, metavar="ACT"
    )
    shown = command(acts, "list", _list, "which there are")
    shown.add_argument("--device", help="only of this one")
    shown.add_argument("--json", action="store_true")
    get = command(acts, "get", _get, "copy one out; only the organisation's key opens it")
    get.add_argument("--device", required=True)
    get.add_argument("--id", required=True)
    get.add_argument("--out", required=True, type=Path)
    limit = command(acts, "limit", _limit, "how large one may be, and how many of each device stay")
    limit.add_argument("--mib", type=int, help=f"MiB, at first {backups.LIMIT_MIB}")
    limit.add_argument("--keep", type=int, help=f"at first {backups.KEEP}")
    limit.add_argument("--json", action="store_true")


def _list(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, database.reading(office.engine) as view:
        found = backups.listed(view, options.device)
    told = [
        {"device": one.device, "id": one.id, "sha256": one.digest.hex(), "size": one.size, "received": one.received}
        for one in found
    ]
    lines = [
        f"{one.device}  {one.id}  {one.size} bytes  {datetime.fromtimestamp(one.received / 1000, UTC):%Y-%m-%d %H:%M}Z"
        for one in found
    ]
    tell(options, {"backups": told}, "\n".join(lines) or "None yet.")


def _get(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office:
        size = backups.copy_out(office, options.device, options.id, options.out)
    sys.stdout.write(f"{options.out}: {size} bytes\n")


def _limit(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        backups.set_limits(work, options.mib, options.keep)
        now = backups.limits(work)
    mib = now.size // backups.MIB
    tell(options, {"mib": mib, "keep": now.keep}, f"A backup may have {mib} MiB; {now.keep} of each device stay.")
