import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import ran
from pg_server import postgresql
from ran import pytest_configure
from xdist.scheduler.loadgroup import LoadGroupScheduling

__all__ = ["postgresql", "pytest_configure"]

# A demonstration, a day, an HQ with its devices is made once for all of them.
TOGETHER = frozenset({"test_canary.py", "test_demo.py", "test_notices_public.py", "test_window.py"})

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # for tests that load the runtime before anything of ours


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the bars of the store with the counts of a release")
    ran.options(parser)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A long bar may take as long as it takes; what is marked `long` is tried with a release."""
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="tried with --long"))
    else:
        for item in items:
            if item.path.name.startswith("test_bar_"):
                item.add_marker(pytest.mark.timeout(0))


class _Together(LoadGroupScheduling):  # type: ignore[misc] # xdist has no types
    """Keeps files whose tests share something dear on one worker; pytest 9.2 no longer hears xdist's own marks."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if Path(file).name in TOGETHER else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadGroupScheduling:  # noqa: ANN401 - of xdist
    return _Together(config, log)


@pytest.fixture(scope="session")
def rounds(pytestconfig: pytest.Config) -> Callable[[int, int], int]:
    """`rounds(50, 1000)`: how often a bar is tried; the second figure is that of a release, with --long."""
    long = bool(pytestconfig.getoption("--long"))
    return lambda each_change, release: release if long else each_change


@pytest.fixture(scope="module")
def quick_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory in memory, if this machine has one: for what is opened a thousand times and never kept."""
    memory = Path("/dev/shm")  # noqa: S108 - tmpfs, and the directory in it is our own
    if not os.access(memory, os.W_OK):
        yield tmp_path_factory.mktemp("quick")
        return
    place = Path(tempfile.mkdtemp(prefix="ambang-", dir=memory))
    yield place
    shutil.rmtree(place)


@pytest.fixture(autouse=True)
def _the_log_goes_where_it_went() -> Iterator[None]:
    """A command that is called inside a test logs to what pytest closes after it; no other test hears of it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in root.handlers:
        if type(handler) is logging.StreamHandler and handler not in before:
            root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(autouse=True)
def _stores_are_closed() -> Iterator[None]:
    """Close after each test the stores it has left open: Python 3.13 warns of each, and a warning fails a test."""
    yield
    if "store_kit" in sys.modules:
        sys.modules["store_kit"].close_all()
