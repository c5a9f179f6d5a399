"""The settings that an impact assessment was made for, each with what counts as weaker; refuses a setting without.

A stricter setting needs no new signature, a weaker one does (GDPR Art. 35(11): reviewed when the risk changes).
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from kiosk.config import CHALLENGE, LIVENESS, Config
from kiosk.rights.company import Company
from kiosk.store.roots import SecurityLevel
from kiosk.store.vault import digest
from wire import canonical

KEPT: Final = "kept."
SHARE: Final = 10_000
"""Thresholds and margins are whole ten-thousandths: a paper holds no floating-point number."""


class Rule(StrEnum):
    """When a value is weaker than the one that was signed."""

    SAME = "same"  # whenever it is another one
    RANK = "rank"  # when it stands further to the left in RANKS
    LEAST = "least"  # when it is lower
    MOST = "most"  # when it is higher
    WITHIN = "within"  # when something is in it that was not


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `value`: its words, a number as its digits."""

    name: str
    value: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """What a device runs with: kiosk.toml and privacy.toml."""

    config: Config
    company: Company


RANKS: Final[dict[str, tuple[str, ...]]] = {
    "mode": ("identification", "roster", "verification", "off"),
    "hands_free": ("on", "off"),
    "liveness": LIVENESS,
    "challenge": CHALLENGE,
    "confirm": ("no", "yes"),
    "key": tuple(each.value for each in (SecurityLevel.WEAK, SecurityLevel.PASSPHRASE, SecurityLevel.HARDWARE)),
    "backup_faces": ("yes", "no"),
}
"""From the weakest to the strictest."""
_RULES: Final[dict[str, Rule]] = {
    **dict.fromkeys(RANKS, Rule.RANK),
    "pack": Rule.SAME,
    "threshold": Rule.LEAST,
    "margin": Rule.LEAST,
    "copies": Rule.WITHIN,
    "consent_days": Rule.MOST,
    "purposes": Rule.WITHIN,
    "recipients": Rule.WITHIN,
}


def rule(name: str) -> Rule:
    """By what rule a setting is compared. Raises KeyError for none."""
    return Rule.MOST if name.startswith(KEPT) else _RULES[name]


def scope_of(running: Running, level: SecurityLevel) -> tuple[Setting, ...]:
    """The settings that matter, as they are now; `level` is what protects the root key.

    Hands-free recognition does not exist: it stands here as "off", so that the day on which it does needs a signature
    (policy KK4).
    """
    config, company = running.config, running.company
    seen, door, storage = config.recognition, config.door, config.storage
    sealed = bool(storage.recipient)
    copies = (*(("offsite",) if sealed else ()), *(("onsite",) if sealed and storage.onsite else ()))
    one = {
        "mode": seen.mode,
        "hands_free": "off",
        "pack": seen.pack,
        "threshold": str(round(seen.threshold * SHARE)),
        "margin": str(round(seen.margin * SHARE)),
        "liveness": seen.liveness,
        "challenge": seen.challenge,
        "confirm": "yes" if door.confirm else "no",
        "key": level.value,
        "backup_faces": "yes" if "onsite" in copies and storage.onsite_templates else "no",
        "consent_days": str(company.clocks.consent_days),
        **{f"{KEPT}{each.name}": str(getattr(company.periods, each.name)) for each in fields(company.periods)},
    }
    many = {
        "copies": copies,
        "purposes": tuple(f"{each.purpose}: {each.basis}" for each in company.purposes),
        "recipients": _recipients(config, company),
    }
    return (
        *(Setting(name, (value,)) for name, value in one.items()),
        *(Setting(name, tuple(sorted(value))) for name, value in many.items()),
    )


def _recipients(config: Config, company: Company) -> tuple[str, ...]:
    """Who gets what: each recipient with country and ground, and each purpose and field of theirs."""
    found = {config.headquarters.name} - {""}
    if config.delivery.backend != "hq":
        found.add(config.delivery.backend)
    for each in company.recipients:
        found.add(f"{each.name} ({each.country or '-'}, {each.ground or '-'})")
        found |= {f"{each.name}: {what}" for what in (*each.purposes, *each.fields)}
    return tuple(found)


def weaker(signed: tuple[Setting, ...], now: tuple[Setting, ...]) -> tuple[str, ...]:
    """The names of the settings that are weaker now than what was signed, or that were not looked at then."""
    known = {each.name: each.value for each in signed}
    return tuple(each.name for each in now if each.name not in known or _weaker(each, known[each.name]))


def _weaker(now: Setting, signed: tuple[str, ...]) -> bool:
    match rule(now.name):
        case Rule.SAME:
            return now.value != signed
        case Rule.WITHIN:
            return not set(now.value) <= set(signed)
        case Rule.RANK:
            ranks = RANKS[now.name]
            return ranks.index(now.value[0]) < (ranks.index(signed[0]) if signed[0] in ranks else len(ranks))
        case Rule.LEAST:
            return int(now.value[0]) < int(signed[0])
        case Rule.MOST:
            return int(now.value[0]) > int(signed[0])


def digest_of(scope: tuple[Setting, ...]) -> str:
    """SHA-256 over all settings, 64 hexadecimal digits: what a signature is for."""
    return digest(canonical.encode([[each.name, list(each.value)] for each in scope])).hex()
