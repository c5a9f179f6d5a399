"""What is changed on the screen, over kiosk.toml: kept sealed, written down; refuses what root has locked, and a guess.

The overlay is one paper of the store. A value in it that does not fit, or a key that root has locked since, is left
out: kiosk.toml then holds as it stands.
"""

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never

from kiosk.config import CHALLENGE, DOOR_BUTTONS, LANGUAGES, LIVENESS, MODES, Config, check
from kiosk.faults import Fault, FaultCode
from kiosk.store import configured, papers
from kiosk.store.acts import LocalKind
from kiosk.store.papers import Paper, PaperKind

if TYPE_CHECKING:
    from kiosk.store import Store

Value: TypeAlias = tuple[str, ...]
"""A value in words: a text, a choice, "yes" or "no", digits; several of a list."""
Overlay: TypeAlias = Mapping[str, Value]
IN_FORCE: Final = "in_force"
SHARE: Final = 10_000
"""A score is kept in whole ten-thousandths: a paper holds no floating-point number."""
YES, NO = "yes", "no"
TEXT_MOST: Final = 64
"""Characters: as long as a site's name may be."""
_log = logging.getLogger("ambang.store")


class Kind(StrEnum):
    """How a value is given."""

    TEXT = "text"
    CHOICE = "choice"
    SEVERAL = "several"  # at least one, in the order of `options`
    FLAG = "flag"
    NUMBER = "number"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Changeable:
    """One key of kiosk.toml that may be changed on the screen.

    Attributes:
        key: "door.language".
        kind: how its value is given.
        options: of a choice, or of several.
    """

    key: str
    kind: Kind
    options: tuple[str, ...] = ()

    @property
    def section(self) -> str:
        """The table it stands in."""
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """Its name in that table."""
        return self.key.partition(".")[2]


CHANGEABLE: Final[tuple[Changeable, ...]] = (
    Changeable("device.site", Kind.TEXT),
    Changeable("device.contact", Kind.TEXT),
    Changeable("door.language", Kind.CHOICE, LANGUAGES),
    Changeable("door.buttons", Kind.SEVERAL, DOOR_BUTTONS),
    Changeable("door.confirm", Kind.FLAG),
    Changeable("door.cool_down_s", Kind.NUMBER),
    Changeable("door.random_pad", Kind.FLAG),
    Changeable("door.large", Kind.FLAG),
    Changeable("door.reduced_motion", Kind.FLAG),
    Changeable("door.light", Kind.FLAG),
    Changeable("recognition.mode", Kind.CHOICE, MODES),
    Changeable("recognition.threshold", Kind.SCORE),
    Changeable("recognition.liveness", Kind.CHOICE, LIVENESS),
    Changeable("recognition.challenge", Kind.CHOICE, CHALLENGE),
)
_BY_KEY: Final = {each.key: each for each in CHANGEABLE}


def changeable(key: str) -> Changeable:
    """What may be changed under this key. Raises Fault SETTING_REFUSED for any other."""
    if (found := _BY_KEY.get(key)) is None:
        raise Fault(FaultCode.SETTING_REFUSED, "no setting of the screen")
    return found


def locked(config: Config, key: str) -> bool:
    """Whether root has said that this holds as it stands in kiosk.toml."""
    return bool({key, key.partition(".")[0]} & set(config.settings.locked))


def value_of(config: Config, key: str) -> Value:
    """What holds in this configuration, in words."""
    of = changeable(key)
    found: Any = getattr(getattr(config, of.section), of.name)
    match of.kind:
        case Kind.TEXT | Kind.CHOICE:
            return (str(found),)
        case Kind.SEVERAL:
            return tuple(found)
        case Kind.FLAG:
            return (YES if found else NO,)
        case Kind.NUMBER:
            return (str(found),)
        case Kind.SCORE:
            return (str(round(found * SHARE)),)
        case _:
            assert_never(of.kind)


