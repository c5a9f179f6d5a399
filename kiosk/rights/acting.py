"""Who may act at the desk, by role and by contract; refuses whoever has only a password to change."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights import contracts
from kiosk.store.approval import LoggedIn, Objection, Role, objection

if TYPE_CHECKING:
    from kiosk.store import Store

OFFICER: Final = frozenset({Role.DPO})
DESK: Final = frozenset({Role.DPO, Role.ADMIN})
READERS: Final = frozenset({Role.DPO, Role.ADMIN, Role.AUDITOR})


def need(store: "Store", login: LoggedIn, roles: Collection[Role]) -> None:
    """Refuse a login that has none of these roles, and a technician's without a contract in force.

    Raises:
        Fault: DESK_REFUSED.
    """
    refused = objection(login, roles)
    if refused is not None:
        detail = "change the password first" if refused is Objection.MUST_CHANGE else f"for {', '.join(sorted(roles))}"
        raise Fault(FaultCode.DESK_REFUSED, detail)
    contracts.need(store, login)
