"""Says what the documents of a breach share in one language; refuses to name anybody."""

from kiosk import words
from kiosk.rights import dates
from kiosk.rights.breach import Case, Gravity, Held, Owed, Reading


class Said:
    """Sentences of the topic in one language, times in the zone of the door."""

    def __init__(self, language: str, zone: str) -> None:
        self.language = language
        self._zone = zone

    def __call__(self, key: str, **values: str | int) -> str:
        """One sentence."""
        return words.say(self.language, f"breach.{key}", **values)

    def time(self, ms: int) -> str:
        """A moment (ms UTC) at the door, with the name of its zone; a midnight is a day, of which no more is known."""
        midnight = f"{dates.moment(ms, self._zone):%H:%M:%S}" == "00:00:00"
        return dates.day(ms, self._zone) if midnight else dates.minute(ms, self._zone)

    def happened(self, case: Case) -> str:
        """What happened, in one sentence; of a drill, that it is one."""
        what = self(f"happening.{case.happening}")
        return self("drill_of", what=what) if case.drill else what

    def held(self, each: Held) -> str:
        """One category with its numbers."""
        return self("held", what=self(f"category.{each.category}"), people=each.people, records=each.records)

    def reading(self, case: Case) -> str:
        """Whether it could be read, with the reason."""
        found = case.exposure
        if found.reading is Reading.READABLE and case.key_too:
            return self("reading.key_too")
        if found.reading is Reading.NOT_READ:
            return self("reading.not_read")
        return self(f"reading.{found.reading}", level=self(f"level.{found.level}"))

    def faces(self, case: Case) -> str:
        """What became of templates."""
        if not case.exposure.faces:
            return self("faces.none")
        return self(f"faces.{case.exposure.reading}", count=case.exposure.faces)

    def standing(self, owed: Owed) -> str:
        """How it stands with telling somebody."""
        if owed.told_at is not None:
            return self("told_late" if owed.late else "told", when=self.time(owed.told_at))
        if owed.needed is False:
            return self("not_needed")
        if owed.late:
            return self("overdue", hours=-owed.hours_left)
        return self("due" if owed.needed else "due_undecided", hours=owed.hours_left)

    def gravity(self, found: Gravity) -> str:
        """What it means for people."""
        return self(f"gravity.{found}")
