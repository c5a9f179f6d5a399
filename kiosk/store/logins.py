"""Name and password, counted before they are looked at; refuses to tell a wrong password from an unknown name."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.accounts import Stretched
from kiosk.store.acts import LocalKind
from kiosk.store.admins import LOCK_AFTER, Account
from kiosk.store.approval import Approved, LoggedIn, Objection, Role, approved, objection
from kiosk.store.attempts import DEVICE_FORGETS_S, Counted, Moment, device_wait_s, wait_ms, wait_s
from kiosk.store.password_policy import expired, normal
from kiosk.store.vault import equal, keyed_hash, stretch

if TYPE_CHECKING:
    from kiosk.store import Store

# Seconds to wait after so many wrong attempts in a row; then the last figure for each further one.
WAITS_S: Final = (0, 1, 2, 5, 15, 30, 60, 120, 300, 600, 900)
_LOCKOUTS: Final = "lockouts"  # kiosk/store/anchor.py reads it
_LONGEST: Final = 1024
_SALT_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Wrong, unknown, locked, or too early to try.

    Attributes:
        wait_s: the next try counts after so many seconds.
        locked: ten tries in a row have failed: another administrator or a code from the console has to unlock. Said of
            names that do not exist, too.
    """

    wait_s: int
    locked: bool


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt that is on disk and has not been looked at: who, when, and what had been counted before it."""

    purpose: str
    name: str
    account: Account | None
    now: Moment
    before: Counted
    debt: int
    failures: int

    @property
    def refused(self) -> LoginRefused:
        """The answer if it fails."""
        failures = self.before.count + 1
        wait = max(wait_s(WAITS_S, failures), device_wait_s(self.debt))
        return LoginRefused(wait, _locks(self.purpose, failures))


def log_in(store: "Store", name: str, password: str) -> LoggedIn | LoginRefused:
    """Check a name and a password.

    An unknown name, a wrong password, and the right one of a locked account take the same steps and give the same
    answers. The attempt is on disk before the password is looked at. Delays run on CLOCK_BOOTTIME: they survive
    restarts, and setting the clock does not shorten them.

    Raises:
        Fault: what the store raises.
    """
    tried = attempt(store, "password", name)
    if isinstance(tried, LoginRefused):
        return tried
    account = tried.account
    if not _fits(store, account, password) or account is None or tried.failures >= LOCK_AFTER:
        return failed(store, tried)
    must_change = account.record.must_change or expired(account.record.changed_at, tried.now.wall_ms)
    with store.database.write():
        succeeded(store, tried)
        store.append_local(LocalKind.LOGGED_IN, {"account": account.id, "role": account.role.value})
    return LoggedIn(account.id, account.role, must_change)


def logged_in(store: "Store", name: str, password: str) -> LoggedIn:
    """`log_in` for a caller without a screen. Raises Fault LOGIN_REFUSED or ACCOUNT_LOCKED, each with the wait."""
    found = log_in(store, name, password)
    if isinstance(found, LoginRefused):
        raise fault(found)
    return found


def two_people(
    store: "Store",
    first: tuple[str, str],
    second: tuple[str, str],
    roles: Collection[Role],
    *,
    even_expired: bool = False,
) -> Approved:
    """Check the names and passwords of two different persons who may approve of an act together.

    Args:
        store: open.
        first: name and password.
        second: the same of somebody else.
        roles: of which both have to be.
        even_expired: also with passwords that have to be changed, where they cannot be changed.

    Raises:
        Fault: LOGIN_REFUSED, ACCOUNT_LOCKED; APPROVAL_MISSING: one account twice, another role, or a password that has
            to be changed first.
    """
    logins = [logged_in(store, *each) for each in (first, second)]
    one, other = (replace(login, must_change=login.must_change and not even_expired) for login in logins)
    found = approved(one, other, roles)
    if isinstance(found, Objection):
        raise Fault(FaultCode.APPROVAL_MISSING, found.value)
    return found


def second_person(store: "Store", first: LoggedIn, name: str, password: str, roles: Collection[Role]) -> Approved:
    """Check the name and password of a second person, who approves of an act with the one who has logged in already.

    Args:
        store: open.
        first: who is logged in.
        name: of the second account.
        password: of it.
        roles: of which both have to be.

    Raises:
        Fault: as `two_people`; whoever is first and may not is refused before anybody's password is looked at.
    """
    if (refused := objection(first, roles)) is not None:
        raise Fault(FaultCode.APPROVAL_MISSING, refused.value)
    found = approved(first, logged_in(store, name, password), roles)
    if isinstance(found, Objection):
        raise Fault(FaultCode.APPROVAL_MISSING, found.value)
    return found


def fault(refused: LoginRefused) -> Fault:
    """The refusal as a Fault, the seconds to wait as its detail."""
    code = FaultCode.ACCOUNT_LOCKED if refused.locked else FaultCode.LOGIN_REFUSED
    return Fault(code, f"{refused.wait_s} s")


def refusal(told: Fault) -> LoginRefused | None:
    """What `fault` made a Fault of; None for any other."""
    if told.code not in {FaultCode.LOGIN_REFUSED, FaultCode.ACCOUNT_LOCKED}:
        return None
    seconds = told.detail.partition(" ")[0]
    return LoginRefused(int(seconds) if seconds.isdecimal() else 0, told.code is FaultCode.ACCOUNT_LOCKED)


def attempt(store: "Store", purpose: str, name: str) -> Try | LoginRefused:
    """Count an attempt and commit it, before anything is looked at; refused where it came too early.

    Args:
        store: open.
        purpose: "password", or "code": codes are counted apart, so that a lock does not hold up the code that ends it.
        name: as typed.
    """
    admins, name = store.admins, name[:_LONGEST]
    subject, device, now = admins.subject(purpose, name), admins.subject("device"), admins.attempts.now()
    with store.database.write():
        account = admins.by_name(name)
        admins.attempts.forget_old(now)
        before, (debt, device_waits) = admins.attempts.read(subject, now), admins.attempts.read_device(device, now)
        waiting = max(wait_ms(WAITS_S, before), device_waits)
        if waiting > 0:
            return LoginRefused(-(-waiting // 1000), _locks(purpose, before.count))
        failures = admins.failures(account)
        admins.attempts.count(subject, before.count + 1, now)
        admins.attempts.count(device, debt + DEVICE_FORGETS_S, now)
        admins.fail(account, failures + (purpose == "password"))
        # In the chain, and in the anchor: neither an older copy of the store nor a fork of it gives the attempt back.
        store.append_local(LocalKind.LOGIN_TRIED, {"account": "" if account is None else account.id, "with": purpose})
        store.database.advance()
    return Try(purpose, name, account, now, before, debt, failures)


def succeeded(store: "Store", tried: Try) -> None:
    """Take an attempt back that was right, and what failed before it, inside the current transaction."""
    admins, device = store.admins, store.admins.subject("device")
    if tried.account is not None:
        admins.forgive(tried.account)
    admins.attempts.clear(admins.subject(tried.purpose, tried.name))
    debt, _ = admins.attempts.read_device(device, tried.now)
    admins.attempts.count(device, max(0, debt - DEVICE_FORGETS_S), tried.now)


def failed(store: "Store", tried: Try) -> LoginRefused:
    """Write down what a failure has led to, and give the answer to it."""
    account, admins = tried.account, store.admins
    with store.database.write():
        known, unknown = tried.failures + 1, tried.before.count + 1
        locks = unknown == LOCK_AFTER if account is None else known >= LOCK_AFTER and not account.locked
        if locks and tried.purpose == "password":
            if account is not None:
                admins.lock(account)
            store.database.run(
                "INSERT INTO watermarks (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
                _LOCKOUTS,
            )
            store.append_local(LocalKind.LOCKED_OUT, {"account": "" if account is None else account.id})
            store.database.advance()
    return tried.refused


def _locks(purpose: str, failures: int) -> bool:
    return purpose == "password" and failures >= LOCK_AFTER


def _fits(store: "Store", account: Account | None, password: str) -> bool:
    """Stretch what was typed and compare it; the same work for an account that is not there."""
    text = normal(password[:_LONGEST]).encode(errors="replace").decode()
    expected = _in_force(store, account)
    found = stretch(text, expected.salt, store.admins.pepper(), expected.cost)
    return equal(found, expected.hash)


def _in_force(store: "Store", account: Account | None) -> Stretched:
    """The password that opens an account; random bytes where there is none, or only a one-time code does."""
    if account is not None and account.record.passwords and account.record.code is None:
        return account.record.passwords[0]
    salt = keyed_hash(store.admins.pepper(), b"nobody")[:_SALT_SIZE]
    return Stretched(salt, secrets.token_bytes(32), store.admins.current_cost())
