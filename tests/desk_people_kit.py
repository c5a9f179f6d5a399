"""An administrator, an officer, and a shell, for the tests of those who run the device."""

import json
from pathlib import Path
from typing import Any

import pytest
import store_once
from admin_kit import GOOD, RATNA
from shell_kit import ran
from store_kit import CHEAP, OPENED, Hands, key_of, new_store
from store_once import copied, shut

from kiosk.rights import approvals, training
from kiosk.rights.approvals import ForRole
from kiosk.store import Store
from kiosk.store.account_acts import begin, first_start_code, redeem
from kiosk.store.approval import LoggedIn, Role

SARI, JOKO, AGUS = "Sari Wulandari", "Joko Prasetyo", "Agus Hartono"
OFFICER, TECHNICIAN, AUDITOR = "nasi Uduk 8 malam", "mie Goreng 3 siang", "soto Ayam 5 pagi!"


def manned(state: Path, clock: Hands | None = None) -> tuple[Store, LoggedIn, LoggedIn]:
    """A store with Ratna, an administrator, and Sari, the officer."""
    admin, officer = copied(_first, state)
    return store_once.opened(state, clock or Hands()), admin, officer


def _first(state: Path) -> tuple[LoggedIn, LoggedIn]:
    store = new_store(state)
    store.admins.cost = CHEAP
    admin = begin(store, first_start_code(store), RATNA, GOOD)
    _, code = approvals.grant(store, SARI, Role.DPO, admin)
    officer = redeem(store, SARI, code, OFFICER)
    shut(store)
    return admin, officer


def added(  # noqa: PLR0913, PLR0917 - who, by whom
    store: Store, admin: LoggedIn, officer: LoggedIn, name: str, role: Role, password: str
) -> LoggedIn:
    """One more account, with the officer's approval."""
    approvals.approve(store, ForRole(name, role, "shift lead"), officer)
    _, code = approvals.grant(store, name, role, admin)
    return redeem(store, name, code, password)


def trained(store: Store, login: LoggedIn) -> None:
    asked = training.questions("en", list.sort)
    training.keep(store, asked, [one.right for one in asked], login.account, "en")


class Shell:
    """Runs `kiosk`, with lines on its standard input, on the closed store of a data directory."""

    def __init__(self, data: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self._patch, self._capsys = data, patch, capsys
        patch.setenv("LC_ALL", "C.UTF-8")

    def __call__(
        self, *words: str | Path, typed: tuple[str, ...] = (), code: int = 0, place: bool = True
    ) -> tuple[str, str]:
        where = ("--data", self.data) if place else ()
        return ran(self._patch, self._capsys, (*words, *where), typed, code)

    def asked(self, *words: str | Path, typed: tuple[str, ...] = (), code: int = 0, place: bool = True) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*words, "--json", typed=typed, code=code, place=place)[0])


def closed(store: Store) -> None:
    """Let commands open it."""
    store.close()
    OPENED.clear()


def opened(data: Path) -> Store:
    store = Store.open(data / "state", key_of(data / "state"))
    OPENED.append(store)
    return store
