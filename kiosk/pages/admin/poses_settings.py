"""The pages of the settings, posed with a made-up door; refuses one that hangs somewhere."""

from pathlib import Path
from typing import Final

from kiosk.config import Config, Device, Settings
from kiosk.pages.admin.settings import Group, Groups
from kiosk.pages.admin.settings_edit import Chosen, Several, Stepped, Typed
from kiosk.pages.admin.settings_effect import Changing, Weighed
from kiosk.pages.admin.settings_shown import Recipients, Retention
from kiosk.pages.posed import ANI, Posed
from kiosk.rights.company import Periods, Recipient
from kiosk.rights.release import Changed, Covered
from kiosk.rights.retention import Line
from kiosk.rights.schedule import DataClass
from kiosk.rights.settings import Effect, Safe
from kiosk.store.overlay import Value, changeable, value_of

_CONFIG: Final = Config(
    data=Path("/var/lib/ambang"),
    device=Device(site="Kantor Pusat, pintu timur", contact="Ani Wijaya, 4102"),
    settings=Settings(locked=("recognition.liveness",)),
)
_SAFE: Final = Safe(4300, 5000, 7000)


def _changing(key: str, before: Value | None = None) -> Changing:
    value = value_of(_CONFIG, key) if before is None else before
    return Changing(changeable(key), value, _SAFE, lambda _: Groups())


def poses() -> tuple[Posed, ...]:
    """Each page, and each of its faces that looks different."""
    covered = Covered("01")
    calm = Effect(covered, covered, (), two=False)
    locks = Effect(covered, Changed(("mode", "threshold")), ("mode", "threshold"), two=True)
    register = (
        Recipient(
            "HQ Jakarta", "employer", "hq.example", (), ("employee code", "action", "time"), "ID", "same_country"
        ),
    )
    due = (Line(DataClass.ATTENDANCE, "2024-06", 412, 0, 3), Line(DataClass.EXPORTS, "", 1, 0, 0))
    buttons = value_of(_CONFIG, "door.buttons")
    return (
        Posed("settings", Groups(), ANI),
        *(Posed(f"settings-{name}", Group(name, _CONFIG), ANI) for name in ("place", "screen", "door", "face")),
        Posed("settings-site", Typed(_changing("device.site")), ANI, "Kantor Pusat, pintu timur"),
        Posed("settings-site-wrong", Typed(_changing("device.site"), wrong=True, initial=" "), ANI, " "),
        Posed("settings-cool-down", Typed(_changing("door.cool_down_s")), ANI, "60"),
        Posed("settings-mode", Chosen(_changing("recognition.mode")), ANI),
        Posed("settings-confirm", Chosen(_changing("door.confirm")), ANI),
        Posed("settings-buttons", Several(_changing("door.buttons"), buttons[:3]), ANI),
        Posed("settings-threshold", Stepped(_changing("recognition.threshold"), 4800), ANI),
        Posed("settings-weighed", Weighed(_changing("door.language"), ("nl",), calm), ANI),
        Posed("settings-weighed-locks", Weighed(_changing("recognition.mode", ("off",)), ("roster",), locks), ANI),
        Posed("settings-recipients", Recipients(register), ANI),
        Posed("settings-recipients-none", Recipients(()), ANI),
        Posed("settings-retention", Retention(Periods(), due), ANI),
    )
