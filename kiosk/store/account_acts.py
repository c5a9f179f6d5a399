"""Begins, adds, resets, unlocks and removes accounts; refuses to tell anybody a password, or to leave nobody."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store import codes, password_cost
from kiosk.store.accounts import Stretched
from kiosk.store.acts import LocalKind
from kiosk.store.admins import Account, Record
from kiosk.store.approval import LoggedIn, Objection, Role, objection
from kiosk.store.codes import Code
from kiosk.store.logins import LoginRefused, Try, attempt, failed, fault, succeeded
from kiosk.store.password_policy import Unfit, normal, unfit
from kiosk.store.residue import residue
from kiosk.store.vault import equal, stretch
from wire import canonical
from wire.errors import FormatError

if TYPE_CHECKING:
    from kiosk.store import Store

CONSOLE: Final = "console"
_FIRST: Final = "first_code"
_SALT_SIZE: Final = 16
_MAY_MANAGE: Final = (Role.ADMIN,)
_NEVER_WITHOUT: Final = frozenset({Role.ADMIN, Role.DPO})


def first_start_code(store: "Store") -> str:
    """Make the one-time code with which the first administrator begins; an earlier one is void.

    Only its hash is kept; it opens for 24 hours, once. The installer prints it.

    Raises:
        Fault: ACCOUNTS_BEGUN: there is an account already.
    """
    code = codes.fresh()
    kept = Code(codes.hashed(store.admins.pepper(), code), store.admins.attempts.now())
    with store.database.write():
        _nobody_yet(store)
        store.database.run(
            "INSERT OR REPLACE INTO settings (name, value, changed_at, changed_by) VALUES (?, ?, ?, ?)",
            _FIRST,
            canonical.encode(kept.encode()).decode(),
            store.now_ms(),
            CONSOLE,
        )
        store.append_local(LocalKind.CODE_ISSUED, {"account": "", "by": CONSOLE})
    return code


def begin(store: "Store", code: str, name: str, password: str, *, site: str = "") -> LoggedIn:
    """Make the first account, an administrator's, with the code that was printed.

    Raises:
        Fault: PASSWORD_UNFIT, LOGIN_REFUSED (a wrong, used or old code), ACCOUNTS_BEGUN, PERSON_INVALID (the name).
    """
    _judge(password, (name, site))
    tried = _attempted(store, "first", "")
    if not _opens(store, _first_code(store), code, tried):
        raise fault(failed(store, tried))
    secret = _stretched(store, password)
    with store.database.write():
        _nobody_yet(store)
        account_id = store.admins.add(Role.ADMIN, Record(name).with_password(secret, store.now_ms()))
        store.database.run("DELETE FROM settings WHERE name = ?", _FIRST)
        succeeded(store, tried)
        store.append_local(LocalKind.ACCOUNT_ADDED, {"account": account_id, "role": Role.ADMIN.value, "by": CONSOLE})
        store.database.advance()
    return LoggedIn(account_id, Role.ADMIN, must_change=False)


def add(store: "Store", name: str, role: Role, by: LoggedIn) -> tuple[str, str]:
    """Add an account; returns its id and the one-time code with which its owner sets a password.

    Raises:
        Fault: APPROVAL_MISSING, ACCOUNT_EXISTS, PERSON_INVALID (the name).
    """
    _may_manage(by)
    code = codes.fresh()
    kept = Code(codes.hashed(store.admins.pepper(), code), store.admins.attempts.now())
    with store.database.write():
        account_id = store.admins.add(role, Record(name, code=kept))
        store.append_local(LocalKind.ACCOUNT_ADDED, {"account": account_id, "role": role.value, "by": by.account})
        store.database.advance()
    return account_id, code


def reset(store: "Store", account_id: str, by: LoggedIn | None, *, second: str = "") -> str:
    """Make a one-time code that opens an account instead of its password, which is void from now on.

    Args:
        store: open.
        account_id: whose; the code also ends a lock once it is used.
        by: an administrator, or None for whoever stands at the console with the right to open the store.
        second: the other account of two that have agreed, or "".

    Raises:
        Fault: APPROVAL_MISSING, ACCOUNT_UNKNOWN.
    """
    if by is not None:
        _may_manage(by)
    code = codes.fresh()
    kept = Code(codes.hashed(store.admins.pepper(), code), store.admins.attempts.now())
    with store.database.write():
        account = store.admins.get(account_id)
        store.admins.put(account, replace(account.record, code=kept))
        who = CONSOLE if by is None else by.account
        also = {"second": second} if second else {}
        store.append_local(LocalKind.CODE_ISSUED, {"account": account_id, "by": who, **also})
        store.database.advance()
    return code


def redeem(store: "Store", name: str, code: str, password: str, *, site: str = "") -> LoggedIn:
    """Set a password with a one-time code, which is used up; a lock ends.

    Raises:
        Fault: PASSWORD_UNFIT (the code stays good), LOGIN_REFUSED (a wrong, used or old code, or an unknown name).
    """
    _judge(password, (name, site))
    tried = _attempted(store, "code", name)
    account = tried.account
    if not _opens(store, None if account is None else account.record.code, code, tried) or account is None:
        raise fault(failed(store, tried))
    return _set(store, account, password, lambda: succeeded(store, tried))


def set_password(store: "Store", login: LoggedIn, password: str, *, site: str = "") -> LoggedIn:
    """Set another password after a login; also the only thing a login may do whose password has to be changed.

    Raises:
        Fault: PASSWORD_UNFIT, ACCOUNT_UNKNOWN (removed meanwhile), STORE_BUSY.
    """
    account = store.admins.get(login.account)
    _judge(password, (account.record.name, site))
    return _set(store, account, password, lambda: None)


def unlock(store: "Store", account_id: str, by: LoggedIn) -> None:
    """End a lock as another administrator; the password stays and has to be changed at the next login.

    Raises:
        Fault: APPROVAL_MISSING (the same account, or no administrator), ACCOUNT_UNKNOWN.
    """
    _may_manage(by)
    if by.account == account_id:
        raise Fault(FaultCode.APPROVAL_MISSING, Objection.SAME_ACCOUNT.value)
    with store.database.write():
        account = store.admins.get(account_id)
        store.admins.put(account, replace(account.record, must_change=True))
        store.admins.forgive(account)
        store.append_local(LocalKind.ACCOUNT_UNLOCKED, {"account": account_id, "by": by.account})
        store.database.advance()


def remove(store: "Store", account_id: str, by: LoggedIn) -> None:
    """Remove an account with its key; its id stays in the ledger, and its name is nowhere.

    Raises:
        Fault: APPROVAL_MISSING, ACCOUNT_UNKNOWN; ACCOUNT_LAST: the last administrator or officer: without an
            officer nothing would need their approval any more; ERASURE_INCOMPLETE.
    """
    _may_manage(by)
    with store.database.write():
        account = store.admins.get(account_id)
        if account.role in _NEVER_WITHOUT and store.admins.count(account.role) == 1:
            raise Fault(FaultCode.ACCOUNT_LAST)
        gone = store.admins.drop(account)
        store.append_local(LocalKind.ACCOUNT_REMOVED, {"account": account_id, "by": by.account})
        store.database.advance()
    if residue(store.database.directory, gone):
        store.database.rewrite()
        if found := residue(store.database.directory, gone):
            raise Fault(FaultCode.ERASURE_INCOMPLETE, ", ".join(found))


def calibrate(store: "Store") -> None:
    """Measure what a password may cost on this device (some seconds), and keep it for the passwords to come."""
    cost = password_cost.calibrated(password_cost.took)
    with store.database.write():
        password_cost.keep(store.database, cost, store.now_ms())


def _may_manage(by: LoggedIn) -> None:
    if (found := objection(by, _MAY_MANAGE)) is not None:
        raise Fault(FaultCode.APPROVAL_MISSING, found.value)


def _nobody_yet(store: "Store") -> None:
    """An account that does not open counts, too: damaging one must not make room for a stranger."""
    if store.admins.count() > 0:
        raise Fault(FaultCode.ACCOUNTS_BEGUN)


def _attempted(store: "Store", purpose: str, name: str) -> Try:
    tried = attempt(store, purpose, name)
    if isinstance(tried, LoginRefused):
        raise fault(tried)
    return tried


def _first_code(store: "Store") -> Code | None:
    row = store.database.row("SELECT value FROM settings WHERE name = ?", _FIRST)
    try:
        return None if row is None else Code.decode(canonical.decode(row[0].encode()))
    except (FormatError, ValueError):
        return None


def _opens(store: "Store", kept: Code | None, typed: str, tried: Try) -> bool:
    found = codes.hashed(store.admins.pepper(), typed)
    expected = secrets.token_bytes(len(found)) if kept is None else kept.hash
    return equal(found, expected) and kept is not None and codes.alive(kept, tried.now)


def _judge(password: str, hints: tuple[str, str]) -> None:
    if reasons := unfit(password, hints):
        raise Fault(FaultCode.PASSWORD_UNFIT, ", ".join(reason.value for reason in reasons))


def _stretched(store: "Store", password: str) -> Stretched:
    salt, cost = secrets.token_bytes(_SALT_SIZE), store.admins.current_cost()
    return Stretched(salt, stretch(normal(password), salt, store.admins.pepper(), cost), cost)


def _set(store: "Store", account: Account, password: str, done: Callable[[], None]) -> LoggedIn:
    pepper, text = store.admins.pepper(), normal(password)
    if any(equal(stretch(text, old.salt, pepper, old.cost), old.hash) for old in account.record.passwords):
        raise Fault(FaultCode.PASSWORD_UNFIT, Unfit.USED_BEFORE.value)
    secret = _stretched(store, password)
    with store.database.write():
        store.admins.put(account, account.record.with_password(secret, store.now_ms()))
        done()
        store.append_local(LocalKind.PASSWORD_SET, {"account": account.id})
        store.database.advance()
    return LoggedIn(account.id, account.role, must_change=False)
