"""A clock runs for years: what is counted with each signal must not run out."""

import sys

import pytest
from PySide6.QtCore import QObject, Signal

SIGNALS = 200


class Bell(QObject):
    """Something with a signal."""

    rang = Signal(int)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="from Python 3.12 on True cannot be deallocated")
def test_a_signal_takes_no_reference_that_it_does_not_give_back() -> None:
    """PySide 6.10.2 and 6.12.0 take one to True: before Python 3.12 the program ends after some thousand signals."""
    bell = Bell()
    kept = [True] * 10 * SIGNALS  # so that a broken one does not end the tests
    before = sys.getrefcount(True)  # noqa: FBT003 - the object itself is meant
    for number in range(SIGNALS):
        bell.rang.emit(number)
    assert abs(sys.getrefcount(True) - before) < SIGNALS // 2  # noqa: FBT003 - as above
    assert len(kept) == 10 * SIGNALS
