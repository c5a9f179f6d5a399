"""Who may do what at HQ; refuses to tell anybody a password, and a name that is there already."""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from hq import codes, passwords
from hq.audit import Act, ActKind, Actor, append
from hq.database import reading, writing
from hq.office import Office
from hq.passwords import DIGEST_SIZE, REMEMBERED, Unfit
from hq.refusals import Refused
from hq.seals import Seals
from hq.tables_desk import accounts, attempts, desk_sessions
from wire import checks
from wire.errors import FormatError

LOCK_AFTER: Final = 10
"""So many wrong tries in a row, and somebody else has to reset the account."""
CODE_LASTS_MS: Final = 24 * 3600 * 1000
_ID_BYTES: Final = 8
_SALT_SIZE: Final = 16


class Role(StrEnum):
    """What an account is for; one account may have several."""

    VIEWER = "viewer"  # HR: today, attendance, export
    OFFICER = "officer"  # data protection: erasure, retention, audit
    ADMIN = "admin"  # devices, alarms, accounts


class Standing(StrEnum):
    """How an account stands."""

    ACTIVE = "active"
    WAITING = "waiting"  # for its one-time code to be used
    LOCKED = "locked"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """One account: id (16 hexadecimal digits), name, roles, how it stands, when its password was set (0: never)."""

    id: str
    name: str = field(repr=False)
    roles: tuple[Role, ...]
    standing: Standing
    changed: int


def actor(account: Account) -> Actor:
    """The account as the audit log names it."""
    return Actor(account.id, account.name)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A password that may be used, stretched before any transaction begins: half a second is too long to hold one."""

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)


def prepare(office: Office, name: str, password: str) -> Prepared | tuple[Unfit, ...]:
    """Judge and stretch the first password of a new account; or every reason against it."""
    reasons = passwords.unfit(password, (name, office.name))
    if reasons:
        return reasons
    salt = secrets.token_bytes(_SALT_SIZE)
    return Prepared(salt, stretched(office.seals, password, salt))


@dataclass(frozen=True, slots=True)
class New:
    """An account to be made: its name, its roles, and its password if its owner has chosen one already."""

    name: str = field(repr=False)
    roles: tuple[Role, ...]
    password: Prepared | None = None


def add(work: Connection, office: Office, by: Actor | None, new: New, now: int) -> tuple[str, str]:
    """Make an account; returns its id and the one-time code that opens it for 24 hours ("" if it has a password).

    Args:
        work: the transaction.
        office: this HQ.
        by: who adds it; None if its owner does.
        new: what is made.
        now: ms since 1970.

    Raises:
        Refused: the name is taken or is none, or there is no role.
    """
    account = _insert(work, office, new, now)
    code = ""
    if new.password is None:
        code = codes.fresh()
        _give_code(work, office.seals, account, code, now)
    detail = {"account": account, "roles": _spell(new.roles)}
    append(work, office, Act(ActKind.ACCOUNT_ADDED, by or Actor(account, new.name), detail=detail), now)
    return account, code


def reset(work: Connection, office: Office, by: Actor, account: str, now: int) -> str:
    """Void the password, unlock, end the sessions, and return a one-time code; a disabled account is active again."""
    code = codes.fresh()
    row = _row(work, account)
    work.execute(update(accounts).where(accounts.c.id == account).values(disabled=None))
    work.execute(delete(attempts).where(attempts.c.subject == row.name))
    _give_code(work, office.seals, account, code, now)
    append(work, office, Act(ActKind.ACCOUNT_RESET, by, detail={"account": account}), now)
    return code


def disable(work: Connection, office: Office, by: Actor, account: str, now: int) -> None:
    """Close an account and end its sessions; what it did stays in the audit log."""
    _row(work, account)
    work.execute(update(accounts).where(accounts.c.id == account).values(disabled=now, code=None, code_until=None))
    work.execute(delete(desk_sessions).where(desk_sessions.c.account == account))
    append(work, office, Act(ActKind.ACCOUNT_DISABLED, by, detail={"account": account}), now)


def set_password(office: Office, account: str, password: str, now: int) -> tuple[Unfit, ...]:
    """Take a new password, end the code and every session; or return every reason against it and change nothing.

    Raises:
        Refused: the account was changed by somebody else meanwhile.
    """
    with reading(office.engine) as view:
        row = _row(view, account)
    name = name_of(office.seals, row)
    reasons = passwords.unfit(password, (name, office.name))
    if reasons:
        return reasons
    digest = stretched(office.seals, password, row.salt)
    before = [row.passwords[i : i + DIGEST_SIZE] for i in range(0, len(row.passwords), DIGEST_SIZE)]
    if any(hmac.compare_digest(digest, old) for old in before):
        return (Unfit.USED_BEFORE,)
    kept = b"".join([digest, *before][:REMEMBERED])
    same = (accounts.c.id == account, accounts.c.passwords == row.passwords, accounts.c.disabled.is_(None))
    with writing(office.engine) as work:
        if _row(work, account).code != row.code:
            raise Refused("Somebody changed this account meanwhile; nothing was changed.")
        change = {"passwords": kept, "changed": now, "code": None, "code_until": None}
        if work.execute(update(accounts).where(*same).values(change)).rowcount != 1:
            raise Refused("Somebody changed this account meanwhile; nothing was changed.")
        work.execute(delete(desk_sessions).where(desk_sessions.c.account == account))
        append(work, office, Act(ActKind.PASSWORD_CHANGED, Actor(account, name)), now)
    return ()


def everybody(view: Connection, seals: Seals) -> tuple[Account, ...]:
    """Every account, by name."""
    wanted = select(accounts, attempts.c.failed).outerjoin(attempts, attempts.c.subject == accounts.c.name)
    found = [read(seals, row) for row in view.execute(wanted)]
    return tuple(sorted(found, key=lambda one: one.name.casefold()))


def named(view: Connection, office: Office, account: str) -> Actor:
    """An account by its id, as the audit log names it. Raises Refused if there is none."""
    return Actor(account, name_of(office.seals, _row(view, account)))


def by_name(view: Connection, seals: Seals, name: str) -> str:
    """The id behind a name. Raises Refused if there is no such account."""
    found = view.execute(select(accounts.c.id).where(accounts.c.name == index(seals, name))).scalar_one_or_none()
    if found is None:
        raise Refused("There is no account of this name; `kiosk-hq account list` shows them.")
    account: str = found
    return account


def read(seals: Seals, row: Row[Any]) -> Account:
    """An account from its row, which also has `failed`: wrong tries in a row, or None."""
    standing = Standing.ACTIVE
    if row.disabled is not None:
        standing = Standing.DISABLED
    elif row.failed is not None and row.failed >= LOCK_AFTER:
        standing = Standing.LOCKED
    elif row.code is not None:
        standing = Standing.WAITING
    return Account(row.id, name_of(seals, row), tuple(Role(role) for role in row.roles.split()), standing, row.changed)


def index(seals: Seals, name: str) -> bytes:
    """Blind index of a name, however it was typed."""
    return seals.index("account", " ".join(passwords.normal(name).casefold().split()))


def name_of(seals: Seals, row: Row[Any]) -> str:
    """The name of an account's row. Raises FormatError if it does not open."""
    return seals.open("accounts", row.id, row.sealed).decode()


