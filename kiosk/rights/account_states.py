"""Whether an account can log in as it stands, and what it needs if not; refuses to look into a password."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from kiosk.rights import contracts
from kiosk.store.admins import Account
from kiosk.store.approval import Role
from kiosk.store.password_policy import expired

if TYPE_CHECKING:
    from kiosk.store import Store


class AccountState(StrEnum):
    """One word about an account."""

    ACTIVE = "active"
    MUST_CHANGE = "must_change"  # the password, at the next login
    WAITS = "waits"  # for its one-time code
    LOCKED = "locked"
    NO_CONTRACT = "no_contract"  # a technician's


@dataclass(frozen=True, slots=True)
class Known:
    """One account as it is listed.

    Attributes:
        account: 16 hexadecimal digits.
        name: as it logs in.
        role: of it.
        state: of it.
        since: when its password was set, ms UTC; 0 before there was one.
    """

    account: str
    name: str = field(repr=False)
    role: Role
    state: AccountState
    since: int


def every(store: "Store") -> tuple[Known, ...]:
    """Every account, by name. Raises Fault as for any reading of the store."""
    found = store.admins.all()
    store.quarantine.settle()
    return tuple(known(store, account) for account in found)


def known(store: "Store", account: Account) -> Known:
    """How one account stands."""
    record, state = account.record, AccountState.ACTIVE
    if account.role is Role.TECHNICIAN and not contracts.in_force(contracts.running(store), account.id, store.now_ms()):
        state = AccountState.NO_CONTRACT
    if record.must_change or expired(record.changed_at, store.now_ms()):
        state = AccountState.MUST_CHANGE
    if record.code is not None:
        state = AccountState.WAITS
    if store.admins.locked(account):
        state = AccountState.LOCKED
    return Known(account.id, record.name, account.role, state, record.changed_at if record.passwords else 0)
