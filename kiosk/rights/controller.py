"""Whether the company that answers for the data is another one than before (policy KK11); refuses to call it a detail.

After a merger or a sale somebody else decides about the data: consent that was given to one company was not given to
another (GDPR Article 4(11): informed, and Article 13(1)(a): of the controller's identity; UU PDP 27/2022 Article 21).
"""

from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from kiosk.rights.company import Controller

_WHO: Final = ("name", "country", "registration")
_WHERE: Final = ("address", "email", "phone")


@dataclass(frozen=True, slots=True)
class SameController:
    """Nothing is different."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The same company, reached in another way: a new notice says so, and consent goes on. `fields`: which differ."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnotherController:
    """Somebody else: a new notice, and no face is used until its person has agreed anew. `fields`: which differ."""

    fields: tuple[str, ...]


Change: TypeAlias = SameController | Moved | AnotherController


def controller_changed(old: Controller, new: Controller) -> Change:
    """What lies between the controller of the published notice and that of privacy.toml.

    Capital and small letters, and blanks, make no other company; a name that was empty and is filled in does, for
    nobody has been told before whom they agree with.
    """
    who = _differ(old, new, _WHO)
    where = _differ(old, new, _WHERE)
    if who:
        return AnotherController((*who, *where))
    return Moved(where) if where else SameController()


def of_notice(named: str, new: Controller) -> Change:
    """The same for what a published notice keeps of its controller: name and country, "PT Tirta, ID"."""
    return SameController() if _plain(named) == _plain(f"{new.name}, {new.country}") else AnotherController(("name",))


def consent_stops(change: Change) -> bool:
    """Whether every consent stops until it is given anew."""
    match change:
        case SameController() | Moved():
            return False
        case AnotherController():
            return True
        case _:
            assert_never(change)


def _differ(old: Controller, new: Controller, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if _plain(getattr(old, name)) != _plain(getattr(new, name)))


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
