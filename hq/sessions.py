"""Who is at the page: sessions by the hash of their cookie; refuses one that is old, idle or of a closed account."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, literal, select, update

from hq import passwords
from hq.accounts import Account, Role, Standing, read
from hq.database import reading, writing
from hq.office import Office
from hq.tables_desk import accounts, desk_sessions

SESSION_MS: Final = 8 * 3600 * 1000
IDLE_MS: Final = 30 * 60 * 1000
SEEN_MS: Final = 60 * 1000
"""How exactly it is remembered when a session was last used: not every look at the page is worth a write."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a session: their account (None: whoever makes the first one), and whether a password is due."""

    account: Account | None
    must_change: bool

    def may(self, *roles: Role) -> bool:
        """Whether one of these roles is theirs; every signed-in account may what needs none."""
        return self.account is not None and (not roles or any(role in self.account.roles for role in roles))


def begin(work: Connection, account: str, now: int) -> str:
    """Open a session inside the transaction; returns the token, which goes into the cookie and nowhere else."""
    token = secrets.token_urlsafe(32)
    work.execute(delete(desk_sessions).where(desk_sessions.c.opened <= now - SESSION_MS))
    work.execute(insert(desk_sessions).values(token=_hash(token), account=account, opened=now, seen=now))
    return token


def visitor(office: Office, token: str, now: int) -> Visitor | None:
    """Whose session it is; None if it is over eight hours old, idle for thirty minutes, or none."""
    ours = desk_sessions.c.token == _hash(token)
    with reading(office.engine) as view:  # whoever guesses a token does not get to hold the write lock
        row = view.execute(select(desk_sessions).where(ours)).one_or_none()
        if row is None or row.opened <= now - SESSION_MS or row.seen <= now - IDLE_MS:
            return None
        found = None
        if row.account:
            wanted = select(accounts, literal(0).label("failed")).where(accounts.c.id == row.account)
            found = view.execute(wanted).one_or_none()
    if row.account and (found is None or found.disabled is not None):
        return None
    if now - row.seen >= SEEN_MS:
        with writing(office.engine) as work:
            if work.execute(update(desk_sessions).where(ours).values(seen=now)).rowcount != 1:
                return None
    if found is None:
        return Visitor(None, must_change=False)
    account = read(office.seals, found)
    due = account.standing is Standing.WAITING or passwords.expired(account.changed, now)
    return Visitor(account, due)


def end(office: Office, token: str) -> str | None:
    """End the session of this token; returns whose it was, None if there is none."""
    ours = desk_sessions.c.token == _hash(token)
    with reading(office.engine) as view:
        found = view.execute(select(desk_sessions.c.account).where(ours)).scalar_one_or_none()
    if found is None:
        return None
    with writing(office.engine) as work:
        work.execute(delete(desk_sessions).where(ours))
    account: str = found
    return account


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
