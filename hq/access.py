"""Who may look at HQ's page: one access code and the sessions it opens; refuses to keep either in the clear."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, insert, select, update

from hq.database import access, reading, sessions, writing

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing in it looks like something else
CODE_LETTERS = 20  # 100 bits: guessing is hopeless even without the waiting
FREE_TRIES = 5
LONGEST_WAIT_MS = 60_000
SESSION_MS = 8 * 3600 * 1000
IDLE_MS = 30 * 60 * 1000
SEEN_MS = 60 * 1000
"""How exactly it is remembered when a session was last used: not every look at the page is worth a write."""
SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20, "dklen": 32}
"""32 MiB a try (RFC 7914; OWASP's floor for n with p = 1 is higher, but this secret has 100 bits, not a person's)."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The code was right; the token goes into the cookie and nowhere else."""

    token: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """The code was wrong."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many wrong codes; nothing was looked at. Seconds, 1..60."""

    seconds: int


def new_code(work: Connection) -> str:
    """Make a new access code, end every session, and return the code: the only time it can be read."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))
    salt = secrets.token_bytes(16)
    work.execute(delete(access))
    work.execute(delete(sessions))
    work.execute(insert(access).values(id=1, salt=salt, digest=_digest(letters, salt), failed=0, next_at=0))
    return "-".join(letters[i : i + 5] for i in range(0, CODE_LETTERS, 5))


def log_in(engine: Engine, typed: str, now: int) -> Opened | Wrong | Wait:
    """Try a code at `now` (ms since 1970); the attempt is committed before the code is looked at."""
    with writing(engine) as work:
        row = work.execute(select(access)).one()
        # A clock set back must not lengthen the wait beyond its longest.
        wait = min(row.next_at - now, LONGEST_WAIT_MS)
        if wait > 0:
            return Wait(-(-wait // 1000))
        failed = row.failed + 1
        pause = 0 if failed < FREE_TRIES else min(1000 * 2 ** min(failed - FREE_TRIES, 10), LONGEST_WAIT_MS)
        work.execute(update(access).values(failed=failed, next_at=now + pause))
    if not hmac.compare_digest(_digest(_letters(typed), row.salt), row.digest):
        return Wrong()
    token = secrets.token_urlsafe(32)
    with writing(engine) as work:
        # a code that was renewed while we were looking opens nothing any more
        if work.execute(update(access).where(access.c.digest == row.digest).values(failed=0, next_at=0)).rowcount != 1:
            return Wrong()
        work.execute(delete(sessions).where(sessions.c.opened <= now - SESSION_MS))
        work.execute(insert(sessions).values(token=_hash(token), opened=now, seen=now))
    return Opened(token)


def still_open(engine: Engine, token: str, now: int) -> bool:
    """Whether the token is of a session that is neither over eight hours old nor idle for thirty minutes."""
    ours = sessions.c.token == _hash(token)
    with reading(engine) as view:  # whoever guesses a token does not get to hold the write lock
        row = view.execute(select(sessions).where(ours)).one_or_none()
    if row is None or row.opened <= now - SESSION_MS or row.seen <= now - IDLE_MS:
        return False
    if now - row.seen < SEEN_MS:
        return True
    with writing(engine) as work:
        return work.execute(update(sessions).where(ours).values(seen=now)).rowcount == 1


def log_out(engine: Engine, token: str) -> None:
    """End the session of this token, if there is one."""
    ours = sessions.c.token == _hash(token)
    with reading(engine) as view:
        if view.execute(select(sessions).where(ours)).first() is None:
            return
    with writing(engine) as work:
        work.execute(delete(sessions).where(ours))


def _letters(typed: str) -> str:
    read_alike = str.maketrans({"O": "0", "I": "1", "L": "1", "-": ""})
    return "".join(typed[:64].upper().split()).translate(read_alike)


def _digest(letters: str, salt: bytes) -> bytes:
    return hashlib.scrypt(letters.encode(), salt=salt, **SCRYPT)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
