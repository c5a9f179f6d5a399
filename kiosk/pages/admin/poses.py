"""The pages of administration, posed with made-up people; refuses anybody who exists."""

from typing import Final

from kiosk.pages.admin import account_add, accounts, poses_device, poses_people, poses_settings, poses_today
from kiosk.pages.admin.home import Home
from kiosk.pages.admin.login import Beginning, Entrance, Name, OneTimeCode, Password
from kiosk.pages.admin.own import OwnPassword
from kiosk.pages.admin.passwords import NewPassword
from kiosk.pages.admin.refusals import Locked
from kiosk.pages.admin.second import SecondPerson
from kiosk.pages.common import Question, Told
from kiosk.pages.page import Desk, Leave, Move, Official, Stay
from kiosk.pages.posed import ANI, OFFICER, Posed
from kiosk.rights.account_states import AccountState, Known
from kiosk.store.approval import Approved, LoggedIn, Objection, Role
from kiosk.store.logins import LoginRefused
from kiosk.store.password_policy import Unfit

YUSUF: Final = Official(LoggedIn("0102", Role.SUPERVISOR, must_change=False), "Yusuf Hidayat")
EVI: Final = Official(LoggedIn("00ee", Role.ENROLLER, must_change=False), "Evi Kurnia")
_MS: Final = 1_785_700_000_000
_NAMES: Final = (
    Known("00ff", "Ani Wijaya", Role.ADMIN, AccountState.ACTIVE, _MS),
    Known("00dd", "Dewi Lestari", Role.DPO, AccountState.ACTIVE, _MS),
    Known("00ee", "Evi Kurnia", Role.ENROLLER, AccountState.WAITS, 0),
    Known("0101", "Joko Prasetyo", Role.TECHNICIAN, AccountState.NO_CONTRACT, _MS),
    Known("0102", "Muhammadinejad Wicaksono", Role.SUPERVISOR, AccountState.LOCKED, _MS),
)


def _agreed(_desk: Desk, _approved: Approved) -> Move:
    return Leave()


def poses() -> tuple[Posed, ...]:
    """Each page, and each of its faces that looks different."""
    return (
        *_accounts(),
        *poses_people.poses(),
        *poses_today.poses(),
        *poses_device.poses(),
        *poses_settings.poses(),
    )


def _accounts() -> tuple[Posed, ...]:
    two = SecondPerson("admin.account.remove_title", frozenset({Role.ADMIN, Role.DPO}), _agreed)
    chosen = NewPassword("Ani Wijaya", lambda _desk, _text: Leave(), "admin.password.must")
    unfit = NewPassword("Ani", chosen.chosen, "", (Unfit.TOO_SHORT, Unfit.NO_CAPITAL, Unfit.NO_SIGN))
    locked = _NAMES[-1]
    listed = accounts.Accounts(_NAMES)
    asked = Question(
        "admin.account.reset_title",
        "admin.account.reset_line",
        "admin.account.reset",
        Stay(),
        (("name", locked.name),),
        "key",
    )
    return (
        Posed("admin-entrance", Entrance()),
        Posed("admin-name", Name(), typed="Ani Wij"),
        Posed("admin-password", Password("Ani Wijaya"), typed="kopi"),
        Posed("admin-password-wait", Password("Muhammadinejad Wicaksono", LoginRefused(900, locked=False))),
        Posed("admin-locked", Locked(Name())),
        Posed("admin-code", OneTimeCode("Ani Wijaya", LoginRefused(30, locked=False)), typed="7K2M-0Q"),
        Posed("admin-first", Beginning()),
        Posed("admin-rules", chosen, ANI),
        Posed("admin-unfit", unfit),
        Posed("admin-contract", Told("admin.contract.title", "admin.contract.line", icon="warning")),
        Posed("admin-home", Home(), ANI),
        Posed("admin-home-enroller", Home(), EVI),
        Posed("admin-home-officer", Home(), OFFICER),
        Posed("admin-home-supervisor", Home(), YUSUF),
        Posed("admin-own", OwnPassword(), ANI),
        Posed("admin-second", two, ANI),
        Posed("admin-second-name", two.named(Objection.SAME_ACCOUNT), ANI, typed="Dewi"),
        Posed("admin-accounts", listed, ANI),
        Posed("admin-account", accounts.One(locked), ANI),
        Posed("admin-account-own", accounts.One(_NAMES[0]), ANI),
        Posed("admin-account-reset", asked, ANI),
        Posed("admin-account-role", account_add.NewRole("Wulan Hartati", lambda _desk: listed), ANI),
        Posed("admin-handed", account_add.Handed("Wulan Hartati", "7K2M-0QXA-6W8R-1D2F", Stay()), ANI),
        Posed(
            "admin-unapproved",
            Told("admin.account.unapproved", "admin.account.unapproved_line", icon="warning"),
            ANI,
        ),
    )