def with_value(config: Config, key: str, value: Value) -> Config:
    """The configuration with one other value, whether locked or not.

    Raises:
        Fault: SETTING_REFUSED: not such a key, not such a value, or one that no part of the kiosk could work with.
    """
    of = changeable(key)
    section = dataclasses.replace(getattr(config, of.section), **{of.name: _plain(of, value)})
    made = dataclasses.replace(config, **{of.section: section})
    try:
        check(made)
    except Fault as wrong:
        raise Fault(FaultCode.SETTING_REFUSED, wrong.detail) from wrong
    return made


def applied(config: Config, overlay: Overlay) -> Config:
    """The configuration under its overlay; to put it over once more changes nothing."""
    for key in (each.key for each in CHANGEABLE if each.key in overlay):
        if locked(config, key):
            continue
        try:
            config = with_value(config, key, overlay[key])
        except Fault:
            _log.error("a setting of the screen does not fit and is left out: %s", key)
    return config


def running(store: "Store", config: Config) -> Config:
    """What this store runs with: kiosk.toml, and over it what was changed here. Raises Fault as any reading."""
    return applied(config, read(store))


def read(store: "Store") -> Overlay:
    """What was changed on the screen; nothing if that does not open. Raises Fault as any reading of the store."""
    found = _paper(store)
    return {} if found is None else _values(found)


def stamp(store: "Store") -> int:
    """Another number whenever something was changed; 0 before the first. Cheap: nothing is opened."""
    row = store.database.row("SELECT max(row_version) FROM papers WHERE kind = ?", PaperKind.SETTINGS)
    return 0 if row is None or row[0] is None else int(row[0])


def change(store: "Store", config: Config, key: str, value: Value, *, by: str, second: str = "") -> Config:  # noqa: PLR0913 - who and what
    """Keep another value, and write down who has changed which setting; returns what runs from the next start on.

    Args:
        store: open.
        config: kiosk.toml, with or without the overlay.
        key: of the setting.
        value: in words; a text is written down nowhere but here, sealed.
        by: account, 16 hexadecimal digits.
        second: the other account of two, or "".

    Raises:
        Fault: SETTING_REFUSED: root has locked it, or see `with_value`; PAPER_CHANGED; as any writing.
    """
    if locked(config, key):
        raise Fault(FaultCode.SETTING_REFUSED, "locked in kiosk.toml")
    made = with_value(running(store, config), key, value)
    with store.database.write():
        found = _paper(store)
        values = {} if found is None else dict(_values(found))
        content = {"values": {name: list(each) for name, each in {**values, key: value}.items()}}
        if found is None:
            papers.put(store, PaperKind.SETTINGS, content, state=IN_FORCE, by=by)
        else:
            papers.revise(store, found, content, state=IN_FORCE, by=by)
        detail: dict[str, str | int] = {"setting": key, "by": by, **({"second": second} if second else {})}
        if changeable(key).kind is not Kind.TEXT:
            detail["value"] = ",".join(value)
        store.append_local(LocalKind.CONFIGURED, detail)
        configured.take(store, made)
    return made


def _paper(store: "Store") -> Paper | None:
    found = papers.find(store, PaperKind.SETTINGS, person="", open_only=True)
    return found[-1] if found else None


def _values(paper: Paper) -> Overlay:
    said = {} if paper.content is None else paper.content.get("values", {})
    return {key: tuple(map(str, value)) for key, value in said.items() if key in _BY_KEY and isinstance(value, list)}


def _plain(of: Changeable, value: Value) -> object:
    one = value[0] if len(value) == 1 else ""
    match of.kind:
        case Kind.TEXT if len(value) == 1 and one.isprintable() and len(one) <= TEXT_MOST:
            return one.strip()
        case Kind.CHOICE if one in of.options:
            return one
        case Kind.SEVERAL if value and set(value) <= set(of.options):
            return tuple(each for each in of.options if each in value)
        case Kind.FLAG if one in {YES, NO}:
            return one == YES
        case Kind.NUMBER if _digits(one):
            return int(one)
        case Kind.SCORE if _digits(one):
            return int(one) / SHARE
        case _:
            raise Fault(FaultCode.SETTING_REFUSED, f"{of.key}: no such value")


def _digits(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 6  # noqa: PLR2004 - no setting is larger
