"""A process that appends check-ins and prints each id after its commit, until it is killed; asked for on its stdin."""

import os
import sys
from pathlib import Path

from store_kit import Hands, check_in, key_of

from kiosk.store import Store


def write_for_ever(state: Path) -> None:
    store = Store.open(state, key_of(state), clock=Hands())
    person = store.people.all()[0].id
    while True:
        event = check_in(store)
        store.ledger.append(event, person)
        os.write(1, f"{event.event_id}\n".encode())


def main() -> None:
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            write_for_ever(Path(sys.argv[1]))
        os.write(1, f"pid {child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


if __name__ == "__main__":
    main()
