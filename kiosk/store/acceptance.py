"""Two administrators take a store that its anchors refuse for the newest there is; refuses fewer where a key protects.

Whoever puts back a copy from before there were two administrators finds one or none in it. Their number in a refused
store therefore proves nothing, and a single person may accept only where a thief of the card has everything anyway.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store.acts import LocalKind
from kiosk.store.approval import Role, objection
from kiosk.store.erasure import replay
from kiosk.store.erasure_proof import CERTIFICATES
from kiosk.store.logins import logged_in, two_people
from kiosk.store.restore_erasures import certified
from kiosk.store.roots import SecurityLevel

if TYPE_CHECKING:
    from kiosk.store import Store

REFUSALS: Final = frozenset({FaultCode.STORE_ROLLED_BACK, FaultCode.ANCHOR_LOST})
TWO: Final = 2
_MAY_ACCEPT: Final = (Role.ADMIN,)


def administrators(store: "Store") -> int:
    """How many administrators of this store have a password that could open their account."""
    return sum(
        account.role is Role.ADMIN and bool(account.record.passwords) and account.record.code is None
        for account in store.admins.all()
    )


def logins_needed(there: int, level: SecurityLevel, *, alone: bool) -> int | None:
    """How many administrators have to log in to accept; None if nobody can.

    Args:
        there: administrators with a password, in the refused store.
        level: what protects the root key.
        alone: somebody has said that they know what a single person's word is worth.
    """
    if there >= TWO:
        return TWO
    return there if alone and level is SecurityLevel.WEAK else None


def accept(store: "Store", logins: Sequence[tuple[str, str]], *, why: FaultCode, alone: bool = False) -> int:
    """Write the state of a refused store over its anchors; it is the newest there is from now on.

    Whoever was erased since that state, as the certificates beside it prove, is erased again first.

    Args:
        store: opened with `anchored=False`.
        logins: names and passwords of two administrators; of one or none with `alone`, as `logins_needed` tells.
        why: what the store was refused with.
        alone: see `logins_needed`.

    Returns:
        How many people have accepted.

    Raises:
        Fault: APPROVAL_MISSING (too few, one person twice, another role), LOGIN_REFUSED, ACCOUNT_LOCKED, DISK_FULL,
            DISK_FAILED, CERTIFICATE_INVALID; the store then goes on being refused.
    """
    needed = logins_needed(administrators(store), store.security_level, alone=alone)
    if needed is None or len(logins) != needed:
        said = "nobody can accept this store" if needed is None else f"{needed} administrators have to log in"
        raise Fault(FaultCode.APPROVAL_MISSING, said)
    accounts = _approving(store, logins)
    proofs = store.database.directory / CERTIFICATES
    erased = certified(store, [proofs] if proofs.exists() else [])
    store.append_local(
        LocalKind.ROLLBACK_ACCEPTED,
        {"first": accounts[0], "second": accounts[1], "why": why.value, "people": needed},
    )
    replay(store, erased)
    store.anchor.accept()
    return needed


def _approving(store: "Store", logins: Sequence[tuple[str, str]]) -> tuple[str, str]:
    match logins:
        case [first, second]:
            both = two_people(store, first, second, _MAY_ACCEPT, even_expired=True)  # nobody can change one here
            return both.first, both.second
        case [only]:
            login = replace(logged_in(store, *only), must_change=False)
            if (found := objection(login, _MAY_ACCEPT)) is not None:
                raise Fault(FaultCode.APPROVAL_MISSING, found.value)
            return login.account, ""
        case _:
            return "", ""
