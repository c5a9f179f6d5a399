"""Signing in by name and password, counted before it is looked at; refuses to tell a wrong password from no account."""

import hmac
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from hq import sessions
from hq.accounts import LOCK_AFTER, code_hash, index, name_of, stretched
from hq.audit import Act, ActKind, Actor, append
from hq.database import writing
from hq.office import Office
from hq.passwords import DIGEST_SIZE, LONGEST_TYPED
from hq.tables_desk import accounts, attempts

WAITS_S: Final = (0, 1, 2, 5, 15, 30, 60, 120, 300, 600, 900)
"""Seconds to wait after so many wrong tries in a row; then the last figure for each further one."""
STRANGERS: Final = 4096
"""So many names without an account are remembered; those longest untouched are forgotten first."""
_TOLD_EVERY_MS: Final = 60_000
_NAME_LONGEST: Final = 128


@dataclass(frozen=True, slots=True)
class Opened:
    """Name and password were right; the token goes into the cookie and nowhere else."""

    token: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """Wrong, unknown or disabled; `locked` after ten in a row, which is said of names that do not exist, too."""

    locked: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """Too early: nothing was looked at. Seconds, 1..900."""

    seconds: int


@dataclass(frozen=True, slots=True)
class _Try:
    """An attempt that is on disk: under which subject, how many before it, and the account's row if there is one."""

    subject: bytes
    before: int
    row: Row[Any] | None


def log_in(office: Office, name: str, typed: str, now: int) -> Opened | Wrong | Wait:
    """Try a name with a password or a one-time code at `now` (ms since 1970).

    An unknown name, a wrong password and the right one of a locked account take the same steps and get one answer.

    Raises:
        Problem: BUSY: too many people sign in at once.
    """
    subject = index(office.seals, name[:_NAME_LONGEST])
    with writing(office.engine) as work:
        counted = _count(work, subject, now)
        if isinstance(counted, Wait):
            return counted
        if counted.row is None:
            _forget_strangers(work, office)
    fits = _fits(office, counted.row, typed[:LONGEST_TYPED], now)
    with writing(office.engine) as work:
        if fits and counted.row is not None and counted.before < LOCK_AFTER:
            # what was reset or disabled while we were looking opens nothing any more
            row = work.execute(select(accounts).where(accounts.c.id == counted.row.id)).one_or_none()
            if row is not None and tuple(row) == tuple(counted.row):
                work.execute(delete(attempts).where(attempts.c.subject == subject))
                by = Actor(row.id, name_of(office.seals, row))
                append(work, office, Act(ActKind.SIGNED_IN, by), now)
                return Opened(sessions.begin(work, row.id, now))
        _tell(work, office, counted, now)
    return Wrong(locked=counted.before + 1 >= LOCK_AFTER)


def _count(work: Connection, subject: bytes, now: int) -> _Try | Wait:
    ours = attempts.c.subject == subject
    known = work.execute(select(attempts).where(ours)).one_or_none()
    before = 0 if known is None else known.failed
    if known is not None:
        # A clock set back must not lengthen the wait beyond what it was.
        wait = min(known.next_at - now, _wait_s(before) * 1000)
        if wait > 0:
            return Wait(-(-wait // 1000))
    next_at = now + _wait_s(before + 1) * 1000
    values = {"failed": before + 1, "next_at": next_at, "last_at": now}
    if known is None:
        work.execute(insert(attempts).values(subject=subject, **values))
    else:
        work.execute(update(attempts).where(ours).values(values))
    row = work.execute(select(accounts).where(accounts.c.name == subject)).one_or_none()
    return _Try(subject, before, row)


def _wait_s(failed: int) -> int:
    return WAITS_S[min(failed, len(WAITS_S) - 1)]


def _fits(office: Office, row: Row[Any] | None, typed: str, now: int) -> bool:
    """Compare what was typed; the same work for an account that is not there, disabled or waiting for its code."""
    salt = row.salt if row is not None else office.seals.index("account", "nobody")[:16]
    found = stretched(office.seals, typed.encode(errors="replace").decode(), salt)
    if row is None or row.disabled is not None:
        return False
    if row.code is not None:
        return now < row.code_until and hmac.compare_digest(row.code, code_hash(office.seals, typed))
    return hmac.compare_digest(found, row.passwords[:DIGEST_SIZE])


def _tell(work: Connection, office: Office, tried: _Try, now: int) -> None:
    """Write the failure down: each one of an account; of unknown names one a minute at most, and never the name."""
    if tried.row is not None:
        by = Actor(tried.row.id, name_of(office.seals, tried.row))
        append(work, office, Act(ActKind.SIGN_IN_FAILED, by), now)
        if tried.before + 1 == LOCK_AFTER:
            append(work, office, Act(ActKind.LOCKED_OUT, by), now)
        return
    told = _told(office)
    last = work.execute(select(attempts.c.last_at).where(attempts.c.subject == told)).scalar_one_or_none()
    if last is not None and 0 <= now - last < _TOLD_EVERY_MS:
        # a commit that writes nothing is over at once, and would tell names without an account from others
        work.execute(update(attempts).where(attempts.c.subject == tried.subject).values(last_at=now + 1))
        return
    work.execute(delete(attempts).where(attempts.c.subject == told))
    work.execute(insert(attempts).values(subject=told, failed=0, next_at=0, last_at=now))
    append(work, office, Act(ActKind.SIGN_IN_FAILED, Actor("", "")), now)


def _told(office: Office) -> bytes:
    """The row that remembers when a stranger's failure was last written down; no name has this index."""
    return office.seals.index("account", "\0told")


def _forget_strangers(work: Connection, office: Office) -> None:
    strangers = attempts.c.subject.not_in(select(accounts.c.name)) & (attempts.c.subject != _told(office))
    count = work.execute(select(func.count()).select_from(attempts).where(strangers)).scalar_one()
    if count > STRANGERS:
        oldest = select(attempts.c.subject).where(strangers).order_by(attempts.c.last_at).limit(count - STRANGERS)
        work.execute(delete(attempts).where(attempts.c.subject.in_(oldest)))
