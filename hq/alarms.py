"""Rings where a person must look; refuses to let one device fill the page."""

from typing import Final

from sqlalchemy import Connection, insert, select, update

from hq.database import alarms
from hq.refusals import AlarmKind

ALARMS_OF_A_KIND: Final = 16


def ring(work: Connection, device: str, kind: AlarmKind, now: int, row: int = 0) -> None:
    """Add an alarm, or count it again if it is the same one.

    Args:
        work: a transaction that writes.
        device: a device HQ knows.
        kind: what it is about.
        now: ms since 1970.
        row: which row of the ledger is to blame; beyond 16 rows of a kind they are counted together, as 0.
    """
    of_a_kind = (alarms.c.device == device, alarms.c.kind == kind.value)
    known = set(work.execute(select(alarms.c.seq).where(*of_a_kind)).scalars())
    row = row if row in known or len(known) < ALARMS_OF_A_KIND else 0
    if row in known:
        again = update(alarms).where(*of_a_kind, alarms.c.seq == row)
        work.execute(again.values(last_at=now, times=alarms.c.times + 1))
        return
    first = {"device": device, "kind": kind.value, "seq": row, "first_at": now, "last_at": now, "times": 1}
    work.execute(insert(alarms).values(first))
