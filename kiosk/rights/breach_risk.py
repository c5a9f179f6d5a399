"""Decides what a breach means for people: two tables over values; refuses to be milder than what was readable.

GDPR Art. 34(3)(a): what nobody without the key can read need not trouble the people. A face that somebody may read
always does: nobody can change it.
"""

from typing import Final

from kiosk.rights.breach import Category, Chance, Exposure, Gravity, Happening, Harm, Reading, Weighed
from kiosk.store.roots import SecurityLevel

_ORDER: Final = tuple(Gravity)
_SEVERE: Final = frozenset({Harm.FACE_FOR_EVER, Harm.IDENTITY_THEFT, Harm.DISCRIMINATION, Harm.WHEREABOUTS})
_ON_THE_CARD: Final = tuple(Category)

TOUCHES: Final[dict[Happening, tuple[Category, ...]]] = {
    Happening.CARD_STOLEN: _ON_THE_CARD,
    Happening.DEVICE_STOLEN: _ON_THE_CARD,
    Happening.CLONE: _ON_THE_CARD,
    Happening.BACKUP_COPIED: tuple(each for each in Category if each is not Category.FACE),
    # No command and no screen shows a reference: whoever logs in reads people, times and papers.
    Happening.ACCOUNT_MISUSED: (Category.IDENTITY, Category.ATTENDANCE, Category.CONSENT, Category.DESK),
    Happening.WRONG_RECIPIENT: (Category.IDENTITY, Category.ATTENDANCE),
    Happening.HQ_BREACHED: (Category.IDENTITY, Category.ATTENDANCE),
    Happening.TAMPERING: (Category.ATTENDANCE,),
    Happening.ROLLBACK: (Category.ATTENDANCE,),
    Happening.LOCKOUT_STORM: (Category.ACCOUNT,),
}
"""What each happening may have let out, or altered. A backup in the house may hold faces: `touched`."""
_CARD: Final = {
    SecurityLevel.WEAK: Reading.READABLE,
    SecurityLevel.PASSPHRASE: Reading.GUESSABLE,
    SecurityLevel.HARDWARE: Reading.PROTECTED,
}
_DEVICE: Final = {**_CARD, SecurityLevel.HARDWARE: Reading.READABLE}
"""Any system that is started on the stolen board can ask its chip (docs/storage.md)."""
_OPEN: Final = dict.fromkeys(SecurityLevel, Reading.READABLE)
_SEALED: Final = dict.fromkeys(SecurityLevel, Reading.PROTECTED)
_NOTHING: Final = dict.fromkeys(SecurityLevel, Reading.NOT_READ)
READING: Final[dict[Happening, dict[SecurityLevel, Reading]]] = {
    Happening.CARD_STOLEN: _CARD,
    Happening.DEVICE_STOLEN: _DEVICE,
    Happening.BACKUP_COPIED: _SEALED,  # to the organisation's key, whatever protects the device's
    Happening.ACCOUNT_MISUSED: _OPEN,
    Happening.WRONG_RECIPIENT: _OPEN,
    Happening.CLONE: _OPEN,  # it signs with the device's key: somebody has opened the store
    Happening.HQ_BREACHED: _OPEN,
    Happening.TAMPERING: _NOTHING,
    Happening.ROLLBACK: _NOTHING,
    Happening.LOCKOUT_STORM: _NOTHING,
}


def touched(happening: Happening, *, faces_in_backup: bool) -> tuple[Category, ...]:
    """The categories that a happening concerns."""
    found = TOUCHES[happening]
    return tuple(Category) if happening is Happening.BACKUP_COPIED and faces_in_backup else found


def reading(happening: Happening, level: SecurityLevel, *, key_too: bool) -> Reading:
    """Whether data was readable; `key_too`: key, passphrase or the organisation's private key is in the same hands."""
    return Reading.READABLE if key_too else READING[happening][level]


def least(exposure: Exposure) -> Gravity:
    """How grave it is at least, by what could be read."""
    if exposure.concerned == 0 or exposure.reading in {Reading.PROTECTED, Reading.NOT_READ}:
        return Gravity.UNLIKELY
    return Gravity.HIGH if exposure.reading is Reading.READABLE and exposure.faces else Gravity.RISK


def decide(exposure: Exposure, harms: tuple[Weighed, ...]) -> Gravity:
    """What the table says: the graver of what could be read, and of the harms."""
    return max(least(exposure), *(_of(each) for each in harms), Gravity.UNLIKELY, key=_ORDER.index)


def milder(one: Gravity, other: Gravity) -> bool:
    """Whether `one` is milder than `other`."""
    return _ORDER.index(one) < _ORDER.index(other)


def _of(weighed: Weighed) -> Gravity:
    severe = weighed.harm in _SEVERE
    match weighed.chance:
        case Chance.NO:
            return Gravity.UNLIKELY
        case Chance.POSSIBLE:
            return Gravity.RISK if severe else Gravity.UNLIKELY
        case Chance.LIKELY:
            return Gravity.HIGH if severe else Gravity.RISK
