"""Each case of a hostile server leads to its required outcome; none loses, doubles or leaks an event."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_cases import CASES, play

REQUIRED = (
    "ok, skewed date",
    "refused, reset on accept, drop before commit, drop after commit, drop in headers",
    "truncated body, truncated chunk, truncated TLS",
    "slow headers, slow body, hang",
    "infinite body, gzip bomb, deflate bomb, huge headers, 20;000 x 100-continue",
    "garbage, empty, 204, 500, 500 after commit",
    "503 with Retry-After seconds, 503 with Retry-After date, 503 with Retry-After huge, 503 with Retry-After garbage",
    "429 with Retry-After seconds, 429 with Retry-After date, 429 with Retry-After huge, 429 with Retry-After garbage",
    "401, 403, 413 for one event, 400 for one event",
    "302, 307, downgrade to http, redirect loop",
    "captive portal 200, HTML as JSON, unsigned 200, bad signature, other batch, unknown ids, partial ack",
    "JSON depth 200;000, NaN, duplicate keys, BOM, wrong content type",
    "TLS expired, TLS not yet valid, TLS wrong CA, TLS wrong host, TLS self-signed, TLS 1.0, plain http",
)
"""The cases that must be there. Those of a client that is killed: test_sync_hostile_kills.py."""


def test_every_required_case_is_in_the_table() -> None:
    names = [name.strip().replace(";", ",") for line in REQUIRED for name in line.split(", ")]
    assert len(names) == 58
    assert set(names) <= CASES.keys()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("name", CASES)
def test_a_hostile_server_leads_to_the_required_outcome(
    tmp_path: Path, name: str, rounds: Callable[[int, int], int]
) -> None:
    for seed in range(1, rounds(1, 3) + 1):
        play(name, tmp_path / str(seed), seed)
