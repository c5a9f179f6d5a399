"""How long a roster of many people takes, and how long it keeps a door waiting: `python tests/bench_roster.py [N]`."""

import functools
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

from roster_kit import HQ, Door, door, entry, people, whole

from kiosk.store import inbox, resume, roster_apply
from kiosk.store.intents import IntentKind
from wire import message
from wire.message import PEOPLE_LIMIT, Entry, Message, Roster


def parts(version: int, entries: tuple[Entry, ...]) -> list[Roster]:
    heaps = [entries[at : at + PEOPLE_LIMIT] for at in range(0, len(entries), PEOPLE_LIMIT)]
    return [whole(version, *heap, part=number, parts=len(heaps)) for number, heap in enumerate(heaps, 1)]


def heard(at: Door, version: int, entries: tuple[Entry, ...], what: str) -> None:
    each = []
    for part in parts(version, entries):
        at.number += 1
        body = message.encode(Message(at.store.device_id, at.number, at.store.now_ms(), part))
        signed = message.encode(message.sign(message.decode(body), HQ))
        read = timed(functools.partial(inbox.read, signed, at.store.device_id, at.trust))
        found = message.decode(signed)
        each.append((read, timed(functools.partial(inbox._take, at.store, found, at.number, at.number))))
    say(f"{what}: checked, slowest part", max(read for read, _ in each))
    say(f"{what}: taken, slowest part but the last", max([taken for _, taken in each[:-1]] or [0.0]))
    say(f"{what}: taken, the last part", each[-1][1])
    steps: list[float] = []
    begun = time.perf_counter()
    more = True
    while more:
        one = time.perf_counter()
        more = roster_apply.step(at.store)
        steps.append(time.perf_counter() - one)
        time.sleep(roster_apply.PAUSE_S)
    say(f"{what}: written, with pauses ({len(steps)} steps)", time.perf_counter() - begun)
    if len(steps) > 2:
        say(f"{what}: one step, p95", quantiles(steps, n=20)[-1])
        say(f"{what}: one step, longest", max(steps))


def timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def say(what: str, seconds: float) -> None:
    sys.stdout.write(f"{what:<60}{seconds * 1000:>10.0f} ms\n")


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        at = door(Path(place))
        everybody = people(*range(1, count + 1))
        heard(at, 1, everybody, f"{count} new")
        heard(at, 2, everybody, f"{count} unchanged")
        fifth = count // 5
        renamed = tuple(entry(number, name=f"Baru {number}") for number in range(fifth + 1, count + 1))
        heard(at, 3, renamed, f"{fifth} leave, {count - fifth} renamed")
        some = [each for each in at.store.intents.all_open() if each.kind is IntentKind.ERASE_PERSON][:20]
        begun = time.perf_counter()
        for intent in some:
            resume.ACTS[intent.kind](at.store, intent)
        if fifth:
            say("one erasure, mean of 20", (time.perf_counter() - begun) / len(some))
        at.store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
