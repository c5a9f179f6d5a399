"""Who looked and who changed, as the ledger has it: ids and kinds; refuses a name but that of an account."""

from collections.abc import Mapping
from typing import Final

from kiosk.pages.page import At, Desk, Page, Show
from kiosk.pages.privacy.document import facts
from kiosk.pages.privacy.leaf import Leaf, nothing, to
from kiosk.pages.privacy.menu import menu
from kiosk.pages.privacy.who import names, seated
from kiosk.pages.sheet import Block, Fact, Line, Row
from kiosk.rights import staff
from kiosk.rights.acting import READERS
from kiosk.rights.saying import known as word_of
from kiosk.rights.schedule import first_month
from kiosk.rights.staff import Act
from kiosk.store import LocalKind
from kiosk.store.ledger import month

SHOWN: Final = 100
LOOKED: Final = frozenset({LocalKind.VIEWED, LocalKind.EXPORTED})
PAPERS: Final = frozenset({LocalKind.PAPER_FILED, LocalKind.PAPER_CHANGED, LocalKind.PAPER_DROPPED})
LOGINS: Final = frozenset(
    {
        LocalKind.LOGGED_IN, LocalKind.LOGIN_TRIED, LocalKind.LOCKED_OUT, LocalKind.ACCOUNT_ADDED,
        LocalKind.ACCOUNT_REMOVED, LocalKind.ACCOUNT_UNLOCKED, LocalKind.CODE_ISSUED, LocalKind.PASSWORD_SET,
    }
)  # fmt: skip
PEOPLE: Final = frozenset(
    {
        LocalKind.PERSON_ADDED, LocalKind.PERSON_CORRECTED, LocalKind.PIN_SET, LocalKind.FACE_MODE_SET,
        LocalKind.MINOR_SET, LocalKind.RESTRICTION_SET, LocalKind.EVENT_HELD, LocalKind.EVENT_RELEASED,
        LocalKind.ENROLLED, LocalKind.ERASURE_BEGUN, LocalKind.ERASED, LocalKind.TRIP_DESCRIBED,
    }
)  # fmt: skip
KINDS: Final[Mapping[str, frozenset[LocalKind]]] = {
    "looked": LOOKED,
    "papers": PAPERS,
    "people": PEOPLE,
    "logins": LOGINS,
    "device": frozenset(LocalKind) - LOOKED - PAPERS - PEOPLE - LOGINS,
}


def page() -> Leaf:
    """What of it one wants to see."""
    return menu(
        "proofs.trail",
        "dpo.section.trail",
        *((key, to(of, key)) for key in KINDS),
    )


def of(desk: Desk, key: str) -> Page:
    """The newest acts of these kinds, of this month and the one before; this look is one of them from now on."""
    login, store = seated(desk, READERS), desk.store
    now = store.now_ms()
    found = [act for act in staff.acts(store, (first_month(1, now), month(now))) if act.kind in KINDS[key]]
    store.append_local(LocalKind.VIEWED, {"list": "events", "by": login.account})
    return listed(tuple(reversed(found[-SHOWN:])), names(store), key)


def listed(found: tuple[Act, ...], by: Mapping[str, str], key: str) -> Leaf:
    """The page of these acts; `by`: the names of the accounts."""

    def draw(at: At) -> tuple[Block, ...]:
        rows = tuple(_row(at, act, by) for act in found)
        return (Line(at.say("proofs.trail.line", number=SHOWN)), *nothing(at, rows, "proofs.trail.none"))

    leads = tuple((str(act.seq), Show(one(act, by))) for act in found)
    return Leaf(f"proofs.trail.{key}", f"proofs.trail.{key}", draw, leads)


def _row(at: At, act: Act, by: Mapping[str, str]) -> Row:
    actor = _actor(act, by)
    when = at.spell.when(act.at)
    detail = at.say("dpo.when_by", when=when, name=actor) if actor else when
    return Row(str(act.seq), _what(at, act), detail)


def _what(at: At, act: Act) -> str:
    said = word_of(at.language, "proofs.act", act.kind)
    if act.kind in PAPERS:
        paper = word_of(at.language, "measures.paper", str(act.said("kind")))
        return f"{said}: {paper}"
    if act.kind == LocalKind.VIEWED:
        return f"{said}: {word_of(at.language, 'proofs.list', str(act.said('list')))}"
    return said


def _actor(act: Act, by: Mapping[str, str]) -> str:
    account = str(act.said("by") or act.said("account"))
    return by.get(account, account)


def one(act: Act, by: Mapping[str, str]) -> Leaf:
    """Everything that the entry says."""

    def draw(at: At) -> tuple[Block, ...]:
        said = (facts(name, by.get(str(value), str(value)) or "-") for name, value in act.detail)
        return (
            Fact(at.say("proofs.trail.at"), at.spell.when(act.at)),
            Fact(at.say("proofs.trail.entry"), str(act.seq)),
            Fact(at.say("proofs.trail.kind"), act.kind),
            *(block for each in said for block in each),
        )

    return Leaf("proofs.act", "proofs.trail.one", draw)
