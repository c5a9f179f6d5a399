"""`kiosk-hq device`: invite, add, revoke, list and show; refuses to print a token a second time."""

import argparse
import io
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import segno

from hq import ca, database, device_look, devices, invitations, messages
from hq.api_shared import milliseconds
from hq.commands import command, read_file, tell
from hq.devices import Device
from hq.house import write
from hq.office import authority, open_office
from hq.refusals import Refused
from wire import checks, invitation
from wire.errors import FormatError
from wire.invitation import Invitation

PICTURES: Final = (".svg", ".png")
MOMENTS: Final = frozenset(
    {"at", "added", "last_contact", "expires", "system_updated"} | {"backup_offsite", "backup_onsite"}
)
_SCALE: Final = 6


def add(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the noun and its acts."""
    acts = nouns.add_parser("device", help="devices HQ answers").add_subparsers(required=True, metavar="ACT")
    invite = command(acts, "invite", _invite, "make a device, and a token that lets it in once")
    invite.add_argument("--id", required=True, help="as `kiosk store device-key --json` says")
    invite.add_argument("--name", default="", help="what the page calls it")
    invite.add_argument("--hours", type=int, default=24, help="how long the token holds, 1 to 336")
    invite.add_argument("--url", required=True, help="https address of this HQ, as the device reaches it")
    invite.add_argument("--qr", type=Path, metavar="FILE", help="also draw the QR code into a file: .svg or .png")
    invite.add_argument("--json", action="store_true")

    register = command(acts, "add", _add, "register a device by hand, or renew its certificate")
    register.add_argument("--id", required=True)
    register.add_argument("--public", required=True, help="Ed25519 public key of its ledger, 64 hexadecimal digits")
    register.add_argument("--csr", required=True, type=Path, help="certificate request, PEM")
    register.add_argument("--out", required=True, type=Path, help="where the certificate goes, PEM")
    register.add_argument("--name", default="", help="what the page calls it")

    revoke = command(acts, "revoke", _revoke, "withdraw every certificate of a device, and tell the others")
    revoke.add_argument("--id", required=True)
    command(acts, "list", _list, "every device, one line each").add_argument("--json", action="store_true")
    show = command(acts, "show", _show, "all that HQ knows of one device")
    show.add_argument("--id", required=True)
    show.add_argument("--json", action="store_true")


def _invite(options: argparse.Namespace) -> None:
    if options.qr is not None and options.qr.suffix.lower() not in PICTURES:
        raise Refused("The QR code is drawn as .svg or .png.")
    try:
        invitation.address(options.url)
    except FormatError as error:
        raise Refused(
            "--url is https://HOST or https://HOST:PORT, in small letters and with nothing after it."
        ) from error
    with closing(open_office(options.data)) as office:
        pin = ca.pin(office.house.ca.read_bytes())
        with database.writing(office.engine) as work:
            token = invitations.invite(work, options.id, options.name, options.hours, milliseconds())
    made = Invitation(options.url, options.id, token, pin)
    line = invitation.write(made)
    code = segno.make(line, error="m", micro=False)
    if options.qr is not None:
        _draw(code, options.qr)
    spelled = {"token": checks.to_base64url(token), "pin": checks.to_base64url(pin)}
    told = {"url": made.url, "device": made.device, **spelled, "invitation": line}
    art = io.StringIO()
    code.terminal(art, compact=True)
    said = "\n".join(
        (
            f"Address: {made.url}\nToken:   {spelled['token']}\nPin:     {spelled['pin']}",
            f"\n{art.getvalue()}\n{line}\n",
            f"Good once, for {options.hours} h. Nobody can read the token again; `device invite` makes another.",
        )
    )
    tell(options, told, said)


def _draw(code: segno.QRCode, file: Path) -> None:
    picture = io.BytesIO()
    code.save(picture, kind=file.suffix.lower().removeprefix("."), scale=_SCALE)
    try:
        write(file.absolute(), picture.getvalue(), 0o600)  # the token is in it
    except OSError as error:
        raise Refused(f"{file} cannot be written.") from error


def _add(options: argparse.Namespace) -> None:
    devices.check_id(options.id)
    with closing(open_office(options.data)) as office:
        issued = ca.issue_device(authority(office), read_file(options.csr), options.id, datetime.now(UTC))
        with database.writing(office.engine) as work:
            device = Device(options.id, _hex(options.public))
            messages.registered(work, office, device, options.name, issued, milliseconds())
        try:
            write(options.out.absolute(), issued.certificate, 0o444)
        except OSError as error:
            raise Refused(f"{options.out} cannot be written.") from error
    last = datetime.fromtimestamp(issued.not_after / 1000, UTC)
    sys.stdout.write(f"Certificate of {options.id} until {last:%Y-%m-%d}: {options.out}\n")


def _revoke(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, database.writing(office.engine) as work:
        number = messages.withdrawn(work, office, options.id, milliseconds())
        invitations.withdraw(work, options.id)
    sys.stdout.write(f"Certificates withdrawn: {number}\n")


def _list(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, database.reading(office.engine) as view:
        found = device_look.every(view, milliseconds())
    lines = [f"{'ID':<20}{'STATE':<11}{'ROWS':>9}  {'LAST CONTACT':<18}{'CERTIFICATE UNTIL':<19}NAME"]
    lines += [
        f"{one['id']:<20}{one['state']:<11}{one['rows']:>9}  {_moment(one['last_contact']):<18}"
        f"{_moment(one['certificate_until']):<19}{one['name']}"
        for one in found
    ]
    tell(options, {"devices": found}, "\n".join(lines))


def _show(options: argparse.Namespace) -> None:
    with closing(open_office(options.data)) as office, database.reading(office.engine) as view:
        found = device_look.one(view, options.id, milliseconds())
    tell(options, found, "\n".join(_lines(found)))


def _lines(found: Mapping[str, Any], indent: str = "") -> list[str]:
    """An object as lines for people: lists and objects beneath their name."""
    lines: list[str] = []
    for name, value in found.items():
        label = f"{indent}{name.replace('_', ' ')}:"
        if isinstance(value, dict):
            lines += [label, *_lines(value, indent + "  ")]
        elif isinstance(value, list):
            lines += [f"{label} {len(value)}"]
            for each in value:
                lines += [f"{indent}  -", *_lines(each, indent + "    ")]
        elif isinstance(value, bool):
            lines.append(f"{label} {'yes' if value else 'no'}")
        elif name == "oldest" and value is not None:
            lines.append(f"{label} {value // 1000} s")
        elif name in MOMENTS or name.endswith(("_at", "_until")):
            lines.append(f"{label} {_moment(value)}")
        else:
            lines.append(f"{label} {'-' if value in (None, '') else value}")
    return lines


def _moment(ms: int | None) -> str:
    return "-" if ms is None else f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}Z"


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise Refused("The public key must be 32 bytes, that is 64 hexadecimal digits.") from error
