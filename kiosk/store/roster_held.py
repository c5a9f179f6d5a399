"""An administrator's yes or no to what a roster, or sibling devices, would remove; refuses anybody else's."""

from typing import TYPE_CHECKING, Final

from kiosk.faults import Fault, FaultCode
from kiosk.store import departures, marks, reserve, roster
from kiosk.store.acts import LocalKind
from kiosk.store.approval import LoggedIn, Role, objection
from kiosk.store.roster import Kept

if TYPE_CHECKING:
    from kiosk.store import Store

_MAY_DECIDE: Final = (Role.ADMIN,)


def held(store: "Store") -> list[Kept]:
    """The rosters that wait for an administrator, in the order in which they would count."""
    return roster.rosters(store, "held")[::-1]


def accept(store: "Store", by: LoggedIn) -> tuple[int, int]:
    """Let everything count that is held: whoever it removes is out with this commit, and their erasures begin.

    Returns:
        How many people the rosters remove, and how many erasures from sibling devices begin.

    Raises:
        Fault: APPROVAL_MISSING; STORE_BUSY: another roster is being written now; DISK_FULL, DISK_FAILED.
    """
    _may(by)

    def act() -> tuple[int, int]:
        with store.database.write():
            if roster.rosters(store, "applying"):
                raise Fault(FaultCode.STORE_BUSY, "another roster is being written")
            found = held(store)
            removed = sum([roster.begin(store, each.version, by.account) for each in found])
            parted = departures.accept(store, by.account)
            store.append_local(
                LocalKind.ROSTER_ACCEPTED,
                {"rosters": len(found), "removed": removed, "departures": parted, "by": by.account},
            )
        return removed, parted

    done = reserve.within(store.database.directory, act)
    store.basis.changes += 1
    return done


def refuse(store: "Store", by: LoggedIn) -> None:
    """Forget everything that is held; a newer roster is judged anew.

    Raises:
        Fault: APPROVAL_MISSING, DISK_FULL, DISK_FAILED.
    """
    _may(by)
    with store.database.write():
        found = held(store)
        for each in found:
            roster.give_up(store, each.version, by.account)
        dropped = departures.refuse(store)
        store.append_local(LocalKind.ROSTER_REFUSED, {"rosters": len(found), "departures": dropped, "by": by.account})


def restart(store: "Store", by: LoggedIn) -> None:
    """Take rosters and policies of any version again: for a backend that began to count anew, or counted too far.

    People stay as they are; what was on its way, or held, is forgotten. The numbers of signed messages go on.

    Raises:
        Fault: APPROVAL_MISSING; STORE_BUSY: a roster is being written now; DISK_FULL, DISK_FAILED.
    """
    _may(by)
    with store.database.write():
        if roster.rosters(store, "applying"):
            raise Fault(FaultCode.STORE_BUSY, "a roster is being written")
        store.database.run("DELETE FROM roster_entries")
        store.database.run("DELETE FROM rosters")
        for name in (marks.ROSTER_VERSION, marks.POLICY_VERSION):
            marks.set_mark(store.database, name, 0)
        store.append_local(LocalKind.ROSTER_RESTARTED, {"by": by.account})


def _may(by: LoggedIn) -> None:
    if (found := objection(by, _MAY_DECIDE)) is not None:
        raise Fault(FaultCode.APPROVAL_MISSING, found.value)
