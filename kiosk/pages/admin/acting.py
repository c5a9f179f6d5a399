"""Who acts on a page of administration; asked again at each act, and refuses an account that is gone meanwhile."""

from collections.abc import Collection

from kiosk.faults import Fault, FaultCode
from kiosk.pages.page import Desk, Official
from kiosk.rights.acting import need
from kiosk.store.approval import LoggedIn, Role


def official(desk: Desk) -> Official:
    """Whoever has logged in. Raises Fault DESK_REFUSED for anybody else."""
    if not isinstance(desk.visitor, Official):
        raise Fault(FaultCode.DESK_REFUSED, "nobody has logged in")
    return desk.visitor


def by(desk: Desk, roles: Collection[Role]) -> LoggedIn:
    """The login of whoever may do what these roles may.

    Raises:
        Fault: DESK_REFUSED: of another role, a technician without a contract; ACCOUNT_UNKNOWN: removed meanwhile.
    """
    login = official(desk).login
    desk.store.admins.get(login.account)
    need(desk.store, login, roles)
    return login
