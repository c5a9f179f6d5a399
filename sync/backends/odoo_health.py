"""Asks Odoo, without writing, whether it is the right one; refuses an old one, a wrong clock and an expired key."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from sync import strict_json
from sync.backends.odoo_line import Line, Lost, Refused
from sync.backends.odoo_records import ATTENDANCE, EMPLOYEE, records
from sync.backends.odoo_repairs import sentence
from sync.contract import BackendDown, BackendMisconfigured, Health, Remark

OLDEST: Final = 19
WARN_DAYS: Final = 14
SKEW_MS: Final = 120_000
_LOOKS: Final = ((EMPLOYEE, ("barcode", "active")), (ATTENDANCE, ("check_in", "check_out")))
_MAJOR: Final = re.compile(r"(?:saas~)?([0-9]{1,4})\Z")


def examine(line: Line, key_expires: str, now_ms: int) -> Health:
    """Everything that a person should know before the first event goes; findings that stop it are marked.

    Args:
        line: to the server.
        key_expires: last day of the API key ("YYYY-MM-DD"), or "" where nobody has written it down.
        now_ms: ms since 1970.

    Raises:
        BackendDown: there was no answer that says anything.
    """
    remarks = list(_key(key_expires, now_ms))
    try:
        remarks += _server(line, now_ms)
        for model, fields in _LOOKS:
            arguments = {"domain": [], "fields": fields, "limit": 1, "context": {"active_test": False}}
            records(line.call(model, "search_read", arguments, now_ms))
    except BackendMisconfigured as found:
        return Health((*remarks, Remark(found.detail, found.sentence, blocks=True)))
    except Refused:
        return Health((*remarks, Remark("call_unknown", sentence("call_unknown"), blocks=True)))
    except Lost as lost:
        raise BackendDown(lost.detail) from None
    if not all(_may(line, operation, now_ms) for operation in ("create", "write")):
        remarks.append(Remark("http_403", sentence("http_403"), blocks=True))
    return Health(tuple(remarks))


def _key(key_expires: str, now_ms: int) -> tuple[Remark, ...]:
    if not key_expires:
        return ()
    try:
        last = date.fromisoformat(key_expires)
    except ValueError:
        text = "key_expires in sync.toml is no day. Write the API key's last day as YYYY-MM-DD."
        return (Remark("key_expires_unreadable", text, blocks=False),)
    days = (last - datetime.fromtimestamp(now_ms / 1000, UTC).date()).days
    renew = "Make a new one in Odoo, put it into the credential file and its last day into sync.toml."
    if days < 0:
        return (Remark("key_expired", f"The API key expired on {last}. {renew}", blocks=True),)
    if days <= WARN_DAYS:
        return (Remark("key_expires_soon", f"The API key expires on {last}, in {days} days. {renew}", blocks=False),)
    return ()


def _server(line: Line, now_ms: int) -> list[Remark]:
    """Version and clock, as far as the server tells them."""
    answer = line.version()
    remarks = []
    major = _major(answer.body)
    if major is not None and major < OLDEST:
        text = f"This is Odoo {major}. JSON-2 and the rules for attendances are those of Odoo {OLDEST} and newer."
        remarks.append(Remark("version_too_old", text, blocks=True))
    skew = _skew(answer.date, now_ms)
    if skew is not None and skew > SKEW_MS:
        text = f"The clocks of Odoo and of this device are {skew // 1000} s apart. Correct the one that is wrong."
        remarks.append(Remark("clock_skew", text, blocks=True))
    return remarks


def _major(body: bytes) -> int | None:
    try:
        value = strict_json.read(body)
    except strict_json.NotStrict:
        return None
    info = value.get("version_info") if isinstance(value, dict) else None
    found = _MAJOR.match(str(info[0])) if isinstance(info, list) and info else None
    return int(found[1]) if found else None


def _skew(date_header: str | None, now_ms: int) -> int | None:
    if date_header is None or len(date_header) > 64:  # noqa: PLR2004 - longer than any date
        return None
    try:
        moment = parsedate_to_datetime(date_header)
        return abs(int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000) - now_ms)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _may(line: Line, operation: str, now_ms: int) -> bool:
    """Whether the key's user has a right to attendances; yes where the server cannot be asked about it."""
    try:
        return line.call(ATTENDANCE, "has_access", {"ids": [], "operation": operation}, now_ms) is not False
    except (BackendMisconfigured, Lost, Refused):
        return True
