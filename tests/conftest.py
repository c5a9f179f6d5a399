import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _stores_are_closed() -> Iterator[None]:
    """Close after each test the stores it has left open: Python 3.13 warns of each, and a warning fails a test."""
    yield
    if "store_kit" in sys.modules:
        sys.modules["store_kit"].close_all()
