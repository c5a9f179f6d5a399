"""The cases can fail: a client with one thing broken on purpose is caught by the case that is about it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_cases import play
from hostile_mutants import MUTANTS


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_client_that_is_broken_on_purpose_fails_its_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: str, rounds: Callable[[int, int], int]
) -> None:
    break_it, cases = MUTANTS[mutant]
    break_it(monkeypatch)
    for case in cases[: rounds(1, len(cases))]:
        with pytest.raises(AssertionError):
            play(case, tmp_path / case)
