"""`pytest --ran FILE` writes down which tests have passed; refuses to count what was skipped."""

from pathlib import Path

import pytest


def options(parser: pytest.Parser) -> None:
    """Add `--ran`."""
    parser.addoption("--ran", type=Path, metavar="FILE", help="write the tests that passed to this file, one a line")


def pytest_configure(config: pytest.Config) -> None:
    """Begin, if it was asked for."""
    file = config.getoption("--ran")
    if file is not None and not hasattr(config, "workerinput"):  # with several workers, the first process hears of all
        config.pluginmanager.register(Ran(file))


class Ran:
    """Hears of every test."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._passed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self._passed.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._file.write_text("".join(f"{one}\n" for one in sorted(self._passed)), encoding="utf-8")
