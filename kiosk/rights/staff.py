"""Who runs the device: role, training, acknowledgement, contract and last login of each; refuses to guess one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiosk.rights import contracts, house_rules, training
from kiosk.rights.company import Company
from kiosk.store.acts import LocalKind
from kiosk.store.approval import Role

if TYPE_CHECKING:
    from kiosk.store import Store


@dataclass(frozen=True, slots=True)
class Act:
    """One local act of the ledger: its seq, kind, when (ms UTC) and detail."""

    seq: int
    kind: str
    at: int
    detail: tuple[tuple[str, str | int], ...]

    def said(self, name: str) -> str | int:
        """One value of its detail, or ""."""
        return dict(self.detail).get(name, "")


@dataclass(frozen=True, slots=True)
class Standing:
    """One account.

    Attributes:
        account: 16 hexadecimal digits.
        name: as it logs in.
        role: of it.
        locked: whether it is.
        trained_until: ms UTC; 0 if it never was.
        acknowledged_on: the rules of today, ms UTC; 0 if not.
        contract_until: of a technician, ms UTC; 0 if there is none in force.
        last_login: ms UTC; 0 if there was none in the months that were looked at.
    """

    account: str
    name: str = field(repr=False)
    role: Role
    locked: bool
    trained_until: int
    acknowledged_on: int
    contract_until: int
    last_login: int


def acts(store: "Store", months: Iterable[str]) -> tuple[Act, ...]:
    """Every local act of these months ("2026-11"), oldest first. Raises FormatError: one was altered."""
    return tuple(_act(seq, said) for month in months for seq, said in store.ledger.local_acts(month))


def standings(store: "Store", company: Company, seen: Iterable[Act]) -> tuple[Standing, ...]:
    """Every account, by name."""
    now = store.now_ms()
    passed, read, running = training.kept(store), house_rules.kept(store), contracts.running(store)
    _, wanted = house_rules.today(store, company)
    last = {act.said("account"): act.at for act in seen if act.kind == LocalKind.LOGGED_IN}
    found = []
    for account in store.admins.all():
        contract = contracts.in_force(running, account.id, now)
        found.append(
            Standing(
                account=account.id,
                name=account.record.name,
                role=account.role,
                locked=store.admins.locked(account),
                trained_until=training.trained_until(passed, account.id),
                acknowledged_on=house_rules.acknowledged_on(read, account.id, wanted),
                contract_until=0 if contract is None else contract.until,
                last_login=last.get(account.id, 0),
            )
        )
    store.quarantine.settle()
    return tuple(found)


def _act(seq: int, said: dict[str, Any]) -> Act:
    return Act(seq, said["kind"], said["occurred_at"], tuple(sorted(said["detail"].items())))
