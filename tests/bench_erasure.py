"""How long an erasure takes: `python tests/bench_erasure.py [PEOPLE] [ENTRIES]`; a benchmark, no test.

Three references of 512 numbers a person, and the entries spread over all of them, signed for by headquarters.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from erasure_kit import Office
from store_kit import CONSENT, Hands, check_in, face, key_of

from kiosk.store import Store
from kiosk.store.erasure import Erasure, erase_face, erase_person

AT_ONCE = 500
DIM = 512


def filled(data: Path, people: int, entries: int) -> Office:
    store = Store.create(data / "state", provider=key_of(data / "state"), clock=Hands())
    known: list[str] = []
    for first in range(0, people, AT_ONCE):
        with store.database.write():
            for number in range(first, min(first + AT_ONCE, people)):
                person = store.people.add(f"E-{number}", f"Person {number}")
                store.basis.enrol(person, CONSENT, [face(person, 3 * number + seed, DIM) for seed in range(3)])
                known.append(person)
    for first in range(0, entries, AT_ONCE):
        with store.database.write():
            for number in range(first, min(first + AT_ONCE, entries)):
                who = number % people
                store.ledger.append(check_in(store, code=f"E-{who}"), known[who])
    made = Office(data, store, known[0], known[1])
    made.delivered()
    return made


def timed(what: str, erase: Callable[[], Erasure | None]) -> None:
    began = time.perf_counter()
    done = erase()
    assert done is not None
    assert done.certificate is not None
    sys.stdout.write(f"{what}: {time.perf_counter() - began:.2f} s, certificate included\n")


def main(people: int, entries: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        at = filled(Path(place) / "data", people, entries)
        size = sum(path.stat().st_size for path in at.data.rglob("*") if path.is_file())
        sys.stdout.write(f"{people} people, {entries} entries, {size / 2**20:.0f} MiB of files\n")
        timed("a face", lambda: erase_face(at.store, at.stays))
        timed("a person", lambda: erase_person(at.store, at.leaver))
        began = time.perf_counter()
        at.store.database.rewrite()
        sys.stdout.write(f"both files written anew, as after an interruption: {time.perf_counter() - began:.2f} s\n")
        at.store.close()


if __name__ == "__main__":
    main(*(int(argument) for argument in (sys.argv[1:] or ("500", "20000"))))