def stretched(seals: Seals, password: str, salt: bytes) -> bytes:
    """What is kept of a password; one salt for all of an account's, so that twelve old ones cost one try.

    HQ's key is in it: who has the database alone cannot try passwords.
    """
    return passwords.stretch(seals.index("password", passwords.normal(password)), salt)


def code_hash(seals: Seals, typed: str) -> bytes:
    """What is kept of a one-time code."""
    return seals.index("code", codes.letters(typed))


def _insert(work: Connection, office: Office, new: New, now: int) -> str:
    name = " ".join(passwords.normal(new.name).split())
    try:
        checks.text(name, "name", least=1)
    except FormatError as error:
        raise Refused("A name is 1 to 64 characters without control characters.") from error
    if not new.roles:
        raise Refused("An account needs a role: viewer, officer or admin.")
    mark = index(office.seals, name)
    if work.execute(select(accounts.c.id).where(accounts.c.name == mark)).first() is not None:
        raise Refused("There is an account of this name already.")
    account = secrets.token_hex(_ID_BYTES)
    work.execute(
        insert(accounts).values(
            id=account,
            name=mark,
            sealed=office.seals.seal("accounts", account, name.encode()),
            roles=_spell(new.roles),
            salt=secrets.token_bytes(_SALT_SIZE) if new.password is None else new.password.salt,
            passwords=b"" if new.password is None else new.password.digest,
            changed=0 if new.password is None else now,
            added=now,
        )
    )
    return account


def _give_code(work: Connection, seals: Seals, account: str, code: str, now: int) -> None:
    change = {"code": code_hash(seals, code), "code_until": now + CODE_LASTS_MS}
    work.execute(update(accounts).where(accounts.c.id == account).values(change))
    work.execute(delete(desk_sessions).where(desk_sessions.c.account == account))


def _row(work: Connection, account: str) -> Row[Any]:
    row = work.execute(select(accounts).where(accounts.c.id == account)).one_or_none()
    if row is None:
        raise Refused("There is no such account.")
    return row


def _spell(roles: Iterable[Role]) -> str:
    return " ".join(sorted({role.value for role in roles}))
