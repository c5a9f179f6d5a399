"""The measurement of HQ in short, on both databases: nothing about time, everything about exactly once."""

from pathlib import Path

import pytest
from bench_hq import SHORT, measure, read_options
from pg_server import DATABASES, new_database


@pytest.mark.parametrize("where", DATABASES, indirect=True)
def test_two_processes_of_hq_store_what_many_devices_send_once(tmp_path: Path, where: str | None) -> None:
    options = read_options(SHORT)
    found = measure(tmp_path, where, options)
    assert (found.events, found.batches, found.again) == (1500, 60, 20)


@pytest.fixture
def where(request: pytest.FixtureRequest) -> str | None:
    return new_database(request)
