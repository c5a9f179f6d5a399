"""One fault of the world while a device does five acts: `bar_faults.py PLACE FAULT [NEGLIGENT STORE]`.

PLACE/base holds a device for each act. Runs in a mount namespace of its own, as root there. For each act it prints, as
JSON, what was said (a fault's code, or "done") while the fault lasted, whether anything was lost or half done then, and
whether the act works afterwards.
"""

import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bar_acts import TASKS, do
from bar_broken import NEGLIGENT, TRUSTING
from bar_desk import Desk, everything, same
from store_kit import HOUR, MORNING, face

from kiosk.faults import Fault
from kiosk.store import reserve

ACTS = ("check_in", "enrol", "settle", "erase_face", "backup")
_SIZE = 12 * 1024 * 1024
_YEAR = 365 * 24 * HOUR


@contextmanager
def _full(desk: Desk) -> Iterator[None]:
    """A disk without a free block; what the device had set aside stays set aside."""
    filler = desk.device / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 4096, 512, 1):
            while True:
                try:
                    if file.write(b"\1" * size) < size:
                        break
                except OSError:
                    break
    yield
    filler.unlink()


@contextmanager
def _read_only(desk: Desk) -> Iterator[None]:
    """A card that the kernel gives for reading only; nobody can do that to open files, so the store is opened anew."""
    desk.leave()
    subprocess.run(["mount", "-o", "remount,ro", desk.device], check=True)
    desk.open()
    desk.meet()
    yield
    desk.leave()
    subprocess.run(["mount", "-o", "remount,rw", desk.device], check=True)
    desk.open()
    desk.meet()


@contextmanager
def _no_descriptors(desk: Desk) -> Iterator[None]:
    """A process that may open nothing more."""
    face("nobody", 0)  # numpy opens files of its own the first time
    del desk
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    taken = []
    while True:
        try:
            taken.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            break
    yield
    for descriptor in taken:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _clock(years: int) -> Callable[[Desk], AbstractContextManager[None]]:
    @contextmanager
    def jump(desk: Desk) -> Iterator[None]:
        """The wall clock jumps; the clock since the start of the machine does not."""
        desk.clock.wall_ms += years * _YEAR
        yield
        desk.clock.wall_ms -= years * _YEAR

    return jump


@contextmanager
def _stopped(desk: Desk) -> Iterator[None]:
    """A process that is stopped for 20 ms after each millisecond in which it ran."""
    del desk
    ours, theirs, stopped = os.getpid(), *os.pipe()
    stopper = os.fork()
    if stopper == 0:
        os.close(stopped)
        while not select.select([theirs], [], [], 0.001)[0]:
            os.kill(ours, signal.SIGSTOP)
            time.sleep(0.02)
            os.kill(ours, signal.SIGCONT)
        os._exit(0)
    yield
    os.close(stopped)
    os.close(theirs)
    os.waitpid(stopper, 0)


FAULTS = {
    "stopped": _stopped,
    "disk full": _full,
    "read-only": _read_only,
    "descriptors": _no_descriptors,
    "clock forwards": _clock(2),
    "clock backwards": _clock(-2),
}


def during(desk: Desk, name: str, fault: Callable[[Desk], AbstractContextManager[None]]) -> dict[str, str]:
    """Do one act while the fault lasts, look at the device afterwards, and do the act once more if it failed."""
    before, said = everything(desk), "done"
    with fault(desk):
        try:
            do(desk, TASKS[name].act)
        except Fault as error:
            said = error.code.value
        except Exception as error:  # noqa: BLE001 - it is said as it is, and no fault is called that
            said = type(error).__name__
    shown = everything(desk)
    if said != "done" and not same(shown["store"], before["store"]):
        return {"said": said, "afterwards": "half done"}
    if said != "done":
        do(desk, TASKS[name].act)
    desk.leave()
    desk.open()
    desk.meet()
    after = everything(desk)
    desk.leave()
    lost = {event_id for _, event_id in before["store"]["events"]} - {
        event_id for _, event_id in after["store"]["events"]
    }
    well = not lost and not after["store"]["open"] and not same(after["store"], before["store"])
    return {"said": said, "afterwards": "well" if well or after["backups"] != before["backups"] else "lost"}


def main() -> None:
    place, fault = Path(sys.argv[1]), FAULTS[sys.argv[2]]
    for negligent in sys.argv[3:]:
        (NEGLIGENT | TRUSTING)[negligent]()
    said = {}
    for name in ACTS:
        device = place / "device"
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", device], check=True)
        shutil.copytree(place / "base" / name, device, dirs_exist_ok=True)
        desk = Desk(device)
        desk.clock.wall_ms = MORNING + 6 * HOUR
        desk.open()
        desk.meet()
        desk.identity  # noqa: B018 - read it while files can be opened
        reserve.keep(desk.state)
        said[name] = during(desk, name, fault)
        # A store that is not ready may still hold files open.
        subprocess.run(["umount", *(["--lazy"] if sys.argv[3:] else []), device], check=True)
    print(json.dumps(said))  # noqa: T201 - for the test


if __name__ == "__main__":
    main()
