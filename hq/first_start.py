"""The code that `init` prints, with which the first account is made; refuses it once there is an account."""

import hashlib
import hmac
import secrets
from typing import Final

from sqlalchemy import Connection, Engine, delete, insert, select, update

from hq import codes
from hq.database import access, reading, writing
from hq.refusals import Refused
from hq.tables_desk import accounts, desk_sessions

FREE_TRIES: Final = 5
LONGEST_WAIT_MS: Final = 60_000


def new_code(work: Connection) -> str:
    """Make a new code, void the one before, and return it: the only time it can be read.

    Raises:
        Refused: there is an account already.
    """
    if work.execute(select(accounts.c.id)).first() is not None:
        raise Refused("There are accounts already; `kiosk-hq account reset` shows a one-time code for one of them.")
    code, salt = codes.fresh(), secrets.token_bytes(16)
    work.execute(delete(access))
    work.execute(delete(desk_sessions))
    digest = _digest(code, salt)
    work.execute(insert(access).values(id=1, salt=salt, digest=digest, failed=0, next_at=0))
    return code


def waits_for_first(engine: Engine) -> bool:
    """Whether there is no account yet."""
    with reading(engine) as view:
        return view.execute(select(accounts.c.id)).first() is None


def try_code(engine: Engine, typed: str, now: int) -> bool | int:
    """Whether the code is right; or, after too many wrong ones, the seconds to wait (1..60), nothing having been read.

    The attempt is committed before the code is looked at.
    """
    with writing(engine) as work:
        row = work.execute(select(access)).one_or_none()
        if row is None or work.execute(select(accounts.c.id)).first() is not None:
            return False
        # A clock set back must not lengthen the wait beyond its longest.
        wait: int = min(row.next_at - now, LONGEST_WAIT_MS)
        if wait > 0:
            return -(-wait // 1000)
        failed = row.failed + 1
        pause = 0 if failed < FREE_TRIES else min(1000 * 2 ** min(failed - FREE_TRIES, 10), LONGEST_WAIT_MS)
        work.execute(update(access).values(failed=failed, next_at=now + pause))
    if not hmac.compare_digest(_digest(typed, row.salt), row.digest):
        return False
    with writing(engine) as work:
        # a code that was renewed while we were looking opens nothing any more
        fits = update(access).where(access.c.digest == row.digest).values(failed=0, next_at=0)
        return work.execute(fits).rowcount == 1


def is_open(work: Connection) -> bool:
    """Whether the first account may be made in this transaction."""
    return work.execute(select(accounts.c.id)).first() is None


def consume(work: Connection) -> None:
    """The first account is there: the code opens nothing any more."""
    work.execute(delete(access))
    work.execute(delete(desk_sessions).where(desk_sessions.c.account == ""))


def _digest(code: str, salt: bytes) -> bytes:
    """Not stretched: nobody guesses 100 random bits, as they would a password."""
    return hashlib.sha256(salt + codes.letters(code).encode(errors="replace")).digest()
