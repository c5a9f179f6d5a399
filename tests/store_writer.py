"""A process that appends check-ins and prints each id after its commit, until it is killed; asked for on its stdin.

With the word "early" it is broken on purpose and prints the id before.
"""

import os
import signal
import sys
from pathlib import Path

from store_kit import Hands, check_in, key_of

from kiosk.store import Store


def write_for_ever(state: Path, *, early: bool) -> None:
    store = Store.open(state, key_of(state), clock=Hands())
    person = store.people.all()[0].id
    while True:
        event = check_in(store)
        if early:
            os.write(1, f"{event.event_id}\n".encode())
        store.ledger.append(event, person)
        if not early:
            os.write(1, f"{event.event_id}\n".encode())


def main() -> None:
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.alarm(200)  # one that hangs does not keep the test
            write_for_ever(Path(sys.argv[1]), early="early" in sys.argv)
        os.write(1, f"pid {child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


if __name__ == "__main__":
    main()
