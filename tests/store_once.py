"""A store that is made once in a run, and copied for each test that begins with it."""

import atexit
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar, cast

from store_kit import CHEAP, OPENED, Hands, key_of

from kiosk.store import Store

Made = TypeVar("Made")

_MADE: dict[Callable[[Path], Any], tuple[Path, Any]] = {}


def copied(make: Callable[[Path], Made], place: Path) -> Made:
    """What `make` has made in a directory, in a copy of that directory; its store is closed."""
    if make not in _MADE:
        first = Path(mkdtemp(prefix="ambang-once-")) / "made"
        _MADE[make] = first, make(first)
    first, made = _MADE[make]
    shutil.copytree(first, place, dirs_exist_ok=True)
    return cast("Made", made)


def opened(state: Path, clock: Hands) -> Store:
    """The store of such a copy; it is closed when the test ends."""
    store = Store.open(state, key_of(state), clock=clock)
    store.accounts.cost = store.admins.cost = CHEAP
    OPENED.append(store)
    return store


def shut(store: Store) -> None:
    """Close what `make` has opened, so that it can be copied."""
    store.close()
    OPENED.remove(store)


@atexit.register
def _forget() -> None:
    while _MADE:
        shutil.rmtree(_MADE.popitem()[1][0].parent)
