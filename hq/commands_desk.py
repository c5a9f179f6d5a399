"""`kiosk-hq account`, `retention`, `erase` and `verify`; refuses to show a password, and to erase without a name."""

import argparse
import dataclasses
import getpass
import json
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import TypeAlias

from hq import accounts, erasure, retention, words
from hq.accounts import New, Prepared, Role
from hq.api import milliseconds
from hq.audit import SHELL, Actor
from hq.database import reading, writing
from hq.office import Office, open_office
from hq.refusals import Refused
from hq.verification import verify

Maker: TypeAlias = Callable[..., argparse.ArgumentParser]
"""Makes the parser of one command: where, its name, what it runs, one line about it."""
BROKEN = 1
_NAME_LONGEST = 64


def add_to(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]", command: Maker) -> None:
    """Add these commands to the parser of `kiosk-hq`."""
    acts = nouns.add_parser("account", help="who may see the page").add_subparsers(required=True, metavar="ACT")
    add = command(acts, "add", _account_add, "make an account; shows a one-time code")
    add.add_argument("--name", required=True)
    add.add_argument("--role", required=True, action="append", choices=[role.value for role in Role], help="may repeat")
    add.add_argument(
        "--own-password", action="store_true", help="for yourself: asks for a password (or reads a line) instead"
    )
    command(acts, "list", _account_list, "every account, and how it stands").add_argument("--json", action="store_true")
    command(acts, "disable", _account_disable, "close an account").add_argument("--name", required=True)
    command(acts, "reset", _account_reset, "unlock an account; shows a one-time code").add_argument(
        "--name", required=True
    )
    kept = nouns.add_parser("retention", help="how long things are kept").add_subparsers(required=True, metavar="ACT")
    command(kept, "show", _retention_show, "the period and the holds").add_argument("--json", action="store_true")
    decide = command(kept, "set", _retention_set, "decide the period")
    decide.add_argument("--months", type=int, required=True)
    sweep = command(kept, "sweep", _retention_sweep, "drop what is older; prints the signed report")
    sweep.add_argument("--months", type=int, help="this once, instead of the period that was decided")
    sweep.add_argument("--preview", action="store_true", help="only say what would go")
    hold = command(kept, "hold", _retention_hold, "keep everything of one person")
    hold.add_argument("--code", required=True)
    hold.add_argument("--reason", required=True)
    release = command(kept, "release", _retention_release, "end a hold")
    release.add_argument("--code", required=True)
    erase = command(nouns, "erase", _erase, "remove one person; prints the signed certificate")
    erase.add_argument("--code", required=True, help="employee code")
    for each in (decide, sweep, hold, release, erase):
        each.add_argument("--by", default="", help="who decides it, for the audit log")
    command(nouns, "verify", _verify, "recompute every chain, commitment and signature").add_argument(
        "--json", action="store_true"
    )


def at_the_shell(name: str = "") -> Actor:
    """Whoever uses the command line, under the name they give. Raises Refused if that is none."""
    if len(name) > _NAME_LONGEST or not name.isprintable():
        raise Refused("A name is 1 to 64 characters without control characters.")
    return Actor(SHELL, name or SHELL)


def _account_add(options: argparse.Namespace) -> None:
    roles = tuple(Role(role) for role in options.role)
    with closing(open_office(options.data)) as office:
        password = None
        if options.own_password:
            made = accounts.prepare(office, options.name, _typed())
            if not isinstance(made, Prepared):
                raise Refused(" ".join(words.say("en", f"unfit_{reason}") for reason in made))
            password = made
        with writing(office.engine) as work:
            new = New(options.name, roles, password)
            _, code = accounts.add(work, office, at_the_shell(), new, milliseconds())
    sys.stdout.write(f"One-time code for {options.name}, good for 24 hours: {code}\n" if code else "Account made.\n")


def _account_list(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, reading(office.engine) as view:
        found = accounts.everybody(view, office.seals)
    if options.json:
        told = [{"name": one.name, "roles": list(one.roles), "standing": one.standing} for one in found]
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    for one in found:
        sys.stdout.write(f"{one.name}: {', '.join(one.roles)} ({one.standing})\n")


def _account_disable(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, writing(office.engine) as work:
        account = accounts.by_name(work, office.seals, options.name)
        accounts.disable(work, office, at_the_shell(), account, milliseconds())
    sys.stdout.write("Account closed.\n")


def _account_reset(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, writing(office.engine) as work:
        account = accounts.by_name(work, office.seals, options.name)
        code = accounts.reset(work, office, at_the_shell(), account, milliseconds())
    sys.stdout.write(f"One-time code for {options.name}, good for 24 hours: {code}\n")


def _retention_show(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office:
        months, holds = retention.months(office), retention.held(office)
    if options.json:
        told = {"months": months, "holds": [dataclasses.asdict(hold) for hold in holds]}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(f"Period: {'not decided' if months is None else f'{months} months'}\n")
    for hold in holds:
        since = datetime.fromtimestamp(hold.since / 1000, UTC)
        sys.stdout.write(f"Held: {hold.code} since {since:%Y-%m-%d} by {hold.by}: {hold.reason}\n")


def _retention_set(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office:
        retention.set_months(office, at_the_shell(options.by), options.months, milliseconds())
    sys.stdout.write(f"Period: {options.months} months\n")


def _retention_sweep(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office:
        if not options.preview:
            swept = retention.sweep(office, at_the_shell(options.by), options.months, milliseconds())
            sys.stdout.write(swept.paper)
            return
        told = retention.preview(office, _months(office, options.months), milliseconds())
    gone = dict(told.dropped)
    stays = {"held": told.held, "notices": told.notices, "unreadable": told.unreadable}
    sys.stdout.write(json.dumps({"months": told.months, "cutoff": told.cutoff, "would_drop": gone, **stays}) + "\n")


def _months(office: Office, given: int | None) -> int:
    months = retention.months(office) if given is None else given
    if months is None:
        raise Refused("No period was decided yet; `kiosk-hq retention set --months N` does.")
    return months


def _retention_hold(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office:
        retention.hold(office, at_the_shell(options.by), options.code, options.reason, milliseconds())
    sys.stdout.write("Held.\n")


def _retention_release(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office:
        retention.release(office, at_the_shell(options.by), options.code, milliseconds())
    sys.stdout.write("Released.\n")


def _erase(options: argparse.Namespace) -> None:
    if not options.by.strip():
        raise Refused("Say with --by who decides the erasure.")
    with closing(open_office(options.data)) as office:
        sys.stdout.write(erasure.erase(office, at_the_shell(options.by), options.code, milliseconds()))


def _verify(options: argparse.Namespace) -> int:
    with closing(open_office(options.data)) as office:
        found = verify(office)
    if options.json:
        told = dataclasses.asdict(found) | {"head": found.head.hex(), "ok": not found.findings}
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        sys.stdout.write(f"Ledger rows: {found.rows}, events: {found.events}, acts: {found.acts}\n")
        sys.stdout.write(f"Head of the audit log: {found.head.hex()}\n")
        for finding in found.findings:
            where = f"{finding.where}, entry {finding.seq}" if finding.seq else finding.where
            sys.stdout.write(f"BROKEN: {where}: {finding.why}\n")
        sys.stdout.write("" if found.findings else "Everything holds.\n")
    return BROKEN if found.findings else 0


def _typed() -> str:
    """A password: asked for unseen at a terminal, else one line of the input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Once more: "):
        raise Refused("The two passwords are not the same.")
    return first
