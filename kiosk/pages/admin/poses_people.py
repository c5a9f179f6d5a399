"""People and what may be done for them, posed with made-up people; refuses anybody who exists."""

from typing import Final

from kiosk.pages.admin import erasing, person_add, restricting
from kiosk.pages.admin.badge import Badge, NewBadge
from kiosk.pages.admin.erasing import Choice, Grounds
from kiosk.pages.admin.people import Listed, People, Search
from kiosk.pages.admin.person import OnePerson, View
from kiosk.pages.admin.pins import NewPin
from kiosk.pages.admin.roster import Held, Waiting
from kiosk.pages.admin.status import Status
from kiosk.pages.common import Told
from kiosk.pages.page import Desk, Page, Stay
from kiosk.pages.posed import ANI, OFFICER, Posed
from kiosk.rights.restriction import Restricted, Restriction
from kiosk.store.badges import Current, Issued
from wire.certificate import Scope

_MS: Final = 1_785_700_000_000
_LISTED: Final = (
    Listed("1", "Agus Salim", "KTR-2014", (Status.FACE,)),
    Listed("2", "Dewi Anggraini", "KTR-2101", (Status.PIN,)),
    Listed("3", "Muhammadinejad Wicaksono Prasetyohadi", "KTR-2017", (Status.FACE, Status.ALIKE, Status.RENEWAL)),
    Listed("4", "Siti Rahmawati", "KTR-2044", (Status.PIN, Status.RESTRICTED)),
    Listed("5", "Wayan Sudarsana", "KTR-2120", (Status.NOTHING,)),
)
_RESTRICTION: Final = Restriction(Restricted.FACE, "Saya mau pakai PIN saja.", _MS)
_VIEW: Final = View(
    "4", "Siti Rahmawati", "KTR-2044", "id", (Status.PIN, Status.RESTRICTED), has_pin=True, has_face=True,
    agreed=("3.1", _MS), source="roster", restrictions=(("aa", _RESTRICTION),),
)  # fmt: skip


def poses() -> tuple[Posed, ...]:
    """Each page, and each of its faces that looks different."""
    everybody = People(_LISTED, 5, 5, held=1)

    def again(_desk: Desk) -> Page:
        return everybody

    choice = Choice("4", "Siti Rahmawati", "KTR-2044", has_face=True, back=again, listed=again)
    adding = person_add.Adding(again, "KTR-2101", "Dewi Anggraini")
    told = Restriction(Restricted.FACE, _RESTRICTION.why, _MS, told_at=_MS, lift_at=_MS + 10 * 86_400_000)
    waits = Waiting((Held(12, "more_than_a_fifth", 48, 120), Held(13, "everyone", 120, 120)), again, 3)
    without, now = Badge("4", None), Badge("4", Current(_MS, _MS + 365 * 86_400_000))
    return (
        Posed("admin-badge-none", without, ANI),
        Posed("admin-badge", now, ANI),
        Posed("admin-badge-new", NewBadge(Issued("A" * 115, _MS), now), ANI),
        Posed("admin-people", everybody, ANI),
        Posed("admin-people-none", People((), 5, 0, "Sitti"), ANI),
        Posed("admin-people-search", Search("Sit"), ANI, typed="Sit"),
        Posed("admin-person", OnePerson(_VIEW, again), ANI),
        Posed("admin-person-officer", OnePerson(_VIEW, again), OFFICER),
        Posed("admin-pin", NewPin("Siti Rahmawati", lambda _desk, _pin: Stay(), Stay()), ANI),
        Posed("admin-add-code", person_add.NewCode(again, "admin.add.taken"), ANI, typed="KTR-2044"),
        Posed("admin-add-name", person_add.NewName(adding), ANI),
        Posed("admin-add-language", person_add.NewLanguage(adding), ANI),
        Posed("admin-restrict", restricting.Purposes("4", again), ANI),
        Posed("admin-restricted", restricting.InForce("aa", _RESTRICTION, again), OFFICER),
        Posed("admin-restricted-told", restricting.InForce("aa", told, again), OFFICER),
        Posed("admin-erase", choice, ANI),
        Posed("admin-erase-person", Grounds(choice, Scope.PERSON, "", officer=False), ANI),
        Posed("admin-erase-barred", Grounds(choice, Scope.FACE, "bb", officer=False), ANI),
        Posed("admin-erase-waits", Told("admin.erase.begun", "admin.erase.waits", (("count", 3),), then=Stay()), ANI),
        Posed("admin-erase-again", erasing.again(Grounds(choice, Scope.PERSON, "", officer=False)), ANI),
        Posed("admin-roster", waits, ANI),
    )
